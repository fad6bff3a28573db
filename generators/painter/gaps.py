"""Gaps: where a stroke ends just short of another, and the closures that lead it there.

A closure is a wall for finding regions, never ink: it goes from a free end to another end that continues it, straight
on, along a bend or round a corner, or to the flank of a stroke that lies ahead. Lengths are shares of the long side.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.painter.skeleton import Ends, Mask, Points, find_ends, thin

REACH = 0.062  # between two ends
FLANK = 0.037  # from an end to a flank; one direction is less evidence than two
SIDES = 0.65  # of that, to the page's sides
HORIZON = 0.1  # of the page's width, to its sides, of a long level stroke: people leave a margin
HIGHEST = 0.4  # of the page's height; a level stroke above it is an arm, a branch or a wing
LEVEL = np.radians(25)
AIM = 0.024  # of a stroke's last part, which tells its direction
WALK = 0.06  # of a stroke that is looked at
CORE = 0.016  # half the width of the widest stroke that is thinned
STUB = 0.008  # shorter than that is a spur of the thinning or an overshoot
SHRINK = 6  # px that thinning may take off a stroke's end
INSIDE = 4  # px back from two ends the way between them is measured: over a hair's breadth it points anywhere
SHAFT = 0.02  # of the least stroke that leads to a flank; less is an overshoot
BEND = np.radians(140)  # turn of both ends together, to one side: an arc or a corner
WIGGLE = np.radians(60)  # the same to opposite sides
FAN = np.radians(np.arange(-30, 31, 6))  # of rays towards a flank
BELIEF = 1.5  # px of gap per px of the two strokes that lead to it
FLANK_BELIEF = 0.8  # the same of one; less of it is an overshoot
NEAR = 0.024  # around an end
BESIDE = 0.037  # between ends of strokes that run side by side
COMB = np.radians(45)  # between ends that lie side by side, as whiskers' and pickets'
LOOSE = 0.18  # of its length that a straight stroke is wide, as standard deviations
MOST = 300  # ends; a drawing with more is hatched or dirty, and its longest strokes count


@dataclass(frozen=True)
class Gaps:
    """What ends of strokes say about openings, both of the drawing's shape (h, w)."""

    walls: Mask  # 1 on a closure, 8-connected
    near: Mask  # 1 around ends: a narrow opening may be a gap here; elsewhere it is as it was drawn


def find_gaps(drawn: Mask) -> Gaps:
    """Gaps of a drawing of shape (h, w), 1 where there is ink."""
    side = max(drawn.shape)
    walls, near = np.zeros_like(drawn), np.zeros_like(drawn)
    skeleton = thin(drawn, max(2, round(CORE * side)))
    ends = find_ends(skeleton, max(8, round(WALK * side)))
    if not len(ends):
        return Gaps(walls, near)
    width = cv2.distanceTransform(drawn, cv2.DIST_L2, 3)[ends.place[:, 0], ends.place[:, 1]]
    to_border = np.minimum(ends.place, np.array(drawn.shape) - 1 - ends.place).min(1)
    free = (ends.length > np.maximum(STUB * side, 2 * width)) & (to_border > width + 1)
    if free.sum() > MOST:
        free &= ends.length >= np.sort(ends.length[free])[-MOST]
        free &= np.cumsum(free) <= MOST
    stubs, ends, width = ends.of(~free), ends.of(free), width[free]
    directions = ends.directions(max(4, round(AIM * side)))
    pairs, beside = _pairs(drawn, ends, directions, width, REACH * side)
    lone = np.ones(len(ends), bool)
    for i, j in pairs:
        lone[i] = lone[j] = False
        _draw(walls, ends.place[i], ends.place[j])
    aimed = np.zeros(len(ends), bool)
    for _ in range(2):  # what a closure leads to is loose no longer
        loose = _loose(drawn | walls, skeleton, np.concatenate([ends.place[lone], stubs.place]))
        newly = lone & ~beside & ~aimed & (ends.length > SHAFT * side)
        newly[lone] &= ~loose[: lone.sum()]
        aimed |= newly
        goals = _flanks(drawn | walls, ends.of(newly), directions[newly], width[newly], side)
        for place, goal in zip(ends.place[newly], goals, strict=True):
            if goal[0] >= 0:
                _draw(walls, place, goal)
    evidence = np.concatenate([ends.place[(aimed | ~lone) & ~beside], stubs.place[~loose[lone.sum() :]]])
    for row, column in evidence.tolist():
        cv2.circle(near, (column, row), round(NEAR * side), 1, -1)
    return Gaps(walls, near)


