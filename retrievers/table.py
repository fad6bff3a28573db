"""Table: the rows of an index in this process: ids, vectors and metadata by position, searched under conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np

from core.colours import Array
from retrievers.base import Hit, Metadata
from retrievers.columns import Columns, Mask
from retrievers.gate import Gate
from retrievers.structure import Structure
from retrievers.where import Where

STEP = 256  # rows for which those who search wait: an HNSW graph takes 0.1 s for them
SPARSE = 10_000  # rows that are gone, and as many as are there: then the table is made anew without them


class Table:
    """Rows over a `Structure`. Searches run beside each other; a write keeps them waiting for moments.

    What is replaced or deleted keeps its position, and is not allowed there any more.
    """

    def __init__(self, make: Callable[[], Structure]) -> None:
        self._make, self.structure = make, make()
        self._ids: list[str] = []  # by position
        self._at: dict[str, int] = {}  # of the rows that are there
        self._live = np.zeros(0, np.bool_)  # by position, with room at the end
        self._columns = Columns()
        self._gate, self._writing = Gate(), Lock()
        self._asked: tuple[Where, int, Mask] | None = None  # the last conditions, for pages of one search
        self._state = 0  # changes with the rows

    def restore(self, structure: Structure, ids: Sequence[str], rows: Sequence[Metadata], live: Mask) -> None:
        """Take over a structure whose positions hold these rows; those that are not live have any id."""
        with self._writing, self._gate.alone():
            self.structure, self._state = structure, self._state + 1
            self._ids, self._live, self._columns = list(ids), live.copy(), Columns()
            self._columns.extend(rows)
            self._at = {self._ids[at]: at for at in np.flatnonzero(live).tolist()}

    def add(self, ids: Sequence[str], vectors: Array, rows: Sequence[Metadata]) -> None:
        """Write rows, each id once; all of them are found together, when this returns."""
        with self._writing:
            start, end = len(self.structure), len(self.structure) + len(ids)
            for at in range(0, len(ids), STEP):
                with self._gate.alone():
                    self._make_room(end)
                    self.structure.add(vectors[at : at + STEP])
                    self._state += 1
            with self._gate.alone():
                self._state += 1
                replaced = [self._at[id_] for id_ in ids if id_ in self._at]
                self._live[replaced] = False
                self._live[start:end] = True
                lost = start - len(self._ids)  # of a call that failed on its way
                self._ids.extend([""] * lost)
                self._columns.extend([{}] * lost)
                self._ids.extend(ids)
                self._columns.extend(rows)
                self._at.update(zip(ids, range(start, end), strict=True))
            self.structure.settle()
            self._compact()

    def remove(self, ids: Sequence[str]) -> None:
        with self._writing:
            with self._gate.alone():
                self._state += 1
                self._live[[self._at.pop(id_) for id_ in dict.fromkeys(ids) if id_ in self._at]] = False
            self._compact()

    def _make_room(self, count: int) -> None:
        if count > len(self._live):
            self._live = np.concatenate([self._live, np.zeros(count - len(self._live) + count // 4, np.bool_)])

    def _compact(self) -> None:
        """Make the table anew where half of it is gone; those who search go on in the old one."""
        gone = len(self.structure) - len(self._at)
        if gone < max(SPARSE, len(self._at)):
            return
        kept = np.flatnonzero(self._live)
        structure = self._make()
        for at in range(0, len(kept), SPARSE):
            structure.add(self.structure.take(kept[at : at + SPARSE]))
        structure.settle()
        columns, ids = self._columns.take(kept.tolist()), [self._ids[at] for at in kept]
        with self._gate.alone():
            self.structure, self._columns, self._ids = structure, columns, ids
            self._state += 1
            self._live = np.ones(len(kept), np.bool_)
            self._at = {id_: at for at, id_ in enumerate(ids)}

    def layout(self) -> list[str | None]:
        """The id at each position; None where it is gone. For a caller who writes nothing meanwhile."""
        return [id_ if live else None for id_, live in zip(self._ids, self._live, strict=False)]

    def count(self, where: Where = ()) -> int:
        with self._gate.shared():
            return int(np.count_nonzero(self._allowed(where))) if where else len(self._at)

    def rows(self) -> dict[str, Metadata]:
        with self._gate.shared():
            return {id_: self._columns[at] for id_, at in self._at.items()}

    def vectors(self, ids: Sequence[str]) -> Array:
        with self._gate.shared():
            return self.structure.take(np.array([self._at[id_] for id_ in ids], np.int64))

    def sample(self, most: int) -> Array:
        """Of the ids in their order, ever the same step apart."""
        with self._gate.shared():
            ids = sorted(self._at)
            chosen = np.unique(np.linspace(0, len(ids) - 1, min(most, len(ids))).round().astype(np.int64))
            return self.structure.take(np.array([self._at[ids[i]] for i in chosen], np.int64))

    def query(self, query: Array, k: int, where: Where = ()) -> list[Hit]:
        with self._gate.shared():
            full = not where and len(self._at) == len(self.structure)
            allowed = None if full else self._allowed(where)
            positions, scores = self.structure.search(query, k, allowed, bool(where))
            ids, columns = self._ids, self._columns
            found = zip(positions.tolist(), scores.tolist(), strict=True)
            return [Hit(ids[at], score, columns[at]) for at, score in found]

    def keep(self, ids: Sequence[str], where: Where) -> list[str]:
        with self._gate.shared():
            there = [id_ for id_ in ids if id_ in self._at]
            if not where:
                return there
            met = self._columns.mask(where)[[self._at[id_] for id_ in there]]
            return [id_ for id_, kept in zip(there, met.tolist(), strict=True) if kept]

    def _allowed(self, where: Where) -> Mask:
        """By position of the structure, which may hold rows that nobody knows of yet."""
        live = self._live[: len(self.structure)]
        if not where:
            return live
        asked = self._asked
        if asked is not None and asked[0] == where and asked[1] == self._state:
            return asked[2]
        allowed = live.copy()
        allowed[: len(self._columns)] &= self._columns.mask(where)
        self._asked = (where, self._state, allowed)
        return allowed
