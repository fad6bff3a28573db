"""One process owns a data directory, others learn which, and a killed one leaves nothing to clean up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Barrier, Thread

import pytest

from core.errors import BadSetting, StoreBusy
from core.owner import Server, holder_of, own, server_of
from core.settings import ROOT
from server.doctor import examine
from tests.conftest import settings_over
from tests.test_chroma import ChromaServer

Begin = Callable[..., subprocess.Popen[str]]
KEY = "a-key-of-this-test"


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Start a process that runs a script over `data` and says so when it has."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str) -> subprocess.Popen[str]:
        before = "import os, sys, time\nfrom pathlib import Path\nfrom core.owner import *\ndata = Path(sys.argv[1])\n"
        command = [sys.executable, "-c", before + script + "\nprint('done', flush=True)\ntime.sleep(60)"]
        process = subprocess.Popen(
            [*command, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_another_process_is_refused_and_told_who_owns_the_directory(tmp_path: Path, begin: Begin) -> None:
    other = begin("own(data, 'atelier serve')")
    assert said(other) == "done"
    assert holder_of(tmp_path) == f"atelier serve (process {other.pid})" and server_of(tmp_path) is None
    with pytest.raises(StoreBusy, match=rf"is owned by atelier serve \(process {other.pid}\):") as refused:
        own(tmp_path)
    assert refused.value.data["directory"] == str(tmp_path)
    assert json.loads((tmp_path / "owner.json").read_text())["pid"] == other.pid  # still its own


def test_a_server_is_found_by_its_address_and_key(tmp_path: Path, begin: Begin) -> None:
    other = begin(f"own(data, 'atelier serve').announce('http://127.0.0.1:8000', {KEY!r})")
    assert said(other) == "done"
    assert server_of(tmp_path) == Server("http://127.0.0.1:8000", KEY, other.pid)
    assert KEY not in repr(server_of(tmp_path))
    with pytest.raises(StoreBusy, match=rf"\(process {other.pid}\) at http://127\.0\.0\.1:8000"):
        own(tmp_path)


def test_a_killed_owner_leaves_nothing_that_needs_cleaning(tmp_path: Path, begin: Begin) -> None:
    child = "if os.fork() == 0:\n    print('child', flush=True)\n    time.sleep(5)\n    os._exit(0)\ntime.sleep(60)"
    other = begin(f"own(data).announce('http://127.0.0.1:8000', {KEY!r})\n{child}")
    assert said(other) == "child"  # which lives on
    other.kill()
    other.wait()
    assert (tmp_path / "server.json").exists()
    assert server_of(tmp_path) is None and holder_of(tmp_path) is None
    owner = own(tmp_path)
    assert owner.holds and server_of(tmp_path) is None and not (tmp_path / "server.json").exists()
    owner.release()


def test_an_address_that_the_owner_did_not_write_is_not_believed(tmp_path: Path, begin: Begin) -> None:
    other = begin("own(data)")
    assert said(other) == "done"
    told = {"url": "http://127.0.0.1:1", "key": KEY, "pid": other.pid + 1}
    for text in (json.dumps(told), "[]", '{"url": ', json.dumps({"pid": other.pid})):
        (tmp_path / "server.json").write_text(text)
        assert server_of(tmp_path) is None and holder_of(tmp_path) == f"python (process {other.pid})"


def test_those_who_look_are_never_taken_for_the_owner(tmp_path: Path, begin: Begin) -> None:
    gone = begin(f"own(data).announce('http://127.0.0.1:8000', {KEY!r})")
    assert said(gone) == "done"
    gone.kill()
    gone.wait()
    looks = "for _ in range(300):\n    assert server_of(data) is None and holder_of(data) is None, holder_of(data)"
    lookers = [begin(looks) for _ in range(3)]
    assert [said(looker) for looker in lookers] == ["done"] * 3
    assert said(begin("print('looking', flush=True)\nwhile True: server_of(data)")) == "looking"
    for _ in range(100):
        own(tmp_path).release()  # never refused because somebody looks


def test_the_key_is_readable_for_its_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        owner = own(tmp_path)
        for round_ in range(2):  # also where there is one already
            owner.announce(f"http://127.0.0.1:{round_}", KEY)
            assert (tmp_path / "server.json").stat().st_mode & 0o777 == 0o600
        assert server_of(tmp_path) == Server("http://127.0.0.1:1", KEY, os.getpid())
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            *("owner.door", "owner.json", "owner.lock", "server.json")
        ]
        owner.withdraw()
        assert server_of(tmp_path) is None
    finally:
        os.umask(before)
        owner.release()


def test_the_key_is_never_readable_for_others_not_even_for_a_moment(tmp_path: Path) -> None:
    modes: set[int] = set()
    owner, watching = own(tmp_path), True

    def watch() -> None:
        while watching:
            for path in tmp_path.glob("*server.json*"):
                try:
                    modes.add(path.stat().st_mode & 0o777)
                except FileNotFoundError:
                    continue

    watcher = Thread(target=watch)
    before = os.umask(0)
    watcher.start()
    try:
        for _ in range(300):
            owner.announce("http://127.0.0.1:8000", KEY)
    finally:
        watching = False
        watcher.join()
        os.umask(before)
        owner.release()
    assert modes == {0o600}


def test_threads_of_one_process_share_one_owner_by_any_path(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "data")
    start = Barrier(8)

    def take(number: int) -> object:
        start.wait()
        return own(tmp_path / ("link" if number % 2 else "data/../data"))

    with ThreadPoolExecutor(8) as pool:
        owners = set(pool.map(take, range(8)))
    assert len(owners) == 1 and holder_of(tmp_path / "data") is None
    own(tmp_path / "data").release()


def _try_to_own(data: Path, told_to: Connection) -> None:
    try:
        own(data)
        told = "owns"
    except StoreBusy as error:
        told = error.data["owner"]
    told_to.send((told, holder_of(data)))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forking beside threads is the point
def test_a_forked_child_does_not_own_and_its_end_frees_nothing(tmp_path: Path, begin: Begin) -> None:
    owner = own(tmp_path, "the parent")
    here, there = get_context("fork").Pipe()
    child = get_context("fork").Process(target=_try_to_own, args=(tmp_path, there))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    parent = f"the parent (process {os.getpid()})"
    assert here.recv() == (parent, parent)
    assert owner.holds
    other = begin("try: own(data)\nexcept Exception as error: print(type(error).__name__, flush=True)")
    assert said(other) == "StoreBusy"
    owner.release()


def test_released_is_free_and_may_be_taken_again(tmp_path: Path, begin: Begin) -> None:
    owner = own(tmp_path)
    assert own(tmp_path) is owner
    owner.announce("http://127.0.0.1:8000", KEY)
    owner.release()
    owner.release()
    assert not owner.holds and not (tmp_path / "server.json").exists()
    other = begin(f"own(data, 'another').announce('http://127.0.0.1:9000', {KEY!r})")
    assert said(other) == "done"
    owner.release()
    owner.withdraw()
    with pytest.raises(RuntimeError, match="does not own"):
        owner.announce("http://127.0.0.1:8000", KEY)
    assert server_of(tmp_path) == Server("http://127.0.0.1:9000", KEY, other.pid)
    other.kill()
    other.wait()
    again = own(tmp_path)
    assert again is not owner and again.holds
    again.release()


def test_looking_changes_nothing_and_owning_makes_the_directory(tmp_path: Path) -> None:
    data = tmp_path / "not" / "yet"
    assert server_of(data) is None and holder_of(data) is None and not data.parent.exists()
    own(data).release()
    assert data.is_dir() and holder_of(data) is None


def test_a_directory_that_cannot_be_is_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for data in (tmp_path / "file", tmp_path / "file" / "data"):
        with pytest.raises(BadSetting, match="DATA_DIR"):
            own(data)
        assert server_of(data) is None and holder_of(data) is None
    (tmp_path / "data" / "owner.json").mkdir(parents=True)
    with pytest.raises(BadSetting, match="Is a directory"):
        own(tmp_path / "data")
    (tmp_path / "data" / "owner.json").rmdir()
    own(tmp_path / "data").release()  # nothing was kept


def test_doctor_beside_a_server_names_it_and_finds_nothing_wrong(
    tmp_path: Path, models: Path, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_over(tmp_path, models)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    other = begin(f"own(data, 'atelier serve').announce('http://127.0.0.1:8000', {KEY!r})")
    assert said(other) == "done"
    findings = {finding.what: finding for finding in examine()}
    assert all(finding.ok for finding in findings.values()), findings
    assert f"owned by atelier serve (process {other.pid}) at http://127.0.0.1:8000" in findings["data"].found
    assert "in memory" in findings["index"].found and KEY not in str(findings)


def test_doctor_names_the_chroma_server(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = settings_over(tmp_path / "data", models).data_dir
    server = ChromaServer(tmp_path / "server")
    monkeypatch.setenv("DATA_DIR", str(data))
    monkeypatch.setenv("CHROMA_URL", server.url)
    try:
        findings = {finding.what: finding for finding in examine()}
    finally:
        server.kill()
    assert findings["index"].ok and findings["index"].found.endswith(f"rows, the Chroma server {server.url}")
    assert "owned by" not in findings["data"].found
    findings = {finding.what: finding for finding in examine()}
    assert not findings["index"].ok and f"CHROMA_URL={server.url}" in findings["index"].found
