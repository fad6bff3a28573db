"""Chronicle: the memories on disk: their words in one SQLite file, their pictures beside it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
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
    " story text not null, caption text not null, engine text not null, created real not null, told text not null)",
    "create table forgotten (id text primary key) without rowid",  # so that what a job still holds does not come back
    f"pragma user_version = {SCHEMA}",
)
COLUMNS = "id, kind, title, story, caption, engine, created, told"
PAGE = 500


class ChronicleDamaged(LedgerDamaged):
    def __init__(self, path: str, reason: str) -> None:
        AtelierError.__init__(
            self,
            f"the memories in {path} cannot be read ({reason})",
            "move that file away; stories and pictures go on without them",
            path=path,
            reason=reason,
        )


class ChronicleFile(LedgerFile):
    """`DATA_DIR/library/memories.db`."""

    tables = TABLES
    schema = SCHEMA

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
            known = "select 1 from memory where id = ? union select 1 from forgotten where id = ?"
            if db.execute(known, (memory.id, memory.id)).fetchone():
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
            query = f"insert or ignore into memory ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)"
            return db.execute(query, (*row, memory.created or time.time(), told)).rowcount > 0

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

    def page(self, offset: int, limit: int, kind: Kind | None = None) -> list[Memory]:
        """The newest first."""
        query = f"select {COLUMNS} from memory where ? is null or kind = ? order by number desc limit ? offset ?"
        with self.file.reading() as db:
            rows = db.execute(query, (kind, kind, max(0, limit), max(0, offset))).fetchall()
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

    def ids(self) -> set[str]:
        with self.file.reading() as db:
            return {row[0] for row in db.execute("select id from memory")}

    def count(self) -> int:
        with self.file.reading() as db:
            return int(db.execute("select count(*) from memory").fetchone()[0])

    def _memory(self, row: Sequence[Any]) -> Memory:
        id_, kind, title, story, caption, engine, created, told = row
        try:
            return Memory(id_, kind, title, story, caption, engine, created, json.loads(told), self.picture(id_))
        except ValueError as error:
            raise ChronicleDamaged(str(self.file.path), f"a memory in it: {error}") from error
