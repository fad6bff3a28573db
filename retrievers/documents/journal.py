"""Journal: what is written into the ledger of documents; each call is one transaction."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from core.colours import Array
from core.errors import AtelierError
from retrievers.documents.chunks import Chunk
from retrievers.documents.document import UnknownDocument
from retrievers.documents.ledger import DocumentLedger
from retrievers.vocabulary import searched


class Place(NamedTuple):
    """Where a file is, as it was when it was read; an upload has the name that it came with, and no times."""

    upload: bool
    path: bytes
    size: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0


@dataclass(frozen=True)
class Entry:
    """A document to be written: read and embedded, or why it cannot be."""

    id: str
    bytes: int
    kind: str = ""
    title: str = ""
    pages: int | None = None
    chunks: Sequence[Chunk] = ()
    vectors: Array = field(default_factory=lambda: np.empty((0, 0), np.float32))  # of shape (n, dimension)
    error: AtelierError | None = None


class Journal:
    """Writes documents. Those that no file has any more leave in the same transaction."""

    def __init__(self, ledger: DocumentLedger, model: str) -> None:
        self._ledger, self._model = ledger, model

    def record(self, entry: Entry, place: Place) -> None:
        """A document with the file it was read from, in the place of what that file was before. One that could not be
        read replaces none that could."""
        with self._ledger.file.writing() as db:
            if entry.error is not None and self._has_good(db, place):
                return
            there = db.execute("select error is not null from document where id = ?", (entry.id,)).fetchone()
            if there is None or there[0]:
                self._write(db, entry)
            self._put(db, entry.id, place)

    def place(self, document: str, place: Place) -> None:
        """A further file, or a file anew, of a document that is there."""
        with self._ledger.file.writing() as db:
            self._put(db, document, place)

    def forget(self, paths: Iterable[bytes]) -> None:
        """Files that are gone from where they lay."""
        with self._ledger.file.writing() as db:
            db.executemany("delete from place where upload = 0 and path = ?", [(path,) for path in paths])
            self._sweep(db)

    def remove(self, document: str) -> None:
        """The document leaves, and stays out wherever a folder still has it. Raises `UnknownDocument`."""
        with self._ledger.file.writing() as db:
            if db.execute("select 1 from place where document = ? and not upload", (document,)).fetchone():
                db.execute("insert or ignore into taken_out values (?)", (document,))
            if not db.execute("delete from place where document = ?", (document,)).rowcount:
                raise UnknownDocument(document)
            self._sweep(db)

    def left(self, document: str) -> None:
        """The original of one that left is deleted."""
        with self._ledger.file.writing() as db:
            db.execute("delete from discard where document = ?", (document,))

    def rewrite(self, entry: Entry) -> None:
        """A document that is there, read anew."""
        with self._ledger.file.writing() as db:
            added = db.execute("select added from document where id = ?", (entry.id,)).fetchone()
            if added is not None:
                self._write(db, entry, added[0])

    def revector(self, document: str, vectors: Array) -> None:
        """Vectors by the present model for the chunks of a document, in their order."""
        with self._ledger.file.writing() as db:
            rows = db.execute("select number from chunk where document = ? order by place", (document,)).fetchall()
            if len(rows) == len(vectors):
                told = [(self._model, row.tobytes(), number) for row, (number,) in zip(vectors, rows, strict=True)]
                db.executemany("update chunk set model = ?, vector = ? where number = ?", told)
                self._unmark(db, document)

    def _put(self, db: sqlite3.Connection, document: str, place: Place) -> None:
        db.execute("insert or replace into place values (?, ?, ?, ?, ?, ?)", (*place, document))
        db.execute("delete from discard where document = ?", (document,))
        db.execute("delete from taken_out where document = ?", (document,))
        self._sweep(db)

    def _write(self, db: sqlite3.Connection, entry: Entry, added: float | None = None) -> None:
        self._erase(db, entry.id)
        error = None if entry.error is None else json.dumps(entry.error.as_dict())
        row = (entry.id, entry.kind, entry.title, entry.pages, len(entry.chunks), entry.bytes)
        columns = "id, kind, title, pages, chunks, bytes, added, error"
        when = time.time() if added is None else added
        db.execute(f"insert into document ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?)", (*row, when, error))
        title = searched(entry.title)
        for chunk, vector in zip(entry.chunks, entry.vectors, strict=True):
            told = (entry.id, chunk.place, chunk.text, json.dumps(chunk.headings), chunk.page, chunk.page_to)
            query = "insert into chunk (document, place, text, headings, page, page_to, model, vector) values"
            made = db.execute(f"{query} (?, ?, ?, ?, ?, ?, ?, ?)", (*told, self._model, vector.tobytes()))
            said = (made.lastrowid, title, searched(" ".join(chunk.headings)), searched(chunk.text))
            db.execute("insert into spoken (rowid, title, headings, text) values (?, ?, ?, ?)", said)
        self._tell(db)

    def _erase(self, db: sqlite3.Connection, document: str) -> None:
        db.execute("delete from spoken where rowid in (select number from chunk where document = ?)", (document,))
        db.execute("delete from chunk where document = ?", (document,))
        db.execute("delete from document where id = ?", (document,))
        self._unmark(db, document)

    def _sweep(self, db: sqlite3.Connection) -> None:
        """Documents without any file leave."""
        query = "select id from document d where not exists (select 1 from place p where p.document = d.id)"
        for (document,) in db.execute(query).fetchall():
            self._erase(db, document)
            db.execute("insert or ignore into discard values (?)", (document,))
            self._tell(db)

    @staticmethod
    def _unmark(db: sqlite3.Connection, document: str) -> None:
        """What indices have of it is not what they shall have."""
        db.execute("update mark set leaving = 1 where document = ?", (document,))

    @staticmethod
    def _has_good(db: sqlite3.Connection, place: Place) -> bool:
        query = (
            "select 1 from place p join document d on d.id = p.document where p.upload = ? and p.path = ?"
            " and d.error is null"
        )
        return db.execute(query, place[:2]).fetchone() is not None

    @staticmethod
    def _tell(db: sqlite3.Connection) -> None:
        db.execute("update state set value = value + 1 where key = 'revision'")
