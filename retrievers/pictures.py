"""Pictures: the picture library as it is searched, by words, by a picture, by both, without what is not wanted.

    query ─┬ words ──┬ picture ────── vectors near to the words' ──────┐
           │         ├ description ── sentences near to the words ─────┼─ reciprocal ranks ─ confidence ─ groups ─ page
           │         └ words ──────── known of the pictures, BM25 ─────┤
           └ picture ─ likeness ───── pictures that look like it ──────┘

Each channel ranks the library by itself (channels.py); what is high in several of them comes first (fusion.py). How
sure a hit is judgement.py says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from core.colours import Array
from core.errors import NotFound, StoreError
from retrievers.background import Background, Levels
from retrievers.base import Index, PictureEmbeddings
from retrievers.channels import DEPTHS, Asked, ask, by_description, by_likeness, by_picture, by_words
from retrievers.descriptions.archive import Archive
from retrievers.descriptions.sentences import Sentences
from retrievers.found import FoundPicture, FoundPictures, grouped
from retrievers.fusion import fuse
from retrievers.judgement import Judgement
from retrievers.ledger import Ledger
from retrievers.likeness import present
from retrievers.picture import SHARE
from retrievers.query import Query
from retrievers.vocabulary import query_words
from retrievers.where import Condition

UNLIKELY = 0.2  # of the confidence that the best hit must have; what has less is no hit at all
CLOSEST = 3  # pictures that are named where there is no good match


class NoPictures(NotFound):
    def __init__(self) -> None:
        super().__init__("the picture library is empty", "take pictures into it first")


class NoDescriptions(NotFound):
    def __init__(self) -> None:
        super().__init__("no picture of the library has a description", "have the pictures described first")


class NotSearchedHere(StoreError):
    def __init__(self) -> None:
        super().__init__(
            "descriptions are not searched by this process: another one owns them, or their index is damaged",
            "ask the process that owns DATA_DIR; a doctor's findings say whether the index is damaged",
        )


class NoVectors(StoreError):
    """All pictures were taken in by another embedding model."""

    def __init__(self, pictures: int, model: str) -> None:
        super().__init__(
            f"none of the library's {pictures:,} pictures has a vector of the embedding model {model}",
            "embed them anew, or set EMBEDDING_MODEL as it was when they were taken in",
            pictures=pictures,
            model=model,
        )


class Candidate(NamedTuple):
    """A picture that may be shown."""

    id: str
    score: float  # by which they are ordered
    confidence: float
    vector: Array
    judgement: Judgement  # which says more of it


class PictureLibrary:
    """Thread-safe."""

    def __init__(
        self,
        ledger: Ledger,
        index: Index,
        embeddings: PictureEmbeddings,
        background: Background,
        max_chars: int = 10_000,  # of a query
        sentences: Callable[[], Sentences | None] | None = None,  # of descriptions, where this process searches them
    ) -> None:
        self.ledger, self.index, self.embeddings = ledger, index, embeddings
        self.background, self._max_chars = background, max_chars
        self.archive, self._open_sentences = Archive(ledger), sentences

    @property
    def sentences(self) -> Sentences | None:
        """Those of the descriptions; None where there are none, or this process does not search them."""
        if self._open_sentences is None or not self.archive.any():
            return None
        return self._open_sentences()

    def search(self, query: Query) -> FoundPictures:
        """Raises `BadValue`, `NoPictures`, `NoVectors`, `NoDescriptions` where nothing else is searched, and where
        `like` is none, or has no vector, `UnknownPicture` and `NoVector`."""
        query.check(self._max_chars)
        count = self.index.count()
        if not count:
            held = self.ledger.count()
            raise NoVectors(held, self.embeddings.identity) if held else NoPictures
        if query.channels == ("description",) and query.text.strip() and self.sentences is None:
            raise NotSearchedHere if self.archive.any() else NoDescriptions
        asked = ask(query, self.ledger, self.index, self.embeddings)
        total = self.index.count(asked.where) if asked.where else count
        rounds = self._rounds(asked)
        order = next(filter(None, rounds), [])
        best = max((one.confidence for one in order), default=0.0)
        if best < query.min_confidence or not order:
            nearest = sorted(order, key=lambda one: -one.confidence)[:CLOSEST]
            closest = self._page(nearest, iter(()), 0, CLOSEST, False)
            nothing = () if total else ("no picture meets the filters",)
            return FoundPictures((), True, tuple(closest), total, (*nothing, *self._notes(count)))
        least = UNLIKELY * query.min_confidence
        likely = ([one for one in each if one.confidence >= least] for each in chain([order], rounds))
        hits = self._page(next(likely), likely, query.offset, query.k, query.group)
        return FoundPictures(tuple(hits), False, (), total, self._notes(count))

    def _rounds(self, asked: Asked) -> Iterator[list[Candidate]]:
        """What may be shown, the best first: what is high in any channel, then what is lower in all of them, each once.

        So one list has every page of a search, and a deeper look is taken for those alone that need it.
        """
        known = set[str]()
        for depth in DEPTHS:
            found, whole = self._round(replace(asked, depth=depth))
            yield [one for one in found if one.id not in known]
            if whole:
                return
            known |= {one.id for one in found}

    def _round(self, asked: Asked) -> tuple[list[Candidate], bool]:
        """What the channels find down to their depth, and whether that is all there is."""
        words, matches = by_words(asked, self.ledger, self.index)
        description, nearest, described = by_description(asked, self.index, self.sentences, self._coloured)
        by_look = (by_picture(asked, self.index), by_likeness(asked, self.index, self.embeddings))
        lists = [each for each in (*by_look, description, words) if each]
        agreed = dict(fuse((ranked.weight, ranked.places()) for ranked in lists))
        ids, vectors = present(self.index, list(agreed))  # others have left meanwhile
        levels = self.background.levels()
        compared = vectors if asked.query.image is None else self.embeddings.looks(vectors)
        coloured = self._coloured(asked.colours, ids)
        told = (lists, matches, coloured, nearest, described)
        judgement = Judgement(asked, levels, ids, vectors, compared, *told)
        judged = zip(ids, judgement.fits.tolist(), judgement.confidences.tolist(), vectors, strict=True)
        found = [Candidate(id_, agreed[id_] * fit, sure, vector, judgement) for id_, fit, sure, vector in judged]
        wanted = [found[number] for number in np.flatnonzero(self._wanted(asked, ids, vectors, levels))]
        wanted.sort(key=lambda one: (-one.score, one.id))
        return wanted, all(len(ranked.ids) < asked.depth for ranked in lists)

    def _page(
        self, order: list[Candidate], rounds: Iterator[list[Candidate]], offset: int, k: int, group: bool
    ) -> list[FoundPicture]:
        """Hits from `offset` on, `k` of them; no more of the ledger is read than that takes."""
        reach = 2 * (offset + k) if group else offset + k
        while True:
            while len(order) < reach and (more := next(rounds, None)) is not None:
                order = order + more
            part = order[:reach]
            pictures = self.ledger.many([one.id for one in part])
            described = self.archive.of(pictures)
            found = [
                one.judgement.hit(pictures[one.id], one.score, described.get(one.id))
                for one in part
                if one.id in pictures
            ]
            if group and part:
                looks = self.embeddings.looks(np.stack([one.vector for one in part]))
                found = grouped(found, dict(zip([one.id for one in part], looks, strict=True)))
            if len(found) >= offset + k or len(order) < reach:
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
        shown = vectors @ asked.negative
        looks = shown >= self._clearly(asked.negative, levels)
        if asked.text is not None and self.embeddings.reads_words:  # its vector says what it is called
            looks &= shown >= vectors @ asked.text
        if asked.negative_bare is not None:  # as for what is looked for: a blue kite is no `red kite`
            looks &= vectors @ asked.negative_bare >= self._clearly(asked.negative_bare, levels)
            looks &= self._coloured(asked.negative_colours, ids) == 1
        unnamed = np.array([id_ not in named for id_ in ids], bool)
        return np.asarray(others & unnamed & ~looks)

    def _clearly(self, vector: Array, levels: Levels) -> float:
        """The score from which a picture shows what is not wanted: half-way from even odds to the best that there is,
        since among clothes all are a little like a dress."""
        even = levels.words.even
        best = max((hit.score for hit in self.index.query(vector, 1)), default=even)
        return max(even, (even + best) / 2)

    def _coloured(self, colours: Sequence[str], ids: Sequence[str]) -> Array:
        """The share of these colours that each picture shows, (n,); 1 where there are none."""
        if not colours:
            return np.ones(len(ids), np.float32)
        shown = [set(self.index.keep(ids, (Condition(f"colour:{term}", ">=", SHARE),))) for term in colours]
        return np.array([sum(id_ in those for those in shown) / len(shown) for id_ in ids], np.float32)

    def _notes(self, count: int) -> tuple[str, ...]:
        held, notes = self.ledger.count(), list[str]()
        if held > count:
            notes += [f"{held - count:,} of {held:,} pictures cannot be found yet: no vector of this embedding model"]
        if self.sentences is None and self.archive.any():
            notes += ["descriptions are not searched: another process owns them, or their index is damaged"]
        return tuple(notes)
