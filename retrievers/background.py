"""Background: what scores of a library mean. A cosine of 0.4 is much for one model and one library, little for others.

Words. Everyday queries that have nothing to do with each other (probes.txt) are asked of the library. Few libraries
hold more than half of what they ask for, so the lower half of their best scores shows how well a query does that finds
nothing: its median and its spread downwards are those of a normal distribution. What stands CLEAR spreads above it is
as likely a match as an accident.

Pictures. What is as near to its nearest picture as the pictures of the library are to theirs belongs there. Only one in
OUTSIDERS of them is farther away; what is as far as that belongs there or not with even odds.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol

import numpy as np

from core.colours import Array
from core.files import write_whole
from retrievers.base import Index, PictureEmbeddings, Vector
from retrievers.likeness import likest

log = logging.getLogger("atelier")

PROBES = Path(__file__).with_name("probes.txt")
CLEAR = 2.3  # spreads; 1 of 100 queries that find nothing gets there
STEP = 1.5  # spreads more, and the odds are 9 to 1
LEAST = 0.02  # spread of scores; of a library of one picture it would be 0
OUTSIDERS = 12
SLACK = 0.25  # steps; pictures come in series, and the nearest of a series is nearer than a new one can be
GROWTH = 1.1  # times the pictures, after which a library is measured anew
DRAWN = 128  # pictures whose nearest are looked for
NEIGHBOURS = 20  # among which the nearest by its looks is looked for


@dataclass(frozen=True)
class Level:
    """The score of even odds that a hit is no accident, and how much more makes them 9 to 1."""

    even: float
    step: float

    def confidences(self, scores: Array) -> Array:
        """The probabilities that hits of these scores are no accident; 0.5 and above are good matches."""
        odds = np.clip((scores - self.even) / self.step, -20, 20)
        return np.asarray(1 / (1 + 9.0**-odds), np.float32)


class Levels(NamedTuple):
    words: Level  # of words that look for pictures
    pictures: Level  # of a picture that does, by looks alone
    likes: Level  # of a picture of the library, with the words known of it


class _Embeddings(Protocol):
    dimension: int

    def embed_documents(self, texts: list[str]) -> list[Vector]: ...


class Probes:
    """The vectors of everyday queries by one model; kept in the file `cache`, since every library has the same."""

    def __init__(self, embeddings: _Embeddings, cache: Path | None = None) -> None:
        self._embeddings, self._cache = embeddings, cache
        self._known: Array | None = None

    def vectors(self) -> Array:
        """Of shape (queries, dimension)."""
        texts = [line for line in PROBES.read_text(encoding="utf-8").splitlines() if line.strip()]
        if self._known is None:
            self._known = self._read((len(texts), self._embeddings.dimension))
        if self._known is None:
            self._known = np.array(self._embeddings.embed_documents(texts), np.float32)
            self._keep(self._known)
        return self._known

    def _read(self, shape: tuple[int, int]) -> Array | None:
        try:
            kept = None if self._cache is None else np.load(self._cache, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        if kept is None or kept.shape != shape:
            return None
        return np.asarray(kept, np.float32) if np.isfinite(kept).all() else None

    def _keep(self, vectors: Array) -> None:
        if self._cache is None:
            return
        try:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            file = io.BytesIO()
            np.save(file, vectors)
            write_whole(self._cache, file.getvalue())
        except OSError as error:  # a full disk; they are made anew at the next start
            log.debug("%s is not kept (%s)", self._cache, error)


class Background:
    """The levels of one index. Thread-safe; measured at first need, and again when the library has grown or shrunk."""

    def __init__(self, index: Index, embeddings: PictureEmbeddings, cache: Path | None = None) -> None:
        self._index, self._embeddings = index, embeddings
        self._lock, self._probes = Lock(), Probes(embeddings, cache)
        self._levels: Levels | None = None
        self._count = 0  # of pictures when they were measured

    def levels(self) -> Levels:
        """Of the library as it is now."""
        count = self._index.count()
        with self._lock:
            if self._levels is None or not self._count / GROWTH <= count <= self._count * GROWTH:
                self._levels, self._count = self._measured(), count
            return self._levels

    def _measured(self) -> Levels:
        best = [hits[0].score for vector in self._probes.vectors() if (hits := self._index.query(vector, 1))]
        drawn = self._index.sample(DRAWN)
        seen = [likest(look, NEIGHBOURS, self._index, self._embeddings) for look in self._embeddings.looks(drawn)]
        known = [self._index.query(vector, 2) for vector in drawn]
        return Levels(
            level_of_words(best),
            _of_pictures([found[1][1] for found in seen if len(found) > 1]),
            _of_pictures([hits[1].score for hits in known if len(hits) > 1]),
        )


def _of_pictures(nearest: Sequence[float]) -> Level:
    """From the scores of the picture that is nearest to each that was drawn, but for itself."""
    if not nearest:
        return Level(0.5, 0.5)
    even, usual = np.quantile(nearest, (1 / OUTSIDERS, 0.5))
    step = max(LEAST, float(usual - even))
    return Level(float(even) - SLACK * step, step)


def level_of_words(scores: Sequence[float]) -> Level:
    """From the normal distribution whose lower half these scores have; what is above may be true matches."""
    if not scores:
        return Level(0.5, 0.5)
    middle = float(np.median(scores))
    spread = max(LEAST, middle - float(np.quantile(scores, 0.1587)))
    return Level(middle + CLEAR * spread, STEP * spread)
