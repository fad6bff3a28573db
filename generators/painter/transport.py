"""Transport: move the colours of one picture onto those of another.

Sliced optimal transport (Pitié, Kokaram & Dahyot 2007; Rabin et al. 2011): sort along random axes, match, repeat.
"""

from __future__ import annotations

import numpy as np

from core.colours import Array
from generators.painter.tone import blur, resize


def transport(source: Array, target: Array, rng: np.random.Generator, rounds: int, strength: float) -> Array:
    """`source` of shape (h, w, 3) moved by `strength` of the way onto the colours of `target`; no edge is moved.

    The move is found on a quarter-size copy and its blurred displacement is added, so texture stays as it is.
    """
    h, w = source.shape[:2]
    small = resize(source, max(2, w // 4), max(2, h // 4))
    points = small.reshape(-1, 3).copy()
    goals = resize(target, 128, 128).reshape(-1, 3)
    ranks = (np.arange(len(points)) + 0.5) / len(points)
    quantiles = np.linspace(0, 1, len(goals))
    for _ in range(rounds):
        axes = np.linalg.qr(rng.normal(size=(3, 3)))[0].astype(np.float32)
        here, there = points @ axes, np.sort(goals @ axes, 0)
        for k in range(3):
            here[np.argsort(here[:, k], kind="stable"), k] = np.interp(ranks, quantiles, there[:, k])
        points = here @ axes.T
    shift = blur(points.reshape(small.shape) - small, 1.5)
    return np.asarray(source + strength * resize(shift, w, h), np.float32)
