"""Chroma: an `Index` over Chroma through langchain-chroma, in a directory that one process owns, or in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, cast
from uuid import uuid4

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.config import Settings
from chromadb.errors import ChromaError
from filelock import FileLock, Timeout
from langchain_chroma import Chroma
from langchain_core.embeddings import Embeddings

from core.colours import Array
from core.errors import BadSetting, StoreBusy, StoreDamaged, StoreMismatch
from core.once import Once
from retrievers.base import Hit, Metadata, PictureEmbeddings, Vector

QUIET = Settings(anonymized_telemetry=False)
SPACE = "cosine"
BREADTH = 400  # ef_search of the HNSW graph: the default of 100 loses a tenth of the rows when 100 are asked for


class _Directory:
    """A Chroma directory, its lock and its client. Two writing processes would lose vectors without an error."""

    def __init__(self, path: Path) -> None:
        try:
            path.mkdir(parents=True, exist_ok=True)
            self.lock = FileLock(path / "owner.lock")
            self.lock.acquire(timeout=0)
            (path / "owner.pid").write_text(f"{os.getpid()}\n")
        except Timeout:
            raise StoreBusy(str(path), f"process {_owner(path)}") from None
        except OSError as error:
            raise BadSetting("DATA_DIR", str(path.parent), error.strerror or str(error)) from error
        try:
            self.client = chromadb.PersistentClient(str(path), QUIET)
        except (ChromaError, ValueError) as error:
            self.lock.release()
            raise StoreDamaged(str(path), str(error)) from error


def _owner(path: Path) -> str:
    try:
        return (path / "owner.pid").read_text().strip()
    except OSError:
        return "?"


_directories: Once[Path, _Directory] = Once(_Directory, keep=1_000)


class ChromaIndex:
    """A collection of vectors under a name, stamped with the embedding model that writes it.

    Raises `StoreBusy` where another process owns the directory, and `StoreMismatch` where the collection is of another
    model, dimension or space. Without a directory it lives in memory and ends with the process.
    """

    def __init__(self, name: str, embeddings: PictureEmbeddings, directory: Path | None = None) -> None:
        self._embeddings, self._lock = embeddings, Lock()
        if directory is None:
            client: ClientAPI = chromadb.EphemeralClient(QUIET)
            name = f"{name}-{uuid4().hex}"  # all clients in memory share one space of names
        else:
            client = _directories(directory.resolve()).client
        self.in_memory = directory is None
        self._place = str(directory)
        self._everything: tuple[list[str], list[Metadata], Array] | None = None  # of an index that is read as a whole
        settings: Any = {"hnsw": {"space": SPACE, "ef_search": BREADTH}}
        try:
            self.vectorstore = Chroma(
                collection_name=name,
                embedding_function=cast(Embeddings, embeddings),
                client=client,
                collection_configuration=settings,
                collection_metadata={"model": embeddings.identity, "dimension": embeddings.dimension},
            )
        except ChromaError as error:
            raise StoreDamaged(str(directory), str(error)) from error
        self._collection: Any = self.vectorstore._collection  # its own methods embed again and batch nothing
        self._batch: int = client.get_max_batch_size()
        self._check(name)

    def _check(self, name: str) -> None:
        stamp = self._collection.metadata or {}
        space = self._collection.configuration["hnsw"]["space"]
        for what, found, wanted in (
            ("embedding model", stamp.get("model"), self._embeddings.identity),
            ("dimension", stamp.get("dimension"), self._embeddings.dimension),
            ("space", space, SPACE),
        ):
            if found != wanted:
                raise StoreMismatch(name, what, found, wanted)

    def __len__(self) -> int:
        with self._translated():
            return int(self._collection.count())

    def upsert(self, ids: list[str], vectors: list[Vector], documents: list[str], rows: list[Metadata]) -> None:
        """Write rows; `documents` are the words of each, never the picture itself, and never empty."""
        with self._lock, self._translated():
            self._everything = None
            for part in self._batches(len(ids)):
                self._collection.upsert(
                    ids=ids[part], embeddings=vectors[part], documents=documents[part], metadatas=rows[part]
                )

    def delete(self, ids: Sequence[str]) -> None:
        with self._lock, self._translated():
            self._everything = None
            for part in self._batches(len(ids)):
                self._collection.delete(ids=list(ids[part]))

    def _batches(self, count: int) -> Iterator[slice]:
        return (slice(start, start + self._batch) for start in range(0, count, self._batch))

    def rows(self) -> dict[str, Metadata]:
        with self._translated():
            found = self._collection.get(include=["metadatas"])
        return dict(zip(found["ids"], found["metadatas"], strict=True))

    def query(self, vector: Vector, k: int) -> list[Hit]:
        count = len(self)
        if k >= count:
            return self._rank_everything(vector) if count else []
        with self._translated():
            found = self._collection.query(query_embeddings=[vector], n_results=k, include=["metadatas", "distances"])
        columns = zip(found["ids"][0], found["distances"][0], found["metadatas"][0], strict=True)
        return [Hit(id_, 1.0 - float(distance), metadata or {}) for id_, distance, metadata in columns]

    def _rank_everything(self, vector: Vector) -> list[Hit]:
        """All rows, exactly: asked for all of its rows, an HNSW graph that has seen many deletions misses some."""
        with self._lock, self._translated():
            if self._everything is None:
                found = self._collection.get(include=["metadatas", "embeddings"])
                matrix = np.asarray(found["embeddings"], np.float32).reshape(len(found["ids"]), -1)
                lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
                self._everything = (found["ids"], found["metadatas"], matrix / np.maximum(lengths, 1e-9))
            ids, metadatas, matrix = self._everything
        query = np.asarray(vector, np.float32)
        scores = matrix @ (query / max(1e-9, float(np.linalg.norm(query))))
        return [Hit(ids[i], float(scores[i]), metadatas[i] or {}) for i in np.argsort(-scores, kind="stable")]

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ChromaError as error:
            raise StoreDamaged(self._place, str(error)) from error
