"""Archive: the descriptions of the library's pictures, in its ledger: which there are, and which are wanted.

A description belongs to a picture's content and to the engine that made it, so that none is made, or paid for, twice.
Of several by different engines the one that was made or chosen last is the picture's own.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import AtelierError
from retrievers.ledger import Ledger
from retrievers.ledger_file import LedgerDamaged
from retrievers.vocabulary import searched

# of each picture the latest; SQLite takes the other columns from the row that has the maximum
CURRENT = "select picture, engine, told, sentences, words, max(made) as made from description group by picture"

_BELOW = "(f.path = ? or (f.path > ? and f.path < ?))"
PAGE = 1_000  # pictures of one transaction

Tell = Callable[[int, int, str], object]  # pictures done, in all, the last one


@dataclass(frozen=True)
class KeptDescription:
    """What an engine said of a picture."""

    picture: str
    engine: str
    told: Mapping[str, Any]  # as JSON has it, by the names of the describer
    sentences: tuple[str, ...]  # what of it is searched, each by itself
    made: float  # unix seconds

    def as_dict(self) -> dict[str, Any]:
        return {**self.told, "engine": self.engine}


@dataclass(frozen=True)
class Undescribed:
    """A picture that an engine could not describe; `again`: the next run tries it."""

    picture: str
    engine: str
    error: Mapping[str, Any]
    again: bool


class Archive:
    """Thread-safe. Writing raises `StoreError` where the ledger is open for reading alone."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def wanted(
        self,
        engine: str,
        below: Path | None = None,
        force: bool = False,
        anew: bool = False,
        most: int | None = None,
        since: float | None = None,
    ) -> list[str]:
        """The ids of the pictures without a description by this engine, in the order in which they came; `below`: of
        those that lie in a folder, or are that file.

        What it failed to describe for good is left out save with `force`; with `anew` every picture is wanted, but for
        those that were described `since` then.
        """
        conditions, values = ["1"], list[Any]()
        if not anew or since is not None:
            conditions.append(
                "not exists (select 1 from description d where d.picture = p.id and d.engine = ? and d.made >= ?)"
            )
            values += [engine, since if anew else 0.0]
        if not (force or anew):
            conditions.append(
                "not exists (select 1 from undescribed u where u.picture = p.id and u.engine = ? and not u.again)"
            )
            values.append(engine)
        if below is not None:
            folder = os.fsencode(os.path.realpath(below)).rstrip(b"/")
            conditions.append(_BELOW)
            values += [folder, folder + b"/", folder + b"0"]
        query = (
            "select distinct p.id from picture p join file f on f.picture = p.id"
            f" where {' and '.join(conditions)} order by p.added, p.id limit ?"
        )
        with self.ledger.file.reading() as db:
            return [row[0] for row in db.execute(query, (*values, -1 if most is None else most))]

    def check_room(self) -> None:
        """Raise `StoreFull` before anything is paid for that could not be kept."""
        with self.ledger.file.writing() as db:
            db.execute("insert or replace into state values ('room', ?)", (time.time_ns() // 1000,))

    def made_since(self, engine: str, since: float) -> int:
        """How many descriptions this engine has made from then on."""
        with self.ledger.file.reading() as db:
            query = "select count(*) from description where engine = ? and made >= ?"
            return int(db.execute(query, (engine, since)).fetchone()[0])

    def keep(self, picture: str, engine: str, told: Mapping[str, Any], sentences: Sequence[str], words: str) -> bool:
        """Write a description, which is then the picture's own; whether the picture is still there to have it.

        `words` are those of it by which the picture is found word by word.
        """
        row = (picture, engine, _json(told), _json(list(sentences)), words, time.time())
        with self.ledger.file.writing() as db:
            if not db.execute("select 1 from picture where id = ?", (picture,)).fetchone():
                return False
            db.execute("insert or replace into description values (?, ?, ?, ?, ?, ?)", row)
            db.execute("delete from undescribed where picture = ? and engine = ?", (picture, engine))
            _speak(db, picture)
        return True

    def fail(self, picture: str, engine: str, error: AtelierError, again: bool) -> None:
        """Remember why a picture has no description; `again`: the next run may try."""
        row = (picture, engine, _json(error.as_dict()), int(again))
        with self.ledger.file.writing() as db:
            if db.execute("select 1 from picture where id = ?", (picture,)).fetchone():
                db.execute("insert or replace into undescribed values (?, ?, ?, ?)", row)

    def choose(
        self, engine: str, below: Path | None = None, tell: Callable[[int, int, str], object] | None = None
    ) -> int:
        """Make the descriptions by this engine, as far as there are any, those of their pictures: of all, or of those
        that lie in a folder; how many changed."""
        query = f"select c.picture from ({CURRENT}) c where c.engine <> ? and exists"
        query += " (select 1 from description d where d.picture = c.picture and d.engine = ?)"
        values: list[Any] = [engine, engine]
        if below is not None:
            folder = os.fsencode(os.path.realpath(below)).rstrip(b"/")
            query += f" and exists (select 1 from file f where f.picture = c.picture and {_BELOW})"
            values += [folder, folder + b"/", folder + b"0"]
        with self.ledger.file.reading() as db:
            others = [row[0] for row in db.execute(query, values)]
        for start in range(0, len(others), PAGE):
            with self.ledger.file.writing() as db:
                for picture in others[start : start + PAGE]:
                    own = (time.time(), picture, engine)
                    db.execute("update description set made = ? where picture = ? and engine = ?", own)
                    _speak(db, picture)
            if tell is not None:
                tell(min(start + PAGE, len(others)), len(others), others[min(start + PAGE, len(others)) - 1])
        return len(others)

    def of(self, pictures: Collection[str]) -> dict[str, KeptDescription]:
        """The descriptions of those of the pictures that have one."""
        among = json.dumps(list(pictures))
        query = (
            "select picture, engine, told, sentences, max(made) from description"
            " where picture in (select value from json_each(?)) group by picture"
        )
        with self.ledger.file.reading() as db:
            rows = db.execute(query, (among,)).fetchall()
        return {row[0]: self._kept(*row) for row in rows}

    def any(self) -> bool:
        """Whether any picture has a description."""
        with self.ledger.file.reading() as db:
            return db.execute("select 1 from description limit 1").fetchone() is not None

    def failures(self, engine: str | None = None) -> list[Undescribed]:
        """The pictures that could not be described, by this engine or by any."""
        query = "select u.picture, u.engine, u.error, u.again from undescribed u join picture p on p.id = u.picture"
        query += " where ? is null or u.engine = ? order by p.added, p.id"
        with self.ledger.file.reading() as db:
            rows = db.execute(query, (engine, engine)).fetchall()
        return [Undescribed(picture, by, self._read(error), bool(again)) for picture, by, error, again in rows]

    def counts(self) -> dict[str, int]:
        """How many pictures have their description from which engine."""
        query = f"select c.engine, count(*) from ({CURRENT}) c join picture p on p.id = c.picture group by c.engine"
        with self.ledger.file.reading() as db:
            return dict(db.execute(query).fetchall())

    def _kept(self, picture: str, engine: str, told: str, sentences: str, made: float) -> KeptDescription:
        return KeptDescription(picture, engine, self._read(told), tuple(self._read(sentences)), made)

    def _read(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise LedgerDamaged(str(self.ledger.file.path), f"a description in it: {error}") from error


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False)


def described(db: sqlite3.Connection, picture: str) -> str:
    """The words of a picture's description by which it is found; empty where it has none."""
    row = db.execute(
        "select words from description where picture = ? order by made desc limit 1", (picture,)
    ).fetchone()
    return "" if row is None else str(row[0])


def _speak(db: sqlite3.Connection, picture: str) -> None:
    """Have a picture found by the words of its present description."""
    number, seen = db.execute("select number, seen from picture where id = ?", (picture,)).fetchone() or (None, "")
    if number is not None:
        words = searched(f"{seen} {described(db, picture)}")
        db.execute("update spoken set seen = ? where rowid = ?", (words, number))
        db.execute("update state set value = value + 1 where key = 'revision'")
