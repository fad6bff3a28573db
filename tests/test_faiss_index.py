"""What a FAISS index leaves on disk, and what it makes of it."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from core.errors import StoreBusy, StoreDamaged
from core.settings import ROOT, read_settings
from retrievers.approximate import HNSW, IVFFlat
from retrievers.catalog import index_place, open_index
from retrievers.chroma import ChromaIndex
from retrievers.faiss_index import FaissIndex, Kind
from retrievers.where import Condition
from tests.test_chroma import Fake
from tests.test_index import SIZE, clustered, fill

MODEL = Fake(dimension=SIZE, size=SIZE)
KINDS: list[Kind] = ["Flat", "IVFFlat", "HNSW"]


def opened(folder: Path, kind: Kind = "Flat", name: str = "things", nlist: int = 16) -> FaissIndex:
    return FaissIndex(name, MODEL, folder / "faiss", kind, nlist)


def snapshots(folder: Path) -> list[Path]:
    return list((folder / "faiss/things").glob("*.faiss"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_snapshot_and_what_came_after_it(kind: Kind, tmp_path: Path) -> None:
    index = opened(tmp_path, kind)
    rows = fill(index, 3_000)
    assert len(snapshots(tmp_path)) == 1
    index.delete([f"row-{i}" for i in range(10)])
    index.upsert(["row-20", "new"], [-rows[20], -rows[21]], ["x", "y"], [{"number": 0}, {"number": 1}])
    again = opened(tmp_path, kind)
    assert again.rows() == index.rows() and again.count() == 2_991
    assert [hit.id for hit in again.query(-rows[21], 1)] == ["new"]
    for query in clustered(5, seed=3):
        assert [hit.id for hit in again.query(query, 10)] == [hit.id for hit in index.query(query, 10)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("harm", ["cut", "flipped", "gone"])
def test_a_damaged_snapshot_is_made_anew(kind: Kind, harm: str, tmp_path: Path) -> None:
    rows = fill(opened(tmp_path, kind), 3_000)
    (path,) = snapshots(tmp_path)
    whole = path.read_bytes()
    half = len(whole) // 2
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(
            whole[:half] if harm == "cut" else whole[:half] + bytes([whole[half] ^ 255]) + whole[half + 1 :]
        )
    again = opened(tmp_path, kind)
    assert again.count() == 3_000 and again.query(rows[2_999], 1)[0].id == "row-2999"


def test_the_kind_may_change(tmp_path: Path) -> None:
    rows = fill(opened(tmp_path, "Flat"), 3_000)
    for kind, nlist in (("HNSW", 16), ("IVFFlat", 16), ("IVFFlat", 32), ("Flat", 16)):
        index = opened(tmp_path, kind, nlist=nlist)  # type: ignore[arg-type]
        assert index.query(rows[17], 1)[0].id == "row-17"
        fill(index, 10, seed=4, start=5_000)


@pytest.mark.parametrize("where", ["start", "middle"])
def test_a_damaged_file_is_said(where: str, tmp_path: Path) -> None:
    script = f"from tests.test_faiss_index import *\nfill(opened(Path({str(tmp_path)!r})), 1_000)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
    path = tmp_path / "faiss/things/rows.db"
    whole = path.read_bytes()
    at = 0 if where == "start" else len(whole) // 2
    path.write_bytes(whole[:at] + b"\xff" * 40_000 + whole[at + 40_000 :])
    with pytest.raises(StoreDamaged, match="move that folder away"):
        opened(tmp_path)


def test_another_process_cannot_open_it(tmp_path: Path) -> None:
    fill(opened(tmp_path), 1)
    script = f"from tests.test_faiss_index import *\nopened(Path({str(tmp_path)!r}))"
    other = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert StoreBusy.__name__ in other.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_process_loses_nothing_it_has_acknowledged(kind: Kind, tmp_path: Path) -> None:
    """Killed amid its writes, at three moments; snapshots fall among them."""
    processes = get_context("forkserver")
    processes.set_forkserver_preload(["tests.test_faiss_index"])
    acknowledged = 0
    for after in (300, 1_900, 2_700, None):
        here, there = processes.Pipe(duplex=False)
        writer = processes.Process(target=write, args=(tmp_path, kind, there))
        writer.start()
        there.close()
        count, wrong = here.recv()
        assert count >= acknowledged and count % 100 == 0 and wrong == 0, (count, acknowledged)
        if after is not None:
            acknowledged = next(number for number in iter(here.recv, None) if number >= after)
            time.sleep(0.01 * (after % 7))  # somewhere in one of the next calls
        writer.kill()
        with suppress(EOFError):
            while True:
                acknowledged = max(acknowledged, here.recv())
        writer.join()


def write(folder: Path, kind: Kind, told_to: Connection) -> None:
    """Tell how many rows there are, and how much of them is wrong; then add some and tell how many, for ever."""
    index, rows = opened(folder, kind), clustered(20_000)
    count = index.count()
    told = {f"row-{i}": {"number": i} for i in range(count)}
    near = sum(index.query(rows[i], 1)[0].id != f"row-{i}" for i in range(0, count, 37))
    same = not count or np.allclose(index.vectors(list(told)), rows[:count], atol=1e-6)
    told_to.send((count, near + (index.rows() != told) + (not same)))
    for start in range(count, 20_000, 100):
        ids = [f"row-{i}" for i in range(start, start + 100)]
        index.upsert(ids, rows[start : start + 100], ids, [{"number": i} for i in range(start, start + 100)])
        told_to.send(start + 100)


def test_lists_are_trained_when_there_is_enough_and_then_looked_at_in_part(tmp_path: Path) -> None:
    structure = IVFFlat(SIZE, 32)
    rows = clustered(6_000)
    structure.add(rows[:1_000])
    structure.settle()
    assert not structure.trained
    structure.add(rows[1_000:])
    structure.settle()
    assert structure.trained and 1 <= structure.nprobe < 32
    assert np.allclose(structure.take(np.arange(6_000)), rows, atol=1e-6)


def test_a_graph_finds_as_many_as_are_asked_for() -> None:
    structure, rows = HNSW(SIZE), clustered(3_000)
    structure.add(rows)
    for k in (1, 10, 300, 3_000):
        positions, scores = structure.search(rows[5], k, None, False)
        assert len(set(positions.tolist())) == k and positions[0] == 5 and (np.diff(scores) <= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_gone_is_left_out_when_it_is_much(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrievers.table.SPARSE", 500)
    index = FaissIndex("things", MODEL, kind=kind, nlist=16)
    rows = fill(index, 2_000)
    for _ in range(3):
        fill(index, 2_000)
    index.delete([f"row-{i}" for i in range(0, 2_000, 2)])
    assert len(index._table.structure) < 4_000 and index.count() == 1_000
    assert index.query(rows[501], 1)[0].id == "row-501" and index.count((Condition("number", ">=", 1_000),)) == 500
    assert np.allclose(index.vectors(["row-7"])[0], rows[7], atol=1e-6)


def test_the_settings_choose_the_store(tmp_path: Path) -> None:
    chosen = read_settings(data_dir=tmp_path, vector_store="faiss", faiss_index_type="HNSW")
    index = open_index("things", MODEL, chosen)
    assert isinstance(index, FaissIndex) and not index.in_memory and index_place(chosen) == str(tmp_path / "faiss")
    fill(index, 5)
    assert open_index("things", MODEL, chosen).count() == 5
    plain = read_settings(data_dir=tmp_path)
    assert isinstance(open_index("things", MODEL, plain), ChromaIndex) and index_place(plain) == str(
        tmp_path / "chroma"
    )


def test_a_damaged_store_is_replaced_by_one_in_memory(tmp_path: Path) -> None:
    chosen = read_settings(data_dir=tmp_path, vector_store="faiss")
    folder = tmp_path / "faiss" / "things-fake-1"
    folder.mkdir(parents=True)
    (folder / "rows.db").write_bytes(b"SQLite format 3\0" + bytes(5_000))
    index = open_index("things", MODEL, chosen)
    assert index.in_memory
    fill(index, 3)
    assert index.count() == 3
