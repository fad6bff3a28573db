"""One suite for every store of vectors."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from core.colours import Array
from core.errors import BadValue, StoreMismatch
from retrievers.base import Index, Metadata
from retrievers.chroma import ChromaIndex
from retrievers.faiss_index import FaissIndex
from retrievers.where import Condition
from tests.test_chroma import ChromaServer, Fake

SIZE = 32
Open = Callable[..., Index]
EXACT = ["chroma", "chroma server", "Flat", "memory"]
APPROXIMATE = ["chroma approximate", "IVFFlat", "HNSW"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    running = ChromaServer(tmp_path_factory.mktemp("server") / "data")
    yield running
    running.kill()


@pytest.fixture(params=[*EXACT, *APPROXIMATE])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(store: str, tmp_path: Path, request: pytest.FixtureRequest) -> Open:
    """Opens the index again at every call, save the one in memory."""
    name = f"things-{uuid4().hex}"

    def open_(**changed: Any) -> Index:
        model = Fake(**{"dimension": SIZE, "size": SIZE, **changed})
        if store == "chroma server":
            return ChromaIndex(name, model, server=request.getfixturevalue("server").url)
        if store.startswith("chroma"):
            return ChromaIndex(name, model, tmp_path / "chroma", approximate=store.endswith("approximate"))
        if store == "memory":
            return FaissIndex(name, model)
        return FaissIndex(name, model, tmp_path / "faiss", kind=store, nlist=16)

    return open_


@pytest.fixture
def index(opened: Open) -> Index:
    return opened()


def clustered(count: int, seed: int = 0) -> Array:
    """Unit rows around a fiftieth as many centres."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(max(1, count // 50), SIZE))
    rows = centres[rng.integers(0, len(centres), count)] + 0.4 * rng.normal(size=(count, SIZE))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def fill(index: Index, count: int, seed: int = 0, start: int = 0) -> Array:
    rows = clustered(count, seed)
    ids = [f"row-{start + i}" for i in range(count)]
    index.upsert(ids, rows, ids, [{"number": start + i} for i in range(count)])
    return rows


def ranking(rows: Array, query: Array, k: int) -> list[tuple[str, float]]:
    scores = rows.astype(np.float64) @ query.astype(np.float64)
    return [(f"row-{i}", float(scores[i])) for i in np.argsort(-scores, kind="stable")[:k]]


def test_what_is_written_is_found_counted_and_forgotten(index: Index) -> None:
    rows = fill(index, 60)
    assert index.count() == 60
    hits = index.query(rows[7], 5)
    assert hits[0].id == "row-7" and hits[0].metadata == {"number": 7} and hits[0].score == pytest.approx(1, abs=1e-5)
    index.delete(["row-7", "never-was", "row-7"])
    index.delete([])
    assert index.count() == 59 and "row-7" not in index.rows()
    assert "row-7" not in {hit.id for hit in index.query(rows[7], 100)} and len(index.query(rows[7], 100)) == 59


def test_an_upsert_replaces_the_whole_row(index: Index) -> None:
    rows = fill(index, 20)
    index.query(rows[0], 3)
    index.upsert(["row-3"], [(-rows[0]).tolist()], ["other words"], [{"name": "new", "tag": ["a", "b"]}])
    index.upsert(["row-3"], [(-rows[0]).tolist()], ["other words"], [{"name": "newer", "tag": ["c"]}])
    assert index.count() == 20 and index.rows()["row-3"] == {"name": "newer", "tag": ["c"]}
    assert index.query(rows[0], 20)[-1].id == "row-3"
    assert index.query(-rows[0], 1)[0].metadata == {"name": "newer", "tag": ["c"]}
    assert index.keep(["row-3"], (Condition("tag", "==", "a"),)) == []
    index.upsert(["row-3"], rows[3:4], ["words"], [{}])
    assert index.rows()["row-3"] == {}


def test_rows_outlive_the_index(opened: Open, store: str) -> None:
    if store == "memory":
        pytest.skip("it ends with the process")
    rows = fill(opened(), 40)
    again = opened()
    assert not again.in_memory and again.count() == 40
    assert again.query(rows[11], 1)[0].id == "row-11" and again.rows()["row-39"] == {"number": 39}
    again.delete(["row-11"])
    fill(again, 5, seed=3, start=40)
    third = opened()
    assert third.count() == 44 and third.query(rows[11], 1)[0].id != "row-11"


