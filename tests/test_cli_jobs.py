"""Commands beside a server: what they hand over, what they show of it, and what becomes of its jobs."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from core.owner import own
from core.settings import ROOT, get_settings
from server.cli import main
from server.client import Client
from server.jobs.jobs import open_jobs
from tests.conftest import settings_over
from tests.test_process import free_port, wait_for

HOUSE = ROOT / "samples/house.png"
LONG = {"prompt": "neon", "n": 8}  # some seconds
ALICE = "alice-0123456789"


def start(data: Path, port: int, **environment: str) -> subprocess.Popen[bytes]:
    surroundings = {**os.environ, "DATA_DIR": str(data), "JOB_THREADS": "1", **environment}
    command = [sys.executable, "-m", "server", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(f"http://127.0.0.1:{port}/healthz")
    return server


@contextmanager
def serving(data: Path, **environment: str) -> Iterator[str]:
    port = free_port()
    server = start(data, port, **environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(40)


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[tuple[Path, Client]]:
    """The data directory of a server that runs one job at a time, and a client of it."""
    data = settings_over(tmp_path_factory.mktemp("beside"), models).data_dir
    with serving(data) as url:
        yield data, Client(url)


@pytest.fixture(autouse=True)
def _no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ATELIER_SERVER", "ATELIER_KEY"):
        monkeypatch.delenv(name, raising=False)


def atelier(data: Path, *arguments: object, answer: str | None = None, **environment: str) -> Result:
    surroundings = {"DATA_DIR": str(data), **environment}
    get_settings.cache_clear()
    return CliRunner().invoke(main, [str(argument) for argument in arguments], answer, env=surroundings)


def once(true: Callable[[], Any], seconds: float = 30) -> Any:
    """What `true` gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


def finish(client: Client) -> None:
    """Cancel whatever has not ended, and wait until it has."""
    for job in client.jobs():
        client.cancel(job["id"])
    once(lambda: all(job["finished"] for job in client.jobs()))
    client.purge("finished")


def test_a_server_paints_the_picture_that_would_be_painted_here(
    beside: tuple[Path, Client], tmp_path: Path, models: Path
) -> None:
    made = {}
    for place, data in (("here", settings_over(tmp_path / "data", models).data_dir), ("there", beside[0])):
        files = [tmp_path / place / name for name in ("a.png", "a-2.png", "sheet.png")]
        asked = ("neon megacity", "-n", 2, "--seed", 4, "--mode", "preview", "--width", 320)
        done = atelier(data, "design", HOUSE, *asked, "-o", files[0], "--sheet", files[2], "--json")
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout, parse_float=lambda text: round(float(text), 5))  # two processes, two sums
        made[place] = told, [file.read_bytes() for file in files[:2]], Image.open(files[2])
    (here, pictures, sheet), (there, same_pictures, same_sheet) = made["here"], made["there"]
    assert pictures == same_pictures and sheet.size == same_sheet.size
    page = (24, 24, 24 + 512, 24 + 384)  # the sketch as it was laid out
    assert sheet.crop(page).tobytes() == same_sheet.crop(page).tobytes()
    assert there.pop("server") == beside[1].url and "server" not in here
    for told in (here, there):
        del told["files"], told["seconds"]
    assert here == there
    (job,) = beside[1].jobs()
    assert job["kind"] == "design" and job["state"] == "done"
    finish(beside[1])


def test_what_is_told_of_a_picture_names_the_server(beside: tuple[Path, Client], tmp_path: Path) -> None:
    done = atelier(beside[0], "design", HOUSE, "neon", "-o", tmp_path / "a.png", "--mode", "preview")
    for said in ("(512x384, seed 0)", "style     Cyberpunk (0.", "next", "painter 1.2", beside[1].url):
        assert said in done.output
    finish(beside[1])


