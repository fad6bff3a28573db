"""Judgement: how sure it is that a picture is what was looked for, and what of it fits.

By words a picture is judged three times, and the best counts: by how it looks to the model and by what its description
says, each against its background, and by the share of the query's words that are known of it. A colour alone is no
match for more words than that: what looks like `red rose` has to look like `rose`, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.colours import Array, terms_in
from retrievers.background import Levels
from retrievers.channels import Asked, Ranked, known
from retrievers.descriptions.archive import KeptDescription
from retrievers.descriptions.sentences import SentenceHit
from retrievers.found import ChannelHit, FoundPicture
from retrievers.picture import SHARE, Match, Picture
from retrievers.query import GOOD

SHOWN = 160  # characters of a sentence that says why
ELSEWISE = 0.6  # of its confidence keeps what fits but for the colours that were named


class Judgement:
    """Of pictures by their ids and unit vectors, (n, dimension); made for one query.

    `compared`, (n, dimension): of their vectors what a picture that is looked for is compared with.
    `coloured`, (n,): the share of the query's colours that each picture shows.
    `nearest` and `described`: the sentences that are nearest to the words, and how sure each is to fit.
    """

    def __init__(
        self,
        asked: Asked,
        levels: Levels,
        ids: Sequence[str],
        vectors: Array,
        compared: Array,
        lists: Sequence[Ranked],
        matches: Mapping[str, Match],
        coloured: Array,
        nearest: Mapping[str, SentenceHit],
        described: Mapping[str, float],
    ) -> None:
        self._asked, self._lists, self._matches = asked, lists, matches
        self._nearest, self._described = nearest, described
        self._numbers = {id_: number for number, id_ in enumerate(ids)}
        self._text = None if asked.text is None else vectors @ asked.text
        self._image = None if asked.image is None else compared @ asked.image
        self._by_look = self._by_image = np.zeros(len(ids), np.float32)
        parts: list[tuple[float, Array]] = []  # weight and confidence of what is asked by words, and by a picture
        if self._text is not None:
            if "picture" in asked.query.channels:
                self._by_look = levels.words.confidences(self._text)
                if asked.bare is not None:
                    self._by_look = np.minimum(self._by_look, levels.words.confidences(vectors @ asked.bare))
            named = np.array([known(matches.get(id_), asked.rarity) for id_ in ids], np.float32)
            told = np.array([described.get(id_, 0.0) for id_ in ids], np.float32)
            best = np.maximum(np.maximum(self._by_look, named), told)
            parts.append((asked.query.text_weight, best))
        if self._image is not None:
            level = levels.likes if asked.query.like is not None else levels.pictures
            self._by_image = level.confidences(self._image)
            parts.append((asked.query.image_weight, self._by_image))
        whole = sum(weight for weight, _ in parts) or 1.0
        none = np.zeros(len(ids), np.float32)
        self.fits: Array = sum((weight / whole * part for weight, part in parts), none)  # but perhaps for its colours
        self.confidences: Array = self.fits * (ELSEWISE + (1 - ELSEWISE) * coloured)
        self._places = {ranked.name: dict(ranked.places()) for ranked in lists}

    def hit(self, picture: Picture, score: float, description: KeptDescription | None) -> FoundPicture:
        """What is told of a picture; `score` is that of all channels together."""
        number, match = self._numbers[picture.id], self._matches.get(picture.id)
        channels: dict[str, ChannelHit] = {}
        why: list[str] = []
        if match is not None:
            channels["words"] = ChannelHit(match.score, self._places["words"].get(picture.id))
            why += self._words(match)
        if (nearest := self._nearest.get(picture.id)) is not None:
            place = self._places["description"].get(picture.id)
            channels["description"] = ChannelHit(nearest.score, place, 1 - nearest.score)
            sentence = nearest.of(description) if self._described[picture.id] >= GOOD else None
            why += [] if sentence is None else [f"described: {shortened(sentence)}"]
        if self._text is not None:
            cosine = float(self._text[number])
            if "picture" in self._places:
                channels["picture"] = ChannelHit(cosine, self._places["picture"].get(picture.id), 1 - cosine)
            why += [f"looks as the words say ({cosine:.2f})"] if self._by_look[number] >= GOOD else []
            named = terms_in(self._asked.query.text)
            shown = {term: picture.colours.get(term, 0.0) for term in named}
            why += [f"{share:.0%} {term}" for term, share in shown.items() if share > SHARE]
            why += [f"hardly any {term}" for term in self._asked.colours if shown.get(term, 0.0) <= SHARE]
        if self._image is not None:
            cosine = float(self._image[number])
            channels["likeness"] = ChannelHit(cosine, self._places["likeness"].get(picture.id), 1 - cosine)
            why += [f"alike ({cosine:.2f})"] if self._by_image[number] >= GOOD else []
        sure = float(self.confidences[number])
        return FoundPicture(picture, score, sure, channels, tuple(why), description=description)

    @staticmethod
    def _words(match: Match) -> list[str]:
        """The words that matched: those that somebody gave, and those that only the pixels say."""
        given = [word for word in match.words if word not in match.seen]
        return [f"named {', '.join(given)}"] * bool(given) + [f"seen {', '.join(match.seen)}"] * bool(match.seen)


def shortened(sentence: str) -> str:
    """A sentence in quotation marks, cut at a word where it is long."""
    if len(sentence) <= SHOWN:
        return f"“{sentence}”"
    return f"“{sentence[:SHOWN].rpartition(' ')[0] or sentence[:SHOWN]} ...”"
