"""Vectors: which of them the ledger has of one model, and which it lacks.

A vector belongs to a picture, a model and, where the model reads words, to the words that it was made with. One whose
words are no longer those of its picture stays until another is there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable

import numpy as np

from core.colours import Array
from retrievers.base import PictureEmbeddings
from retrievers.ingest.said import digest_of
from retrievers.ledger import Ledger

Wanted = tuple[str, str, list[bytes]]  # id, words, paths of a picture that lacks a vector


class Vectors:
    """Of one model, in one ledger."""

    def __init__(self, ledger: Ledger, embeddings: PictureEmbeddings) -> None:
        self._file, self.model, self.dimension = ledger.file, embeddings.identity, embeddings.dimension
        self._digest = "p.digest" if embeddings.reads_words else "''"

    def keep(self, rows: Iterable[tuple[str, str, Array]]) -> None:
        """Write vectors of pictures that are there: id, digest of the words, vector."""
        with self._file.writing() as db:
            for id_, digest, vector in rows:
                if db.execute("select 1 from picture where id = ?", (id_,)).fetchone():
                    self.put(db, id_, digest, vector)

    def put(self, db: sqlite3.Connection, id_: str, digest: str, vector: Array) -> None:
        """`keep` for one, as a part of somebody's transaction."""
        data = np.ascontiguousarray(vector, np.float32).tobytes()
        db.execute("insert or replace into vector values (?, ?, ?, ?)", (id_, self.model, digest, data))
        db.execute("delete from mark where picture = ? and not leaving", (id_,))

    def digests(self, ids: Collection[str]) -> dict[str, set[str]]:
        """The digests of the words that vectors of these pictures were made with."""
        query = "select picture, digest from vector where picture in (select value from json_each(?)) and model = ?"
        found: dict[str, set[str]] = {}
        with self._file.reading() as db:
            for id_, digest in db.execute(query, (json.dumps(list(ids)), self.model)):
                found.setdefault(id_, set()).add(digest)
        return found

    def lacking(self, below: bytes | None = None) -> list[Wanted]:
        """Pictures without a vector that fits: all of them, or those that lie below a folder or have an outdated one.

        The others of a library that another model embedded are left for the ingest of their own folders.
        """
        query = (
            "select p.id, p.words, p.digest, f.path from picture p join file f on f.picture = p.id where not exists"
            f" (select 1 from vector v where v.picture = p.id and v.model = :model and v.digest = {self._digest})"
        )
        values: dict[str, object] = {"model": self.model}
        if below is not None:
            query += (
                " and (exists (select 1 from vector v where v.picture = p.id and v.model = :model) or exists (select 1"
                " from file g where g.picture = p.id and (g.path = :itself or g.path > :low and g.path < :high)))"
            )
            folder = below.rstrip(b"/")
            values |= {"itself": below, "low": folder + b"/", "high": folder + b"0"}
        found: dict[str, Wanted] = {}
        with self._file.reading() as db:
            for id_, words, digest, path in db.execute(f"{query} order by p.number, f.path", values):
                said = "" if digest == digest_of("") else words  # else the words are those that pixels say
                found.setdefault(id_, (id_, said, []))[2].append(path)
        return list(found.values())

    def of_other_models(self) -> set[str]:
        """The pictures that have a vector by another model."""
        with self._file.reading() as db:
            return {row[0] for row in db.execute("select picture from vector where model <> ?", (self.model,))}

    def page(self, after: str, most: int) -> list[tuple[str, bytes]]:
        """Ids behind `after`, in order, with the bytes of the vectors that fit, whatever is in them."""
        query = (
            "select p.id, v.data from picture p join vector v on v.picture = p.id and v.model = ?"
            f" and v.digest = {self._digest} where p.id > ? order by p.id limit ?"
        )
        with self._file.reading() as db:
            return db.execute(query, (self.model, after, most)).fetchall()

    def drop(self, ids: Iterable[str]) -> None:
        """Forget the vectors of these pictures."""
        with self._file.writing() as db:
            rows = [(id_, self.model) for id_ in ids]
            db.executemany("delete from vector where picture = ? and model = ?", rows)

    def purge(self) -> None:
        """Forget the vectors of words that pictures had before, where they have one of the present words."""
        outdated = (
            "from vector where model = :model and digest <> '' and digest <> coalesce((select digest from picture"
            " where id = vector.picture), '') and exists (select 1 from vector v join picture p on p.id = v.picture"
            " where v.picture = vector.picture and v.model = vector.model and v.digest = p.digest)"
        )
        with self._file.reading() as db:
            if not db.execute(f"select 1 {outdated} limit 1", {"model": self.model}).fetchone():
                return
        with self._file.writing() as db:
            db.execute(f"delete {outdated}", {"model": self.model})
