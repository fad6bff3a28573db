from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from core.errors import BadSetting, StoreBusy, StoreDamaged, StoreMismatch, StoreUnreachable
from core.settings import ROOT
from retrievers.chroma import ChromaIndex
from tests.test_process import free_port, wait_for


class ChromaServer:
    """`chroma run` on a port of its own; it keeps that port when it is started again."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start(data)

    def start(self, data: Path) -> None:
        chroma = Path(sys.executable).parent / "chroma"
        command = [str(chroma), "run", "--path", str(data), "--port", str(self.port), "--host", "127.0.0.1"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=data.parent)
        wait_for(f"{self.url}/api/v2/heartbeat")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    running = ChromaServer(tmp_path_factory.mktemp("server") / "first")
    yield running
    running.kill()


class Fake(DeterministicFakeEmbedding):
    """Predictable vectors of texts; the index itself asks for no picture."""

    identity: str = "fake-1"
    dimension: int = 8
    size: int = 8


def vectors(count: int, size: int = 8) -> list[list[float]]:
    found = np.random.default_rng(0).normal(size=(count, size))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).tolist()


Place = dict[str, Path | str]


@pytest.fixture(params=["directory", "memory", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where an index lies, as its arguments say it."""
    if request.param == "server":
        return {"server": request.getfixturevalue("server").url}
    return {"directory": tmp_path / "chroma"} if request.param == "directory" else {}


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A collection that no other test has; they share a server."""
    return f"things-{abs(hash(request.node.name)):x}"


@pytest.fixture
def index(place: Place, name: str) -> ChromaIndex:
    return ChromaIndex(name, Fake(), **place)


def fill(index: ChromaIndex, count: int) -> list[list[float]]:
    rows = vectors(count)
    ids = [f"row-{i}" for i in range(count)]
    index.upsert(ids, rows, ids, [{"number": i} for i in range(count)])
    return rows


def test_scores_are_cosine_similarities_best_first(index: ChromaIndex) -> None:
    rows = fill(index, 50)
    hits = index.query(rows[7], 50)
    assert hits[0].id == "row-7" and hits[0].metadata == {"number": 7}
    wanted = sorted((float(np.dot(rows[7], row)) for row in rows), reverse=True)
    assert np.allclose([hit.score for hit in hits], wanted, atol=1e-4)


def test_upsert_replaces_and_delete_forgets(index: ChromaIndex) -> None:
    rows = fill(index, 3)
    index.upsert(["row-0"], [rows[2]], ["again"], [{"number": 99}])
    assert index.count() == 3 and index.rows()["row-0"] == {"number": 99}
    index.delete(["row-0", "never-was"])
    index.delete([])
    assert set(index.rows()) == {"row-1", "row-2"}


def test_more_rows_than_one_batch_holds(index: ChromaIndex) -> None:
    fill(index, 6_000)
    assert index.count() == 6_000
    index.delete([f"row-{i}" for i in range(6_000)])
    assert index.count() == 0


def test_no_row_is_missed_after_many_changes(index: ChromaIndex) -> None:
    """Near copies, removed and put back: an HNSW graph asked for all of its rows loses some of them."""
    rng, base = np.random.default_rng(1), np.ones(8)
    rows = [(base + rng.normal(0, 1e-3, 8)).tolist() for _ in range(200)]
    ids = [f"row-{i}" for i in range(200)]
    for round_ in range(6):
        index.upsert(ids, rows, ids, [{"number": round_}] * 200)
        index.delete(ids[round_ * 20 : round_ * 20 + 90])
    index.upsert(ids, rows, ids, [{"number": 9}] * 200)
    hits = index.query(rows[0], 1_000)
    assert {hit.id for hit in hits} == set(ids)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_an_empty_index_answers_nothing(index: ChromaIndex) -> None:
    assert index.query(vectors(1)[0], 5) == []


def test_the_vector_store_is_a_langchain_one(index: ChromaIndex) -> None:
    index.upsert(["a"], [Fake().embed_query("a boat")], ["a boat"], [{"number": 1}])
    assert index.vectorstore.similarity_search("a boat", k=1)[0].page_content == "a boat"


@pytest.mark.parametrize("place", ["directory", "server"], indirect=True)
def test_a_collection_remembers_its_model(place: Place, name: str) -> None:
    fill(ChromaIndex(name, Fake(), **place), 3)
    assert ChromaIndex(name, Fake(), **place).count() == 3
    with pytest.raises(StoreMismatch, match=r"fake-1.*fake-2"):
        ChromaIndex(name, Fake(identity="fake-2"), **place)
    with pytest.raises(StoreMismatch, match="dimension"):
        ChromaIndex(name, Fake(dimension=16), **place)


@pytest.mark.parametrize("place", ["directory", "server"], indirect=True)
def test_a_collection_of_another_space_is_refused(place: Place, name: str) -> None:
    client = ChromaIndex("things", Fake(), **place).vectorstore._client
    client.create_collection(name, metadata={"model": "fake-1", "dimension": 8}, embedding_function=None)
    with pytest.raises(StoreMismatch, match="space l2"):
        ChromaIndex(name, Fake(), **place)


def test_another_process_cannot_open_the_directory(tmp_path: Path) -> None:
    fill(ChromaIndex("things", Fake(), tmp_path / "chroma"), 1)
    script = f"from tests.test_chroma import *\nChromaIndex('things', Fake(), Path({str(tmp_path / 'chroma')!r}))"
    other = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert StoreBusy.__name__ in other.stderr
    assert f"{tmp_path} is owned by " in other.stderr and f"(process {os.getpid()})" in other.stderr


def test_a_damaged_directory_is_said(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma/chroma.sqlite3").write_bytes(b"SQLite format 3\0" + bytes(5_000))
    for name in ("things", "others"):
        with pytest.raises(StoreDamaged, match="move that folder away"):
            ChromaIndex(name, Fake(), tmp_path / "chroma")


def test_a_directory_that_cannot_be_is_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for directory in (tmp_path / "file", tmp_path / "file/chroma"):
        with pytest.raises(BadSetting, match="DATA_DIR"):
            ChromaIndex("things", Fake(), directory)


def test_memory_indices_do_not_share(tmp_path: Path) -> None:
    fill(ChromaIndex("things", Fake()), 3)
    assert ChromaIndex("things", Fake()).count() == 0


def test_a_directory_and_a_server_live_in_one_process(tmp_path: Path, server: ChromaServer) -> None:
    fill(ChromaIndex("neighbours", Fake(), server=server.url), 2)
    fill(ChromaIndex("neighbours", Fake(), tmp_path / "chroma"), 3)
    assert ChromaIndex("neighbours", Fake(), server=server.url).count() == 2
    assert ChromaIndex("neighbours", Fake(), tmp_path / "chroma").count() == 3
    assert (tmp_path / "chroma/chroma.sqlite3").exists()


def test_a_server_that_goes_is_said_and_works_again_when_it_is_back(tmp_path: Path) -> None:
    server = ChromaServer(tmp_path / "first")
    try:
        index = ChromaIndex("things", Fake(), server=server.url)
        rows = fill(index, 20)
        asked: list[Callable[[], object]] = [
            lambda: index.query(rows[3], 5),
            lambda: index.query(rows[3], 100),
            lambda: index.count(),
            index.rows,
            lambda: fill(index, 20),
            lambda: index.delete(["row-99"]),
        ]
        for ask in asked:
            ask()
        server.kill()
        for ask in (*asked, lambda: ChromaIndex("things", Fake(), server=server.url)):
            with pytest.raises(StoreUnreachable, match=rf"CHROMA_URL={server.url} does not answer \(.+\): start that"):
                ask()
        server.start(tmp_path / "first")
        assert index.count() == 20 and index.query(rows[3], 5)[0].id == index.query(rows[3], 100)[0].id == "row-3"
        server.kill()
        server.start(tmp_path / "second")  # that knows nothing of us
        assert index.query(rows[3], 100) == index.query(rows[3], 5) == [] and index.rows() == {}
        fill(index, 10)
        assert index.query(rows[3], 100)[0].id == "row-3" and index.count() == 10
        server.kill()
        server.start(tmp_path / "third")
        fill(index, 4)  # also where it is written to first
        assert ChromaIndex("things", Fake(), server=server.url).count() == 4
    finally:
        server.kill()


def test_a_server_that_never_answers_is_not_waited_for(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        start = time.monotonic()
        with pytest.raises(StoreUnreachable, match="timed out"):
            ChromaIndex(name, Fake(), server=f"http://127.0.0.1:{deaf.getsockname()[1]}")
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("url", ["http://user:secret@127.0.0.1:{port}/prefix", "http://127.0.0.1:99999"])
def test_an_address_that_is_no_chroma_server(url: str, server: ChromaServer, name: str) -> None:
    with pytest.raises(StoreUnreachable, match="CHROMA_URL") as refused:
        ChromaIndex(name, Fake(), server=url.format(port=server.port))
    assert "secret" not in str(refused.value)
