"""Chroma: an `Index` over Chroma through langchain-chroma, in a directory that one process owns, on a server, or in
memory; what is asked of it is answered from a table of its rows in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
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
from retrievers.base import Hit, Metadata, Space, Vector
from retrievers.batch import Batch, question, unit
from retrievers.chroma_client import ChromaClient
from retrievers.exact import Exact
from retrievers.table import Table
from retrievers.where import Where
from retrievers.writes import Writes

SPACE = "cosine"
BREADTH = 400  # ef_search of the HNSW graph: the default of 100 loses a tenth of the rows when 100 are asked for
PAGE = 1_000  # rows that are read together; Chroma hands out their vectors as python floats


class ChromaIndex:
    """A collection of vectors under a name, stamped with the embedding model that writes it.

    Searches are exact. With `approximate`, those without conditions go through Chroma's own graph, where it is broad
    enough for them.

    Raises `StoreBusy` where another process owns the directory's parent, `StoreUnreachable` whenever the server does
    not answer, and `StoreMismatch` where the collection is of another model, dimension or space. Without a directory
    and a server it lives in memory and ends with the process. A server that comes back without the collection gets an
    empty one at the next call. What others change on a server is noticed by its number of rows.
    """

    def __init__(
        self,
        name: str,
        embeddings: Space,
        directory: Path | None = None,
        server: str | None = None,
        approximate: bool = False,
    ) -> None:
        self._embeddings, self._approximate = embeddings, approximate
        self._client = ChromaClient(directory, server)
        self.in_memory = self._client.in_memory
        self._name = f"{name}-{uuid4().hex}" if self.in_memory else name  # all clients in memory share their names
        self._writes = Writes(self._client.place if directory is None else str(directory.resolve()), self._name)
        self._lock = Lock()  # whoever writes, or reads the collection as a whole
        self._table: Table | None = None
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

    def count(self, where: Where = ()) -> int:
        if where:
            return self._rows().count(where)
        table = self._table
        if table is not None and self._client.server is None and self._writes.current:
            return table.count()
        return int(self._ask("count"))

    def upsert(
        self, ids: Sequence[str], vectors: Sequence[Vector] | Array, documents: Sequence[str], rows: Sequence[Metadata]
    ) -> None:
        """Write rows; `documents` are the words of each, never the picture itself, and never empty."""
        batch = Batch.of(self._name, self._embeddings.dimension, ids, vectors, documents, rows)
        with self._lock:
            for part in self._parts(len(batch.ids)):
                self._upsert(batch.ids[part], batch.vectors[part], batch.documents[part], batch.rows[part])

    def _upsert(self, ids: list[str], vectors: Array, documents: list[str], rows: list[Metadata]) -> None:
        with self._writing() as table:
            metadatas = self._whole(ids, rows)
            self._ask("upsert", ids=ids, embeddings=vectors, documents=documents, metadatas=metadatas)
            if table is not None:
                table.add(ids, vectors, rows)

    def _whole(self, ids: list[str], rows: list[Metadata]) -> list[dict[str, Any] | None]:
        """The rows as Chroma takes them: keys that a replaced row had, and the new one has not, would stay."""
        found = self._ask("get", ids=ids, include=["metadatas"])
        former = dict(zip(found["ids"], found["metadatas"], strict=True))
        if not former:
            return [row or None for row in rows]
        return [dict.fromkeys(former.get(id_) or ()) | row or None for id_, row in zip(ids, rows, strict=True)]

    def delete(self, ids: Sequence[str]) -> None:
        gone = list(dict.fromkeys(ids))
        with self._lock:
            for part in self._parts(len(gone)):
                with self._writing() as table:
                    self._ask("delete", ids=gone[part])
                    if table is not None:
                        table.remove(gone[part])

    def _parts(self, count: int) -> Iterator[slice]:
        return (slice(start, start + self._batch) for start in range(0, count, self._batch))

    @contextmanager
    def _writing(self) -> Iterator[Table | None]:
        """One write: the table that shall follow it; where it fails, the collection is read anew."""
        table = self._table if self._writes.tell() else None
        try:
            yield table
        except BaseException:
            self._table = None
            raise
        finally:
            self._writes.tell()

    def rows(self) -> dict[str, Metadata]:
        return self._rows().rows()

    def vectors(self, ids: Sequence[str]) -> Array:
        return self._rows().vectors(ids)

    def sample(self, most: int) -> Array:
        return self._rows().sample(most)

    def keep(self, ids: Sequence[str], where: Where) -> list[str]:
        return self._rows().keep(ids, where)

    def query(self, vector: Vector | Array, k: int, where: Where = ()) -> list[Hit]:
        asked = question(self._name, self._embeddings.dimension, vector, k)
        if self._approximate and not where and k <= BREADTH // 2:
            found = self._ask("query", query_embeddings=[asked], n_results=k, include=["metadatas", "distances"])
            if len(found["ids"][0]) == k:  # else the collection is small, or the graph has lost some of it
                columns = zip(found["ids"][0], found["distances"][0], found["metadatas"][0], strict=True)
                return [Hit(id_, 1.0 - float(distance), metadata or {}) for id_, distance, metadata in columns]
        return self._rows().query(asked, k, where)

    def _rows(self) -> Table:
        """The collection's rows as they are now."""
        table = self._table
        if table is None or not self._is_current(table):
            with self._lock:
                table = self._table
                if table is None or not self._is_current(table):
                    table = self._table = self._read()
        return table

    def _is_current(self, table: Table) -> bool:
        if self._client.server is not None and int(self._ask("count")) != table.count():
            return False  # others write there too, and it may lose rows
        return self._writes.current

    def _read(self) -> Table:
        table = Table(partial(Exact, self._embeddings.dimension))
        self._writes.catch_up()
        for start in range(0, int(self._ask("count")), PAGE):
            found = self._ask("get", limit=PAGE, offset=start, include=["metadatas", "embeddings"])
            if found["ids"]:
                matrix = unit(np.asarray(found["embeddings"], np.float32))
                table.add(found["ids"], matrix, [metadata or {} for metadata in found["metadatas"]])
        return table