def test_two_at_one_place_see_what_the_other_writes(opened: Open, store: str) -> None:
    if store == "memory":
        pytest.skip("nothing is shared")
    one, other = opened(), opened()
    rows = fill(one, 10)
    assert other.query(rows[4], 1)[0].id == "row-4" and other.count((Condition("number", ">=", 5),)) == 5
    other.delete(["row-4"])
    assert one.query(rows[4], 1)[0].id != "row-4" and "row-4" not in one.rows()
    fill(one, 10)
    assert other.keep(["row-4"], ()) == ["row-4"]


def test_another_models_vectors_are_refused(opened: Open, store: str) -> None:
    if store == "memory":
        pytest.skip("nobody else wrote there")
    fill(opened(), 3)
    with pytest.raises(StoreMismatch, match=r"fake-1.*fake-2"):
        opened(identity="fake-2")
    with pytest.raises(StoreMismatch, match="dimension"):
        opened(dimension=16)


def test_what_cannot_be_a_row_is_refused_and_nothing_is_written(index: Index) -> None:
    row = clustered(1)[0].tolist()
    with pytest.raises(StoreMismatch, match="dimension"):
        index.upsert(["a", "b"], [row[:-1], row[:-1]], ["a", "b"], [{}, {}])
    with pytest.raises(BadValue, match="several lengths"):
        index.upsert(["a", "b"], [row, row[:-1]], ["a", "b"], [{"n": 1}, {"n": 1}])
    for bad in (math.nan, math.inf):
        with pytest.raises(BadValue, match=r"that of b"):
            index.upsert(["a", "b"], [row, [bad, *row[1:]]], ["a", "b"], [{"n": 1}, {"n": 1}])
    with pytest.raises(BadValue, match="half of a character"):
        index.upsert(["a", "b"], [row, row], ["a", "\ud800"], [{"n": 1}, {"n": 1}])
    with pytest.raises(BadValue, match="one for each"):
        index.upsert(["a", "b"], [row, row], ["a", "b"], [{"n": 1}])
    assert index.count() == 0


def test_questions_that_cannot_be(index: Index) -> None:
    rows = fill(index, 3)
    for k in (0, -1):
        with pytest.raises(BadValue, match="k="):
            index.query(rows[0], k)
    with pytest.raises(StoreMismatch, match="dimension"):
        index.query(rows[0][:-1], 1)
    with pytest.raises(BadValue, match="finite"):
        index.query(np.full(SIZE, np.nan), 1)


def test_of_one_id_twice_in_a_call_the_last_counts(index: Index) -> None:
    rows = clustered(3)
    index.upsert(["a", "b", "a"], rows, ["1", "2", "3"], [{"n": 1}, {"n": 2}, {"n": 3}])
    assert index.count() == 2 and index.rows() == {"a": {"n": 3}, "b": {"n": 2}}
    assert np.allclose(index.vectors(["a"])[0], rows[2], atol=1e-6)


def test_an_empty_index_answers_nothing(index: Index) -> None:
    query = clustered(1)[0]
    assert index.query(query, 5) == [] and index.query(query, 5, (Condition("n", "==", 1),)) == []
    assert index.count() == index.count((Condition("n", "!=", 1),)) == 0 and index.rows() == {}
    assert index.vectors([]).shape == index.sample(9).shape == (0, SIZE)
    assert index.keep(["a"], ()) == []
    index.upsert([], [], [], [])
    index.delete(["a"])


def test_more_than_there_is(index: Index) -> None:
    rows = fill(index, 30)
    assert [hit.id for hit in index.query(rows[0], 10**9)] == [id_ for id_, _ in ranking(rows, rows[0], 30)]
    assert len(index.query(rows[0], 10**9, (Condition("number", "<=", 3),))) == 4


def test_ids_and_words_of_any_script(index: Index) -> None:
    ids = ["北斎 🌊", "naïve'; DROP TABLE rows; --", "a\nb", "x" * 500]
    rows = clustered(4)
    index.upsert(ids, rows, ["词"] * 4, [{"name": id_, "tag": [id_, "é"]} for id_ in ids])
    assert set(index.rows()) == set(ids) and index.query(rows[0], 1)[0].id == ids[0]
    assert index.keep(ids, (Condition("tag", "==", ids[0]),)) == [ids[0]]
    index.delete(ids[:2])
    assert set(index.rows()) == set(ids[2:])