def _loose(joined: Mask, skeleton: Mask, ends: Points) -> NDArray[np.bool_]:
    """Which ends belong to a nearly straight stroke that touches nothing: a fold, a hatch, a drop of rain."""
    _, strokes, box, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=cv2.CV_32S)
    stroke = strokes[ends[:, 0], ends[:, 1]]
    inside = (box[:, :2] > 0).all(1) & (box[:, :2] + box[:, 2:4] < joined.shape[::-1]).all(1)
    inside &= np.bincount(stroke, minlength=len(box)) == 2
    y, x = np.nonzero(skeleton)
    of = strokes[y, x]

    def mean(values: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.bincount(of, values, len(box)) / np.maximum(np.bincount(of, minlength=len(box)), 1)

    xx, yy, xy = mean(x * x) - mean(x) ** 2, mean(y * y) - mean(y) ** 2, mean(x * y) - mean(x) * mean(y)
    half, spread = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    return np.asarray((inside & (half - spread < LOOSE**2 * (half + spread)))[stroke])


def _draw(walls: Mask, one: NDArray[np.int64], other: NDArray[np.int64]) -> None:
    cv2.line(walls, (int(one[1]), int(one[0])), (int(other[1]), int(other[0])), 1)


def _angle(one: Array, other: Array) -> Array:
    """The signed turn from one direction to another, in radians."""
    cross = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return np.asarray(np.arctan2(cross, (one * other).sum(1)), np.float32)


def _pairs(
    drawn: Mask, ends: Ends, directions: Array, width: Array, reach: float
) -> tuple[list[tuple[int, int]], NDArray[np.bool_]]:
    """Ends that continue one another, each in one pair, the best first; and which ends have another beside them."""
    place = ends.place.astype(np.float32)
    apart = np.hypot(*(np.subtract.outer(axis, axis) for axis in place.T)) - np.add.outer(width, width)
    i, j = np.nonzero(np.triu(apart < reach + 2 * SHRINK, 1))
    within = ends.walk[:, INSIDE].astype(np.float32)
    way = within[j] - within[i]
    out, back = _angle(directions[i], way), _angle(way, -directions[j])
    turn = np.abs(out) + np.abs(back)
    beside = np.zeros(len(ends), bool)
    parallel = (apart[i, j] < BESIDE / REACH * reach) & (turn > BEND)
    parallel &= np.abs(_angle(directions[i], directions[j])) < COMB
    beside[i[parallel]] = beside[j[parallel]] = True
    bent = turn < np.where(out * back > 0, BEND, WIGGLE)
    i, j, turn = i[bent], j[bent], turn[bent]
    gap, clear = _between(drawn, place[i], place[j])
    clear &= (gap < reach * (1 - turn / (3 * BEND))) & (gap < BELIEF * (ends.length[i] + ends.length[j]))
    cost = gap / reach + turn / BEND
    pairs, taken = [], set[int]()
    for k in np.argsort(cost, kind="stable"):
        pair = int(i[k]), int(j[k])
        if clear[k] and taken.isdisjoint(pair):
            pairs.append(pair)
            taken.update(pair)
    return pairs, beside


def _between(drawn: Mask, start: Array, stop: Array) -> tuple[Array, NDArray[np.bool_]]:
    """The px of bare paper between ends, and whether they are all there is between their own strokes."""
    way = stop - start
    steps = np.linspace(0, 1, 2 + int(np.abs(way).max(initial=0)), dtype=np.float32)
    at = np.rint(start[:, None] + steps[:, None] * way[:, None]).astype(int)
    met = drawn[at[..., 0], at[..., 1]]
    bare = np.hypot(way[:, 0], way[:, 1]) * (1 - met.mean(1))
    return bare, np.asarray((np.diff(met.astype(np.int8), axis=1) > 0).sum(1) <= 1)


def _flanks(solid: Mask, ends: Ends, directions: Array, width: Array, side: int) -> NDArray[np.int64]:
    """What lies ahead of each end, (n, 2) row, column; -1 where it is nothing. So are the page's sides."""
    h, w = solid.shape
    goals = np.full((len(ends), 2), -1)
    if not len(ends):
        return goals
    turn = np.stack([np.cos(FAN), np.sin(FAN)])
    rays = np.stack(
        [
            directions[:, :1] * turn[0] - directions[:, 1:] * turn[1],
            directions[:, :1] * turn[1] + directions[:, 1:] * turn[0],
        ],
        axis=-1,
    )
    reach = FLANK * side
    steps = np.arange(1, int(max(reach, HORIZON * w) + 2 * width.max()) + 2 + SHRINK)
    at = np.rint(ends.place[:, None, None] + steps[:, None] * rays[:, :, None]).astype(int)
    off = (at[..., 1] < 0) | (at[..., 1] >= w)  # a horizon runs off the page; what ends above its foot stands there
    at = np.clip(at, 0, (h - 1, w - 1))
    met = (solid[at[..., 0], at[..., 1]] > 0) | off
    leaves = met.argmin(-1)  # px of its own ink
    beyond = met & (np.arange(len(steps)) > leaves[..., None])
    hit = beyond.argmax(-1)
    gap = (hit - leaves).astype(np.float32)
    goal = np.take_along_axis(at, hit[..., None, None], 2)[:, :, 0]
    own = np.abs(goal[:, :, None] - ends.walk[:, None]).max(-1).min(-1) <= 2 * width[:, None] + 1
    limit = np.minimum(reach, FLANK_BELIEF * ends.length)[:, None]
    long = (ends.length >= ends.walk.shape[1] - 1) & (np.abs(directions[:, 1]) > np.cos(LEVEL))
    horizon = long & (ends.place[:, 0] > HIGHEST * h)
    sides = np.where(horizon[:, None], HORIZON * w, np.minimum(limit, SIDES * reach))
    limit = np.where(np.take_along_axis(off, hit[..., None], 2)[..., 0], sides, limit)
    fine = beyond.any(-1) & ~met.all(-1) & (leaves <= 2 * width[:, None] + SHRINK) & (gap < limit) & ~own
    cost = np.where(fine, gap * (1 + np.abs(FAN)), np.inf)
    best = cost.argmin(1)
    some = fine.any(1)
    goals[some] = goal[some, best[some]]
    return goals
