"""FAISS: an `Index` over FAISS: exact (Flat), inverted lists (IVFFlat) or a graph (HNSW), in a folder or in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Literal
from uuid import uuid4

import numpy as np

from core.colours import Array
from core.errors import StoreFull, StoreMismatch
from core.owner import own
from retrievers.approximate import HNSW, IVFFlat
from retrievers.base import Hit, Metadata, Space, Vector
from retrievers.batch import Batch, question
from retrievers.exact import Exact
from retrievers.faiss_file import FaissFile
from retrievers.structure import Structure
from retrievers.table import Table
from retrievers.where import Where
from retrievers.writes import Writes

Kind = Literal["Flat", "IVFFlat", "HNSW"]
BEHIND = 2_000  # rows, and a fifth of all, that a snapshot may lack: they are added again when it is opened


class FaissIndex:
    """Vectors under a name, stamped with the embedding model that writes them. Searches under conditions are exact
    with every kind; those without are with Flat.

    A kind or a number of lists that was not used before makes the structure anew from the rows. Raises `StoreBusy`
    where another process owns the directory's parent, `StoreMismatch` where the rows are of another model or
    dimension, and `StoreDamaged`. Without a directory it lives in memory and ends with the process.
    """

    def __init__(
        self,
        name: str,
        embeddings: Space,
        directory: Path | None = None,
        kind: Kind = "Flat",
        nlist: int = 100,
    ) -> None:
        self._name, self._dimension, self._kind, self._nlist = name, embeddings.dimension, kind, nlist
        self.in_memory = directory is None
        self._lock = Lock()  # whoever writes, or reads the rows anew
        self._file: FaissFile | None = None
        self._table = Table(self._make)
        self._writes = Writes(str((directory or Path()).resolve()), name if directory else uuid4().hex)
        self._kept = 0  # rows of the snapshot that is there
        if directory is not None:
            own(directory.parent)
            self._file = FaissFile(directory / name)
            stamp = self._file.stamp(model=embeddings.identity, dimension=self._dimension)
            for what, key, wanted in (
                ("embedding model", "model", embeddings.identity),
                ("dimension", "dimension", self._dimension),
            ):
                if stamp[key] != str(wanted):
                    raise StoreMismatch(name, what, stamp[key], wanted)
            self._table = self._read(self._file)

    def _make(self) -> Structure:
        if self._kind == "IVFFlat":
            return IVFFlat(self._dimension, self._nlist)
        return HNSW(self._dimension) if self._kind == "HNSW" else Exact(self._dimension)

    @property
    def _made(self) -> str:
        """How the structure is made, as its snapshot remembers it."""
        return f"IVFFlat {self._nlist}" if self._kind == "IVFFlat" else self._kind

    def _read(self, file: FaissFile) -> Table:
        """The rows as they are on disk: what the snapshot has of them, and then what it has not."""
        self._writes.catch_up()
        numbers, ids, rows = file.rows()
        table, missing = Table(self._make), np.ones(len(numbers), np.bool_)
        structure = self._make()
        kept = file.read_snapshot(self._made, structure.read)
        if kept is not None and len(kept) == len(structure):
            live = np.isin(kept, numbers)
            at = np.searchsorted(numbers, kept).tolist()
            held = [(ids[i], rows[i]) if there else ("", {}) for i, there in zip(at, live.tolist(), strict=True)]
            table.restore(structure, [id_ for id_, _ in held], [row for _, row in held], live)
            missing = ~np.isin(numbers, kept)
            self._kept = len(kept)
        new = np.flatnonzero(missing)
        start = 0
        for matrix in file.vectors(numbers[new], self._dimension):
            part = new[start : start + len(matrix)].tolist()
            table.add([ids[i] for i in part], matrix, [rows[i] for i in part])
            start += len(matrix)
        return table

    def _rows(self) -> Table:
        if self._writes.current or self._file is None:
            return self._table
        with self._lock:
            if not self._writes.current:
                self._table = self._read(self._file)
            return self._table

    @contextmanager
    def _writing(self) -> Iterator[tuple[FaissFile | None, Table]]:
        """One write, first to the file; where either fails, the rows are read anew."""
        table = self._rows()
        with self._lock:
            self._writes.tell()
            try:
                yield self._file, table
                self._keep_structure(table)
            except BaseException:
                self._writes.forget()
                raise
            finally:
                self._writes.tell()

    def _keep_structure(self, table: Table) -> None:
        """Write a snapshot where the last one lacks much."""
        count = len(table.structure)
        if self._file is None or abs(count - self._kept) < max(BEHIND, count / 5):
            return
        numbers = self._file.numbers()
        held = np.array([0 if id_ is None else numbers[id_] for id_ in table.layout()], np.int64)
        with suppress(StoreFull):  # the rows themselves are safe: it takes longer to open them
            self._file.snapshot(self._made, held, table.structure.write)
        self._kept = count

    def count(self, where: Where = ()) -> int:
        return self._rows().count(where)

    def upsert(
        self, ids: Sequence[str], vectors: Sequence[Vector] | Array, documents: Sequence[str], rows: Sequence[Metadata]
    ) -> None:
        batch = Batch.of(self._name, self._dimension, ids, vectors, documents, rows)
        with self._writing() as (file, table):
            if file is not None:
                file.write(batch)
            table.add(batch.ids, batch.vectors, batch.rows)

    def delete(self, ids: Sequence[str]) -> None:
        with self._writing() as (file, table):
            if file is not None:
                file.delete(ids)
            table.remove(ids)

    def rows(self) -> dict[str, Metadata]:
        return self._rows().rows()

    def vectors(self, ids: Sequence[str]) -> Array:
        return self._rows().vectors(ids)

    def sample(self, most: int) -> Array:
        return self._rows().sample(most)

    def keep(self, ids: Sequence[str], where: Where) -> list[str]:
        return self._rows().keep(ids, where)

    def query(self, vector: Vector | Array, k: int, where: Where = ()) -> list[Hit]:
        return self._rows().query(question(self._name, self._dimension, vector, k), k, where)
