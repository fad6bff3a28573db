"""Likeness: the pictures of an index whose pixels are nearest to a picture's, whatever words are known of them.

The vector of a model that reads words has less of the pixels where it has more of the words, so the order of the index
is not that of the looks: more is taken from it, and put in order by the looks alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.colours import Array
from retrievers.base import Index, PictureEmbeddings
from retrievers.where import Where

WIDER = 10  # times as many are taken


def likest(
    look: Array, k: int, index: Index, embeddings: PictureEmbeddings, where: Where = ()
) -> list[tuple[str, float]]:
    """The `k` pictures of the likest looks, with the cosines, best first; `look` is a unit vector as `looks` gives."""
    if not embeddings.reads_words:
        return [(hit.id, hit.score) for hit in index.query(look, k, where)]
    ids, vectors = present(index, [hit.id for hit in index.query(look, WIDER * k, where)])
    scores = embeddings.looks(vectors) @ look
    best = np.argsort(-scores, kind="stable")[:k]
    return [(ids[number], float(scores[number])) for number in best]


def present(index: Index, ids: Sequence[str]) -> tuple[list[str], Array]:
    """Those of the ids that the index still has, in their order, with their vectors, (n, dimension)."""
    while True:
        kept = index.keep(ids, ())
        try:
            return kept, index.vectors(kept)
        except KeyError:  # one more has left between the two
            continue
