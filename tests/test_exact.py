"""The exact search by itself: what it promises where rounding could mislead it, and the threads it does not start."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from core.settings import ROOT
from retrievers.exact import Exact
from tests.test_index import SIZE, clustered


def filled(count: int, seed: int = 0) -> tuple[Exact, np.ndarray]:
    exact, rows = Exact(SIZE), clustered(count, seed)
    for start in range(0, count, 700):
        exact.add(rows[start : start + 700])
    return exact, rows


def test_what_was_put_in_comes_out() -> None:
    exact, rows = filled(5_000)
    assert len(exact) == 5_000 and np.allclose(exact.take(np.arange(5_000)), rows, atol=1e-7)
    assert exact.take(np.empty(0, np.int64)).shape == (0, SIZE)


@pytest.mark.parametrize("share", [0.9, 0.3, 0.1, 0.004, 0.0])
@pytest.mark.parametrize("k", [1, 10, 400])
def test_only_the_allowed_are_found_and_none_is_missed(share: float, k: int) -> None:
    exact, rows = filled(8_000)
    rng = np.random.default_rng(1)
    allowed = rng.random(8_000) < share
    for query in clustered(10, seed=5):
        positions, scores = exact.search(query, k, allowed)
        truth = np.where(allowed, rows.astype(np.float64) @ query.astype(np.float64), -2)
        wanted = -np.sort(-truth)[: min(k, int(allowed.sum()))]
        assert allowed[positions].all() and np.allclose(scores, wanted, atol=1e-6)


def test_allowed_rows_far_from_the_query_are_found() -> None:
    exact, rows = filled(8_000)
    query = rows[0]
    scores = rows @ query
    allowed = scores < np.median(scores)  # half of them, and none near
    positions, _ = exact.search(query, 10, allowed)
    assert set(positions.tolist()) == set(np.argsort(np.where(allowed, -scores, 2))[:10].tolist())


def test_rows_that_differ_by_less_than_the_rounding_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    base = clustered(1)[0]
    rows = (base + rng.normal(0, 2e-5, (9_000, SIZE))).astype(np.float32)
    exact = Exact(SIZE)
    exact.add(rows)
    for query in (base, clustered(1, seed=3)[0]):
        truth = rows.astype(np.float64) @ query.astype(np.float64)
        positions, scores = exact.search(query, 10)
        assert np.allclose(truth[positions], -np.sort(-truth)[:10], atol=3e-7)
        assert np.allclose(scores, truth[positions], atol=1e-6)


def test_it_is_written_and_read() -> None:
    exact, rows = filled(5_000)
    file, again = BytesIO(), Exact(SIZE)
    file.write(b"before")
    exact.write(file)
    file.write(b"after")
    file.seek(6)
    again.read(file)
    assert file.read() == b"after"
    again.add(rows[:3])
    for query in clustered(5, seed=4):
        assert set(exact.search(query, 9)[0]) <= set(again.search(query, 12)[0])


THREADS = """
import threading
import faiss  # before the tests, which would have it use one thread
from tests.test_index import *
from retrievers.approximate import HNSW, IVFFlat
from retrievers.exact import Exact
structures, rows = (Exact(SIZE), IVFFlat(SIZE, 16), HNSW(SIZE)), clustered(4_000)
known, started = {task.name for task in Path("/proc/self/task").iterdir()}, set()
def count():  # a thread that has ended may still be listed for a moment: those made here are known by number
    started.update(task.name for task in Path("/proc/self/task").iterdir())
def fill():
    for structure in structures:
        structure.add(rows)
        structure.settle()
        structure.take(np.arange(4_000))
        count()
def ask():
    for structure in structures:
        for k, allowed in ((5, None), (500, None), (5, np.arange(4_000) % 2 > 0), (5, np.arange(4_000) % 50 < 1)):
            structure.search(rows[0], k, allowed, allowed is not None)
    count()
for work in (fill, ask):
    thread = threading.Thread(target=work)
    thread.start()
    known.add(str(thread.native_id))
    thread.join()
print(len(started - known))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_a_search_starts_no_threads() -> None:
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("OMP_")}
    told = subprocess.run(
        [sys.executable, "-c", THREADS],
        cwd=ROOT,
        env={**surroundings, "OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "0"
