"""Pictures: the picture library as it is searched, by words, by a picture, by both, without what is not wanted.

    query ─┬ words ──┬ picture ── vectors near to the words' ────────┐
           │         └ words ──── words known of the pictures, BM25 ─┼─ reciprocal ranks ─ confidence ─ groups ─ page
           └ picture ─ likeness ─ pictures that look like it ────────┘

Each channel ranks the library by itself (channels.py); what is high in several of them comes first (fusion.py). How
sure a hit is judgement.py says.
"""

from __future__ import annotations

from collections.abc import Sequence

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
from retrievers.likeness import present
from retrievers.picture import SHARE
from retrievers.query import GOOD, Query
from retrievers.vocabulary import query_words
from retrievers.where import Condition

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
        """Raises `BadValue`, `NoPictures`, `NoVectors`, and where `like` is none, or has no vector, `UnknownPicture`
        and `NoVector`."""
        query.check(self._max_chars)
        count = self.index.count()
        if not count:
            held = self.ledger.count()
            raise NoVectors(held, self.embeddings.identity) if held else NoPictures
        asked = ask(query, self.ledger, self.index, self.embeddings)
        total = self.index.count(asked.where) if asked.where else count
        words, matches = by_words(asked, self.ledger, self.index)
        lists = [
            each
            for each in (by_picture(asked, self.index), by_likeness(asked, self.index, self.embeddings), words)
            if each
        ]
        fused = fuse((ranked.weight, ranked.places()) for ranked in lists)
        ids, vectors = present(self.index, [id_ for id_, _ in fused])  # others have left meanwhile
        levels = self.background.levels()
        compared = vectors if query.image is None else self.embeddings.looks(vectors)
        judgement = Judgement(asked, levels, ids, vectors, compared, lists, matches, self._coloured(asked.colours, ids))
        wanted = self._wanted(asked, ids, vectors, levels)
        agreed = dict(fused)
        scores = {id_: agreed[id_] * sure for id_, sure in zip(ids, judgement.fits.tolist(), strict=True)}
        order = [(ids[number], scores[ids[number]], vectors[number]) for number in np.flatnonzero(wanted)]
        order.sort(key=lambda one: (-one[1], one[0]))
        best = float(judgement.confidences[wanted].max(initial=0.0))
        if best < query.min_confidence or not order:
            nearest = np.argsort(-judgement.confidences, kind="stable")
            first = [number for number in nearest if wanted[number]][:CLOSEST]
            closest = self._page([(ids[n], scores[ids[n]], vectors[n]) for n in first], judgement, 0, CLOSEST, False)
            nothing = () if total else ("no picture meets the filters",)
            return FoundPictures((), True, tuple(closest), total, (*nothing, *self._notes(count)))
        hits = self._page(order, judgement, query.offset, query.k, query.group)
        return FoundPictures(tuple(hits), False, (), total, self._notes(count))

    def _page(
        self,
        order: Sequence[tuple[str, float, np.ndarray]],
        judgement: Judgement,
        offset: int,
        k: int,
        group: bool,
    ) -> list[FoundPicture]:
        """Hits from `offset` on, `k` of them; no more of the ledger is read than that takes."""
        reach = offset + k
        while True:
            part = order[: 2 * reach if group else reach]
            pictures = self.ledger.many([id_ for id_, _, _ in part])
            found = [judgement.hit(pictures[id_], score) for id_, score, _ in part if id_ in pictures]
            if group:
                looks = self.embeddings.looks(np.stack([vector for _, _, vector in part]))
                found = grouped(found, dict(zip([id_ for id_, _, _ in part], looks, strict=True)))
            if len(found) >= offset + k or len(part) == len(order):
                return found[offset : offset + k]
            reach *= 2

    def _wanted(self, asked: Asked, ids: Sequence[str], vectors: np.ndarray, levels: Levels) -> np.ndarray:
        """Which of them are not the one that they are to be like, and do not show for sure what is not wanted; (n,)."""
        others = np.array([id_ != asked.query.like for id_ in ids], bool)
        if asked.negative is None:
            return others
        words = len(query_words(asked.query.negative))
        matches = self.ledger.match(asked.query.negative, self.ledger.count())
        named = {match.id for match in matches if len(match.words) == words}
        looks = levels.words.confidences(vectors @ asked.negative) >= GOOD
        if asked.negative_bare is not None:  # as for what is looked for: a blue kite is no `red kite`
            looks &= levels.words.confidences(vectors @ asked.negative_bare) >= GOOD
            looks &= self._coloured(asked.negative_colours, ids) == 1
        unnamed = np.array([id_ not in named for id_ in ids], bool)
        return np.asarray(others & unnamed & ~looks)

    def _coloured(self, colours: Sequence[str], ids: Sequence[str]) -> Array:
        """The share of these colours that each picture shows, (n,); 1 where there are none."""
        if not colours:
            return np.ones(len(ids), np.float32)
        shown = [set(self.index.keep(ids, (Condition(f"colour:{term}", ">=", SHARE),))) for term in colours]
        return np.array([sum(id_ in those for those in shown) / len(shown) for id_ in ids], np.float32)

    def _notes(self, count: int) -> tuple[str, ...]:
        held = self.ledger.count()
        if held <= count:
            return ()
        return (f"{held - count:,} of {held:,} pictures cannot be found yet: no vector of this embedding model",)
