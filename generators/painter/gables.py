"""Gables: a house drawn in one line is cut at its eaves, so that its roof may be red and its walls white.

The columns of an area, row by row, tell: its sides go apart down to the eaves, and straight on down to the foot. Where
the line was left open there, the ground begins below it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.painter import shapes
from generators.painter.regions import Regions, describe

FLOOR = (0.6, 0.85)  # of the height, from above: rows that are wall in any case; a sheet may lie askew
ROOF = (0.12, 0.72)  # share of the height
RIDGE = 0.72  # of the eaves' length, at most
STEEP = 0.25  # rise over run, at least
FULL, OVER = 0.95, 1.06  # of the walls' width: where the eaves are, and from where on they stand out
BENT, ROUGH = 0.07, 0.04  # of the walls' width, by which slopes and walls may differ from straight lines
NEAR = 0.02  # of the walls' width, within which a slope has arrived at its wall
MIDDLE = (0.25, 0.75)  # of a wall's height: what tells its line
LEAN = 0.15  # px a row, at most
JUMP, STRIDE = 1.3, 6  # times the width, and rows, within which the ground begins
ROOM, LEAST = 9, 6  # rows of a wall and of a slope, at least
COVERED, LARGE = 0.25, 0.25  # of a gable's width, below an object that has so much of its area
REACH = 4  # px across a line


@dataclass(frozen=True)
class Gable:
    """The rows of a region's eaves, left and right, the columns that these are at, and the row of its foot, from where
    on it is ground; px."""

    region: int
    eaves: tuple[int, int]
    sides: tuple[int, int]
    foot: int


def cut_gables(regions: Regions) -> Regions:
    """The same regions, where roofs, and the ground below open houses, are regions of their own after the others."""
    labels, roofs, apart = regions.labels.copy(), [], set()
    rows, columns = np.arange(labels.shape[0])[:, None], np.arange(labels.shape[1])
    count = regions.count
    for gable in find_gables(regions):
        own = regions.labels == gable.region
        labels[own & (rows <= np.interp(columns, gable.sides, gable.eaves))] = count
        roofs.append(count)
        apart.add((gable.region, count))
        count += 1
        below = own & (rows > gable.foot)
        if below.any():
            labels[below] = count
            apart.add((gable.region, count))
            count += 1
    if not roofs:
        return regions
    dots = tuple(dataclasses.replace(dot, region=int(labels[dot.top, dot.left])) for dot in regions.dots)
    return dataclasses.replace(describe(labels, frozenset(apart)), dots=dots, gables=tuple(roofs))


def find_gables(regions: Regions) -> list[Gable]:
    """The regions that are a house in one line."""
    large = shapes.where(regions.area > shapes.LEAST_LARGE)
    found = [_read(regions, i) for i in large]
    return [gable for gable in found if gable is not None and not _covered(regions, gable)]


def _read(r: Regions, i: int) -> Gable | None:
    first, last, top = _outline(r, i)
    width = (last - first + 1).astype(np.float32)
    foot = _foot(width)
    if foot < 4 * ROOM or first[:foot].min() == 0 or last[:foot].max() == r.labels.shape[1] - 1:
        return None
    walls = float(np.median(width[int(FLOOR[0] * foot) : int(FLOOR[1] * foot)]))
    wide = np.nonzero(width[:foot] >= FULL * walls)[0]
    stands_out = np.nonzero(width[:foot] > OVER * walls)[0]
    eaves = int(stands_out[-1] if len(stands_out) else wide[0])
    if not ROOF[0] * foot < eaves < ROOF[1] * foot or foot - eaves < ROOM:
        return None
    sides = [_read_side(side, eaves, foot, walls) for side in (-first, last)]
    ridge, most = float(width[min(2, eaves)]), float(width[: eaves + 1].max())
    steep = eaves > STEEP * (most - ridge) / 2
    if None in sides or not steep or ridge > RIDGE * most:
        return None
    ends = [end for end in sides if end is not None]
    return Gable(i, (top + ends[0], top + ends[1]), (int(first[ends[0]]), int(last[ends[1]])), top + foot)


def _read_side(side: NDArray[np.int64], eaves: int, foot: int, walls: float) -> int | None:
    """The row in which one side of a roof ends, where its columns grow outwards; `None` where it is no straight slope
    above an upright wall."""
    rows = np.arange(*(int(eaves + share * (foot - eaves)) for share in MIDDLE))
    if len(rows) < 2:
        return None
    lean, place = np.polyfit(rows, side[rows], 1)
    off = side - (lean * np.arange(len(side)) + place)  # from the wall's own line, outwards
    if abs(lean) > LEAN or np.abs(off[rows]).max() > ROUGH * walls:
        return None
    out = np.nonzero(off[: rows[0]] > ROUGH * walls)[0]
    end = int(out[-1] if len(out) else np.argmax(off[: rows[0]] >= -NEAR * walls))
    tip = int(np.argmax(side[: end + 1]))
    slope = side[tip // 8 : tip + 1]  # a ridge lies askew with its sheet
    return end if tip >= LEAST and side[tip] >= side[0] and _off(slope) < BENT * walls else None


def _outline(r: Regions, i: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """The first and the last column of a region in each of its rows, and its first row."""
    left, top, right, bottom = r.box[i].tolist()
    own = r.labels[top : bottom + 1, left : right + 1] == i
    return own.argmax(1) + left, right - own[:, ::-1].argmax(1), top


def _foot(width: Array) -> int:
    """The last row before the area is suddenly much wider; the last of all where it never is."""
    before, after = width[:-STRIDE], width[STRIDE:]
    jumps = np.nonzero((after > JUMP * before) & (before > 2 * STRIDE))[0]
    jumps = jumps[jumps > 4 * ROOM]
    return int(jumps[0]) - 1 if len(jumps) else len(width) - 1


def _off(side: NDArray[np.int64]) -> float:
    """How far a side is from the straight line between its ends, px."""
    return float(np.abs(side - np.linspace(side[0], side[-1], len(side))).max())


def _covered(r: Regions, gable: Gable) -> bool:
    """Whether another large object lies on it: the roof, of which this is the wall below, or a head."""
    columns = np.arange(gable.sides[0], gable.sides[1] + 1)
    above = (r.labels[:, columns] == gable.region).argmax(0) - REACH
    others = (r.edge == 0) & (r.area > LARGE * r.area[gable.region])
    others[gable.region] = False
    return bool(others[r.labels[np.maximum(above, 0), columns]].mean() > COVERED)
