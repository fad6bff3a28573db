"""Curves: the outlines that figures are made of, as points of shape (n, 2)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from core.colours import Array

Points = Array | Sequence[tuple[float, float]]

BETWEEN = 6  # points of a spline from one of its knots to the next


@lru_cache(maxsize=1024)
def path(text: str) -> Array:
    """Points as drawings have them in text: x and y with a comma between, points apart by spaces."""
    points = np.array([pair.split(",") for pair in text.split()], np.float32)
    points.flags.writeable = False  # everybody shares it
    return points


def spline(knots: Points, closed: bool = False) -> Array:
    """A smooth curve through knots (Catmull and Rom 1974)."""
    p = np.asarray(knots, np.float32)
    if len(p) < 3:
        return p
    ends = (p[-1:], p[:2]) if closed else (2 * p[:1] - p[1:2], 2 * p[-1:] - p[-2:-1])
    p = np.concatenate([ends[0], p, ends[1]])
    a, b, c, d = (p[i : len(p) - 3 + i, None] for i in range(4))
    t = _steps()
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    curve = curve.reshape(-1, 2)
    return np.asarray(curve if closed else np.concatenate([curve, p[-2:-1]]), np.float32)


@lru_cache(maxsize=1)
def _steps() -> Array:
    return (np.arange(BETWEEN, dtype=np.float32) / BETWEEN)[None, :, None]


def oval(x: float, y: float, across: float, up: float | None = None, turn: float = 0.0) -> Array:
    """An ellipse by its centre and half axes; `turn` in degrees, against the clock."""
    ring = _ring() * np.array([across, across if up is None else up], np.float32)
    if turn:
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        ring = ring @ np.array([[c, s], [-s, c]], np.float32)
    return np.asarray(ring + np.array([x, y], np.float32), np.float32)


@lru_cache(maxsize=1)
def _ring() -> Array:
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], -1).astype(np.float32)


def arc(x: float, y: float, across: float, up: float, start: float, end: float) -> Array:
    """Part of an ellipse, from one angle to another, in degrees against the clock from the right."""
    angle = np.radians(np.linspace(start, end, 14))
    return np.stack([x + across * np.cos(angle), y + up * np.sin(angle)], -1).astype(np.float32)


def limb(x0: float, y0: float, thick0: float, x1: float, y1: float, thick1: float) -> Array:
    """A rounded bar from one point to another, by half its thickness at both ends."""
    along = np.arctan2(y1 - y0, x1 - x0)
    half = np.linspace(0, np.pi, 7)
    one, other = along + np.pi / 2 + half, along - np.pi / 2 + half
    start = np.stack([x0 + thick0 * np.cos(one), y0 + thick0 * np.sin(one)], -1)
    end = np.stack([x1 + thick1 * np.cos(other), y1 + thick1 * np.sin(other)], -1)
    return np.concatenate([start, end]).astype(np.float32)


def box(left: float, bottom: float, right: float, top: float) -> Array:
    return np.array([(left, bottom), (right, bottom), (right, top), (left, top)], np.float32)


def archway(left: float, bottom: float, right: float, top: float, pointed: bool = False) -> Array:
    """An opening with a round or pointed head."""
    half = (right - left) / 2
    rise = min(half * (1.5 if pointed else 1.0), top - bottom)
    if pointed:
        head = spline([(right, top - rise), (right - 0.22 * half, top - 0.42 * rise), (right - half, top)])
        mirrored = np.stack([left + right - head[::-1, 0], head[::-1, 1]], -1)
        head = np.concatenate([head, mirrored[1:]])
    else:
        head = arc(left + half, top - rise, half, rise, 0, 180)
    return np.concatenate([[(left, bottom), (right, bottom)], head]).astype(np.float32)


def mirrored(points: Points) -> Array:
    """An outline of which the right half is given from top to bottom, both halves."""
    p = np.asarray(points, np.float32)
    off = p[np.abs(p[:, 0]) > 1e-6]  # a point in the middle is its own mirror
    return np.concatenate([p, off[::-1] * np.array([-1, 1], np.float32)])


def scalloped(ring: Points, depth: float, bumps: int, closed: bool = True) -> Array:
    """An outline as of leaves or clouds: bumps along a ring that runs against the clock, of `depth` beyond it."""
    p = np.asarray(ring, np.float32)
    at = np.linspace(0, len(p) - (not closed), bumps + (not closed), endpoint=not closed)
    knots = p[at.astype(int) % len(p)]
    along = np.roll(knots, -1, 0) - knots
    if not closed:
        knots, along = knots[:-1], along[:-1]
    out = np.stack([along[:, 1], -along[:, 0]], -1)
    length = np.maximum(1e-6, np.linalg.norm(out, axis=1, keepdims=True))
    around = np.linspace(0, np.pi, 9)
    bulge = np.sin(around)[None, :, None]
    share = ((1 - np.cos(around)) / 2)[None, :, None]
    rounded = knots[:, None] + share * along[:, None] + bulge * (depth * out / length)[:, None]
    return np.asarray(rounded[:, :-1].reshape(-1, 2), np.float32)
