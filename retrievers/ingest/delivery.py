"""Delivery: from the ledger to an index, so that the index has what the ledger has.

What an index has is marked in the ledger after it was written there; what has to leave is marked before it is deleted
there. A process that ends between the two does the second step again at its next start, and that changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np

from retrievers.base import Index
from retrievers.ledger import Ledger

MOST = 1_000  # rows at a time; smaller batches cost Chroma more for each row

# what can be delivered: pictures with a vector of their present words, or of a model that reads none
_FIT = "join vector v on v.picture = p.id and v.model = ? and v.digest in ('', p.digest)"


class Delivery:
    """Of one model's vectors into one index; `store` is the name under which the ledger remembers what it has."""

    def __init__(self, ledger: Ledger, index: Index, model: str, store: str, most: int = MOST) -> None:
        self._ledger, self._index, self._model, self._store = ledger, index, model, store
        self.most = most
        self._begun = False

    def catch_up(self) -> int:
        """Write what the index lacks and delete what it has too much; how many rows were written.

        The number of its rows is compared with the marks; where they differ, as for an index that was made anew,
        every row is looked for.
        """
        if self._index.in_memory and not self._begun:
            self._unmark()  # it began empty
        self._begun = True
        written = self.deliver()
        self.take_back()
        if self._index.count() != self._marked_count():
            present = self._index.rows().keys()
            self.unmark(self.marked() - present)
            self._index.delete(sorted(present - self.marked()))
            written += self.deliver()
        return written

    def deliver(self) -> int:
        """Write every row that is not marked yet; how many."""
        written = 0
        while rows := self._waiting():
            written += len(rows)
            pictures = self._ledger.many([id_ for id_, _ in rows])
            kept = [(pictures[id_], data) for id_, data in rows if id_ in pictures]
            matrix = np.frombuffer(b"".join(data for _, data in kept), np.float32).reshape(len(kept), -1)
            ids = [picture.id for picture, _ in kept]
            documents = [picture.words for picture, _ in kept]
            self._index.upsert(ids, matrix, documents, [picture.row() for picture, _ in kept])
            self._mark(ids)
        return written

    def take_back(self) -> None:
        """Delete what is marked as leaving."""
        query = "select picture from mark where store = ? and leaving"
        with self._ledger.file.reading() as db:
            leaving = [row[0] for row in db.execute(query, (self._store,))]
        for start in range(0, len(leaving), self.most):
            part = leaving[start : start + self.most]
            self._index.delete(part)
            self.unmark(part)

    def marked(self) -> set[str]:
        """The ids that the index has, as the ledger remembers it."""
        with self._ledger.file.reading() as db:
            found = db.execute("select picture from mark where store = ? and not leaving", (self._store,))
            return {row[0] for row in found}

    def unmark(self, ids: Collection[str]) -> None:
        """Forget that the index has these, so that they are written again."""
        if ids:
            with self._ledger.file.writing() as db:
                query = "delete from mark where store = ? and picture in (select value from json_each(?))"
                db.execute(query, (self._store, json.dumps(sorted(ids))))

    def _waiting(self) -> list[tuple[str, bytes]]:
        query = (
            f"select p.id, v.data from picture p {_FIT} where not exists"
            " (select 1 from mark m where m.store = ? and m.picture = p.id) group by p.id order by p.number limit ?"
        )
        with self._ledger.file.reading() as db:
            return db.execute(query, (self._model, self._store, self.most)).fetchall()

    def _marked_count(self) -> int:
        query = "select count(*) from mark where store = ? and not leaving"
        with self._ledger.file.reading() as db:
            return int(db.execute(query, (self._store,)).fetchone()[0])

    def _mark(self, ids: list[str]) -> None:
        with self._ledger.file.writing() as db:
            db.executemany("insert or replace into mark values (?, ?, 0)", ((self._store, id_) for id_ in ids))

    def _unmark(self) -> None:
        with self._ledger.file.writing() as db:
            db.execute("delete from mark where store = ?", (self._store,))
