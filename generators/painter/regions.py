"""Regions: the areas that a drawing's lines enclose, and which of them belong together.

Trapped-ball segmentation (Zhang et al., Vectorizing Cartoon Animations, 2009) on the whole drawing at once: a ball
that cannot slip through a gap fills an area, balls of shrinking size fill what is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from core.measures import disc
from generators.edges import INKED
from generators.painter.gaps import Gaps, find_gaps
from generators.painter.skeleton import Mask

BARE = INKED  # ink; less than that is paper
RADII = (7, 4, 2, 1)  # px of the balls
CREEP = 4  # px that labels grow over bare paper where no ball fits
GAP = 9  # px; areas that meet without a line over more than this are one
OPEN = 0.85  # of the narrower area's width; over more than this it is open
CLOSED = 0.45  # of a border; areas that closures hold apart over more than this of it are one
SPAN = 3  # px of closures per px of the narrower area's width
CRUMB = 45  # px of area; smaller regions go to their neighbour

Labels = NDArray[np.int32]
Borders = dict[tuple[int, int], int]


@dataclass(frozen=True)
class Regions:
    """`n` regions; every array is indexed by region. Places and sizes are shares of the drawing, boxes are px."""

    labels: Labels  # (h, w)
    area: Array  # (n,)
    cx: Array  # (n,) centre
    cy: Array
    box: NDArray[np.int64]  # (n, 4) left, top, right, bottom
    fill: Array  # (n,) share of the box that is covered
    roughness: Array  # (n,) border over that of a disc of the same area, holes included; a disc has 1.3 on this grid
    top: Array  # (n,) share of the drawing's upper border that it touches
    bottom: Array
    edge: Array  # (n,) 1 for a backdrop, 0 for what touches no border of the drawing
    neighbours: list[dict[int, int]]  # region -> px of common border
    band: NDArray[np.int64]  # (n,) regions of the same band share a colour

    @property
    def count(self) -> int:
        return len(self.area)

    @property
    def width(self) -> Array:
        return (self.box[:, 2] - self.box[:, 0] + 1).astype(np.float32)

    @property
    def height(self) -> Array:
        return (self.box[:, 3] - self.box[:, 1] + 1).astype(np.float32)


def find_regions(ink: Array) -> Regions:
    """Regions of a drawing of shape (h, w), ink 0..1."""
    return _describe(_segment(ink))


def _segment(ink: Array) -> Labels:
    drawn = (ink > BARE).astype(np.uint8)
    gaps = find_gaps(drawn)
    free = 1 - (drawn | gaps.walls)
    labels, count = np.zeros(ink.shape, np.int32), 0
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
    names, areas = np.unique(labels, return_counts=True)
    if (areas >= CRUMB).any():
        labels = _fill(np.where(np.isin(labels, names[areas < CRUMB]), 0, labels))
    return np.unique(labels, return_inverse=True)[1].reshape(ink.shape).astype(np.int32)


def _fill(labels: Labels) -> Labels:
    """Give every pixel that has no label (0) the one of the nearest pixel that has."""
    if not (labels > 0).any():
        return np.ones_like(labels)
    empty = (labels == 0).astype(np.uint8)
    _, source = cv2.distanceTransformWithLabels(empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    name = np.zeros(source.max() + 1, np.int32)
    name[source[labels > 0]] = labels[labels > 0]
    return np.asarray(name[source], np.int32)


def _borders(labels: Labels, offset: int, keep: NDArray[np.bool_] | None = None) -> Borders:
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


class _Sets:
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
    """Join areas over wide openings, and narrow ones over openings nearly as wide as they are themselves."""
    across = _across(labels, free)
    drawn_so = _borders(labels, 1, (free > gaps.near))
    area = np.bincount(labels.ravel()).astype(float)
    sets = _Sets(len(area))
    for (i, j), length in sorted(_borders(labels, 1, free > 0).items(), key=lambda item: (-item[1], item[0])):
        so = drawn_so.get((i, j), 0)
        i, j = sets.root(i), sets.root(j)
        narrow = min(across[i], across[j])
        if i != j and (length > GAP or so > 2 or length > OPEN * narrow or length > 0.6 * np.sqrt(min(area[i], area[j]))):
            sets.parent[i] = j
            area[j] += area[i]  # a joined crumb must grow, or crumbs chain into a leak
            across[j] = max(across[i], across[j])
    return np.asarray(sets.roots()[labels], np.int32)


def _across(labels: Labels, free: Mask) -> Array:
    """Diameter of the largest disc inside each label, in px."""
    radius = cv2.distanceTransform(free, cv2.DIST_L2, 3)
    across = np.zeros(int(labels.max()) + 1, np.float32)
    np.maximum.at(across, labels.ravel(), 2 * radius.ravel())
    return across


def _join_doubtful(labels: Labels, free: Mask, gaps: Gaps) -> Labels:
    """Join areas where closures are much of the border between them, or where an area is small beside them."""
    closed = _borders(labels, 1, cv2.dilate(gaps.walls, disc(1)) > 0)
    if not closed:
        return labels
    border, across = _borders(labels, 1), _across(labels, free)
    sets = _Sets(len(across))
    for (i, j), length in sorted(closed.items(), key=lambda item: (-item[1] / border[item[0]], item[0])):
        share = length / border[i, j]
        i, j = sets.root(i), sets.root(j)
        if i != j and (share > CLOSED or length > SPAN * min(across[i], across[j])):
            sets.parent[i] = j
            across[j] = max(across[i], across[j])
    return np.asarray(sets.roots()[labels], np.int32)


def _describe(labels: Labels) -> Regions:
    h, w = labels.shape
    count, flat = int(labels.max()) + 1, labels.ravel()
    rows, columns = (axis.ravel() for axis in np.mgrid[0:h, 0:w])
    px = np.bincount(flat, minlength=count).astype(np.float32)
    box = np.tile(np.array([w, h, 0, 0]), (count, 1))
    for side, (pick, place) in enumerate(
        ((np.minimum, columns), (np.minimum, rows), (np.maximum, columns), (np.maximum, rows))
    ):
        pick.at(box[:, side], flat, place)

    def touching(line: Labels) -> Array:
        return (np.bincount(line, minlength=count) / len(line)).astype(np.float32)

    top, bottom = touching(labels[0]), touching(labels[-1])
    edge = np.clip(8 * (top + bottom + touching(labels[:, 0]) + touching(labels[:, -1])), 0, 1)
    width, height = box[:, 2] - box[:, 0] + 1, box[:, 3] - box[:, 1] + 1
    fill = px / (width * height)
    meets = _borders(labels, 3)  # 3 px: across the line
    neighbours: list[dict[int, int]] = [{} for _ in range(count)]
    for (i, j), length in meets.items():
        neighbours[i][j] = neighbours[j][i] = length
    shape = np.log(np.column_stack([width, height, px]))
    same = _strips(meets, box, px, fill, edge) + _lookalikes(neighbours, shape, fill, px / (h * w), edge)
    sets = _Sets(count)
    for i, j in same:
        sets.parent[sets.root(j)] = sets.root(i)
    return Regions(
        labels=labels,
        area=(px / (h * w)).astype(np.float32),
        cx=(np.bincount(flat, columns) / px / w).astype(np.float32),
        cy=(np.bincount(flat, rows) / px / h).astype(np.float32),
        box=box,
        fill=fill.astype(np.float32),
        roughness=_roughness(labels, px),
        top=top,
        bottom=bottom,
        edge=edge.astype(np.float32),
        neighbours=neighbours,
        band=sets.roots(),
    )


def _roughness(labels: Labels, px: Array) -> Array:
    border = np.zeros(len(px))
    for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        meets = labels[one] != labels[other]
        for side in (labels[one][meets], labels[other][meets]):
            border += np.bincount(side, minlength=len(px))
    return np.asarray(border / np.sqrt(4 * np.pi * px), np.float32)


def _strips(meets: Borders, box: NDArray[np.int64], px: Array, fill: Array, edge: Array) -> list[tuple[int, int]]:
    """Neighbours along their whole length, as courses of a roof or gores of a skirt."""
    pairs = []
    for (i, j), length in meets.items():
        shared = max(min(box[i][2 + k], box[j][2 + k]) - max(box[i][k], box[j][k]) for k in (0, 1))
        extent = min(length / 3.0, shared)
        alike = 0.33 < px[i] / px[j] < 3 and abs(fill[i] - fill[j]) < 0.35  # a gable is no strip of its wall
        if edge[i] + edge[j] == 0 and alike and extent * extent > 2.2 * min(px[i], px[j]):
            pairs.append((i, j))
    return pairs


def _lookalikes(
    neighbours: list[dict[int, int]], shape: Array, fill: Array, area: Array, edge: Array
) -> list[tuple[int, int]]:
    """Small shapes that repeat within one parent or touch each other: panes, pickets, eyes."""
    small = [i for i in range(len(area)) if area[i] < 0.012 and edge[i] == 0 and neighbours[i]]
    parent = {i: max(neighbours[i], key=lambda j: neighbours[i][j]) for i in small}

    def alike(i: int, j: int) -> bool:
        return bool((np.abs(shape[i] - shape[j]) < (0.37, 0.37, 0.53)).all() and abs(fill[i] - fill[j]) < 0.15)

    families: dict[int, list[int]] = {}
    for i in small:
        families.setdefault(parent[i], []).append(i)
    pairs = [
        (i, j)
        for family in families.values()
        for k, i in enumerate(family)
        for j in family[max(0, k - 6) : k]
        if alike(i, j)
    ]
    return pairs + [(i, j) for i in small for j in neighbours[i] if j in parent and alike(i, j)]