def test_twelve_thousand_rows_in_one_call(index: Index) -> None:
    rows = fill(index, 12_000)
    assert index.count() == 12_000 and index.query(rows[11_999], 1)[0].id == "row-11999"
    index.delete([f"row-{i}" for i in range(11_990)])
    assert index.count() == 10 and len(index.query(rows[0], 100)) == 10


def test_vectors_are_of_length_one_in_the_order_asked_for(index: Index) -> None:
    rows = clustered(9)
    index.upsert([str(i) for i in range(9)], 3 * rows, ["x"] * 9, [{"n": i} for i in range(9)])
    found = index.vectors(["5", "0", "5"])
    assert found.dtype == np.float32 and np.allclose(found, rows[[5, 0, 5]], atol=1e-6)
    with pytest.raises(KeyError):
        index.vectors(["5", "never-was"])


def test_a_row_of_zeros_is_like_nothing(index: Index) -> None:
    index.upsert(["a"], np.zeros((1, SIZE)), ["x"], [{"n": 1}])
    assert index.query(clustered(1)[0], 1)[0].score == pytest.approx(0, abs=1e-6)


def test_a_sample_is_even_and_the_same_each_time(index: Index) -> None:
    rows = fill(index, 100)
    found = index.sample(10)
    assert found.shape == (10, SIZE) and np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.array_equal(found, index.sample(10)) and len(np.unique(found @ rows.T > 0.9999, axis=0)) == 10
    assert index.sample(1_000).shape == (100, SIZE)


ROWS: list[Metadata] = [
    {"name": "ant", "size": 1, "share": 0.5, "whole": True, "label": ["red", "blue"]},
    {"name": "bee", "size": 2, "share": 0.25, "whole": False, "label": ["blue"]},
    {"name": "cat", "size": 30, "share": 1.0, "label": "red", "tag": []},
    {"name": "dog", "size": 30.5, "label": ["green", "red", "red"]},
    {"size": -4, "tag": ["blue"], "mixed": "7"},
    {"name": "", "mixed": 7},
]


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ([("name", "==", "bee")], "1"),
        ([("name", "==", "cow")], ""),
        ([("name", "!=", "bee")], "02345"),
        ([("name", "==", "")], "5"),
        ([("name", ">=", "bee")], "123"),
        ([("name", "<=", "bee")], "015"),
        ([("name", "in", ("ant", "dog", "cow"))], "03"),
        ([("name", "in", ())], ""),
        ([("size", "==", 30)], "2"),
        ([("size", "==", 30.0)], "2"),
        ([("size", ">=", 2)], "123"),
        ([("size", "<=", 1.5)], "04"),
        ([("size", "!=", 1)], "12345"),
        ([("size", "==", "30")], ""),
        ([("size", "!=", "30")], "012345"),
        ([("share", ">=", 0.25), ("share", "<=", 0.5)], "01"),
        ([("whole", "==", True)], "0"),
        ([("whole", "==", False)], "1"),
        ([("whole", "!=", True)], "12345"),
        ([("label", "==", "red")], "023"),
        ([("label", "!=", "red")], "145"),
        ([("label", "in", ("green", "blue"))], "013"),
        ([("label", ">=", "green")], "023"),
        ([("label", "==", "red"), ("label", "==", "blue")], "0"),
        ([("tag", "!=", "red")], "012345"),
        ([("mixed", "==", 7)], "5"),
        ([("mixed", "==", "7")], "4"),
        ([("nothing", "==", 1)], ""),
        ([("nothing", "!=", 1)], "012345"),
        ([("nothing", "in", ("a",))], ""),
        ([], "012345"),
    ],
)
@pytest.mark.parametrize("store", ["chroma", "chroma approximate", "memory"], indirect=True)
def test_conditions(index: Index, where: list[tuple[Any, Any, Any]], wanted: str) -> None:
    conditions = tuple(Condition(*each) for each in where)
    vectors, ids = clustered(6), [str(i) for i in range(6)]
    index.upsert(ids[:2], vectors[:2], ["x"] * 2, ROWS[:2])
    index.count((*conditions, Condition("name", "==", "ant")))  # the columns are there, and grow
    index.upsert(ids[2:], vectors[2:], ["x"] * 4, ROWS[2:])
    assert sorted(hit.id for hit in index.query(vectors[0], 10, conditions)) == list(wanted)
    assert index.count(conditions) == len(wanted)
    assert index.keep([*reversed(ids), "never-was"], conditions) == list(reversed(wanted))


