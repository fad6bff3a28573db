"""Pictures: the picture library as it is searched, by words, by a picture, by both, without what is not wanted.

    query ─┬ words ──┬ picture ── vectors near to the words' ───────┐
           │         └ words ──── words known of the pictures, BM25 ─┼─ reciprocal ranks ─ confidence ─ groups ─ page
           └ picture ─ likeness ─ vectors near to the picture's ─────┘

Each channel ranks the library by itself; what is high in several of them comes first. How sure a hit is comes from the
library's background (background.py), or from the share of the query's words that are known of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.colours import Array, terms_in
from core.errors import NotFound
from retrievers.background import Background
from retrievers.base import Index, PictureEmbeddings
from retrievers.channels import Asked, Ranked, ask, by_likeness, by_picture, by_words
from retrievers.found import ChannelHit, FoundPicture, FoundPictures, grouped
from retrievers.fusion import fuse
from retrievers.ledger import Ledger
from retrievers.picture import SHARE, Match, Picture
from retrievers.query import GOOD, Query
from retrievers.vocabulary import query_words

CLOSEST = 3  # pictures that are named where there is no good match


class NoPictures(NotFound):
    def __init__(self) -> None:
        super().__init__("the picture library is empty", "take pictures into it first")


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
        """Raises `BadValue`, `NoPictures`, and `UnknownPicture` where `like` is none."""
        query.check(self._max_chars)
        if not self.index.count():
            raise NoPictures
        asked = ask(query, self.ledger, self.index, self.embeddings)
        total = self.index.count(asked.where)
        words, matches = by_words(asked, self.ledger, self.index)
        lists = [each for each in (by_picture(asked, self.index), by_likeness(asked, self.index), words) if each]
        found = self._judged(asked, lists, matches)
        best = max((hit.confidence for hit in found), default=0.0)
        if best < query.min_confidence or not found:
            closest = sorted(found, key=lambda hit: -hit.confidence)[:CLOSEST]
            notes = () if total else ("no picture meets the filters",)
            return FoundPictures((), True, tuple(closest), total, notes)
        return FoundPictures(tuple(found[query.offset : query.offset + query.k]), False, (), total)

    def _judged(self, asked: Asked, lists: Sequence[Ranked], matches: Mapping[str, Match]) -> list[FoundPicture]:
        """All that the channels found, best first, without what is not wanted and what is nearly the same."""
        fused = fuse((ranked.weight, ranked.places()) for ranked in lists)
        pictures = self.ledger.many([id_ for id_, _ in fused])
        fused = [(id_, score) for id_, score in fused if id_ in pictures]  # others have left meanwhile
        ids = [id_ for id_, _ in fused]
        vectors = self.index.vectors(ids)
        cosines = _Cosines(asked, vectors)
        unwanted = self._unwanted(asked, ids, cosines)
        places = {ranked.name: dict(ranked.places()) for ranked in lists}
        found = [
            self._hit(asked, pictures[id_], score, number, cosines, places, matches.get(id_))
            for number, (id_, score) in enumerate(fused)
            if id_ not in unwanted
        ]
        return grouped(found, dict(zip(ids, vectors, strict=True))) if asked.query.group else found

    def _hit(
        self,
        asked: Asked,
        picture: Picture,
        score: float,
        number: int,
        cosines: _Cosines,
        places: Mapping[str, Mapping[str, int]],
        match: Match | None,
    ) -> FoundPicture:
        channels: dict[str, ChannelHit] = {}
        why: list[str] = []
        sure: list[tuple[float, float]] = []  # weight and confidence of what is asked by words, and by a picture
        query = asked.query
        if match is not None:
            channels["words"] = ChannelHit(match.score, places["words"][picture.id])
            why.append(f"words: {', '.join(match.words)}")
        if cosines.text is not None:
            cosine = float(cosines.text[number])
            by_look = self.background.of_words.confidence(cosine) if "picture" in query.channels else 0.0
            sure.append((query.text_weight, max(by_look, _covered(asked, match))))
            if "picture" in places:
                channels["picture"] = _near(cosine, places["picture"].get(picture.id))
                why += [f"looks as the words say ({cosine:.2f})"] if by_look >= GOOD else []
            shown = [(term, picture.colours.get(term, 0.0)) for term in terms_in(query.text)]
            why += [f"{term} {share:.0%}" for term, share in shown if share > SHARE]
        if cosines.image is not None:
            cosine = float(cosines.image[number])
            by_look = self.background.of_pictures.confidence(cosine)
            sure.append((query.image_weight, by_look))
            channels["likeness"] = _near(cosine, places["likeness"].get(picture.id))
            why += [f"alike ({cosine:.2f})"] if by_look >= GOOD else []
        whole = sum(weight for weight, _ in sure) or 1.0
        confidence = sum(weight * each for weight, each in sure) / whole
        return FoundPicture(picture, score, confidence, channels, tuple(why))

    def _unwanted(self, asked: Asked, ids: Sequence[str], cosines: _Cosines) -> set[str]:
        """Those that show for sure what is not wanted."""
        if cosines.negative is None:
            return set()
        words = len(query_words(asked.query.negative))
        matches = self.ledger.match(asked.query.negative, self.ledger.count())
        named = {match.id for match in matches if len(match.words) == words}
        level = self.background.of_words
        looks = {id_ for id_, cosine in zip(ids, cosines.negative, strict=True) if level.confidence(cosine) >= GOOD}
        return named | looks


class _Cosines:
    """Of the rows of `vectors`, to each of what is asked; None where that is not asked."""

    def __init__(self, asked: Asked, vectors: Array) -> None:
        self.text = None if asked.text is None else vectors @ asked.text
        self.image = None if asked.image is None else vectors @ asked.image
        self.negative = None if asked.negative is None else vectors @ asked.negative


def _near(cosine: float, place: int | None) -> ChannelHit:
    return ChannelHit(cosine, place, 1 - cosine)


def _covered(asked: Asked, match: Match | None) -> float:
    """The share of the query's words that are known of a picture, by how rare each is in the library."""
    whole = sum(asked.rarity.values())
    if match is None or whole <= 0:
        return 0.0
    return float(np.clip(sum(asked.rarity.get(word, 0.0) for word in match.words) / whole, 0, 1))
