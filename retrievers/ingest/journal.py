"""Journal: what ingest writes into the ledger; each call is one transaction."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from retrievers.descriptions.archive import described
from retrievers.ingest.entries import Entry, Known, Standing
from retrievers.ingest.report import Outcome
from retrievers.ingest.said import Note, Place, Said, said_of
from retrievers.ingest.vectors import Vectors
from retrievers.ledger import Ledger, UnknownPicture
from retrievers.vocabulary import searched

_FILE = "path, root, source, mtime_ns, labels, tags, caption"
_LOOKS = ("width", "height", "bytes", "exif_taken", "near", "colours", "medium", "seen", "embedded_caption")
_SAID = ("name", "source", "words", "caption", "labels", "tags", "taken", "digest")


class Journal:
    """Writes files and pictures; under the name `store` the ledger remembers what an index has of them."""

    def __init__(self, ledger: Ledger, vectors: Vectors, store: str) -> None:
        self.ledger, self._vectors, self._store = ledger, vectors, store

    def known(self, below: bytes) -> dict[bytes, Known]:
        """The files below a folder, or that one file, as the ledger has them."""
        query = (
            "select path, size, mtime_ns, ctime_ns, root, source, picture, error is not null from file"
            " where path = ? or (path > ? and path < ?)"
        )
        folder = below.rstrip(b"/")
        with self.ledger.file.reading() as db:
            rows = db.execute(query, (below, folder + b"/", folder + b"0")).fetchall()
        return {row[0]: Known(row[1], row[2], row[3], row[4], row[5], row[6], bool(row[7])) for row in rows}

    def roots(self) -> list[bytes]:
        """The folders that were taken in."""
        with self.ledger.file.reading() as db:
            return [row[0] for row in db.execute("select distinct root from file where source = 'folder'")]

    def standing(self, ids: Collection[str]) -> dict[str, Standing]:
        """Those of the pictures that are there."""
        wanted = (json.dumps(list(ids)),)
        among = "in (select value from json_each(?))"
        with self.ledger.file.reading() as db:
            captions = dict(db.execute(f"select id, embedded_caption from picture where id {among}", wanted))
            places: dict[str, list[Place]] = {}
            for id_, *row in db.execute(f"select picture, {_FILE} from file where picture {among}", wanted):
                places.setdefault(id_, []).append(_place(row))
        digests = self._vectors.digests(captions)
        return {
            id_: Standing(caption, tuple(places.get(id_, ())), frozenset(digests.get(id_, ())))
            for id_, caption in captions.items()
        }

    def record(self, entries: Sequence[Entry], gone: set[bytes], anew: bool = False) -> list[Outcome]:
        """Write files with their pictures and vectors; what became of each.

        A new path of a picture that lies at one of `gone` is that one renamed: it is taken from them. A picture that
        somebody took out stays out, save `anew`.
        """
        with self.ledger.file.writing() as db:
            touched: dict[str, None] = {}
            outcomes = [self._record(db, entry, gone, anew, touched) for entry in entries]
            self._compose(db, touched)
        return outcomes

    def _record(
        self, db: sqlite3.Connection, entry: Entry, gone: set[bytes], anew: bool, touched: dict[str, None]
    ) -> Outcome:
        path, id_ = entry.found.path, entry.id
        before = db.execute("select picture from file where path = ?", (path,)).fetchone()
        outcome: Outcome = "new" if before is None else "changed"
        if before is not None and before[0] is not None:
            touched[before[0]] = None
        if entry.error is not None or id_ is None:
            outcome = "failed"
        elif not anew and db.execute("select 1 from taken_out where picture = ?", (id_,)).fetchone():
            id_, outcome = None, "unchanged"
        else:
            db.execute("delete from taken_out where picture = ?", (id_,))
            self._keep(db, entry, id_)
            touched[id_] = None
            if before is None and self._was_at_one_of(db, id_, gone):
                outcome = "renamed"
            elif before is not None and before[0] == id_:
                outcome = "unchanged"  # its bytes are what they were
        self._write_file(db, entry, id_)
        return outcome

    def _keep(self, db: sqlite3.Connection, entry: Entry, id_: str) -> None:
        if entry.looks is not None:
            told = asdict(entry.looks)
            told["embedded_caption"] = told.pop("caption")
            told["colours"] = json.dumps(told["colours"])
            query = (
                f"insert into picture (id, added, {', '.join(_LOOKS)}) values (?, ?, {', '.join('?' * len(_LOOKS))})"
            )
            db.execute(f"{query} on conflict (id) do nothing", (id_, time.time(), *(told[name] for name in _LOOKS)))
        if entry.vector is not None:
            self._vectors.put(db, id_, entry.digest, entry.vector)

    @staticmethod
    def _was_at_one_of(db: sqlite3.Connection, id_: str, gone: set[bytes]) -> bool:
        if not gone:
            return False
        for (path,) in db.execute("select path from file where picture = ? order by path", (id_,)).fetchall():
            if path in gone:
                gone.discard(path)
                db.execute("delete from file where path = ?", (path,))
                return True
        return False

    @staticmethod
    def _write_file(db: sqlite3.Connection, entry: Entry, id_: str | None) -> None:
        found, place, note = entry.found, entry.place, entry.place.note
        error = None if entry.error is None else json.dumps(entry.error.as_dict())
        row = (found.path, place.root, place.source, found.size, found.mtime_ns, found.ctime_ns, id_, error)
        told = (json.dumps(note.labels), json.dumps(note.tags), note.caption)
        db.execute("insert or replace into file values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, *told))

    def forget(self, paths: Collection[bytes]) -> None:
        """Files that are gone."""
        self._change_files(paths, lambda db, path: db.execute("delete from file where path = ?", (path,)))

    def move_root(self, paths: Collection[bytes], root: bytes) -> None:
        """Files that are now taken in below a folder farther up."""
        self._change_files(paths, lambda db, path: db.execute("update file set root = ? where path = ?", (root, path)))

    def tag(self, id_: str, tags: Collection[str]) -> bool:
        """Add tags to the first file of a picture that is an upload; whether there was one without them."""
        with self.ledger.file.writing() as db:
            query = "select path, tags from file where picture = ? and source = 'upload' order by path"
            path, told = db.execute(query, (id_,)).fetchone()
            wanted = list(dict.fromkeys([*json.loads(told), *tags]))
            if wanted == json.loads(told):
                return False
            db.execute("update file set tags = ? where path = ?", (json.dumps(wanted), path))
            self._compose(db, [id_])
        return True

    def _change_files(self, paths: Collection[bytes], change: Any) -> None:
        if not paths:
            return
        with self.ledger.file.writing() as db:
            touched: dict[str, None] = {}
            for path in sorted(paths):
                found = db.execute("select picture from file where path = ?", (path,)).fetchone()
                change(db, path)
                if found is not None and found[0] is not None:
                    touched[found[0]] = None
            self._compose(db, touched)

    def take_out(self, id_: str) -> None:
        """The picture leaves, and stays out wherever a folder still has it. Raises `UnknownPicture`."""
        with self.ledger.file.writing() as db:
            if not db.execute("select 1 from picture where id = ?", (id_,)).fetchone():
                raise UnknownPicture(id_)
            db.execute("delete from file where picture = ? and source = 'upload'", (id_,))
            db.execute("delete from description where picture = ?", (id_,))
            if db.execute("update file set picture = null where picture = ?", (id_,)).rowcount:
                db.execute("insert or ignore into taken_out values (?)", (id_,))
            self._compose(db, [id_])

    def _compose(self, db: sqlite3.Connection, ids: Iterable[str]) -> None:
        """Bring pictures in line with the files that have them. One without any stays until `sweep`: another file may
        turn out to be it."""
        changed = False
        for id_ in ids:
            rows = db.execute(f"select {_FILE} from file where picture = ?", (id_,)).fetchall()
            there = db.execute(
                "select number, embedded_caption, exif_taken from picture where id = ?", (id_,)
            ).fetchone()
            if there is not None and rows:
                changed |= self._say(db, id_, there, said_of([_place(row) for row in rows], there[1]))
        if changed:
            self._tell(db)

    def sweep(self) -> None:
        """Pictures without any file leave."""
        query = "select p.id, p.number from picture p where not exists (select 1 from file f where f.picture = p.id)"
        with self.ledger.file.reading() as db:
            if not db.execute(f"{query} limit 1").fetchone():
                return
        with self.ledger.file.writing() as db:
            for id_, number in db.execute(query).fetchall():
                self._leave(db, id_, number)
            self._tell(db)

    def without_words(self) -> list[str]:
        """Pictures that the table of words does not have."""
        query = "select id from picture where number not in (select rowid from spoken) order by id"
        with self.ledger.file.reading() as db:
            return [row[0] for row in db.execute(query)]

    def write_words_anew(self, ids: Iterable[str]) -> None:
        """Have the words of these pictures written again."""
        with self.ledger.file.writing() as db:
            for id_ in ids:
                db.execute("update picture set digest = '' where id = ?", (id_,))
                self._compose(db, [id_])

    @staticmethod
    def _tell(db: sqlite3.Connection) -> None:
        db.execute("update state set value = value + 1 where key = 'revision'")

    @staticmethod
    def _say(db: sqlite3.Connection, id_: str, there: tuple[int, str, float | None], said: Said) -> bool:
        number, _, exif_taken = there
        columns = ", ".join(_SAID)
        before = db.execute(f"select seen, {columns} from picture where id = ?", (id_,)).fetchone()
        taken = said.mtime if exif_taken is None else exif_taken
        words = said.words or before[0]  # a document is never empty
        lists = (json.dumps(said.labels), json.dumps(said.tags))
        now = (said.name, said.source, words, said.caption, *lists, taken, said.digest)
        if before[1:] == now:
            return False
        values = ", ".join(f"{name} = ?" for name in _SAID)
        db.execute(f"update picture set {values} where id = ?", (*now, id_))
        db.execute("delete from spoken where rowid = ?", (number,))
        seen = searched(f"{before[0]} {described(db, id_)}")
        row = (number, *said.searched, seen)
        db.execute("insert into spoken (rowid, path, caption, label, tag, seen) values (?, ?, ?, ?, ?, ?)", row)
        db.execute("delete from mark where picture = ?", (id_,))
        return True

    def _leave(self, db: sqlite3.Connection, id_: str, number: int) -> None:
        db.execute("delete from spoken where rowid = ?", (number,))
        db.execute("delete from vector where picture = ?", (id_,))
        db.execute("delete from picture where id = ?", (id_,))
        db.execute("update mark set leaving = 1 where picture = ?", (id_,))
        db.execute("insert or replace into mark values (?, ?, 1)", (self._store, id_))


def _place(row: Sequence[Any]) -> Place:
    path, root, source, mtime_ns, labels, tags, caption = row
    return Place(path, root, source, mtime_ns, Note(tuple(json.loads(labels)), tuple(json.loads(tags)), caption))
