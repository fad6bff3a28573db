"""Ground: what a picture's border shows, and how far every pixel is from it.

The border of a photograph of one thing is the sheet, the floor or the wall behind it. Its colour runs evenly from side
to side (light falls off), so it is fitted by a plane in Lab to the border's commonest colour, again and again without
what does not belong to it; what the fit leaves over is the ground's pattern. Where the rest of the border is another
ground, as wall and floor, it has a plane of its own, unless the middle of the picture is of that colour as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core.colours import Array
from generators.vision.names import name_of
from generators.vision.palette import find_palette

GroundKind = Literal["plain", "textured", "divided", "busy"]

BORDER = 0.06  # share of the shorter side
ROUNDS = 5  # of fitting
ENOUGH = 900  # pixels of the border
CLOSE, LEAST = 0.14, 0.05  # farther from the fit than any ground, and nearer than any thing; scaled Lab
SPREAD = 3.0  # times the median distance from the fit is still ground
HELD = 0.7  # share of the border that one ground has
PLAIN, TEXTURED = 0.028, 0.07  # median distance of a ground from its fit
BARE, EVEN = 0.1, 0.03  # distance from the fit, and of neighbours, which a folded sheet exceeds somewhere
BOTH = 0.85  # share of the border that two grounds have together, as wall and floor
TWO = 0.75  # share of the border that two colours have together, to be named both
LIGHTNESS = 0.7  # weight of lightness: shadows fall on grounds
REST = 0.08  # share of the border that is looked at for a second ground
CENTRE, FULL = 0.3, 0.8  # share of the middle that a second ground may have, and that two may have together
COLOURED, SHADOW, DIMMED = 0.55, 0.4, 0.15  # chroma of a ground whose shadows keep its hue, the darkest, its distance


@dataclass(frozen=True)
class Ground:
    kind: GroundKind
    colours: tuple[str, ...]  # one, or two where the border has two; the larger first
    ends: tuple[str, str]  # its colours at the two ends of its steepest way, from the left or from the top
    held: float  # share of the border that the fit explains
    roughness: float  # median distance of that share from the fit, scaled Lab
    slope: tuple[float, float]  # lightness that is won from left to right, and from top to bottom
    lightness: float
    bare: bool  # nothing else is to be seen: the whole picture is on the fit
    distance: Array = field(repr=False, compare=False)  # of each pixel from the fit, shape (h, w)


def find_ground(lab: Array) -> Ground:
    """The ground of a picture of shape (h, w, 3) in scaled Lab."""
    h, w = lab.shape[:2]
    rows, columns = _border(h, w)
    colours = lab[rows, columns]
    at = np.stack([np.ones(len(rows)), columns / w - 0.5, rows / h - 0.5], -1).astype(np.float32)
    fit = _fitted(at, colours)
    away, distance = _distance(colours, at @ fit), _distance(lab, _plane(fit, h, w))
    within = away < CLOSE
    held, rough = float(within.mean()), float(np.median(away[within])) if within.any() else 1.0
    kind: GroundKind = "busy" if held < HELD or rough > TEXTURED else "textured" if rough > PLAIN else "plain"
    if held < 1 - REST:
        second = _fitted(at[~within], colours[~within])
        other = _distance(lab, _plane(second, h, w))
        if (_centre((other < CLOSE) & (other < distance))).mean() < CENTRE:
            away, distance = np.minimum(away, _distance(colours, at @ second)), np.minimum(distance, other)
            both = away < CLOSE
            if held < HELD and both.mean() > BOTH and np.median(away[both]) < TEXTURED:
                kind = "divided" if (_centre(distance < CLOSE)).mean() < FULL else "busy"
                within, held, rough = both, float(both.mean()), float(np.median(away[both]))
    bare = bool(held > 0.99 and distance.max() < BARE and max(_step(lab, 0), _step(lab, 1)) < EVEN)
    kind = "plain" if bare else kind
    steepest = fit[1] if np.linalg.norm(fit[1]) >= np.linalg.norm(fit[2]) else fit[2]
    return Ground(
        kind=kind,
        colours=_named(colours if kind == "busy" else colours[within], kind),
        ends=(name_of(fit[0] - steepest / 2), name_of(fit[0] + steepest / 2)),
        held=round(held, 3),
        roughness=round(rough, 4),
        slope=(round(float(fit[1, 0]), 3), round(float(fit[2, 0]), 3)),
        lightness=round(float(fit[0, 0]), 3),
        bare=bare,
        distance=distance,
    )


def _fitted(at: Array, colours: Array) -> Array:
    """The plane, shape (3, 3), through all the colours, or through the commonest and whatever is near it."""
    fit = _least_squares(at, colours)
    if np.percentile(_distance(colours, at @ fit), 90) > LEAST:  # something else lies on the border as well
        fit = np.zeros((3, 3), np.float32)
        fit[0] = _commonest(colours)
    close = CLOSE * 1.5
    within = np.zeros(len(colours), bool)
    for _ in range(ROUNDS):
        away, before = _distance(colours, at @ fit), within
        within = away < close
        if within.mean() < 0.2 or (within == before).all():
            break
        fit = _least_squares(at[within], colours[within])
        close = float(np.clip(SPREAD * np.median(away[within]), LEAST, CLOSE))
    return fit


def _plane(fit: Array, h: int, w: int) -> Array:
    x, y = np.arange(w, dtype=np.float32) / w - 0.5, np.arange(h, dtype=np.float32) / h - 0.5
    return np.asarray((fit[0] + x[:, None] * fit[1])[None] + (y[:, None] * fit[2])[:, None], np.float32)


def _named(colours: Array, kind: GroundKind) -> tuple[str, ...]:
    palette = find_palette(colours)
    two = len(palette) > 1 and (kind == "divided" or palette[0].share < TWO < palette[0].share + palette[1].share)
    return tuple(swatch.name for swatch in palette[: 2 if two and kind != "plain" else 1])


def _border(h: int, w: int) -> tuple[Array, Array]:
    """Rows and columns of the border's pixels."""
    band = max(1, round(BORDER * min(h, w)))
    mask = np.ones((h, w), bool)
    mask[band : h - band, band : w - band] = False
    rows, columns = np.nonzero(mask)
    step = max(1, len(rows) // ENOUGH)
    return rows[::step], columns[::step]


def _commonest(colours: Array) -> Array:
    """The mean of the fullest cell of a coarse histogram, and of what lies around it."""
    cells = (colours / 0.1 + np.array([0, 15, 15])).astype(np.int32)
    codes = (cells[:, 0] * 30 + cells[:, 1]) * 30 + cells[:, 2]
    centre = colours[codes == np.bincount(codes).argmax()].mean(0)
    return np.asarray(colours[_distance(colours, centre) < CLOSE].mean(0), np.float32)


def _least_squares(at: Array, colours: Array) -> Array:
    """Least squares with a little weight on no slope, for what lies on one side only."""
    inner = at.T @ at + np.diag([0, 1, 1]).astype(np.float32) * 0.02 * len(at)
    return np.asarray(np.linalg.solve(inner.astype(np.float64), (at.T @ colours).astype(np.float64)), np.float32)


def _distance(colours: Array, ground: Array) -> Array:
    """How far colours are from a ground's, of the same shape or one of it; a strong colour's own shadow is near."""
    light, red, yellow = (colours[..., axis] for axis in range(3))
    at, to_red, to_yellow = (ground[..., axis] for axis in range(3))
    if np.hypot(to_red.mean(), to_yellow.mean()) < COLOURED:
        squares = (LIGHTNESS * (light - at)) ** 2 + (red - to_red) ** 2 + (yellow - to_yellow) ** 2
        return np.asarray(np.sqrt(squares), np.float32)
    dimmed = (light * at + red * to_red + yellow * to_yellow) / (at**2 + to_red**2 + to_yellow**2)
    dimmed = np.clip(dimmed, SHADOW, 1)
    apart = (LIGHTNESS * (light - dimmed * at)) ** 2
    apart += (red - dimmed * to_red) ** 2 + (yellow - dimmed * to_yellow) ** 2
    return np.asarray(np.sqrt(apart) + DIMMED * (1 - dimmed), np.float32)


def _step(lab: Array, axis: int) -> float:
    """The largest difference between neighbours along an axis."""
    return float(np.abs(np.diff(lab, axis=axis)).max()) if lab.shape[axis] > 1 else 0.0


def _centre(values: Array) -> Array:
    h, w = values.shape
    return values[h // 4 : h - h // 4, w // 4 : w - w // 4]
