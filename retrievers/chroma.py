"""Chroma: an `Index` over Chroma through langchain-chroma, in a directory that one process owns, on a server, or in
memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, cast
from uuid import uuid4

import numpy as np
from chromadb.errors import NotFoundError
from langchain_chroma import Chroma
from langchain_core.embeddings import Embeddings

from core.colours import Array
from core.errors import StoreMismatch
from retrievers.base import Hit, Metadata, PictureEmbeddings, Vector
from retrievers.chroma_client import ChromaClient

SPACE = "cosine"
BREADTH = 400  # ef_search of the HNSW graph: the default of 100 loses a tenth of the rows when 100 are asked for


class ChromaIndex:
    """A collection of vectors under a name, stamped with the embedding model that writes it.

    Raises `StoreBusy` where another process owns the directory's parent, `StoreUnreachable` whenever the server does
    not answer, and `StoreMismatch` where the collection is of another model, dimension or space. Without a directory
    and a server it lives in memory and ends with the process. A server that comes back without the collection gets an
    empty one at the next call.
    """

    def __init__(
        self,
        name: str,
        embeddings: PictureEmbeddings,
        directory: Path | None = None,
        server: str | None = None,
    ) -> None:
        self._embeddings, self._lock = embeddings, Lock()
        self._client = ChromaClient(directory, server)
        self.in_memory = self._client.in_memory
        self._name = f"{name}-{uuid4().hex}" if self.in_memory else name  # all clients in memory share their names
        self._everything: tuple[list[str], list[Metadata], Array] | None = None  # of an index that is read as a whole
        with self._client.translated():
            self._batch: int = self._client.api.get_max_batch_size()
            self._open()

    def _open(self) -> None:
        """Take the collection of that name, or make it."""
        settings: Any = {"hnsw": {"space": SPACE, "ef_search": BREADTH}}
        vectorstore = Chroma(
            collection_name=self._name,
            embedding_function=cast(Embeddings, self._embeddings),
            client=self._client.api,
            collection_configuration=settings,
            collection_metadata={"model": self._embeddings.identity, "dimension": self._embeddings.dimension},
        )
        collection: Any = vectorstore._collection  # its own methods embed again and batch nothing
        stamp = collection.metadata or {}
        for what, found, wanted in (
            ("embedding model", stamp.get("model"), self._embeddings.identity),
            ("dimension", stamp.get("dimension"), self._embeddings.dimension),
            ("space", collection.configuration["hnsw"]["space"], SPACE),
        ):
            if found != wanted:
                raise StoreMismatch(self._name, what, found, wanted)
        self.vectorstore, self._collection = vectorstore, collection

    def _ask(self, method: str, **arguments: Any) -> Any:
        """The collection's answer; one that a server has lost is made anew, empty, and asked then."""
        with self._client.translated():
            try:
                return getattr(self._collection, method)(**arguments)
            except NotFoundError:
                if self._client.server is None:
                    raise
                self._open()
                return getattr(self._collection, method)(**arguments)

    def __len__(self) -> int:
        return int(self._ask("count"))

    def upsert(self, ids: list[str], vectors: list[Vector], documents: list[str], rows: list[Metadata]) -> None:
        """Write rows; `documents` are the words of each, never the picture itself, and never empty."""
        with self._lock:
            self._everything = None
            for part in self._batches(len(ids)):
                words, metadatas = documents[part], rows[part]
                self._ask("upsert", ids=ids[part], embeddings=vectors[part], documents=words, metadatas=metadatas)

    def delete(self, ids: Sequence[str]) -> None:
        with self._lock:
            self._everything = None
            for part in self._batches(len(ids)):
                self._ask("delete", ids=list(ids[part]))

    def _batches(self, count: int) -> Iterator[slice]:
        return (slice(start, start + self._batch) for start in range(0, count, self._batch))

    def rows(self) -> dict[str, Metadata]:
        found = self._ask("get", include=["metadatas"])
        return dict(zip(found["ids"], found["metadatas"], strict=True))

    def query(self, vector: Vector, k: int) -> list[Hit]:
        count = len(self)
        if k >= count:
            return self._rank_everything(vector, count) if count else []
        found = self._ask("query", query_embeddings=[vector], n_results=k, include=["metadatas", "distances"])
        columns = zip(found["ids"][0], found["distances"][0], found["metadatas"][0], strict=True)
        return [Hit(id_, 1.0 - float(distance), metadata or {}) for id_, distance, metadata in columns]

    def _rank_everything(self, vector: Vector, count: int) -> list[Hit]:
        """All rows, exactly: asked for all of its rows, an HNSW graph that has seen many deletions misses some."""
        with self._lock:
            if self._everything is None or len(self._everything[0]) != count:  # a server may lose rows behind our back
                found = self._ask("get", include=["metadatas", "embeddings"])
                matrix = np.asarray(found["embeddings"], np.float32).reshape(len(found["ids"]), -1)
                lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
                self._everything = (found["ids"], found["metadatas"], matrix / np.maximum(lengths, 1e-9))
            ids, metadatas, matrix = self._everything
        query = np.asarray(vector, np.float32)
        scores = matrix @ (query / max(1e-9, float(np.linalg.norm(query))))
        return [Hit(ids[i], float(scores[i]), metadatas[i] or {}) for i in np.argsort(-scores, kind="stable")]
