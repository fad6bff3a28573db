"""What is found under conditions, held against the same conditions asked of plain dictionaries, for both stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrievers.base import Index
from retrievers.chroma import ChromaIndex
from retrievers.faiss_index import FaissIndex
from retrievers.where import Condition
from tests.test_chroma import Fake

SIZE = 8
WORDS = st.sampled_from(["a", "b", "é", "'", '"; --', "%", "a b"])
NUMBERS = st.integers(-3, 3)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"kind": WORDS},
        optional={"word": WORDS, "number": NUMBERS, "words": st.lists(WORDS, min_size=1, max_size=3, unique=True)},
    ),
    min_size=1,
    max_size=12,
)
CONDITIONS = st.lists(
    st.one_of(
        st.builds(Condition, st.sampled_from(["word", "words", "kind"]), st.sampled_from(["==", "!="]), WORDS),
        st.builds(Condition, st.just("number"), st.sampled_from(["==", "!=", ">=", "<="]), NUMBERS),
        st.builds(
            Condition,
            st.sampled_from(["word", "words"]),
            st.just("in"),
            st.lists(WORDS, min_size=1, max_size=3, unique=True).map(tuple),
        ),
    ),
    max_size=3,
)


def meets(row: dict[str, Any], each: Condition) -> bool:
    if each.key not in row:
        return each.operator == "!="
    told = row[each.key]
    values = told if isinstance(told, list) else [told]
    asked: Any = each.value
    if each.operator == "==":
        return asked in values
    if each.operator == "!=":
        return asked not in values
    if each.operator == "in":
        return any(value in asked for value in values)
    return told >= asked if each.operator == ">=" else told <= asked


@pytest.mark.parametrize("store", ["chroma", "faiss"])
def test_what_is_found_is_what_meets_the_conditions(store: str, tmp_path: Path) -> None:
    model = Fake(dimension=SIZE, size=SIZE)

    @settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows=ROWS, where=CONDITIONS)
    def check(rows: list[dict[str, Any]], where: list[Condition]) -> None:
        name = f"rows-{uuid4().hex}"
        index: Index = ChromaIndex(name, model, tmp_path / "chroma") if store == "chroma" else FaissIndex(name, model)
        ids = [f"row-{number}" for number in range(len(rows))]
        vectors = np.random.default_rng(len(rows)).normal(size=(len(rows), SIZE)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        index.upsert(ids, vectors, ["words"] * len(rows), rows)
        expected = {one for one, row in zip(ids, rows, strict=True) if all(meets(row, each) for each in where)}
        asked = tuple(where)
        assert {hit.id for hit in index.query(vectors[0], len(rows) + 5, asked)} == expected
        assert index.count(asked) == len(expected)
        assert index.keep(ids, asked) == [one for one in ids if one in expected]

    check()
