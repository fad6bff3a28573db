"""Chronicle: the memories on disk: their words in one SQLite file, their pictures beside it."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import AtelierError, BadSetting, BadValue, StoreFull
from core.files import write_whole
from retrievers.ledger_file import LedgerDamaged, LedgerFile, is_full
from retrievers.memories.memory import Kind, Memory, UnknownMemory

SCHEMA = 1
TABLES = (
    "create table state (key text primary key, value integer not null) without rowid",
    "create table memory (number integer primary key, id text not null unique, kind text not null, title text not null,"
    " story text not null, caption text not null, engine text not null, created real not null, told text not null,"
    " owner text not null)",
    "create table forgotten (id text primary key) without rowid",  # so that what a job still holds does not come back
    f"pragma user_version = {SCHEMA}",
)
COLUMNS = "id, kind, title, story, caption, engine, created, told, owner"
PAGE = 500
YOUNG = 60.0  # s


class ChronicleDamaged(LedgerDamaged):
    def __init__(self, path: str, reason: str) -> None:
        AtelierError.__init__(
            self,
            f"the memories in {path} cannot be read ({reason})",
            "restore it from a copy, or move it away: then nothing is remembered of what was made before",
            path=path,
            reason=reason,
        )


class ChronicleFile(LedgerFile):
    """`DATA_DIR/library/memories.db`."""

    tables = TABLES
    schema = SCHEMA
    upgrades: Mapping[int, tuple[str, ...]] = {}
    again = "then nothing is remembered of what was made before"

    def damaged(self, reason: str) -> AtelierError:
        return ChronicleDamaged(str(self.path), reason)


class Chronicle:
    """In a folder of its own. Thread-safe. A picture is on disk before its memory is."""

    def __init__(self, folder: Path, read_only: bool = False) -> None:
        self._pictures = folder / "memories"
        self.file = ChronicleFile(folder / "memories.db", read_only)

    def write(self, memory: Memory, picture: bytes) -> bool:
        """Keep a memory; whether it is new. One that was forgotten stays so. Raises `StoreFull` and `BadSetting`."""
        if not re.fullmatch(r"[\w-]{1,64}", memory.id):
            raise BadValue("id", memory.id, "1 to 64 letters, digits, dashes and underscores")
        with self.file.reading() as db:
            if self._knows(db, memory.id):
                return False
        path = self.picture(memory.id)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, picture)
        except OSError as error:
            reason = error.strerror or str(error)
            full = is_full(error)
            raise StoreFull(str(path), reason) if full else BadSetting("DATA_DIR", str(path), reason) from error
        row = (memory.id, memory.kind, memory.title, memory.story, memory.caption, memory.engine)
        told = json.dumps(dict(memory.told), ensure_ascii=False)
        with self.file.writing() as db:
            query = f"insert or ignore into memory ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            return db.execute(query, (*row, memory.created or time.time(), told, memory.owner)).rowcount > 0

    def knows(self, id: str) -> bool:
        """Whether it is there, or was and is forgotten."""
        with self.file.reading() as db:
            return self._knows(db, id)

    @staticmethod
    def _knows(db: sqlite3.Connection, id: str) -> bool:
        known = "select 1 from memory where id = ? union select 1 from forgotten where id = ?"
        return db.execute(known, (id, id)).fetchone() is not None

    def sweep(self) -> None:
        """Delete pictures that no memory has, as a kill can leave them; young ones may be of one that is on its way."""
        held = self.ids()
        for path in self._pictures.glob("*.png"):
            with suppress(OSError):
                if path.stem not in held and time.time() - path.stat().st_mtime > YOUNG:
                    path.unlink()

    def forget(self, ids: Sequence[str]) -> int:
        """Forget memories with their pictures; how many there were."""
        with self.file.writing() as db:
            gone = [id_ for id_ in ids if db.execute("delete from memory where id = ?", (id_,)).rowcount]
            db.executemany("insert or ignore into forgotten values (?)", [(id_,) for id_ in gone])
        for id_ in gone:
            self.picture(id_).unlink(missing_ok=True)
        return len(gone)

    def picture(self, id: str) -> Path:
        """Where the picture of a memory lies."""
        return self._pictures / f"{id}.png"

    def get(self, id: str) -> Memory:
        """Raises `UnknownMemory`."""
        found = self.many([id])
        if id not in found:
            raise UnknownMemory(id)
        return found[id]

    def many(self, ids: Sequence[str]) -> dict[str, Memory]:
        """Those of the ids that are there, in their order."""
        query = f"select {COLUMNS} from memory where id in (select value from json_each(?))"
        with self.file.reading() as db:
            rows = db.execute(query, (json.dumps(list(ids)),)).fetchall()
        found = {row[0]: self._memory(row) for row in rows}
        return {id_: found[id_] for id_ in ids if id_ in found}

    def page(self, offset: int, limit: int, kind: Kind | None = None, owner: str | None = None) -> list[Memory]:
        """The newest first; `owner`: those of one key alone."""
        query = f"select {COLUMNS} from memory where (? is null or kind = ?) and (? is null or owner = ?)"
        values = (kind, kind, owner, owner, max(0, limit), max(0, offset))
        with self.file.reading() as db:
            rows = db.execute(f"{query} order by number desc limit ? offset ?", values).fetchall()
        return [self._memory(row) for row in rows]

    def all(self) -> Iterator[Memory]:
        """Every memory, the oldest first."""
        last = 0
        while True:
            with self.file.reading() as db:
                query = f"select number, {COLUMNS} from memory where number > ? order by number limit {PAGE}"
                rows = db.execute(query, (last,)).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from (self._memory(row[1:]) for row in rows)

    def ids(self, owner: str | None = None) -> set[str]:
        with self.file.reading() as db:
            return {row[0] for row in db.execute("select id from memory where ? is null or owner = ?", (owner, owner))}

    def count(self, owner: str | None = None) -> int:
        query = "select count(*) from memory where ? is null or owner = ?"
        with self.file.reading() as db:
            return int(db.execute(query, (owner, owner)).fetchone()[0])

    def _memory(self, row: Sequence[Any]) -> Memory:
        id_, kind, title, story, caption, engine, created, told, owner = row
        try:
            return Memory(id_, kind, title, story, caption, engine, created, json.loads(told), owner, self.picture(id_))
        except ValueError as error:
            raise ChronicleDamaged(str(self.file.path), f"a memory in it: {error}") from error
