"""Fusion: lists of hits from several channels as one, by reciprocal rank (Cormack, Clarke & Büttcher 2009)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

DAMPING = 60  # their constant: the first places of a list count little more than those that follow


def ranks(scores: Sequence[float]) -> list[int]:
    """The places of scores that are sorted, best first, counted from 1; equal scores share their first place."""
    places: list[int] = []
    for number, score in enumerate(scores):
        same = number > 0 and abs(score - scores[number - 1]) < 1e-9
        places.append(places[-1] if same else number + 1)
    return places


def fuse(lists: Iterable[tuple[float, Sequence[tuple[str, int]]]]) -> list[tuple[str, float]]:
    """Ids with their fused scores, best first, from lists of ids with their places, each list with its weight.

    What every list has in its first place scores 1. Equals come in the order of their ids.
    """
    weighted = [(weight, places) for weight, places in lists if weight > 0]
    whole = sum(weight for weight, _ in weighted)
    scores: dict[str, float] = defaultdict(float)
    for weight, places in weighted:
        for id_, place in places:
            scores[id_] += weight / whole * (DAMPING + 1) / (DAMPING + place)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