def test_styles_are_those_of_the_server(beside: tuple[Path, Client], tmp_path: Path) -> None:
    data, client = beside
    url = ("--server", client.url.replace("127.0.0.1", "localhost"))
    added = atelier(tmp_path, "styles", "add", ROOT / "samples/still-life.jpg", "--name", "Öl", "--words", "x", *url)
    assert added.output == "öl  Öl\n"
    assert (data / "styles").is_dir() and not any(tmp_path.iterdir())  # nothing is made here
    assert "öl                    Öl  (added)" in atelier(data, "styles", "list").output
    rows = json.loads(atelier(tmp_path, "styles", "list", "--json", ATELIER_SERVER=client.url).stdout)["styles"]
    assert len(rows) == 8 and set(rows[-1]) == {"id", "name", "words", "shipped"}
    assert atelier(data, "styles", "search", "woodblock").output.split()[1] == "ukiyo-e"
    assert atelier(data, "styles", "remove", "öl").output == "öl is gone\n"
    refused = atelier(data, "styles", "remove", "öl")
    assert refused.exit_code == 1 and "no style is called 'öl': use one of: cyberpunk" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.png", "x"], "nowhere.png cannot be opened"),
        ([HOUSE, "x", "-o", "a.gif"], ".png"),
        ([HOUSE, "x", "-o", "/dev/null/a.png"], "/dev/null/a.png"),
        ([HOUSE, "x", "-o", "a.png", "--sheet", "a.png"], "a file of its own"),
        ([HOUSE, "x", "--server", "localhost:8000"], "begins with http://"),
        ([HOUSE, "x", "--server", "http://127.0.0.1:9"], "http://127.0.0.1:9 does not answer"),
        ([HOUSE], "prompt='' is not possible"),
        ([HOUSE, "x", "--style", "nope"], "use one of: cyberpunk"),
        ([HOUSE, "x", "-n", "0"], "n="),
        ([ROOT / "README.md", "x"], "sketch cannot be read as a picture"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_leaves_no_job(
    beside: tuple[Path, Client], arguments: list[object], said: str
) -> None:
    done = atelier(beside[0], "design", *arguments)
    assert done.exit_code == 1 and done.stderr.count("\n") == 1 and not done.stdout
    assert done.stderr.startswith("atelier: ") and said in done.stderr
    assert not beside[1].jobs()


def test_jobs_are_listed_shown_cancelled_run_again_followed_and_forgotten(beside: tuple[Path, Client]) -> None:
    data, client = beside
    jobs = [client.submit_design(HOUSE.read_bytes(), {**LONG, "seed": seed}) for seed in range(3)]
    first, second, third = (job["id"] for job in jobs)
    once(lambda: client.job(first)["progress"])
    lines = atelier(data, "jobs", "list").output.splitlines()
    assert lines[0].split() == ["ID", "KIND", "STATE", "PROGRESS", "AGE", "TOOK", "ERROR"]
    assert [line.split()[:3] for line in lines[1:]] == [
        [third[:8], "design", "queued"], [second[:8], "design", "queued"], [first[:8], "design", "running"],
    ]  # fmt: skip
    assert "place 2" in lines[1] and "place 1" in lines[2] and re.search(r"\d+% [a-z]+ .* s  +\S+ s$", lines[3])
    assert atelier(data, "jobs", "cancel", third[:6], second).output == f"{third}  cancelled\n{second}  cancelled\n"
    assert atelier(data, "jobs", "cancel", first).output == f"{first}  cancelling\n"
    followed = atelier(data, "jobs", "show", first[:6], "--follow", "--json")
    assert followed.exit_code == 1 and json.loads(followed.stdout)["state"] == "cancelled"

    small = client.submit_design(HOUSE.read_bytes(), {"prompt": "neon", "mode": "preview"})["id"]
    followed = atelier(data, "jobs", "show", small[:8], "--follow")
    assert followed.exit_code == 0 and re.search(rf"id +{small}\n(.*\n)*state +done\n", followed.output)
    refused = atelier(data, "jobs", "retry", small)
    assert refused.exit_code == 1 and "only a failed, cancelled or dead job runs again" in refused.stderr
    assert atelier(data, "jobs", "retry", third[:7]).output == f"{third}  queued\n"
    once(lambda: client.job(third)["state"] == "running")
    atelier(data, "jobs", "cancel", third)
    once(lambda: client.job(third)["finished"])

    listed = json.loads(atelier(data, "jobs", "list", "--state", "cancelled", "--json").stdout)["jobs"]
    assert [job["id"] for job in listed] == [third, second, first]
    assert len(atelier(data, "jobs", "list", "--limit", 2).output.splitlines()) == 3
    assert atelier(data, "jobs", "list", "--kind", "story").stderr == "no jobs\n"
    refused = atelier(data, "jobs", "purge", answer="n\n")
    assert refused.exit_code == 1 and "Forget 4 jobs" in refused.output and len(client.jobs()) == 4
    assert atelier(data, "jobs", "purge", "--state", "cancelled", "--yes").output == "3 jobs forgotten\n"
    assert atelier(data, "jobs", "purge", answer="y\n").stdout.endswith("1 job forgotten\n")
    assert not client.jobs()


def run(data: Path, *arguments: str, **pipes: Any) -> subprocess.Popen[bytes]:
    surroundings = {**os.environ, "DATA_DIR": str(data)}
    command = [sys.executable, "-m", "server", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, **pipes)


def test_ctrl_c_cancels_the_job_and_exits_with_130(beside: tuple[Path, Client], tmp_path: Path) -> None:
    data, client = beside
    file = tmp_path / "a.png"
    with run(data, "design", str(HOUSE), "neon", "-n", "8", "-o", str(file), stderr=subprocess.PIPE) as command:
        once(lambda: [job for job in client.jobs() if job["progress"]])
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=30)
    (job,) = client.jobs()
    assert (command.returncode, said.decode()) == (130, f"atelier: interrupted; job {job['id']} is ending\n")
    assert once(lambda: client.job(job["id"])["finished"]) and client.job(job["id"])["state"] == "cancelled"
    assert not file.exists()
    finish(client)


