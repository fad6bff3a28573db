"""Background: what scores of a library mean. A cosine of 0.4 is much for one model and one library, little for others.

Everyday queries that have nothing to do with each other (probes.txt) are asked of the library. Few libraries hold more
than half of what they ask for, so the lower half of their best scores shows how well a query does that finds nothing:
its median and its spread downwards are those of a normal distribution. A hit is judged by where it stands above that,
in standard deviations: CLEAR of them are even odds that it is no accident.

Pictures that look for pictures are judged in the same way, against pairs of pictures drawn from the library.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from core.colours import Array
from core.files import write_whole
from retrievers.base import Index, PictureEmbeddings

log = logging.getLogger("atelier")

PROBES = Path(__file__).with_name("probes.txt")
CLEAR = 2.3  # standard deviations; 1 of 100 queries that find nothing gets there
STEEPNESS = 1.5  # of the odds, per standard deviation: 0.9 at CLEAR + 1.5
LEAST = 0.02  # standard deviation of scores; of a library of one picture it would be 0
GROWTH = 1.1  # times the pictures, after which a library is measured anew
PAIRS = 256  # pictures whose pairs are compared


@dataclass(frozen=True)
class Level:
    """Scores of what has nothing to do with a query."""

    middle: float
    spread: float

    def confidence(self, score: float) -> float:
        """How sure it is that a hit of this score is no accident, 0..1; 0.5 and above are good matches."""
        above = STEEPNESS * ((score - self.middle) / self.spread - CLEAR)
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, above))))


class Background:
    """The levels of one index. Thread-safe; measured at first need, and again when the library has grown or shrunk."""

    def __init__(self, index: Index, embeddings: PictureEmbeddings, cache: Path | None = None) -> None:
        self._index, self._embeddings = index, embeddings
        self._cache = cache  # a file for the vectors of the probes, which are the same for every library
        self._lock = Lock()
        self._probes: Array | None = None
        self._levels: tuple[int, Level, Level] | None = None

    @property
    def of_words(self) -> Level:
        return self._measured()[0]

    @property
    def of_pictures(self) -> Level:
        return self._measured()[1]

    def _measured(self) -> tuple[Level, Level]:
        count = self._index.count()
        with self._lock:
            if self._levels is None or not self._levels[0] / GROWTH <= count <= self._levels[0] * GROWTH:
                self._levels = count, self._words(), self._pictures()
            return self._levels[1:]

    def _words(self) -> Level:
        best = [hits[0].score for vector in self._vectors() if (hits := self._index.query(vector, 1))]
        return _lower_half(np.array(best, np.float32))

    def _pictures(self) -> Level:
        drawn = self._index.sample(PAIRS)
        return _lower_half((drawn @ drawn.T)[np.triu_indices(len(drawn), 1)])

    def _vectors(self) -> Array:
        if self._probes is None:
            self._probes = self._read()
        if self._probes is None:
            texts = [line for line in PROBES.read_text(encoding="utf-8").splitlines() if line.strip()]
            self._probes = np.array(self._embeddings.embed_documents(texts), np.float32)
            self._keep(self._probes)
        return self._probes

    def _read(self) -> Array | None:
        try:
            kept = None if self._cache is None else np.load(self._cache, allow_pickle=False)
        except (OSError, ValueError):
            return None
        if kept is None or kept.ndim != 2 or kept.shape[1] != self._embeddings.dimension:
            return None
        return np.asarray(kept, np.float32) if np.isfinite(kept).all() else None

    def _keep(self, vectors: Array) -> None:
        if self._cache is None:
            return
        try:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            part = self._cache.with_suffix(".tmp.npy")
            np.save(part, vectors)
            write_whole(self._cache, part.read_bytes())
            part.unlink()
        except OSError as error:  # a full disk; they are made anew at the next start
            log.debug("%s is not kept (%s)", self._cache, error)


def _lower_half(scores: Array) -> Level:
    """The normal distribution whose lower half these scores have; what is above may be true matches."""
    if not len(scores):
        return Level(0.0, 1.0)
    middle = float(np.median(scores))
    return Level(middle, max(LEAST, middle - float(np.quantile(scores, 0.1587))))
