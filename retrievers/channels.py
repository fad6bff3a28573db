"""Channels: how a query ranks the library, by vectors of pictures and by words.

picture      vectors near to the vector of the words that are looked for
likeness     what looks like the picture that is looked for; like one of the library, vectors near to its vector
description  sentences of the pictures' descriptions, by their meaning
words        words known of the pictures: BM25 over names, captions, labels, tags, and what their pixels measure
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.colours import BASIC_TERMS, Array, words_of
from core.errors import StoreError
from retrievers.background import Level
from retrievers.base import Index, PictureEmbeddings
from retrievers.descriptions.sentences import SentenceHit, Sentences
from retrievers.fusion import ranks
from retrievers.ledger import Ledger
from retrievers.likeness import likest, present
from retrievers.picture import Match
from retrievers.query import DEEPEST, Query
from retrievers.vocabulary import query_words
from retrievers.where import Where

DEPTHS = (200, 2_000, 2 * DEEPEST)  # places of a channel that take part, then those that do where these are too few
COLOURS = {*BASIC_TERMS, "gray"}
_VAGUE = (
    "something anything everything thing things object objects stuff one ones item items picture pictures photo photos"
    " photograph photographs image images painting paintings drawing drawings colour colours color colors coloured"
    " mostly mainly largely partly dark pale light bright deep ground background"
)
ANYTHING = frozenset(_VAGUE.split())  # words that name nothing beside a colour
FEW = 2_000  # pictures whose sentences are all looked at
FAINT = 0.1  # of cosine that a sentence is set back where its picture lacks the colours; to the model all are alike
AWAY = 0.5  # of the direction of what is not wanted that is taken from the direction of what is


class NoVector(StoreError):
    """A picture that another embedding model took in."""

    def __init__(self, picture: str, model: str) -> None:
        super().__init__(
            f"picture {picture} has no vector of the embedding model {model}",
            "embed the library's pictures anew",
            picture=picture,
            model=model,
        )


@dataclass(frozen=True)
class Ranked:
    """A channel's list: ids with their places and scores, best first."""

    name: str
    weight: float
    ids: Sequence[str]
    scores: Sequence[float]

    def places(self) -> list[tuple[str, int]]:
        return list(zip(self.ids, ranks(self.scores), strict=True))


@dataclass(frozen=True)
class Asked:
    """A query as the channels take it; vectors are unit vectors of shape (dimension,)."""

    query: Query
    where: Where
    depth: int  # places of a channel
    text: Array | None
    bare_text: str  # the words without their colours; empty where they have none, or nothing else
    bare: Array | None  # of the words without their colours, where both are there
    image: Array | None
    negative: Array | None
    negative_bare: Array | None
    colours: tuple[str, ...]  # basic terms that the words name
    negative_colours: tuple[str, ...]
    rarity: Mapping[str, float]  # of the query's words in this library: inverse document frequency


def ask(query: Query, ledger: Ledger, index: Index, embeddings: PictureEmbeddings) -> Asked:
    """Embed what is looked for. Raises `UnknownPicture` for a `like` that is none, and `NoVector`."""
    text, negative = query.text.strip(), query.negative.strip()
    image: Array | None = None
    if query.like is not None:
        found, vectors = present(index, [ledger.get(query.like).id])
        if not found:
            raise NoVector(query.like, embeddings.identity)
        image = vectors[0]
    elif query.image is not None:
        image = embeddings.looks(embeddings.embed_pictures([query.image], [""]))[0]
    frequencies = ledger.frequencies(text)
    count = ledger.count()
    where = query.filters.where()
    bare, negative_bare = _without_colours(text), _without_colours(negative)

    def embed(words: str) -> Array:
        return np.asarray(embeddings.embed_query(words), np.float32)

    return Asked(
        query=query,
        where=where,
        depth=DEPTHS[0],
        text=embed(text) if text else None,
        bare_text=bare if bare != text else "",
        bare=embed(bare) if bare not in ("", text) else None,
        image=image,
        negative=embed(negative) if negative else None,
        negative_bare=embed(negative_bare) if negative_bare not in ("", negative) else None,
        colours=_basic_terms(text),
        negative_colours=_basic_terms(negative),
        rarity={word: math.log(1 + (count - n + 0.5) / (n + 0.5)) for word, n in frequencies.items()},
    )


def _basic_terms(text: str) -> tuple[str, ...]:
    """The basic colour terms that a text names by their own names."""
    named = {"grey" if word == "gray" else word for word in words_of(text)}
    return tuple(term for term in BASIC_TERMS if term in named)


def _without_colours(text: str) -> str:
    """The text without its basic colour words; empty where nothing else has a meaning."""
    rest = [word for word in text.split() if word.strip(".,;:!?").lower() not in COLOURS]
    return " ".join(rest) if set(query_words(" ".join(rest))) - ANYTHING else ""


