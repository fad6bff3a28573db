"""Pictures: the picture library as it is searched, by words, by a picture, by both, without what is not wanted.

    query ─┬ words ──┬ picture ── vectors near to the words' ────────┐
           │         └ words ──── words known of the pictures, BM25 ─┼─ reciprocal ranks ─ confidence ─ groups ─ page
           └ picture ─ likeness ─ vectors near to the picture's ─────┘

Each channel ranks the library by itself (channels.py); what is high in several of them comes first (fusion.py). How
sure a hit is judgement.py says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from core.colours import Array
from core.errors import NotFound, StoreError
from retrievers.background import Background, Levels
from retrievers.base import Index, PictureEmbeddings
from retrievers.channels import Asked, ask, by_likeness, by_picture, by_words
from retrievers.found import FoundPicture, FoundPictures, grouped
from retrievers.fusion import fuse
from retrievers.judgement import Judgement
from retrievers.ledger import Ledger
from retrievers.picture import SHARE
from retrievers.query import Query
from retrievers.vocabulary import query_words
from retrievers.where import Condition

DEEPER = 4  # times as deep each channel is asked where its first places do not fill a page
CLOSEST = 3  # pictures that are named where there is no good match


class NoPictures(NotFound):
    def __init__(self) -> None:
        super().__init__("the picture library is empty", "take pictures into it first")


class NoVectors(StoreError):
    """All pictures were taken in by another embedding model."""

    def __init__(self, pictures: int, model: str) -> None:
        super().__init__(
            f"none of the library's {pictures:,} pictures has a vector of the embedding model {model}",
            "embed them anew, or set EMBEDDING_MODEL as it was when they were taken in",
            pictures=pictures,
            model=model,
        )


class _Candidate(NamedTuple):
    """A picture that may be a hit, as it was judged where it was found first."""

    id: str
    score: float
    confidence: float
    vector: Array
    judgement: Judgement


class PictureLibrary:
    """Thread-safe."""

    def __init__(
        self,
        ledger: Ledger,
        index: Index,
        embeddings: PictureEmbeddings,
        background: Background,
        max_chars: int = 10_000,  # of a query
    ) -> None:
        self.ledger, self.index, self.embeddings = ledger, index, embeddings
        self.background, self._max_chars = background, max_chars

    def search(self, query: Query) -> FoundPictures:
        """Raises `BadValue`, `NoPictures`, `NoVectors`, and `UnknownPicture` where `like` is none."""
        query.check(self._max_chars)
        count = self.index.count()
        if not count:
            held = self.ledger.count()
            raise NoVectors(held, self.embeddings.identity) if held else NoPictures
        asked = ask(query, self.ledger, self.index, self.embeddings)
        total = self.index.count(asked.where) if asked.where else count
        levels = self.background.levels()
        order, more = self._candidates(asked, levels)
        while more and not order:  # all of these are what is not wanted
            asked = replace(asked, depth=DEEPER * asked.depth)
            order, more = self._candidates(asked, levels)
        if max((one.confidence for one in order), default=-1.0) < query.min_confidence:
            nearest = sorted(order, key=lambda one: -one.confidence)[:CLOSEST]
            closest = self._page(nearest, CLOSEST, False)
            return FoundPictures((), True, tuple(closest), total, () if total else ("no picture meets the filters",))
        reach = query.offset + query.k
        hits = self._page(order, reach, query.group)
        while more and len(hits) < reach:  # what is found deeper follows, so that every page has the same order
            asked = replace(asked, depth=DEEPER * asked.depth)
            found, more = self._candidates(asked, levels)
            known = {one.id for one in order}
            order += [one for one in found if one.id not in known]
            hits = self._page(order, reach, query.group)
        return FoundPictures(tuple(hits[query.offset :]), False, (), total, self._notes(count))

    def _candidates(self, asked: Asked, levels: Levels) -> tuple[list[_Candidate], bool]:
        """What the channels find as deep as is asked, best first, and whether there may be more below."""
        words, matches = by_words(asked, self.ledger, self.index)
        lists = [each for each in (by_picture(asked, self.index), by_likeness(asked, self.index), words) if each]
        fused = dict(fuse((ranked.weight, ranked.places()) for ranked in lists))
        ids = self.index.keep(list(fused), ())  # others have left meanwhile
        vectors = self.index.vectors(ids)
        judgement = Judgement(asked, levels, ids, vectors, lists, matches, self._coloured(asked, ids))
        scores = [fused[id_] * sure for id_, sure in zip(ids, judgement.fits.tolist(), strict=True)]
        sure = judgement.confidences.tolist()
        order = [
            _Candidate(ids[number], scores[number], sure[number], vectors[number], judgement)
            for number in np.flatnonzero(self._wanted(asked, ids, vectors, levels))
        ]
        order.sort(key=lambda one: (-one.score, one.id))
        return order, any(len(ranked.ids) >= asked.depth for ranked in lists)

    def _page(self, order: Sequence[_Candidate], most: int, group: bool) -> list[FoundPicture]:
        """The first `most` hits; no more of the ledger is read than that takes."""
        reach = most
        while True:
            part = order[: 2 * reach if group else reach]
            pictures = self.ledger.many([one.id for one in part])
            found = [one.judgement.hit(pictures[one.id], one.score) for one in part if one.id in pictures]
            if group and part:
                looks = self.embeddings.looks(np.stack([one.vector for one in part]))
                found = grouped(found, dict(zip([one.id for one in part], looks, strict=True)))
            if len(found) >= most or len(part) == len(order):
                return found[:most]
            reach *= 2

    def _wanted(self, asked: Asked, ids: Sequence[str], vectors: np.ndarray, levels: Levels) -> np.ndarray:
        """Which of them are not the one that they are to be like, and do not show for sure what is not wanted; (n,)."""
        others = np.array([id_ != asked.query.like for id_ in ids], bool)
        if asked.negative is None:
            return others
        words = len(query_words(asked.query.negative))
        matches = self.ledger.match(asked.query.negative, self.ledger.count())
        named = {match.id for match in matches if len(match.words) == words}
        even = levels.words.even
        best = max((hit.score for hit in self.index.query(asked.negative, 1)), default=even)
        shown = vectors @ asked.negative
        looks = shown >= max(even, (even + best) / 2)  # among clothes, all are a little like a dress
        if asked.text is not None and self.embeddings.reads_words:  # its vector says what it is called
            looks &= shown >= vectors @ asked.text
        unnamed = np.array([id_ not in named for id_ in ids], bool)
        return np.asarray(others & unnamed & ~looks)

    def _coloured(self, asked: Asked, ids: Sequence[str]) -> Array:
        """The share of the colours that the words name which each picture shows, (n,); 1 where they name none."""
        if not asked.colours:
            return np.ones(len(ids), np.float32)
        shown = [set(self.index.keep(ids, (Condition(f"colour:{term}", ">=", SHARE),))) for term in asked.colours]
        return np.array([sum(id_ in those for those in shown) / len(shown) for id_ in ids], np.float32)

    def _notes(self, count: int) -> tuple[str, ...]:
        lacking = self.ledger.count() - count
        if lacking <= 0:
            return ()
        return (f"{lacking:,} pictures have no vector of this embedding model yet, and cannot be found by their looks",)
