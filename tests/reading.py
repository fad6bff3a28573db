"""A document library over predictable vectors, and one in a process of its own that tells every step, so that it can be
killed at any."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings

from core.colours import Array
from core.owner import own
from retrievers.base import Index
from retrievers.chroma import ChromaIndex
from retrievers.documents.intake import DocumentIntake
from retrievers.documents.ledger import DocumentLedger
from retrievers.documents.pdf import read_pdf
from retrievers.documents.reader import Reader
from retrievers.faiss_index import FaissIndex
from retrievers.passages import PassageLibrary
from tests.ingesting import Telling
from tests.pdfs import prose

STEP = "step"


class Hashed(Embeddings):
    """Each word is a direction of its own."""

    dimension = 64

    def __init__(self, identity: str = "words") -> None:
        self.identity = identity
        self.embedded = 0

    def embed_query(self, text: str) -> list[float]:
        vector: list[float] = self.embed(text).tolist()
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed(self, text: str) -> Array:
        self.embedded += 1
        total = np.full(self.dimension, 1e-6, np.float32)
        for word in text.lower().split():
            seed = int.from_bytes(hashlib.sha256(f"{self.identity} {word}".encode()).digest()[:4])
            total += np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)
        return np.asarray(total / np.linalg.norm(total), np.float32)


def open_library(
    data: Path, kind: str = "faiss", embeddings: Hashed | None = None, tell: Callable[[], object] | None = None
) -> PassageLibrary:
    """In `data`, whose owner this process becomes."""
    model = Hashed() if embeddings is None else embeddings
    own(data)
    made: Index = ChromaIndex(model.identity, model, data / "chroma")
    if kind == "faiss":
        made = FaissIndex(model.identity, model, data / "faiss")
    index: Any = made if tell is None else Telling(made, tell)
    ledger = DocumentLedger(data / "library/documents.db")
    reader = Reader(read_pdf, 100_000, most_pages=20)
    intake = DocumentIntake(
        ledger, index, model, data / "library", reader, lambda: own(data), f"{kind}:{model.identity}"
    )
    intake.catch_up()
    return PassageLibrary(ledger, index, model, lambda: intake)


def files(count: int, start: int = 0) -> list[tuple[str, bytes]]:
    """Short documents, each of a thing and a colour of its own, every fourth a PDF."""
    found = []
    for i in range(start, start + count):
        text = " ".join(f"Tower{i} number {n} has a door of colour{i} and a roof of slate." for n in range(1, 25))
        found.append((f"tower{i}.pdf", prose(text)) if i % 4 == 0 else (f"tower{i}.txt", text.encode()))
    return found


def work(data: Path, kind: str, batches: Sequence[list[tuple[str, bytes]]], told_to: Connection) -> None:
    """Take in batches, telling every step and the end of each; at last, everything that the library holds then."""
    step = partial(told_to.send, STEP)
    library = open_library(data, kind, tell=step)
    for number, batch in enumerate(batches):
        library.add(batch, lambda done, total, last: step())
        told_to.send(number)
    told_to.send(everything(library, data))


def everything(library: PassageLibrary, data: Path) -> dict[str, Any]:
    """All that a library holds, but for the times and numbers of its rows."""
    held: dict[str, Any] = {}
    with library.ledger.file.reading() as db:
        held["documents"] = db.execute(
            "select id, kind, title, pages, chunks, error from document order by id"
        ).fetchall()
        held["places"] = db.execute("select upload, path, document from place order by path").fetchall()
        held["chunks"] = db.execute(
            "select document, place, text, page, vector from chunk order by document, place"
        ).fetchall()
        held["words"] = db.execute(
            "select c.document, c.place, s.title, s.text from spoken s join chunk c on c.number = s.rowid order by 1, 2"
        ).fetchall()
        held["marks"] = db.execute("select * from mark order by document").fetchall()
        held["left"] = db.execute("select * from discard").fetchall()
        assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
    held["rows"] = sorted((id_, sorted(row.items())) for id_, row in library.index.rows().items())
    held["count"] = library.index.count()
    held["originals"] = sorted(path.name for path in (data / "library/documents").iterdir())
    return held
