from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.once import COUNTS, Once


def test_forty_threads_make_one_value() -> None:
    made: list[int] = []

    def make(key: int) -> object:
        time.sleep(0.02)
        made.append(key)
        return object()

    once = Once(make)
    with ThreadPoolExecutor(20) as pool:
        values = list(pool.map(once, [1, 2] * 20))
    assert sorted(made) == [1, 2]
    assert len(set(map(id, values))) == 2


def test_a_failure_is_seen_by_all_and_tried_again() -> None:
    attempts: list[str] = []

    def make(key: str) -> str:
        attempts.append(key)
        if len(attempts) == 1:
            raise ValueError("first")
        return key

    once = Once(make)
    with pytest.raises(ValueError, match="first"):
        once("a")
    assert once("a") == "a"
    assert once("a") == "a"
    assert attempts == ["a", "a"]


def test_keeps_the_most_recently_used() -> None:
    made: list[int] = []
    once = Once(lambda key: made.append(key) or key, keep=2)
    for key in (1, 2, 1, 3, 1, 2):
        once(key)
    assert made == [1, 2, 3, 2]


def test_weights_bound_what_is_kept() -> None:
    made: list[int] = []
    once = Once(lambda key: made.append(key) or key, keep=10, weigh=lambda key: key)
    for key in (4, 5, 6, 4, 50, 4):
        once(key)
    assert made == [4, 5, 6, 4, 50, 4]
    assert once(4) == 4 and len(made) == 6


def test_clear_forgets() -> None:
    made: list[int] = []
    once = Once(lambda key: made.append(key) or key)
    once(1)
    once.clear()
    once(1)
    assert made == [1, 1]


def test_a_named_one_counts_what_was_there_and_what_was_made() -> None:
    one, other = Once(str, name="of the test"), Once(str, name="of the test")
    for key in (1, 1, 2):
        one(key)
    other(1)
    counts = COUNTS["of the test"]
    assert (counts.hits, counts.misses) == (1, 3)


def test_a_peek_makes_nothing() -> None:
    once = Once(lambda key: 1 // key)
    assert once.peek(1) is None
    once(1)
    assert once.peek(1) == 1
    with pytest.raises(ZeroDivisionError):
        once(0)
    assert once.peek(0) is None
