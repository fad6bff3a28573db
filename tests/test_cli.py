"""The doors on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from core.settings import ROOT
from server.cli import main
from tests.conftest import noise, settings_over

Run = Callable[..., Result]
HOUSE = str(ROOT / "samples/house.png")


@pytest.fixture
def run(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATA_DIR", str(settings_over(tmp_path / "data", models).data_dir))
    monkeypatch.delenv("ATELIER_SERVER", raising=False)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_design_writes_the_picture_and_says_what_it_is(run: Run, tmp_path: Path) -> None:
    file, sheet = tmp_path / "new/a.png", tmp_path / "sheet.png"
    done = run("design", HOUSE, "neon megacity", "-o", file, "--sheet", sheet, "--mode", "preview", "--seed", 4)
    assert done.exit_code == 0, done.output
    assert Image.open(file).size == (512, 384) and Image.open(sheet).width > 1400
    for said in (str(file), str(sheet), "Cyberpunk (0.", "next", "seed 4", "painter 1.2"):
        assert said in done.output


def test_several_pictures_and_json(run: Run, tmp_path: Path) -> None:
    done = run("design", HOUSE, "neon", "-n", 2, "-o", tmp_path / "a.png", "--mode", "preview", "--json")
    told = json.loads(done.stdout)
    assert told["files"] == [str(tmp_path / "a.png"), str(tmp_path / "a-2.png")]
    assert told["seeds"] == [0, 1] and all(Path(file).is_file() for file in told["files"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["design", "nowhere.png", "x"], "nowhere.png cannot be opened"),
        (["design", HOUSE], "prompt='' is not possible"),
        (["design", HOUSE, "x", "--style", "nope"], "use one of: cyberpunk"),
        (["design", HOUSE, "x", "-n", "0"], "n=0"),
        (["design", HOUSE, "x", "--mode", "preview", "-o", "/proc/a/b.png"], "/proc/a/b.png"),
        (["design", HOUSE, "x", "--mode", "preview", "-o", "a.gif"], ".png"),
        (["design", HOUSE, "x", "-o", "a.png", "--sheet", "a.jpg"], "sheet='a.jpg'"),
        (["design", HOUSE, "x", "-n", "2", "-o", "a.png", "--sheet", "a-2.png"], "a file of its own"),
        (["styles", "remove", "cyberpunk"], "never written to"),
        (["styles", "remove", "nope"], "no style is called"),
        (["styles", "add", "nowhere.png"], "nowhere.png"),
        (["serve", "--host", "0.0.0.0"], "API_KEYS"),
        (["bench", "nope"], "benchmark takes clip or describe or design or diffusion or"),
    ],
)
def test_a_refusal_is_one_line_and_exit_code_one(run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("atelier: ")]
    assert said in line and "Traceback" not in done.output


def test_usage_errors_exit_with_two(run: Run) -> None:
    assert run("design").exit_code == 2
    assert run("design", HOUSE, "x", "--mode", "fast").exit_code == 2
    assert run("serve", "--port", "x").exit_code == 2


def test_styles_are_added_listed_searched_and_removed(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "Bauhaus poster.png"
    noise(80, 80).save(picture)
    assert run("styles", "add", picture, "--words", "circles and triangles").output.startswith("bauhaus-poster")
    assert "(added)" in run("styles", "list").output
    listed = json.loads(run("styles", "list", "--json").stdout)["styles"]
    assert len(listed) == 8 and not next(s for s in listed if s["id"] == "bauhaus-poster")["shipped"]
    assert run("styles", "search", "bauhaus").output.split()[1] == "bauhaus-poster"
    assert run("styles", "remove", "bauhaus-poster").exit_code == 0
    assert len(json.loads(run("styles", "list", "--json").stdout)["styles"]) == 7


def test_doctor_says_all_is_well(run: Run) -> None:
    done = run("doctor")
    assert "BAD" not in done.output and done.exit_code == 0, done.output
    findings = {finding["what"]: finding for finding in json.loads(run("doctor", "--json").stdout)}
    assert findings["styles"]["found"].startswith("7, best for 'neon': Cyberpunk")
    assert "words-and-palette" in findings["embeddings"]["found"]


def test_doctor_names_what_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STYLES_DIR", str(tmp_path / "none"))
    done = run("doctor")
    assert done.exit_code == 1 and "BAD styles" in done.output and "put a picture into" in done.output


def test_doctor_and_design_say_where_nothing_can_be_written(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file"))
    done = run("doctor")
    assert done.exit_code == 1 and "BAD data" in done.output and "DATA_DIR" in done.output
    done = run("design", HOUSE, "x", "-o", tmp_path / "a.png")
    assert done.exit_code == 1 and "DATA_DIR" in done.stderr and not done.stdout


def test_a_damaged_index_hinders_nothing(run: Run, tmp_path: Path) -> None:
    chroma = tmp_path / "data/chroma"
    chroma.mkdir(parents=True)
    (chroma / "chroma.sqlite3").write_bytes(b"SQLite format 3\0" + bytes(5_000))
    done = run("styles", "search", "woodblock")
    assert done.exit_code == 0 and done.stdout.split()[1] == "ukiyo-e"
    for _ in range(2):  # mending what is in memory would last as long as this process
        done = run("doctor", "--repair")
        assert done.exit_code == 1 and "BAD pictures" in done.output and "damaged" in done.output
        assert "move that folder away" in done.output and "our mistake" not in done.output


def test_doctor_names_a_bad_setting(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_SIZE", "huge")
    done = run("doctor")
    assert done.exit_code == 1 and "IMAGE_SIZE" in done.output


def test_bench_retrieval_prints_the_shares(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    done = run("bench", "retrieval")
    assert done.exit_code == 0, done.output
    assert "24 prompts, 7 styles" in done.output and "right style first: " in done.output
