"""Columns: the metadata of rows by position, and which positions meet conditions, without a loop over rows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrievers.base import Metadata
from retrievers.where import Condition, Where

Mask = NDArray[np.bool_]

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda values, value: values == value,
    "!=": lambda values, value: values == value,  # turned round at the end: a row without the key meets it
    ">=": lambda values, value: values >= value,
    "<=": lambda values, value: values <= value,
    "in": lambda values, wanted: np.isin(values, wanted),
}


class Columns:
    """Rows are appended, and numbered as they come. A column is made when somebody first asks for its key."""

    def __init__(self) -> None:
        self._rows: list[Metadata] = []
        self._columns: dict[str, _Column] = {}
        self._lock = Lock()  # readers make columns

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, position: int) -> Metadata:
        return dict(self._rows[position])

    def extend(self, rows: Iterable[Metadata]) -> None:
        intern = sys.intern  # stores hand out a new string for every key of every row
        self._rows.extend({intern(key): value for key, value in row.items()} for row in rows)

    def take(self, positions: Sequence[int]) -> Columns:
        """Those rows alone, numbered anew."""
        taken = Columns()
        taken._rows = [self._rows[position] for position in positions]
        return taken

    def mask(self, where: Where) -> Mask:
        """Whether the row at each position meets all of the conditions."""
        met = np.ones(len(self._rows), np.bool_)
        for condition in where:
            met &= self._column(condition.key).meet(condition)
        return met

    def _column(self, key: str) -> _Column:
        with self._lock:
            column = self._columns.setdefault(key, _Column())
            if column.count < len(self._rows):
                column.extend([row.get(key) for row in self._rows[column.count :]])
            return column


class _Column:
    """What the rows have under one key: numbers with their positions, and words, as codes, with theirs."""

    def __init__(self) -> None:
        self.count = 0
        self._numbers, self._numbers_at = np.empty(0, np.float64), np.empty(0, np.int64)
        self._words, self._words_at = np.empty(0, np.int32), np.empty(0, np.int64)
        self._codes: dict[str, int] = {}
        self._lists = False  # whether a row may have several words

    def extend(self, values: list[Any]) -> None:
        types = set(map(type, values))
        here = range(self.count, self.count + len(values))
        if types <= {int, float, bool}:
            self._append_numbers(values, here)
        elif types == {str}:
            self._append_words(values, here)
        else:
            numbers = [(at, v) for at, v in zip(here, values, strict=True) if isinstance(v, int | float)]
            listed = [(at, [v] if isinstance(v, str) else v) for at, v in zip(here, values, strict=True)]
            words = [(at, word) for at, found in listed if isinstance(found, list) for word in dict.fromkeys(found)]
            self._lists = self._lists or list in types
            self._append_numbers([value for _, value in numbers], [at for at, _ in numbers])
            self._append_words([word for _, word in words], [at for at, _ in words])
        self.count += len(values)

    def _append_numbers(self, values: Sequence[float], at: Sequence[int]) -> None:
        self._numbers = np.concatenate([self._numbers, np.array(values, np.float64)])
        self._numbers_at = np.concatenate([self._numbers_at, np.array(at, np.int64)])

    def _append_words(self, words: Sequence[str], at: Sequence[int]) -> None:
        codes = self._codes
        found = [codes.setdefault(word, len(codes)) for word in words]
        self._words = np.concatenate([self._words, np.array(found, np.int32)])
        self._words_at = np.concatenate([self._words_at, np.array(at, np.int64)])

    def meet(self, condition: Condition) -> Mask:
        asked = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        words = [value for value in asked if isinstance(value, str)]
        numbers = [float(value) for value in asked if not isinstance(value, str)]
        met = np.zeros(self.count, np.bool_)
        if numbers and len(self._numbers):
            found = _COMPARE[condition.operator](self._numbers, numbers if condition.operator == "in" else numbers[0])
            self._mark(met, self._numbers_at, found, dense=len(self._numbers_at) == self.count)
        if words and len(self._words):
            found = self._compare_words(condition.operator, words)
            dense = not self._lists and len(self._words_at) == self.count
            self._mark(met, self._words_at, found, dense)
        return ~met if condition.operator == "!=" else met

    def _mark(self, met: Mask, at: NDArray[np.int64], found: Mask, dense: bool) -> None:
        if dense:
            met |= found
        else:
            met[at[found]] = True

    def _compare_words(self, operator: str, words: list[str]) -> Mask:
        """Whether each of the words in the column compares so to one of those that are asked for."""
        if operator in (">=", "<="):
            spelled = np.array(list(self._codes), object)
            fitting = np.asarray(_COMPARE[operator](spelled, words[0]), np.bool_)
            return np.asarray(fitting[self._words])
        wanted = [self._codes[word] for word in words if word in self._codes]
        if len(wanted) == 1:
            return np.asarray(self._words == wanted[0])
        fitting = np.zeros(len(self._codes), np.bool_)
        fitting[wanted] = True
        return fitting[self._words]