def _read(terminal: int) -> bytes:
    """What a terminal shows next; nothing where nobody writes to it any more."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_who_watches_sees_the_place_in_the_queue_and_then_the_stages(
    beside: tuple[Path, Client], tmp_path: Path
) -> None:
    data, client = beside
    before = [client.submit_design(HOUSE.read_bytes(), LONG)["id"] for _ in range(2)]
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    file = str(tmp_path / "a.png")
    with run(data, "design", str(HOUSE), "neon", "--mode", "preview", "-o", file, stderr=theirs) as command:
        os.close(theirs)
        shown = b""
        while b"place 2 in the queue" not in shown and (more := _read(ours)):
            shown += more
        for job_id in before:
            client.cancel(job_id)
        while more := _read(ours):
            shown += more
        assert command.wait(30) == 0
    os.close(ours)
    assert shown.index(b"place 2") < shown.index(b"started") < shown.index(b"finish")
    finish(client)


def test_a_command_waits_for_a_server_that_starts_again_with_another_key(tmp_path: Path, models: Path) -> None:
    data, port = settings_over(tmp_path / "data", models).data_dir, free_port()
    keys = {"API_KEYS": f"alice:{ALICE}"}
    server = start(data, port, **keys)
    alice = Client(f"http://127.0.0.1:{port}", ALICE)
    try:
        refused = atelier(data, "jobs", "list", "--server", alice.url)
        assert refused.exit_code == 1 and "wants an API key" in refused.stderr
        file = tmp_path / "a.png"
        with run(data, "design", str(HOUSE), "neon", "-n", "2", "-o", str(file), stderr=subprocess.PIPE) as command:
            once(lambda: "running" in atelier(data, "jobs", "list").output)
            server.kill()
            server.wait(10)
            server = start(data, port, **keys)
            assert command.wait(60) == 0, command.communicate()
        assert Image.open(file).size == (512, 384)
        assert not alice.jobs()  # it was this user's own, not hers
        done = atelier(
            tmp_path, "design", HOUSE, "x", "--mode", "preview", "-o", file, "--server", alice.url, "--key", ALICE
        )
        assert done.exit_code == 0 and [job["owner"] for job in alice.jobs()] == ["alice"]
    finally:
        server.kill()
        server.wait(10)


def test_without_a_server_the_store_itself_is_asked(tmp_path: Path, models: Path) -> None:
    settings = settings_over(tmp_path / "data", models)
    data = settings.data_dir
    assert atelier(data, "jobs", "list").stderr == "no jobs\n"
    owner = own(data, "a test")
    jobs = open_jobs(settings)
    for job_id in ("abcd1", "abcd2", "ef01"):
        jobs.submit("design", "image", {}, job_id=job_id)
    jobs.store.close()
    owner.release()
    assert atelier(data, "jobs", "list").output.count("place") == 3
    for known, said in (
        ("abcd", "more of its characters"),
        ("abc", "at least 4 characters"),
        ("nope", "no job 'nope'"),
    ):
        refused = atelier(data, "jobs", "show", known)
        assert refused.exit_code == 1 and said in refused.stderr
    assert json.loads(atelier(data, "jobs", "show", "ef01", "--json").stdout)["position"] == 3
    nobody = atelier(data, "jobs", "show", "ef01", "--follow")
    assert nobody.exit_code == 1 and "atelier serve" in nobody.stderr
    assert atelier(data, "jobs", "cancel", "abcd1", "nope").exit_code == 1
    assert atelier(data, "jobs", "list", "--state", "cancelled").stderr == "no jobs\n"  # one typing error, nothing done
    assert atelier(data, "jobs", "cancel", "abcd1", "ef01").exit_code == 0
    assert atelier(data, "jobs", "retry", "ef01").output == "ef01  queued\n"
    assert atelier(data, "jobs", "purge", "--state", "dead", "--yes").output == "0 jobs forgotten\n"
    assert atelier(data, "jobs", "purge", "--yes").output == "1 job forgotten\n"
    assert len(json.loads(atelier(data, "jobs", "list", "--json").stdout)["jobs"]) == 2


def test_a_directory_that_another_process_owns_is_said_to_be_its(tmp_path: Path) -> None:
    script = (
        "from core.owner import own; from pathlib import Path; import sys; own(Path(sys.argv[1]), 'a test'); input()"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as holder:
        once(lambda: (tmp_path / "owner.json").exists())
        refused = atelier(tmp_path, "jobs", "list")
        assert refused.exit_code == 1 and f"is owned by a test (process {holder.pid})" in refused.stderr
        holder.communicate(b"\n")


def test_the_pictures_of_a_job_are_fetched_by_whoever_comes_later(beside: tuple[Path, Client], tmp_path: Path) -> None:
    data, client = beside
    job = client.submit_design(HOUSE.read_bytes(), {"prompt": "neon", "n": 2, "mode": "preview"})
    early = atelier(data, "jobs", "fetch", job["id"], "-o", tmp_path / "early.png")
    assert early.exit_code == 1 and "no pictures" in early.stderr and not list(tmp_path.glob("early*"))
    once(lambda: client.job(job["id"])["state"] == "done")
    done = atelier(data, "jobs", "fetch", job["id"][:8], "-o", tmp_path / "new/h.png")
    assert done.exit_code == 0, done.stderr
    files = [tmp_path / "new/h.png", tmp_path / "new/h-2.png"]
    assert [file.read_bytes() for file in files] == [client.file(job["id"], f"image-{i}.png") for i in range(2)]
    assert str(files[1]) in done.stdout
    wrong = atelier(data, "jobs", "fetch", job["id"], "-o", tmp_path / "h.jpg")
    assert wrong.exit_code == 1 and ".png" in wrong.stderr
