"""Segmentation: a drawing cut into the areas that its lines enclose.

Trapped-ball segmentation (Zhang et al., Vectorizing Cartoon Animations, 2009) on the whole drawing at once: a ball
that cannot slip through a gap fills an area, balls of shrinking size fill what is left. Closures are walls to them.
What a ball takes for a wall, but no end of a stroke speaks for, is joined again.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from core.measures import disc
from generators.painter.gaps import Gaps, find_gaps
from generators.painter.skeleton import Mask

RADII = (7, 4, 2, 1)  # px of the balls
CREEP = 4  # px that labels grow over bare paper where no ball fits
GAP = 9  # px; areas that meet near an end of a stroke over more than this are one
HAIR = 2  # px; the same far from any end, where nothing speaks for a gap
OPEN = 0.85  # of the narrower area's width; over more than this it is open
CLOSED = 0.45  # of a border; areas that closures hold apart over more than this of it are one
SPAN = 3  # px of closures per px of the narrower area's width
CRUMB = 45  # px of area; smaller regions go to their neighbour

Labels = NDArray[np.int32]
Borders = dict[tuple[int, int], int]


def segment(drawn: Mask) -> Labels:
    """Areas of a drawing of shape (h, w), 1 where there is ink, numbered from 0."""
    gaps = find_gaps(drawn)
    free = 1 - (drawn | gaps.walls)
    labels, count = np.zeros(drawn.shape, np.int32), 0
    for radius in RADII:
        rest = free * (labels == 0)
        core = cv2.erode(rest, disc(radius), borderType=cv2.BORDER_CONSTANT, borderValue=1)  # may leave the page
        found, parts = cv2.connectedComponents(core, connectivity=4, ltype=cv2.CV_32S)
        grown = cv2.dilate((parts + (parts > 0) * count).astype(np.float32), disc(radius)).astype(np.int32) * rest
        labels = np.where(grown > 0, grown, labels)
        count += found - 1
    for _ in range(CREEP):
        grown = cv2.dilate(labels.astype(np.float32), disc(1)).astype(np.int32)
        labels = np.where((labels == 0) & (free > 0), grown, labels)
    sure = free * (labels > 0)  # what is left takes the nearest label, which may be a stroke away
    labels = _fill(labels)
    labels = _join_doubtful(_join_open(labels, sure, gaps), free, gaps)
    return _without_crumbs(labels, free)


def _without_crumbs(labels: Labels, free: Mask) -> Labels:
    """Give crumbs, and slivers between strokes, to their neighbours; number the labels that are left from 0."""
    area = np.bincount(labels.ravel())
    broad = np.bincount(labels.ravel(), cv2.erode(free, np.ones((3, 3), np.uint8)).ravel())
    kept = (area >= CRUMB) & (broad > 0)
    if kept.any():
        labels = _fill(np.where(kept[labels], labels, 0))
    return (np.cumsum(np.bincount(labels.ravel()) > 0) - 1)[labels].astype(np.int32)


def _fill(labels: Labels) -> Labels:
    """Give every pixel that has no label (0) the one of the nearest pixel that has."""
    if not (labels > 0).any():
        return np.ones_like(labels)
    empty = (labels == 0).astype(np.uint8)
    _, source = cv2.distanceTransformWithLabels(empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    name = np.zeros(source.max() + 1, np.int32)
    name[source[labels > 0]] = labels[labels > 0]
    return np.asarray(name[source], np.int32)


def borders(labels: Labels, offset: int, keep: NDArray[np.bool_] | None = None) -> Borders:
    """Pairs i < j of labels that meet within `offset` px, with the px of their border."""
    base = int(labels.max()) + 1
    found: Borders = {}
    for one, other in ((np.s_[:, offset:], np.s_[:, :-offset]), (np.s_[offset:], np.s_[:-offset])):
        a, b = labels[one], labels[other]
        meets = a != b
        if keep is not None:
            meets &= keep[one] & keep[other]
        pairs = np.minimum(a[meets], b[meets]).astype(np.int64) * base + np.maximum(a[meets], b[meets])
        for pair, length in zip(*(v.tolist() for v in np.unique(pairs, return_counts=True)), strict=True):
            key = divmod(pair, base)
            found[key] = found.get(key, 0) + length
    return found


class Sets:
    """Disjoint sets over 0..n-1 (union-find with path halving)."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def root(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def roots(self) -> NDArray[np.int64]:
        return np.array([self.root(i) for i in range(len(self.parent))])


def _join_open(labels: Labels, free: Mask, gaps: Gaps) -> Labels:
    """Join areas over openings that are wide, nearly as wide as the narrower area, or far from any end of a stroke."""
    across = _across(labels, free)
    natural = borders(labels, 1, free > gaps.near)
    area = np.bincount(labels.ravel()).astype(float)
    sets = Sets(len(area))
    for (i, j), length in sorted(borders(labels, 1, free > 0).items(), key=lambda item: (-item[1], item[0])):
        as_drawn = natural.get((i, j), 0) > HAIR
        i, j = sets.root(i), sets.root(j)
        narrow = min(across[i], across[j])
        wide = length > min(GAP, OPEN * narrow, 0.6 * np.sqrt(min(area[i], area[j])))
        if i != j and (as_drawn or wide):
            sets.parent[i] = j
            area[j] += area[i]  # a joined crumb must grow, or crumbs chain into a leak
            across[j] = max(across[i], across[j])
    return np.asarray(sets.roots()[labels], np.int32)


def _across(labels: Labels, free: Mask) -> Array:
    """Diameter of the largest disc inside each label, in px."""
    radius = np.minimum(cv2.distanceTransform(free, cv2.DIST_L2, 3), max(labels.shape))  # without ink it is infinite
    across = np.zeros(int(labels.max()) + 1, np.float32)
    np.maximum.at(across, labels.ravel(), 2 * radius.ravel())
    return across


def _join_doubtful(labels: Labels, free: Mask, gaps: Gaps) -> Labels:
    """Join areas where closures are much of the border between them, or where an area is small beside them."""
    closed = borders(labels, 1, cv2.dilate(gaps.walls, disc(1)) > 0)
    if not closed:
        return labels
    border, across = borders(labels, 1), _across(labels, free)
    sets = Sets(len(across))
    for (i, j), length in sorted(closed.items(), key=lambda item: (-item[1] / border[item[0]], item[0])):
        share = length / border[i, j]
        i, j = sets.root(i), sets.root(j)
        if i != j and (share > CLOSED or length > SPAN * min(across[i], across[j])):
            sets.parent[i] = j
            across[j] = max(across[i], across[j])
    return np.asarray(sets.roots()[labels], np.int32)
