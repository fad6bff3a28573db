"""Ledger: the truth of the picture library, to read: pictures, their files, words and vectors, in one SQLite file.

Indices are derived from it: what is lost there is written again from here, and nothing is embedded anew for that.
What is written into it, retrievers/ingest/ writes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.colours import Array
from core.errors import NotFound
from retrievers.base import Metadata
from retrievers.ledger_file import LedgerDamaged, LedgerFile
from retrievers.ledger_tables import ORIGINS
from retrievers.picture import Match, Picture, Problem
from retrievers.vocabulary import Stems, expression, query_words

COLUMNS = (
    "id, name, source, words, caption, labels, tags, width, height, bytes, taken, near, colours, medium, added, seen"
)
PAGE = 1_000  # rows that are read at a time where all are


class UnknownPicture(NotFound):
    def __init__(self, picture: str) -> None:
        super().__init__(
            f"the library has no picture {picture[:80]!r}", "ids are listed with the pictures", picture=picture[:80]
        )


class Ledger:
    """The picture library as it stands. Thread-safe, also while another process writes to it.

    Raises `LedgerDamaged`, `LedgerNewer`, and with `read_only` nothing for a library that is not there yet: it is
    empty.
    """

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.file = LedgerFile(path, read_only)
        self._stems = Stems()

    def close(self) -> None:
        self.file.close()

    @property
    def revision(self) -> int:
        """A number that grows with every change of what can be found, by whichever process."""
        return self._number("select value from state where key = 'revision'")

    def count(self) -> int:
        return self._number("select count(*) from picture")

    def get(self, id: str) -> Picture:
        """The picture of that id; raises `UnknownPicture`."""
        found = self.many([id])
        if id not in found:
            raise UnknownPicture(id)
        return found[id]

    def many(self, ids: Sequence[str]) -> dict[str, Picture]:
        """Those of the ids that are there, in their order."""
        found = {picture.id: picture for picture in self._pictures("p.id in (select value from json_each(?))", ids)}
        return {id_: found[id_] for id_ in ids if id_ in found}

    def page(self, offset: int, limit: int, newest_first: bool = True) -> list[Picture]:
        """Pictures in the order in which they came into the library, at most `limit` of them."""
        order = "desc" if newest_first else "asc"
        query = f"select id from picture order by added {order}, id {order} limit ? offset ?"
        with self.file.reading() as db:
            ids = [row[0] for row in db.execute(query, (max(0, limit), max(0, offset)))]
        return list(self.many(ids).values())

    def match(self, text: str, most: int) -> list[Match]:
        """The `most` pictures whose words share most with a text, best first; none for a text without such words.

        Okapi BM25 as FTS5 computes it, over any of the text's words; words that pixels say count half.
        """
        words = query_words(text)
        if not words or most < 1:
            return []
        query = (
            f"select p.id, -spoken.rank, {', '.join(f'spoken.{origin}' for origin in ORIGINS)}"
            " from spoken join picture p on p.number = spoken.rowid where spoken match ? order by spoken.rank limit ?"
        )
        with self.file.reading() as db:
            rows = db.execute(query, (expression(words), min(most, 2**31))).fetchall()
        stems = dict(zip(words, self._stems.of(words), strict=True))
        matches = [self._match(stems, *row) for row in rows]
        return sorted(matches, key=lambda match: (-match.score, match.id))

    def _match(self, stems: dict[str, str], id: str, score: float, *texts: str) -> Match:
        said = set(self._stems.of(" ".join(texts[:-1]).split()))
        seen = set(self._stems.of(texts[-1].split()))
        words = tuple(word for word, stem in stems.items() if stem in said or stem in seen)
        return Match(id, max(score, 1e-9), words, tuple(word for word in words if stems[word] not in said))

    def frequencies(self, text: str) -> dict[str, int]:
        """The words of a text that are looked for, with the number of pictures that have each."""
        words = query_words(text)
        found: dict[str, int] = {}
        with self.file.reading() as db:
            for word, stem in zip(words, self._stems.of(words), strict=True):
                row = db.execute("select doc from vocabulary where term = ?", (stem,)).fetchone()
                found[word] = 0 if row is None else int(row[0])
        return found

    def vectors(self, model: str) -> Iterator[tuple[list[str], Array, list[Metadata]]]:
        """Ids, float32 unit vectors of shape (n, dimension) and metadata, in batches by id, to fill an index from."""
        last = ""
        query = (
            "select p.id, v.data from picture p join vector v on v.picture = p.id and v.model = ?"
            " and v.digest in ('', p.digest) where p.id > ? group by p.id order by p.id limit ?"
        )
        while True:
            with self.file.reading() as db:
                rows = db.execute(query, (model, last, PAGE)).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            pictures = self.many([row[0] for row in rows])
            kept = [(id_, data) for id_, data in rows if id_ in pictures and len(data) == len(rows[0][1])]
            if kept:
                matrix = np.frombuffer(b"".join(data for _, data in kept), np.float32).reshape(len(kept), -1)
                yield [id_ for id_, _ in kept], matrix, [pictures[id_].row() for id_, _ in kept]

    def problems(self) -> list[Problem]:
        """The files that could not be taken in, with the reason."""
        query = "select path, error from file where error is not null order by path"
        with self.file.reading() as db:
            return [Problem(shown(path), self._told(error)) for path, error in db.execute(query)]

    def words_of(self, id: str) -> dict[str, str]:
        """The words under which a picture is found, by where they come from; raises `UnknownPicture`."""
        query = f"select {', '.join(ORIGINS)} from spoken where rowid = (select number from picture where id = ?)"
        with self.file.reading() as db:
            found = db.execute(query, (id,)).fetchone()
        if found is None:
            raise UnknownPicture(id)
        return {origin: words for origin, words in zip(ORIGINS, found, strict=True) if words}

    def _number(self, query: str) -> int:
        with self.file.reading() as db:
            return int(db.execute(query).fetchone()[0])

    def _pictures(self, where: str, ids: Iterable[str]) -> list[Picture]:
        wanted = json.dumps(list(ids))
        files = f"select f.picture, f.path from file f where {where.replace('p.id', 'f.picture')} order by f.path"
        paths: dict[str, list[Path]] = {}
        with self.file.reading() as db:
            for id_, path in db.execute(files, (wanted,)):
                paths.setdefault(id_, []).append(Path(os.fsdecode(path)))
            rows = db.execute(f"select {COLUMNS} from picture p where {where}", (wanted,)).fetchall()
        return [self._picture(row, tuple(paths.get(row[0], ()))) for row in rows]

    def _picture(self, row: Sequence[Any], paths: tuple[Path, ...]) -> Picture:
        id_, name, source, words, caption, labels, tags, *size, taken, near, colours, medium, added, seen = row
        lists = (tuple(self._told(labels)), tuple(self._told(tags)))
        width, height, length = size
        known = (id_, name, paths, source, words, caption, *lists, width, height, length, taken, near)
        return Picture(*known, self._told(colours), medium, added, seen)

    def _told(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise LedgerDamaged(str(self.file.path), f"a row of it: {error}") from error


def shown(path: bytes) -> str:
    """A path as it may be shown: what is no text in it is replaced."""
    return path.decode("utf-8", "replace")
