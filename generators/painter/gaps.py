"""Gaps: where a stroke ends just short of another, and the closures that lead it there.

A closure is a wall for finding regions, never ink: it goes from a free end to another end that continues it, straight
on, along a bend or round a corner, or to the flank of a stroke that lies ahead. Lengths are shares of the long side.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.painter.skeleton import Ends, Mask, find_ends, thin

REACH = 0.055  # between two ends
FLANK = 0.027  # from an end to a flank; one direction is less evidence than two
AIM = 0.024  # of a stroke's last part, which tells its direction
WALK = 0.06  # of a stroke that is looked at
CORE = 0.016  # half the width of the widest stroke that is thinned
STUB = 0.01  # shorter than that is a spur of the thinning or an overshoot
BEND = np.radians(130)  # turn of both ends together, to one side: an arc or a corner
WIGGLE = np.radians(60)  # the same to opposite sides
FAN = np.radians(np.arange(-30, 31, 6))  # of rays towards a flank
BELIEF = 0.6  # px of gap per px of stroke that leads to it
MOST = 300  # ends; a drawing with more is hatched or dirty, and its longest strokes count


def close_gaps(drawn: Mask) -> Mask:
    """Closures of a drawing of shape (h, w), 1 where there is ink: 1 where there is a wall, 8-connected."""
    side = max(drawn.shape)
    walls = np.zeros_like(drawn)
    ends = find_ends(thin(drawn, max(2, round(CORE * side))), max(8, round(WALK * side)))
    width = cv2.distanceTransform(drawn, cv2.DIST_L2, 3)[ends.place[:, 0], ends.place[:, 1]]
    to_border = np.minimum(ends.place, np.array(drawn.shape) - 1 - ends.place).min(1)
    free = (ends.length > np.maximum(STUB * side, 2 * width)) & (to_border > width + 1)
    if free.sum() > MOST:
        free &= ends.length >= np.sort(ends.length[free])[-MOST]
        free &= np.cumsum(free) <= MOST
    ends, width = ends.of(free), width[free]
    if not len(ends):
        return walls
    directions = ends.directions(max(4, round(AIM * side)))
    closed = np.zeros(len(ends), bool)
    for i, j in _pairs(drawn, ends, directions, width, REACH * side):
        closed[i] = closed[j] = True
        _draw(walls, ends.place[i], ends.place[j])
    rest = np.nonzero(~closed)[0]
    goals = _flanks(drawn | walls, ends.of(~closed), directions[~closed], width[~closed], FLANK * side)
    for i, goal in zip(rest, goals, strict=True):
        if goal[0] >= 0:
            _draw(walls, ends.place[i], goal)
    return walls


def _draw(walls: Mask, one: NDArray[np.int64], other: NDArray[np.int64]) -> None:
    cv2.line(walls, (int(one[1]), int(one[0])), (int(other[1]), int(other[0])), 1)


def _angle(one: Array, other: Array) -> Array:
    """The signed turn from one direction to another, in radians."""
    cross = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return np.asarray(np.arctan2(cross, (one * other).sum(1)), np.float32)


def _pairs(drawn: Mask, ends: Ends, directions: Array, width: Array, reach: float) -> list[tuple[int, int]]:
    """Ends that continue one another, each in one pair, the best first."""
    place = ends.place.astype(np.float32)
    apart = np.hypot(*(np.subtract.outer(axis, axis) for axis in place.T)) - np.add.outer(width, width)
    i, j = np.nonzero(np.triu(apart < reach, 1))
    way, gap = place[j] - place[i], np.maximum(apart[i, j], 0)
    out, back = _angle(directions[i], way), _angle(way, -directions[j])
    turn = np.abs(out) + np.abs(back)
    good = turn < np.where(out * back > 0, BEND, WIGGLE)
    good &= gap < reach * (1 - turn / (2 * BEND))
    good &= gap < BELIEF * (ends.length[i] + ends.length[j])
    i, j, way, cost = i[good], j[good], way[good], (gap / reach + turn / BEND)[good]
    clear = _clear(drawn, place[i], way)
    pairs, taken = [], set[int]()
    for k in np.argsort(cost, kind="stable"):
        pair = int(i[k]), int(j[k])
        if clear[k] and taken.isdisjoint(pair):
            pairs.append(pair)
            taken.update(pair)
    return pairs


def _clear(drawn: Mask, start: Array, way: Array) -> NDArray[np.bool_]:
    """Whether no other stroke lies between two ends: ink, bare paper, ink and no more."""
    steps = np.linspace(0, 1, 2 + int(np.abs(way).max(initial=0)), dtype=np.float32)
    at = np.rint(start[:, None] + steps[:, None] * way[:, None]).astype(int)
    met = drawn[at[..., 0], at[..., 1]]
    return np.asarray((np.diff(met.astype(np.int8), axis=1) > 0).sum(1) <= 1)


def _flanks(solid: Mask, ends: Ends, directions: Array, width: Array, reach: float) -> NDArray[np.int64]:
    """What lies ahead of each end, (n, 2) row, column; -1 where it is nothing. The page's border is a flank, too."""
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
    steps = np.arange(1, int(reach + 2 * width.max()) + 2)
    at = np.rint(ends.place[:, None, None] + steps[:, None] * rays[:, :, None]).astype(int)
    off = ((at < 0) | (at >= (h, w))).any(-1)
    at = np.clip(at, 0, (h - 1, w - 1))
    met = (solid[at[..., 0], at[..., 1]] > 0) | off
    leaves = met.argmin(-1)  # px of its own ink
    beyond = met & (np.arange(len(steps)) > leaves[..., None])
    hit = beyond.argmax(-1)
    gap = (hit - leaves).astype(np.float32)
    goal = np.take_along_axis(at, hit[..., None, None], 2)[:, :, 0]
    own = np.abs(goal[:, :, None] - ends.walk[:, None]).max(-1).min(-1) <= 2 * width[:, None] + 1
    limit = np.minimum(reach, BELIEF * ends.length)
    fine = beyond.any(-1) & ~met.all(-1) & (leaves <= 2 * width[:, None] + 2) & (gap < limit[:, None]) & ~own
    cost = np.where(fine, gap * (1 + np.abs(FAN)), np.inf)
    best = cost.argmin(1)
    some = fine.any(1)
    goals[some] = goal[some, best[some]]
    return goals
