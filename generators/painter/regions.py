"""Regions: the areas that a drawing's lines enclose, and which of them belong together."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.edges import INKED
from generators.painter.segmentation import Borders, Labels, Sets, borders, segment
from generators.painter.skeleton import Mask

BARE = INKED  # ink; less than that is paper
LEAST_DOT, MOST_DOT = 0.00008, 0.01  # share of the drawing
MOST_DOTS = 64
PART, LEAST_PART = 0.12, 0.01  # of a region, and of the drawing, that is coloured and another that is bare


@dataclass(frozen=True)
class Dot:
    """A blot of ink within one region, as the eye of a stick figure; px."""

    region: int
    left: int
    top: int
    width: int
    height: int
    area: int


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
    dots: tuple[Dot, ...] = ()
    gables: tuple[int, ...] = ()  # regions that were cut off as roofs

    @property
    def count(self) -> int:
        return len(self.area)

    @property
    def width(self) -> Array:
        return (self.box[:, 2] - self.box[:, 0] + 1).astype(np.float32)

    @property
    def height(self) -> Array:
        return (self.box[:, 3] - self.box[:, 1] + 1).astype(np.float32)


def find_regions(ink: Array, coloured: Mask | None = None) -> Regions:
    """Regions of a drawing of shape (h, w), ink 0..1; they also end where an area that is coloured by hand ends."""
    drawn = (ink > BARE).astype(np.uint8)
    labels = segment(drawn)
    if coloured is not None:
        labels = _cut(labels, coloured)
    return dataclasses.replace(describe(labels), dots=_dots(drawn, labels))


def _dots(drawn: Mask, labels: Labels) -> tuple[Dot, ...]:
    """The round blots of a drawing that lie within one region each, the first MOST_DOTS."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    x, y, width, height, area = stats[1:].T
    blot = (area > LEAST_DOT * labels.size) & (area > 0.6 * width * height)
    blot &= (width < 2.5 * height) & (height < 2.5 * width) & (area < MOST_DOT * labels.size)
    found = []
    for i in np.nonzero(blot)[0][:MOST_DOTS]:
        inside = labels[y[i] : y[i] + height[i], x[i] : x[i] + width[i]]
        if (inside == inside[0, 0]).all():
            found.append(Dot(int(inside[0, 0]), *(int(v[i]) for v in (x, y, width, height, area))))
    return tuple(found)


def _cut(labels: Labels, coloured: Mask) -> Labels:
    """Labels of which those that are coloured in a large part, and bare in another, are two."""
    count = int(labels.max()) + 1
    whole = np.bincount(labels.ravel(), minlength=count)
    part = np.bincount(labels.ravel(), coloured.ravel(), count)
    least = np.minimum(part, whole - part)
    split = (least > PART * whole) & (least > LEAST_PART * labels.size)
    return np.asarray(np.unique(2 * labels + coloured * split[labels], return_inverse=True)[1], np.int32)


def describe(labels: Labels, apart: frozenset[tuple[int, int]] = frozenset()) -> Regions:
    """What there is to say of areas numbered from 0; those `apart`, pairs i < j, are no strips of each other."""
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
    meets = borders(labels, 3)  # 3 px: across the line
    neighbours: list[dict[int, int]] = [{} for _ in range(count)]
    for (i, j), length in meets.items():
        neighbours[i][j] = neighbours[j][i] = length
    shape = np.log(np.column_stack([width, height, px]))
    same = _strips(meets, labels, box, px, edge) + _lookalikes(neighbours, shape, fill, px / (h * w), edge)
    sets = Sets(count)
    for i, j in (pair for pair in same if pair not in apart):
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


def _strips(meets: Borders, labels: Labels, box: NDArray[np.int64], px: Array, edge: Array) -> list[tuple[int, int]]:
    """Neighbours along their whole length, as courses of a roof or gores of a skirt."""
    pairs = []
    for (i, j), length in meets.items():
        shared = max(min(box[i][2 + k], box[j][2 + k]) - max(box[i][k], box[j][k]) for k in (0, 1))
        extent = min(length / 3.0, shared)
        along = edge[i] + edge[j] == 0 and 0.33 < px[i] / px[j] < 3 and extent * extent > 2.2 * min(px[i], px[j])
        if along and abs(_boxy(labels, box[i], i) - _boxy(labels, box[j], j)) < 0.35:  # a gable is no strip of its wall
            pairs.append((i, j))
    return pairs


def _boxy(labels: Labels, box: NDArray[np.int64], i: int) -> float:
    """Share of its box that a region covers with all that is cut out of it, as windows out of a wall."""
    left, top, right, bottom = box.tolist()
    points = cv2.findNonZero((labels[top : bottom + 1, left : right + 1] == i).astype(np.uint8))
    return float(cv2.contourArea(cv2.convexHull(points)) / max(1, (right - left) * (bottom - top)))


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
