"""Tally: what this process has embedded, and how long that took; plain numbers that anybody may read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Literal, NamedTuple


class Embedded(NamedTuple):
    """Of one model."""

    items: int = 0
    seconds: float = 0.0  # of computing, summed over threads


Key = tuple[Literal["picture", "text"], str]  # what, and by which model


class Tally:
    """Thread-safe; counts what has succeeded."""

    def __init__(self) -> None:
        self._totals: dict[Key, Embedded] = {}
        self._lock = Lock()

    @contextmanager
    def counting(self, what: Literal["picture", "text"], model: str, items: int = 1) -> Iterator[None]:
        start = time.perf_counter()
        yield
        took = time.perf_counter() - start
        with self._lock:
            before = self._totals.get((what, model), Embedded())
            self._totals[what, model] = Embedded(before.items + items, before.seconds + took)

    def totals(self) -> dict[Key, Embedded]:
        with self._lock:
            return dict(self._totals)


EMBEDDED = Tally()
