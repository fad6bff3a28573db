"""FAISS's file: the rows of a FAISS index in SQLite, and beside it a snapshot of its structure as FAISS writes it.

The rows are the truth: every call is one transaction. A row gets the next number at every write and never changes
under it, so the numbers say what a snapshot has, what came after it, and what has gone. A snapshot is written beside
its place and moved there; the transaction that names it holds its checksum, so that half of one is never read.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from core.errors import BadSetting, StoreDamaged, StoreFull
from retrievers.base import Metadata
from retrievers.batch import Batch

ROWS = "rows.db"
PAGE = 16_384  # bytes; a row of 512 numbers would leave much of smaller pages empty
TOGETHER = 2_000  # rows that are read at a time
SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    metadata TEXT NOT NULL, document TEXT NOT NULL, vector BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS stamp (what TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS snapshot (file TEXT NOT NULL, made TEXT NOT NULL, checksum INTEGER NOT NULL,
    numbers BLOB NOT NULL);
"""
Numbers = NDArray[np.int64]


class FaissFile:
    """A folder of one index. Thread-safe. Whatever cannot be read is `StoreDamaged`, what cannot be written
    `StoreFull` or `BadSetting`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._lock = folder, RLock()
        with self._translated():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(folder / ROWS, isolation_level=None, check_same_thread=False)
            self._db.execute(f"PRAGMA page_size={PAGE}")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")  # a killed process loses nothing by it
            self._db.executescript(SCHEMA)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_FULL":
                raise StoreFull(str(self.folder), str(error)) from error
            raise StoreDamaged(str(self.folder), str(error)) from error
        except (sqlite3.DatabaseError, ValueError) as error:
            raise StoreDamaged(str(self.folder), str(error)) from error
        except OSError as error:
            raise BadSetting("DATA_DIR", str(self.folder), error.strerror or str(error)) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def stamp(self, **wanted: object) -> dict[str, str]:
        """What the index was made for; of a new one, what is wanted now."""
        with self._transaction() as db:
            told = [(what, str(value)) for what, value in wanted.items()]
            db.executemany("INSERT OR IGNORE INTO stamp VALUES (?, ?)", told)
            return dict(db.execute("SELECT what, value FROM stamp").fetchall())

    def write(self, batch: Batch) -> None:
        told = (json.dumps(row) for row in batch.rows)
        vectors = (row.data for row in np.ascontiguousarray(batch.vectors, np.float32))
        rows = zip(batch.ids, told, batch.documents, vectors, strict=True)
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO rows (id, metadata, document, vector) VALUES (?, ?, ?, ?)", rows)

    def delete(self, ids: Sequence[str]) -> None:
        with self._transaction() as db:
            db.executemany("DELETE FROM rows WHERE id = ?", ((id_,) for id_ in ids))

    def rows(self) -> tuple[Numbers, list[str], list[Metadata]]:
        """Numbers, ids and metadata of all rows, as they were written."""
        with self._translated():
            found = self._db.execute("SELECT number, id, metadata FROM rows ORDER BY number").fetchall()
            numbers = np.array([number for number, _, _ in found], np.int64)
            return numbers, [id_ for _, id_, _ in found], [json.loads(told) for _, _, told in found]

    def numbers(self) -> dict[str, int]:
        """The number of each id."""
        with self._translated():
            return dict(self._db.execute("SELECT id, number FROM rows").fetchall())

    def vectors(self, numbers: Numbers, dimension: int) -> Iterator[Array]:
        """The vectors of rows by their numbers, which rise, some at a time."""
        for start in range(0, len(numbers), TOGETHER):
            part = numbers[start : start + TOGETHER]
            between = (int(part[0]), int(part[-1]))
            with self._translated():
                query = "SELECT number, vector FROM rows WHERE number BETWEEN ? AND ? ORDER BY number"
                found = self._db.execute(query, between).fetchall()
                there = np.array([number for number, _ in found], np.int64)
                matrix = np.frombuffer(b"".join(blob for _, blob in found), np.float32).reshape(len(found), dimension)
            yield matrix[np.isin(there, part)]

    def snapshot(self, made: str, numbers: Numbers, write: Callable[[BinaryIO], None]) -> None:
        """Keep what `write` puts into the file that it is given: a structure, named by how it is made, whose positions
        hold the rows of these numbers."""
        name = f"structure-{secrets.token_hex(4)}.faiss"
        part = self.folder / f".{name}.part"
        with self._translated():
            try:
                with part.open("wb") as file:
                    write(file)
                checksum = _checksum(part)
                part.replace(self.folder / name)
            except (RuntimeError, OSError) as error:  # the first is FAISS's, of a full disk as well
                raise StoreFull(str(self.folder), str(error)) from error
            finally:
                part.unlink(missing_ok=True)
            with self._transaction() as db:
                db.execute("DELETE FROM snapshot")
                db.execute("INSERT INTO snapshot VALUES (?, ?, ?, ?)", (name, made, checksum, numbers.tobytes()))
            self._tidy(name)

    def _tidy(self, name: str) -> None:
        for path in (*self.folder.glob("structure-*.faiss"), *self.folder.glob(".structure-*.part")):
            if path.name != name:
                path.unlink(missing_ok=True)

    def read_snapshot(self, made: str, read: Callable[[BinaryIO], None]) -> Numbers | None:
        """Hand the file of the last snapshot to `read`; -> the numbers of its rows by position. None where there is
        none, where it was made in another way, and where it is damaged."""
        with self._translated():
            found = self._db.execute("SELECT file, made, checksum, numbers FROM snapshot").fetchone()
            if found is None or found[1] != made:
                return None
            path = self.folder / found[0]
            if not path.is_file() or _checksum(path) != found[2]:
                return None
            try:
                with path.open("rb") as file:
                    read(file)
            except RuntimeError:  # another version of FAISS wrote it
                return None
            return np.frombuffer(found[3], np.int64)


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while part := file.read(1 << 22):
            checksum = zlib.crc32(part, checksum)
    return checksum
