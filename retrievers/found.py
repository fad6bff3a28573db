"""Found: what a search of the picture library gives, and how near-duplicates become one hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retrievers.descriptions.archive import KeptDescription
from retrievers.nearness import as_numbers, distances
from retrievers.picture import Picture

SAME = 6  # bits of 64 in which the perceptual hashes of the same picture may differ
ALIKE = 0.95  # cosine of their looks besides: a hash knows no colours, and flat pictures have any


@dataclass(frozen=True)
class ChannelHit:
    """What one channel says of a hit."""

    score: float  # cosine of picture, likeness and description, BM25 of words; higher is better
    place: int | None = None  # in the list of that channel, from 1; None: beyond its end
    distance: float | None = None  # 1 - cosine

    def as_dict(self) -> dict[str, Any]:
        rounded = None if self.distance is None else round(self.distance, 4)
        return {"score": round(self.score, 4), "place": self.place, "distance": rounded}


@dataclass(frozen=True)
class FoundPicture:
    """A hit."""

    picture: Picture
    score: float  # by which hits are ordered: what the channels agree on, times the confidence but for colours; 0..1
    confidence: float  # that it is no accident, 0..1; less where colours are lacking that the words name
    channels: Mapping[str, ChannelHit]
    why: tuple[str, ...]  # what of it fits, in words
    same: tuple[str, ...] = ()  # ids of pictures that are nearly this one, and not shown
    description: KeptDescription | None = None

    @property
    def id(self) -> str:
        return self.picture.id

    def as_dict(self) -> dict[str, Any]:
        """The hit as JSON can hold it: the picture, and what the search says of it."""
        return {
            **self.picture.as_dict(),
            "score": round(self.score, 4),
            "confidence": round(self.confidence, 4),
            "channels": {name: hit.as_dict() for name, hit in self.channels.items()},
            "why": list(self.why),
            "same": list(self.same),
            "description": None if self.description is None else self.description.as_dict(),
        }


@dataclass(frozen=True)
class FoundPictures:
    """A page of hits, best first; none of them where there is no good match, and then the closest that there are."""

    hits: tuple[FoundPicture, ...]
    no_good_match: bool
    closest: tuple[FoundPicture, ...] = ()
    total: int = 0  # pictures that the filters leave
    notes: tuple[str, ...] = ()


def grouped(found: Sequence[FoundPicture], vectors: Mapping[str, np.ndarray]) -> list[FoundPicture]:
    """The hits without those that are nearly the same as a better one, which names them."""
    hashes = as_numbers([hit.picture.near for hit in found])
    rows = np.stack([vectors[hit.id] for hit in found]) if found else np.zeros((0, 1), np.float32)
    first = np.full(len(found), -1)
    for number in range(len(found)):
        if first[number] >= 0:
            continue
        near = distances(found[number].picture.near, hashes[number:]) <= SAME
        same = np.flatnonzero(near & (first[number:] < 0)) + number
        first[same[(rows[same] @ rows[number] >= ALIKE) | (same == number)]] = number
    others: dict[int, list[str]] = {}
    for number, leader in enumerate(first.tolist()):
        if leader != number:
            others.setdefault(leader, []).append(found[number].id)
    return [
        replace(hit, same=tuple(others.get(number, ()))) for number, hit in enumerate(found) if first[number] == number
    ]