def by_picture(asked: Asked, index: Index) -> Ranked | None:
    """What the words look like, away from what is not wanted."""
    if asked.text is None or "picture" not in asked.query.channels:
        return None
    towards = asked.text if asked.negative is None else unit(asked.text - AWAY * asked.negative)
    return _near("picture", asked.query.text_weight, towards, asked, index)


def by_likeness(asked: Asked, index: Index, embeddings: PictureEmbeddings) -> Ranked | None:
    """What looks like the picture; like one of the library by all that is known of both."""
    if asked.image is None:
        return None
    if asked.query.like is not None:
        return _near("likeness", asked.query.image_weight, asked.image, asked, index)
    found = likest(asked.image, asked.depth, index, embeddings, asked.where)
    return Ranked("likeness", asked.query.image_weight, [id_ for id_, _ in found], [score for _, score in found])


def _near(name: str, weight: float, vector: Array, asked: Asked, index: Index) -> Ranked:
    hits = index.query(vector, asked.depth, asked.where)
    return Ranked(name, weight, [hit.id for hit in hits], [hit.score for hit in hits])


def by_description(
    asked: Asked,
    index: Index,
    sentences: Sentences | None,
    coloured: Callable[[Sequence[str], Sequence[str]], Array],  # the share of some colours that pictures show
) -> tuple[Ranked | None, Mapping[str, SentenceHit], Mapping[str, float]]:
    """The list, the nearest sentence of each picture, and how sure each is, 0..1."""
    query = asked.query
    if asked.text is None or sentences is None or "description" not in query.channels or not query.description_weight:
        return None, {}, {}

    def keep(ids: Sequence[str]) -> list[str]:
        return index.keep(ids, asked.where)

    among = _few(asked, index)
    found = sentences.search(query.text.strip(), asked.depth, keep, among)
    if not found:
        return None, {}, {}
    level = sentences.level()
    sure = dict(zip([hit.picture for hit in found], _confidences(level, found), strict=True))
    if asked.bare_text:  # as for looks: what is only red is no `red rose`
        bare = sentences.search(asked.bare_text, asked.depth, keep, among)
        plain = dict(zip([hit.picture for hit in bare], _confidences(level, bare), strict=True))
        sure = {id_: min(value, plain.get(id_, 0.0)) for id_, value in sure.items()}
    weight = query.text_weight * query.description_weight * max(sure.values())  # a list of nothing near says little
    lacking = 1 - coloured(asked.colours, [hit.picture for hit in found])
    scores = [hit.score - FAINT * float(lack) for hit, lack in zip(found, lacking, strict=True)]
    order = sorted(range(len(found)), key=lambda number: -scores[number])
    ranked = Ranked("description", weight, [found[at].picture for at in order], [scores[at] for at in order])
    return ranked, {hit.picture: hit for hit in found}, sure


def _few(asked: Asked, index: Index) -> list[str] | None:
    """The pictures that the conditions leave, where they are few; None where there are no conditions, or many."""
    if not asked.where or asked.text is None:
        return None
    count = index.count(asked.where)
    return None if count > FEW else [hit.id for hit in index.query(asked.text, max(1, count), asked.where)]


def _confidences(level: Level, hits: Sequence[SentenceHit]) -> list[float]:
    return [float(one) for one in level.confidences(np.array([hit.score for hit in hits], np.float32))]


def by_words(asked: Asked, ledger: Ledger, index: Index) -> tuple[Ranked | None, Mapping[str, Match]]:
    """The list, and what of each picture's words matched."""
    if asked.text is None or "words" not in asked.query.channels:
        return None, {}
    found = ledger.match(asked.query.text, ledger.count() if asked.where else asked.depth)
    if asked.where and found:
        kept = set(index.keep([match.id for match in found], asked.where))
        found = [match for match in found if match.id in kept][: asked.depth]
    if not found:
        return None, {}
    best = max(known(match, asked.rarity) for match in found)  # a list of what shares one word of four says little
    ranked = Ranked("words", best * asked.query.text_weight, [m.id for m in found], [m.score for m in found])
    return ranked, {match.id: match for match in found}


def known(match: Match | None, rarity: Mapping[str, float]) -> float:
    """The share of a query's words that are known of a picture, 0..1, by how rare each is in the library."""
    whole = sum(rarity.values())
    if match is None or whole <= 0:
        return 0.0
    return min(1.0, sum(rarity.get(word, 0.0) for word in match.words) / whole)


def unit(vector: Array) -> Array:
    return np.asarray(vector / max(1e-9, float(np.linalg.norm(vector))), np.float32)
