"""Ledger file: the SQLite file of the picture library, its tables, and what its failures mean."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock
from urllib.parse import quote

from core.errors import AtelierError, BadSetting, StoreDamaged, StoreError, StoreFull
from retrievers.ledger_tables import SCHEMA, TABLES, UPGRADES

PATIENCE = 30.0  # s for which another process's transaction is waited for


class LedgerDamaged(StoreDamaged):
    def __init__(self, path: str, reason: str) -> None:
        AtelierError.__init__(
            self,
            f"the ledger of the picture library {path} cannot be read ({reason})",
            "restore it from a copy, or move it away and ingest again: no picture was touched, and those that were"
            " described are described anew",
            path=path,
            reason=reason,
        )


class LedgerNewer(StoreError):
    def __init__(self, path: str, found: int, known: int = SCHEMA, again: str = "then ingest again") -> None:
        super().__init__(
            f"the ledger {path} has schema {found}, and this version of Atelier knows {known}",
            f"use the version that wrote it, or move that file away: {again}",
            path=path,
            found=found,
        )


class LedgerOlder(StoreError):
    def __init__(self, path: str, found: int) -> None:
        super().__init__(
            f"the ledger {path} has schema {found}, and the process that owns it is of an older version of Atelier",
            "end that process and start the present version in its place",
            path=path,
            found=found,
        )


class LedgerFile:
    """Connections to the file: any number that read, one that writes. Thread-safe.

    With `read_only` nothing is ever written, and a file that is not there yet reads as an empty library. Another
    library has tables of its own, one of them `state`.
    """

    tables: tuple[str, ...] = TABLES
    schema = SCHEMA
    upgrades: Mapping[int, tuple[str, ...]] = UPGRADES  # from the schema before, by the one that it becomes
    again = "then ingest again"

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.path, self.read_only = path, read_only
        self._idle, self._guard, self._pen = list[sqlite3.Connection](), Lock(), RLock()
        self._writer: sqlite3.Connection | None = None
        self._closed = False
        try:
            if not read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
            with self.translated():
                self._writer = None if read_only else self._connect()
                with self.reading() as db:
                    db.execute("select value from state").fetchall()
        except OSError as error:
            raise BadSetting("DATA_DIR", str(path.parent), error.strerror or str(error)) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for some queries, for this thread alone."""
        with self.translated():
            with self._guard:
                db = self._idle.pop() if self._idle else None
            if db is None:
                db = self._connect()
            try:
                yield db
            finally:
                with self._guard:
                    keep = not self._closed and len(self._idle) < 16 and not self._is_stand_in(db)
                    if keep:
                        self._idle.append(db)
                if not keep:
                    db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: everything that is written inside of it is there at its end, or nothing is."""
        if self._writer is None:
            raise StoreError(f"{self.path} is open for reading alone", "write to it where DATA_DIR is owned")
        with self.translated(), self._pen:
            self._writer.execute("begin immediate")
            try:
                yield self._writer
                self._writer.execute("commit")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("rollback")
                raise

    def close(self) -> None:
        """Close every connection that is not in use; the others are closed after their use."""
        with self._pen, self._guard:
            self._closed = True
            for db in [*self._idle, *([self._writer] if self._writer is not None else [])]:
                db.close()
            self._idle, self._writer = [], None

    def _connect(self) -> sqlite3.Connection:
        if self._closed:
            raise StoreError(f"{self.path} is closed", "this process ends")
        if self.read_only and not self._is_there():
            return self._stand_in()
        mode = "ro" if self.read_only else "rwc"
        name = f"file:{quote(str(self.path.absolute()).encode('utf-8', 'surrogateescape'))}?mode={mode}"
        db = sqlite3.connect(name, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            if not self.read_only:
                db.execute("pragma journal_mode = wal")
                db.execute("pragma synchronous = normal")  # a kill loses nothing; a power cut the last moments
            found = db.execute("pragma user_version").fetchone()[0]
            if found < self.schema and not self.read_only:
                found = self._make_tables(db)
            if found > self.schema:
                raise LedgerNewer(str(self.path), found, self.schema, self.again)
            if 0 < found < self.schema:
                raise LedgerOlder(str(self.path), found)
            if found == 0:  # its writer has only begun
                db.close()
                return self._stand_in()
        except BaseException:
            db.close()
            raise
        return db

    def _make_tables(self, db: sqlite3.Connection) -> int:
        db.execute("begin immediate")
        try:
            found = int(db.execute("pragma user_version").fetchone()[0])
            if found == 0 and db.execute("select count(*) from sqlite_master").fetchone()[0]:
                raise sqlite3.DatabaseError("it is a database of another program")
            for step in self.tables if found == 0 else self._steps_from(found):
                db.execute(step)
            db.execute("commit")
            return max(found, self.schema)
        except BaseException:
            if db.in_transaction:
                db.execute("rollback")
            raise

    def _steps_from(self, found: int) -> list[str]:
        """What makes a file of an older schema one of the present."""
        return [step for number in range(found + 1, self.schema + 1) for step in self.upgrades[number]]

    def _is_there(self) -> bool:
        try:
            return self.path.stat().st_size > 0
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _stand_in(self) -> sqlite3.Connection:
        """An empty library, until there is one."""
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for table in self.tables:
            db.execute(table)
        return db

    @staticmethod
    def _is_stand_in(db: sqlite3.Connection) -> bool:
        return not db.execute("pragma database_list").fetchone()[2]

    @contextmanager
    def translated(self) -> Iterator[None]:
        """SQLite's errors as ours."""
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
            raise  # our own mistakes
        except sqlite3.DatabaseError as error:
            raise self._failure(str(error), isinstance(error, sqlite3.OperationalError)) from error

    def _failure(self, reason: str, operational: bool) -> AtelierError:
        if operational and ("full" in reason or "disk I/O" in reason):
            return StoreFull(str(self.path), reason)
        if "readonly" in reason or "unable to open" in reason:
            return BadSetting("DATA_DIR", str(self.path.parent), f"{self.path.name}: {reason}")
        if operational and "locked" in reason:
            return StoreError(f"{self.path} is busy ({reason})", "try again")
        return self.damaged(reason)

    def damaged(self, reason: str) -> AtelierError:
        """What to say of a file that cannot be read."""
        return LedgerDamaged(str(self.path), reason)


def is_full(error: BaseException) -> bool:
    """Whether an error of the operating system says that there is no room."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
