from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from core.errors import BadSetting, StoreBusy, StoreDamaged, StoreMismatch
from core.settings import ROOT
from retrievers.chroma import ChromaIndex


class Fake(DeterministicFakeEmbedding):
    """Predictable vectors of texts; the index itself asks for no picture."""

    identity: str = "fake-1"
    dimension: int = 8
    size: int = 8


def vectors(count: int, size: int = 8) -> list[list[float]]:
    found = np.random.default_rng(0).normal(size=(count, size))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).tolist()


@pytest.fixture(params=["directory", "memory"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> ChromaIndex:
    return ChromaIndex("things", Fake(), tmp_path / "chroma" if request.param == "directory" else None)


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
    assert len(index) == 3 and index.rows()["row-0"] == {"number": 99}
    index.delete(["row-0", "never-was"])
    index.delete([])
    assert set(index.rows()) == {"row-1", "row-2"}


def test_more_rows_than_one_batch_holds(index: ChromaIndex) -> None:
    fill(index, 6_000)
    assert len(index) == 6_000
    index.delete([f"row-{i}" for i in range(6_000)])
    assert len(index) == 0


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


def test_a_collection_remembers_its_model(tmp_path: Path) -> None:
    fill(ChromaIndex("things", Fake(), tmp_path), 3)
    assert len(ChromaIndex("things", Fake(), tmp_path)) == 3
    with pytest.raises(StoreMismatch, match=r"fake-1.*fake-2"):
        ChromaIndex("things", Fake(identity="fake-2"), tmp_path)
    with pytest.raises(StoreMismatch, match="dimension"):
        ChromaIndex("things", Fake(dimension=16), tmp_path)


def test_a_collection_of_another_space_is_refused(tmp_path: Path) -> None:
    first = ChromaIndex("things", Fake(), tmp_path)
    client = first.vectorstore._client
    client.create_collection("squares", metadata={"model": "fake-1", "dimension": 8}, embedding_function=None)
    with pytest.raises(StoreMismatch, match="space l2"):
        ChromaIndex("squares", Fake(), tmp_path)


def test_another_process_cannot_open_the_directory(tmp_path: Path) -> None:
    fill(ChromaIndex("things", Fake(), tmp_path), 1)
    script = f"from tests.test_chroma import *\nChromaIndex('things', Fake(), Path({str(tmp_path)!r}))"
    other = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert StoreBusy.__name__ in other.stderr
    assert f"is owned by process {__import__('os').getpid()}" in other.stderr


def test_a_damaged_directory_is_said(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"SQLite format 3\0" + bytes(5_000))
    with pytest.raises(StoreDamaged, match="move that folder away"):
        ChromaIndex("things", Fake(), tmp_path)


def test_a_directory_that_cannot_be_is_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(BadSetting, match="DATA_DIR"):
        ChromaIndex("things", Fake(), tmp_path / "file" / "chroma")


def test_memory_indices_do_not_share(tmp_path: Path) -> None:
    fill(ChromaIndex("things", Fake()), 3)
    assert len(ChromaIndex("things", Fake())) == 0