def test_conditions_hold_after_rows_were_replaced_and_deleted(index: Index) -> None:
    rows = fill(index, 200)
    even = (Condition("kind", "==", "even"), Condition("label", "in", ("b", "c")))
    ids = [f"row-{i}" for i in range(200)]
    index.upsert(
        ids, rows, ids, [{"kind": ("even", "odd")[i % 2], "label": ["a", "bc"[i % 3 > 0]]} for i in range(200)]
    )
    index.delete(ids[:50])
    assert index.count(even) == 75
    found = index.query(rows[60], 10, even)
    assert [hit.id for hit in found] == [
        id_ for id_, _ in ranking(rows, rows[60], 200) if int(id_[4:]) >= 50 and int(id_[4:]) % 2 == 0
    ][:10]
    assert index.keep(ids, even) == ids[50::2]


@pytest.mark.parametrize("store", EXACT, indirect=True)
def test_an_exact_search_ranks_as_numpy_does(index: Index) -> None:
    rows = fill(index, 5_000)
    numbers = np.arange(5_000)
    rng = np.random.default_rng(5)
    for query, k in zip(clustered(12, seed=5), (1, 10, 10, 10, 50, 200, 1_000, 3_000, 10, 10, 10, 10), strict=True):
        least, most = sorted(rng.integers(0, 5_000, 2).tolist())
        where = (Condition("number", ">=", least), Condition("number", "<=", most))
        for conditions, allowed in (((), numbers >= 0), (where, (numbers >= least) & (numbers <= most))):
            hits = index.query(query, k, conditions)
            scores = np.where(allowed, rows.astype(np.float64) @ query.astype(np.float64), -2)
            count = min(k, int(allowed.sum()))
            best = -np.sort(-scores)[:count]
            assert len(hits) == count and np.allclose([hit.score for hit in hits], best, atol=1e-5)
            assert np.allclose(scores[[int(hit.id[4:]) for hit in hits]], best, atol=1e-6)


def test_an_approximate_search_finds_nearly_all(index: Index, store: str) -> None:
    rows = fill(index, 3_000)
    found = [
        len({hit.id for hit in index.query(query, 10)} & {id_ for id_, _ in ranking(rows, query, 10)}) / 10
        for query in clustered(200, seed=5)
    ]
    assert np.mean(found) >= (0.99 if store in APPROXIMATE else 1.0)


@pytest.mark.parametrize("store", ["Flat", "memory", "chroma"], indirect=True)
def test_thousands_of_copies_hide_nothing(index: Index) -> None:
    rng = np.random.default_rng(0)
    copy = clustered(1)[0]
    rows = np.concatenate([np.repeat(copy[None], 3_000, 0), copy + rng.normal(0, 1e-5, (3_000, SIZE))])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = [f"row-{i}" for i in range(6_000)]
    index.upsert(ids, rows, ids, [{"number": i} for i in range(6_000)])
    query = rows[4_000] + 0.5 * rng.normal(size=SIZE)
    query /= np.linalg.norm(query)
    hits = index.query(query, 20)
    wanted = [score for _, score in ranking(rows, query, 20)]
    truth = [float(rows[int(hit.id[4:])] @ query) for hit in hits]
    assert np.allclose([hit.score for hit in hits], wanted, atol=1e-5) and np.allclose(truth, wanted, atol=2e-6)


def test_questions_beside_writes(index: Index) -> None:
    rows = fill(index, 500)
    done, problems = threading.Event(), []

    def ask(seed: int) -> None:
        rng = np.random.default_rng(seed)
        while not done.is_set():
            number = int(rng.integers(0, 250))
            hits = index.query(rows[number], 5)
            some = index.query(rows[number], 5, (Condition("number", "<=", 249),))
            if hits[0].id != f"row-{number}" or some[0].id != f"row-{number}" or len(some) != 5:
                problems.append((number, hits, some))

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask, seed) for seed in range(3)]
        try:
            for _ in range(4):
                ids = [f"row-{i}" for i in range(250, 500)]
                index.delete(ids)
                index.upsert(ids, rows[250:], ids, [{"number": i} for i in range(250, 500)])
        finally:
            done.set()
        for each in asking:
            each.result()
    assert not problems and index.count() == 500
