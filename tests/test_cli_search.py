"""The picture library on the command line: taken in, searched, mended; here and by a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from core.settings import Settings, get_settings
from retrievers.catalog import open_intake, open_pictures
from server.cli.main import main
from tests.conftest import settings_over
from tests.gallery import fill, picture
from tests.servers import Server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "pictures")
    return tmp_path / "pictures"


@pytest.fixture
def data(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DATA_DIR", str(settings_over(tmp_path / "data", models).data_dir))
    get_settings.cache_clear()
    return get_settings()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_from_a_folder_to_a_sheet_in_two_commands(data: Settings, folder: Path, tmp_path: Path) -> None:
    taken = run("ingest", folder)
    assert taken.exit_code == 0 and "24 new" in taken.output and "a second" in taken.output
    assert "24 unchanged" in run("ingest", folder).output
    sheet = tmp_path / "sheet.png"
    found = run("search", "a red kite", "-k", 3, "-o", sheet)
    assert found.exit_code == 0 and "named kite" in found.output and str(sheet) in found.output
    assert Image.open(sheet).width > 300


def test_a_search_without_a_good_match_says_so(data: Settings, folder: Path, tmp_path: Path) -> None:
    run("ingest", folder)
    found = run("search", "a steam locomotive", "-o", tmp_path / "none.png")
    assert found.exit_code == 0 and "no good match" in found.output and "closest" in found.output
    assert not (tmp_path / "none.png").exists()


def test_a_file_that_is_gone_spoils_no_sheet(data: Settings, folder: Path, tmp_path: Path) -> None:
    run("ingest", folder)
    asked = ("search", "a red kite", "-k", 3, "-o", tmp_path / "sheet.png", "--json")
    Path(json.loads(run(*asked).output)["hits"][0]["paths"][0]).unlink()
    assert len(json.loads(run(*asked).output)["hits"]) == 3 and Image.open(tmp_path / "sheet.png").width > 300


def test_json_for_scripts(data: Settings, folder: Path) -> None:
    counts = json.loads(run("ingest", folder, "--json").output)
    assert counts["new"] == 24 and len(counts["results"]) == 24
    asked = ("a fish", "--colour", "blue", "--label", "fish", "--not", "kite", "-k", 9, "--json")
    found = json.loads(run("search", *asked).output)
    assert [Path(hit["paths"][0]).parent.name for hit in found["hits"]] == ["fish", "fish"] and found["total"] == 2
    again = json.loads(run("search", "--like", found["hits"][0]["id"], "-k", 1, "--json").output)
    assert again["hits"][0]["id"] != found["hits"][0]["id"]


def test_by_a_picture(data: Settings, folder: Path, tmp_path: Path) -> None:
    run("ingest", folder)
    picture("cup", "yellow", 8).save(tmp_path / "mine.png")
    found = run("search", "--image", tmp_path / "mine.png", "-k", 2)
    assert found.exit_code == 0 and "alike" in found.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search",), "words for what is looked for"),
        (("search", "cup", "-k", 0), "k=0"),
        (("search", "cup"), "the picture library is empty"),
        (("search", "cup", "-o", "sheet.jpg"), ".png"),
        (("search", "--image", "nowhere.png"), "nowhere.png"),
        (("ingest", "nowhere"), "nowhere"),
    ],
)
def test_refusals_are_one_line(data: Settings, arguments: tuple[object, ...], said: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 1 and said in refused.output and len(refused.output.strip().splitlines()) == 1


def test_files_that_fail_are_named(data: Settings, folder: Path) -> None:
    (folder / "cut.png").write_bytes((folder / "cup/0000.png").read_bytes()[:200])
    (folder / "empty.jpg").write_bytes(b"")
    taken = run("ingest", folder)
    assert taken.exit_code == 0 and "24 new, 2 failed" in taken.output
    assert "cut.png" in taken.output and "empty.jpg" in taken.output


def test_a_folder_is_sent_to_a_server_elsewhere(folder: Path, tmp_path: Path, models: Path) -> None:
    (folder / ".hidden").mkdir()
    picture("cup", "red", 9).save(folder / ".hidden/cup.png")
    (folder / "large.png").write_bytes(bytes(20_000_001))
    (folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    with Server(settings_over(tmp_path / "theirs", models).data_dir) as server:
        told = json.loads(run("ingest", folder, "--server", server.url, "--json").output)
        assert (told["new"], told["failed"]) == (24, 2)
        assert {Path(each["path"]).name for each in told["results"] if "error" in each} == {"large.png", "gone.png"}
        found = json.loads(run("search", "a red kite", "-k", 2, "--server", server.url, "--json").output)
        assert {hit["source"] for hit in found["hits"]} == {"upload"} and len(found["hits"]) == 2
        assert "force" in run("ingest", folder, "--force", "--server", server.url).output


def test_the_doctor_finds_and_mends(data: Settings, folder: Path) -> None:
    run("ingest", folder)
    intake = open_intake(data)
    intake.index.delete(list(intake.index.rows())[:3])
    told = {finding["what"]: finding for finding in json.loads(run("doctor", "--json").output)}
    assert not told["pictures"]["ok"] and "3 pictures without row" in told["pictures"]["found"]
    mended = {finding["what"]: finding for finding in json.loads(run("doctor", "--repair", "--json").output)}
    assert mended["pictures"]["ok"] and "3 pictures without row mended" in mended["pictures"]["found"]
    assert open_pictures(data).index.count() == 24


def test_reindex_embeds_what_has_no_vector(data: Settings, folder: Path) -> None:
    run("ingest", folder)
    intake = open_intake(data)
    with intake.ledger.file.writing() as db:
        db.execute("update vector set model = 'another'")
        db.execute("delete from mark")
    intake.index.delete(list(intake.index.rows()))
    assert "24 embedded by words-and-palette" in run("reindex").output
    assert "named cup" in run("search", "a red cup").output
