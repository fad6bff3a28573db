"""Ledger: the truth of the document library, to read: documents, the texts of their chunks, and their vectors.

An index is derived from it, and made anew from it without embedding anything. What is written into it, journal.py
writes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.colours import Array
from retrievers.base import Metadata
from retrievers.documents.chunks import Chunk
from retrievers.documents.document import Document, UnknownDocument
from retrievers.documents.documents_file import DocumentsFile
from retrievers.vocabulary import Stems, expression, query_words, searched

_CHUNK = "c.document, c.place, c.text, c.headings, c.page, c.page_to"
PAGE = 1_000  # chunks that are read at a time where all are


class Known(NamedTuple):
    """A file as it was when it was taken in."""

    size: int
    mtime_ns: int
    ctime_ns: int
    document: str
    failed: bool


class Rows(NamedTuple):
    """Chunks as an index takes them."""

    ids: list[str]
    vectors: Array  # float32 unit rows of shape (n, dimension)
    texts: list[str]
    metadata: list[Metadata]


class DocumentLedger:
    """The documents as they stand. Thread-safe, also while another process writes to it."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.file = DocumentsFile(path, read_only)
        self._stems = Stems()

    def close(self) -> None:
        self.file.close()

    @property
    def revision(self) -> int:
        """A number that grows with every change of what can be found, by whichever process."""
        return self._number("select value from state where key = 'revision'")

    def count(self) -> int:
        """Chunks that can be found."""
        return self._number("select count(*) from chunk")

    def documents(self) -> list[Document]:
        """All of them, the newest first; those that could not be read too."""
        return self._documents("1")

    def get(self, id: str) -> Document:
        """Raises `UnknownDocument`."""
        found = self._documents("d.id = ?", id)
        if not found:
            raise UnknownDocument(id)
        return found[0]

    def holds(self, id: str) -> bool:
        """Whether that document is there, and could be read."""
        return self._any("select 1 from document where id = ? and error is null", id)

    def is_out(self, id: str) -> bool:
        """Whether somebody took that document out, so that no folder brings it back."""
        return self._any("select 1 from taken_out where document = ?", id)

    def leaving(self) -> list[str]:
        """The documents that are gone, and whose originals are still to be deleted."""
        with self.file.reading() as db:
            return [row[0] for row in db.execute("select document from discard order by document")]

    def chunks(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """Those of the chunks that are there, by their ids."""
        query = (
            f"select {_CHUNK} from json_each(?) j join chunk c"
            " on c.document = json_extract(j.value, '$[0]') and c.place = json_extract(j.value, '$[1]')"
        )
        wanted = json.dumps([chunk_place(id_) for id_ in ids])
        with self.file.reading() as db:
            return {chunk_id(row[0], row[1]): _chunk(row) for row in db.execute(query, (wanted,))}

    def chunks_of(self, document: str) -> list[Chunk]:
        """The chunks of a document, in their order."""
        query = f"select {_CHUNK} from chunk c where c.document = ? order by c.place"
        with self.file.reading() as db:
            return [_chunk(row) for row in db.execute(query, (document,))]

    def titles(self) -> dict[str, str]:
        """The title of each document, by its id."""
        with self.file.reading() as db:
            return dict(db.execute("select id, title from document"))

    def match(self, text: str, most: int, document: str | None = None) -> list[tuple[str, float]]:
        """The ids of the `most` chunks that share most words with a text, with their scores, best first.

        Okapi BM25 as FTS5 computes it, over any of the text's words.
        """
        words = query_words(text)
        if not words or most < 1:
            return []
        within, values = ("", ()) if document is None else ("and c.document = ?", (document,))
        query = (
            "select c.document, c.place, -spoken.rank from spoken join chunk c on c.number = spoken.rowid"
            f" where spoken match ? {within} order by spoken.rank, c.document, c.place limit ?"
        )
        with self.file.reading() as db:
            rows = db.execute(query, (expression(words), *values, min(most, 2**31))).fetchall()
        return [(chunk_id(document_, place), max(score, 1e-9)) for document_, place, score in rows]

    def rarities(self, text: str) -> dict[str, float]:
        """The stems of a text's words with how rare they are here: their inverse document frequency as BM25 has it."""
        stems = self._stems.of(query_words(text))
        count, found = self.count(), dict[str, float]()
        with self.file.reading() as db:
            for stem in stems:
                row = db.execute("select doc from vocabulary where term = ?", (stem,)).fetchone()
                having = 0 if row is None else int(row[0])
                found[stem] = math.log(1 + (count - having + 0.5) / (having + 0.5))
        return found

    def stems(self, *texts: str) -> set[str]:
        """The stems of the words of texts."""
        return set(self._stems.of(searched(" ".join(texts)).split()))

    def rows(self, model: str, document: str | None = None) -> Iterator[Rows]:
        """The chunks that have a vector of that model, of one document or of all, some at a time."""
        last = 0
        query = (
            "select number, document, place, text, page, vector from chunk where number > ? and model = ? and"
            " (? is null or document = ?) order by number limit ?"
        )
        while True:
            with self.file.reading() as db:
                found = db.execute(query, (last, model, document, document, PAGE)).fetchall()
            if not found:
                return
            last = found[-1][0]
            matrix = np.frombuffer(b"".join(row[5] for row in found), np.float32).reshape(len(found), -1)
            told = [{"document": row[1], "place": row[2], **({"page": row[4]} if row[4] else {})} for row in found]
            yield Rows([chunk_id(row[1], row[2]) for row in found], matrix, [row[3] for row in found], told)

    def lacking(self, model: str) -> list[str]:
        """The documents that have chunks without a vector of that model."""
        with self.file.reading() as db:
            found = db.execute("select distinct document from chunk where model <> ? order by document", (model,))
            return [row[0] for row in found]

    def known(self, below: bytes) -> dict[bytes, Known]:
        """The files below a folder, or that one file, that were taken in from where they lie, by their paths."""
        folder = below.rstrip(b"/")
        within = (below, folder + b"/", folder + b"0")
        return self._known("p.upload = 0 and (p.path = ? or (p.path > ? and p.path < ?))", *within)

    def at(self, upload: bool, path: bytes) -> Known | None:
        """What was taken in from there; of an upload, under that name."""
        return self._known("p.upload = ? and p.path = ?", upload, path).get(path)

    def _known(self, where: str, *values: Any) -> dict[bytes, Known]:
        query = (
            "select p.path, p.size, p.mtime_ns, p.ctime_ns, p.document, d.error is not null from place p"
            f" join document d on d.id = p.document where {where}"
        )
        with self.file.reading() as db:
            return {row[0]: Known(row[1], row[2], row[3], row[4], bool(row[5])) for row in db.execute(query, values)}

    def _any(self, query: str, *values: Any) -> bool:
        with self.file.reading() as db:
            return db.execute(query, values).fetchone() is not None

    def _number(self, query: str) -> int:
        with self.file.reading() as db:
            return int(db.execute(query).fetchone()[0])

    def _documents(self, where: str, *values: Any) -> list[Document]:
        query = (
            "select d.id, d.title, d.kind, d.pages, d.chunks, d.bytes, d.added, d.error, p.path from document d"
            f" join place p on p.document = d.id where {where} order by d.added desc, d.id, p.upload, p.path"
        )
        found: dict[str, Document] = {}
        with self.file.reading() as db:
            rows = db.execute(query, values).fetchall()
        for id_, title, kind, pages, count, length, added, error, path in rows:
            shown = path.decode("utf-8", "replace")
            before = found[id_].places if id_ in found else ()
            name = found[id_].name if before else shown.replace("\\", "/").rpartition("/")[2]
            told = None if error is None else json.loads(error)
            found[id_] = Document(id_, name, title, kind, pages, count, length, added, (*before, shown), told)
        return list(found.values())


def _chunk(row: Sequence[Any]) -> Chunk:
    return Chunk(row[1], row[2], tuple(json.loads(row[3])), row[4], row[5])


def chunk_id(document: str, place: int) -> str:
    return f"{document}-{place}"


def chunk_place(id: str) -> tuple[str, int]:
    """The document and the place of a chunk's id."""
    document, _, place = id.rpartition("-")
    return document, int(place) if place.isdecimal() else -1
