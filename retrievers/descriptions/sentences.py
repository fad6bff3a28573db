"""Sentences: the descriptions of the library, sentence by sentence, as they are searched: by meaning, in FAISS.

A picture is as near as its nearest sentence, which also says why. Beside the sentences of its description a picture
has one of the words that its names, captions and tags give it, marked as such.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np

from retrievers.background import GROWTH, Level, Probes, level_of_words
from retrievers.base import Hit, Index, Metadata, TextEmbeddings, Vector
from retrievers.descriptions.archive import CURRENT, Archive, KeptDescription
from retrievers.ingest.report import Tell
from retrievers.ingest.said import digest_of
from retrievers.ledger import Ledger
from retrievers.where import Condition

TOGETHER = 256  # pictures whose sentences are embedded and written together
WIDER, WIDEST = 4, 16  # rows for each picture that is looked for, at first and at most; a description has some six
NAMED = "w"  # in the id of the row of the words that others gave a picture
_FITS = "m.engine = c.engine and m.made = c.made and m.digest = p.digest"


@dataclass(frozen=True)
class SentenceHit:
    """A picture by its nearest sentence."""

    picture: str
    score: float  # cosine
    part: str  # which sentence: its number, or NAMED
    made: str  # when the description was that has it

    def of(self, described: KeptDescription | None) -> str | None:
        """What that sentence says; None where it is the words that others gave, or the description has changed."""
        if self.part == NAMED or described is None or repr(described.made) != self.made:
            return None
        return described.sentences[int(self.part)]


class Embedded(NamedTuple):
    """What an update of the index wrote."""

    pictures: int
    sentences: int


class _Lacking(NamedTuple):
    picture: str
    words: str
    digest: str
    made: float


class Sentences:
    """Over one index; `store` is the name under which the ledger remembers what it has. Thread-safe."""

    def __init__(
        self,
        ledger: Ledger,
        index: Index,
        embeddings: TextEmbeddings,
        store: str,
        probes: Path | None = None,
        kind: str = "Flat",  # of the index
    ) -> None:
        self.kind = kind
        self.archive, self.index, self.embeddings = Archive(ledger), index, embeddings
        self._file, self._store = ledger.file, store
        self._writing, self._measuring = Lock(), Lock()
        self._probes = Probes(embeddings, probes)
        self._level: tuple[int, Level] | None = None  # and how many rows there were

    def embed(self, tell: Tell | None = None) -> Embedded:
        """Write what the index lacks and delete what it has too much. Raises what `tell` raises; what is done until
        then stays done."""
        with self._writing:
            self._take_back()
            if self.index.count() != self._marked():
                self._compare()
            lacking = self._lacking()
            sentences = 0
            for start in range(0, len(lacking), TOGETHER):
                part = lacking[start : start + TOGETHER]
                sentences += self._write(part)
                if tell is not None:
                    tell(start + len(part), len(lacking), part[-1].picture)
            return Embedded(len(lacking), sentences)

    def search(
        self,
        text: str,
        depth: int,
        keep: Callable[[Sequence[str]], Iterable[str]],
        among: Sequence[str] | None = None,
    ) -> list[SentenceHit]:
        """The `depth` pictures whose sentences are nearest to a text, best first, of those that `keep` lets through;
        `among`: all of those, where they are few."""
        count = self.index.count()
        if not count:
            return []
        vector = self.embeddings.embed_query(text)
        if among is not None:
            where = (Condition("picture", "in", tuple(among)),)
            allowed = self.index.count(where) if among else 0
            return _best(self.index.query(vector, allowed, where))[:depth] if allowed else []
        rows, most = min(count, WIDER * depth), min(count, WIDEST * depth)
        while True:
            best = {hit.picture: hit for hit in _best(self.index.query(vector, rows))}
            kept = [best[id_] for id_ in keep(list(best))]
            if len(kept) >= depth or rows == most:
                return kept[:depth]
            rows = min(most, 2 * rows)

    def level(self) -> Level:
        """What scores mean: measured by everyday queries, as for pictures (retrievers/background.py)."""
        count = self.index.count()
        with self._measuring:
            if self._level is None or not self._level[0] / GROWTH <= count <= self._level[0] * GROWTH:
                best = [hits[0].score for vector in self._probes.vectors() if (hits := self.index.query(vector, 1))]
                self._level = count, level_of_words(best)
            return self._level[1]

    def _write(self, lacking: Sequence[_Lacking]) -> int:
        described = self.archive.of([one.picture for one in lacking])
        rows = {one.picture: _rows(described[one.picture], one) for one in lacking if one.picture in described}
        texts = list(dict.fromkeys(text for told in rows.values() for text in told.values()))
        vectors = dict(zip(texts, self._embed(texts), strict=True))
        ids = [id_ for told in rows.values() for id_ in told]
        said = [text for told in rows.values() for text in told.values()]
        self.index.delete(self._held([one.picture for one in lacking]))
        made = {one.picture: one.made for one in lacking}
        metadata: list[Metadata] = [
            {"picture": picture, "made": repr(made[picture])} for picture, told in rows.items() for _ in told
        ]
        if ids:
            self.index.upsert(ids, np.array([vectors[text] for text in said], np.float32), said, metadata)
        marks = [
            (self._store, one.picture, described[one.picture].engine, one.made, one.digest, len(rows[one.picture]))
            for one in lacking
            if one.picture in rows
        ]
        with self._file.writing() as db:
            db.executemany("insert or replace into spoken_for values (?, ?, ?, ?, ?, ?)", marks)
        return len(ids)

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        cores = os.cpu_count() or 1
        if len(texts) < cores:
            return self.embeddings.embed_documents(list(texts))
        with ThreadPoolExecutor(cores, "sentences") as pool:
            return list(pool.map(self.embeddings.embed_query, texts))

    def _lacking(self) -> list[_Lacking]:
        query = (
            f"select p.id, p.words, p.digest, c.made from picture p join ({CURRENT}) c on c.picture = p.id"
            f" where not exists (select 1 from spoken_for m where m.store = ? and m.picture = p.id and {_FITS})"
            " order by p.number"
        )
        with self._file.reading() as db:
            return [_Lacking(*row) for row in db.execute(query, (self._store,))]

    def _take_back(self) -> None:
        """Delete the rows of pictures that have left, or lost their description."""
        query = (
            "select m.picture from spoken_for m where m.store = ? and not exists (select 1 from picture p join"
            " description d on d.picture = p.id where p.id = m.picture)"
        )
        with self._file.reading() as db:
            gone = [row[0] for row in db.execute(query, (self._store,))]
        if gone:
            self.index.delete(self._held(gone))
            self._unmark(gone)

    def _held(self, pictures: Sequence[str]) -> list[str]:
        """The ids of all rows that these pictures may have."""
        query = "select picture, sentences from spoken_for where store = ? and picture = ?"
        with self._file.reading() as db:
            found = [db.execute(query, (self._store, picture)).fetchone() for picture in pictures]
        return [f"{row[0]}.{part}" for row in found if row for part in (*range(row[1]), NAMED)]

    def _compare(self) -> None:
        """An index that was made anew, or lost its last moments: what is not whole there is written again."""
        present: dict[str, list[str]] = {}
        for id_ in self.index.rows():
            present.setdefault(id_.partition(".")[0], []).append(id_)
        with self._file.reading() as db:
            marked = dict(
                db.execute("select picture, sentences from spoken_for where store = ?", (self._store,)).fetchall()
            )
        broken = {picture for picture, rows in present.items() if len(rows) != marked.get(picture)}
        self.index.delete([id_ for picture in sorted(broken) for id_ in present[picture]])
        self._unmark(sorted(broken | (marked.keys() - present.keys())))

    def _unmark(self, pictures: Sequence[str]) -> None:
        with self._file.writing() as db:
            rows = [(self._store, picture) for picture in pictures]
            db.executemany("delete from spoken_for where store = ? and picture = ?", rows)

    def _marked(self) -> int:
        query = "select coalesce(sum(sentences), 0) from spoken_for where store = ?"
        with self._file.reading() as db:
            return int(db.execute(query, (self._store,)).fetchone()[0])


def _best(hits: Iterable[Hit]) -> list[SentenceHit]:
    """The nearest sentence of each picture, in their order."""
    best: dict[str, SentenceHit] = {}
    for hit in hits:
        picture, _, part = hit.id.partition(".")
        if picture not in best:
            best[picture] = SentenceHit(picture, hit.score, part, str(hit.metadata.get("made")))
    return list(best.values())


def _rows(described: KeptDescription, lacking: _Lacking) -> dict[str, str]:
    """The texts of a picture by the ids of their rows."""
    told = {f"{lacking.picture}.{number}": sentence for number, sentence in enumerate(described.sentences)}
    if lacking.digest != digest_of(""):  # else its words are only those that pixels say
        told[f"{lacking.picture}.{NAMED}"] = lacking.words
    return told
