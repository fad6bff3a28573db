"""Palette: the main colours of a picture or of a part of it, with their shares, the largest first.

The colours are counted in a coarse Lab histogram, and its cells are gathered into clusters around centres that lie as
far from each other as they can (farthest points, then k-means): cloth in light and shade is one cluster, a small spot
of another colour keeps its own. Clusters that bear the same name are one colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.colours import Array
from generators.vision.names import name_of

STEP = 0.075  # of the histogram, in scaled Lab
MOST = 10  # clusters that are looked for
ROUNDS = 4  # of k-means
NEAR = 0.1  # centres closer than this are one colour in light and shade
LEAST, LEAST_VIVID, VIVID = 0.03, 0.012, 0.5  # share below which a colour is not told, and from which chroma on
LIGHTNESS = 0.75  # weight of lightness against hue, within a cluster: shadows change the one, not the other
_GRID = 36  # cells of an axis


@dataclass(frozen=True)
class Swatch:
    """A colour of a picture."""

    name: str
    share: float  # of the pixels that were asked about
    lab: tuple[float, float, float]  # scaled Lab, as core.colours has it


def find_palette(lab: Array, weights: Array | None = None) -> tuple[Swatch, ...]:
    """The main colours of pixels of shape (n, 3), each counting by its weight; none where nothing has weight."""
    centres, shares = _clusters(lab, weights)
    named: dict[str, list[tuple[float, Array]]] = {}
    for centre, share in zip(centres, shares, strict=True):
        named.setdefault(name_of(centre), []).append((float(share), centre))
    swatches = [_swatch(name, parts) for name, parts in named.items()]
    ordered = sorted(swatches, key=lambda swatch: (-swatch.share, swatch.name))
    return tuple(swatch for swatch in ordered if swatch.share >= _least(swatch)) or tuple(ordered[:1])


def _least(swatch: Swatch) -> float:
    """The eye finds a red sun in a grey sky."""
    return LEAST_VIVID if np.hypot(swatch.lab[1], swatch.lab[2]) > VIVID else LEAST


def _swatch(name: str, parts: list[tuple[float, Array]]) -> Swatch:
    share = sum(part for part, _ in parts)
    mean = sum((part * centre for part, centre in parts), np.zeros(3)) / share
    return Swatch(name, round(share, 4), (round(float(mean[0]), 4), round(float(mean[1]), 4), round(float(mean[2]), 4)))


def _clusters(lab: Array, weights: Array | None) -> tuple[Array, Array]:
    """Centres of shape (k, 3) and their shares, which sum to 1; k is 0 where nothing has weight."""
    cells, counts = _histogram(lab, weights)
    if not len(cells):
        return cells, counts
    scaled = cells * np.array([LIGHTNESS, 1, 1])
    chosen = [int(counts.argmax())]
    nearest = ((scaled - scaled[chosen[0]]) ** 2).sum(1)
    while len(chosen) < MOST and nearest.max() > NEAR**2:
        chosen.append(int((counts * nearest).argmax()))
        nearest = np.minimum(nearest, ((scaled - scaled[chosen[-1]]) ** 2).sum(1))
    centres = scaled[chosen]
    for _ in range(ROUNDS):
        centres, shares = _gathered(scaled, counts, centres)
    centres, shares = _joined(centres, shares)
    return centres / np.array([LIGHTNESS, 1, 1]), shares


def _histogram(lab: Array, weights: Array | None) -> tuple[Array, Array]:
    """Mean colours of the cells that hold something, shape (n, 3), and the share of each."""
    index = np.clip((lab / STEP + np.array([0, _GRID / 2, _GRID / 2])).astype(np.int32), 0, _GRID - 1)
    codes = (index[:, 0] * _GRID + index[:, 1]) * _GRID + index[:, 2]
    counts = np.bincount(codes, weights, _GRID**3)
    held = np.flatnonzero(counts > 1e-6)
    each = (lab[:, axis] if weights is None else lab[:, axis] * weights for axis in range(3))
    sums = np.stack([np.bincount(codes, values, _GRID**3)[held] for values in each], -1)
    return sums / counts[held, None], counts[held] / max(counts.sum(), 1e-9)


def _gathered(points: Array, counts: Array, centres: Array) -> tuple[Array, Array]:
    """One step of k-means; centres that gather nothing are gone."""
    owner = ((centres**2).sum(1) - 2 * points @ centres.T).argmin(1)
    member = np.zeros((len(centres), len(points)))
    member[owner, np.arange(len(points))] = counts
    shares = member.sum(1)
    held = shares > 0
    return (member @ points)[held] / shares[held, None], shares[held]


def _joined(centres: Array, shares: Array) -> tuple[Array, Array]:
    """The centres, those nearer than NEAR joined, the nearest first."""
    apart = ((centres[:, None] - centres[None]) ** 2).sum(-1)
    np.fill_diagonal(apart, np.inf)
    while len(centres) > 1 and apart.min() <= NEAR**2:
        one, other = divmod(int(apart.argmin()), len(centres))
        both = shares[one] + shares[other]
        centres[one] = (centres[one] * shares[one] + centres[other] * shares[other]) / both
        shares[one] = both
        kept = np.arange(len(centres)) != other
        apart[one] = apart[:, one] = ((centres - centres[one]) ** 2).sum(-1)
        apart[one, one] = np.inf
        centres, shares, apart = centres[kept], shares[kept], apart[kept][:, kept]
    return centres, shares
