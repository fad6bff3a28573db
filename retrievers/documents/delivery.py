"""Delivery: from the ledger of documents to an index, so that the index has what the ledger has.

What an index has is marked in the ledger after it was written there; what has to leave is marked before it is deleted
there. A process that ends between the two does the second step again, and that changes nothing.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain

import numpy as np

from retrievers.base import Index
from retrievers.documents.ledger import DocumentLedger, Rows, chunk_id, chunk_place

MOST = 1_000  # rows at a time, save for a document that has more; smaller batches cost Chroma more for each row


class Delivery:
    """Of one model's vectors into one index; `store` is the name under which the ledger remembers what it has."""

    def __init__(self, ledger: DocumentLedger, index: Index, model: str, store: str) -> None:
        self._ledger, self._index, self._model, self._store = ledger, index, model, store
        self._begun = False

    def catch_up(self) -> None:
        """Delete what the index has too much, and write what it lacks.

        Where it has another number of rows than the marks say, as one that was made anew, every row is looked for.
        """
        if not self._begun and self._index.in_memory:
            self._forget("1", ())  # it began empty
        self._begun = True
        self._take_back()
        self._deliver()
        if self._index.count() != self._marked():
            self._compare()
            self._deliver()

    def _deliver(self) -> None:
        query = (
            "select distinct c.document from chunk c where c.model = ? and not exists"
            " (select 1 from mark m where m.store = ? and m.document = c.document)"
        )
        with self._ledger.file.reading() as db:
            waiting = [row[0] for row in db.execute(query, (self._model, self._store))]
        counts: dict[str, int] = {}
        batch: list[Rows] = []
        for document in waiting:
            found = list(self._ledger.rows(self._model, document))
            counts[document] = sum(len(rows.ids) for rows in found)
            batch += found
            if sum(counts.values()) >= MOST or document == waiting[-1]:
                self._write(batch, counts)
                counts, batch = {}, []

    def _write(self, batch: list[Rows], counts: dict[str, int]) -> None:
        if batch:
            ids, vectors, texts, metadata = (list(chain.from_iterable(each)) for each in zip(*batch, strict=True))
            self._index.upsert(ids, np.stack(vectors), texts, metadata)
        with self._ledger.file.writing() as db:
            marks = [(self._store, document, count) for document, count in counts.items()]
            db.executemany("insert or replace into mark values (?, ?, ?, 0)", marks)

    def _take_back(self) -> None:
        query = "select document, chunks from mark where store = ? and leaving"
        with self._ledger.file.reading() as db:
            leaving = db.execute(query, (self._store,)).fetchall()
        for document, count in leaving:
            self._index.delete([chunk_id(document, place) for place in range(count)])
            self._forget("document = ?", (document,))

    def _compare(self) -> None:
        """Delete rows that nobody knows, and forget the marks of documents of which rows are missing."""
        with self._ledger.file.reading() as db:
            marked = dict(db.execute("select document, chunks from mark where store = ?", (self._store,)))
        present = [(id_, *chunk_place(id_)) for id_ in self._index.rows()]
        self._index.delete([id_ for id_, document, place in present if not 0 <= place < marked.get(document, 0)])
        there = Counter(document for _, document, place in present if 0 <= place < marked.get(document, 0))
        for document, count in marked.items():
            if there[document] != count:
                self._forget("document = ?", (document,))

    def _forget(self, where: str, values: tuple[str, ...]) -> None:
        with self._ledger.file.writing() as db:
            db.execute(f"delete from mark where store = ? and {where}", (self._store, *values))

    def _marked(self) -> int:
        query = "select coalesce(sum(chunks), 0) from mark where store = ?"
        with self._ledger.file.reading() as db:
            return int(db.execute(query, (self._store,)).fetchone()[0])
