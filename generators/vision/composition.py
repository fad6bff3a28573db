"""Composition: a picture's format, a level line that divides it, whether its halves mirror each other, its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from core.colours import Array
from generators.vision.palette import find_palette

Format = Literal["square", "tall", "wide", "panorama", "column"]
Lines = Literal["upright", "level", "upright and level", "diagonal"]
Detail = Literal["smooth", "moderate", "detailed"]

SQUARE, LONG = 1.1, 2.1  # ratios of the sides up to which a picture is square, and from which on it is a strip
INSIDE = 0.15  # share of the height that a dividing line leaves above and below
STEP = 0.1  # difference in scaled Lab across a dividing line
WHOLE, ENDS = 0.85, 0.75  # share of the columns in which the line is found, and of those near either side
APART = 0.12  # difference of all above from all below
MIRRORED = 0.85  # of the variance that the mirrored picture explains
LIVELY = 0.06  # standard deviation below which there is nothing to mirror
STRONGEST, BOTH, OBLIQUE = 0.36, 0.66, 0.52  # shares of edge energy, of one direction and of two
EDGE, FAINT = 0.6, 0.12  # strength of a clear edge, and of one whose direction counts
SMOOTH, FULL = 0.004, 0.24  # shares of the pixels that lie on one


@dataclass(frozen=True)
class Horizon:
    """A level line from side to side."""

    height: float  # share of the picture above it
    above: str  # the main colour
    below: str


@dataclass(frozen=True)
class Composition:
    format: Format
    horizon: Horizon | None
    symmetrical: bool  # left and right
    lines: Lines | None
    detail: Detail
    flat: bool  # one colour from edge to edge


def find_composition(lab: Array, width: int, height: int) -> Composition:
    """The composition of a picture of shape (h, w, 3) in scaled Lab, of which width and height are the full size."""
    light = np.ascontiguousarray(lab[..., 0])
    gx, gy = cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)
    strength = cv2.magnitude(gx, gy)
    edges = float((strength > EDGE).mean())
    return Composition(
        format=_format(width / height),
        horizon=_horizon(lab),
        symmetrical=_mirrored(lab),
        lines=_lines(gx, gy, strength),
        detail="smooth" if edges < SMOOTH else "detailed" if edges > FULL else "moderate",
        flat=all(float(np.ptp(axis)) < 0.03 for axis in cv2.split(lab)),
    )


def _format(ratio: float) -> Format:
    if ratio >= LONG or ratio <= 1 / LONG:
        return "panorama" if ratio > 1 else "column"
    return "wide" if ratio > SQUARE else "tall" if ratio < 1 / SQUARE else "square"


def _horizon(lab: Array) -> Horizon | None:
    """Where bands above and below differ most, alike in nearly all columns."""
    h, w = lab.shape[:2]
    band = max(2, h // 16)
    if h < 8 * band:
        return None
    sums = np.cumsum(np.concatenate([np.zeros((1, w, 3), np.float32), lab]), 0, dtype=np.float32)
    margin = max(2 * band, round(INSIDE * h))
    rows = np.arange(margin, h - margin)
    step = (sums[rows + band] - 2 * sums[rows] + sums[rows - band]) / band  # what lies below, less what lies above
    mean = step.mean(1)
    size = np.linalg.norm(mean, axis=1)
    best = int(size.argmax())
    if size[best] < STEP:
        return None
    row = int(rows[best])
    along = step @ (mean[best] / size[best])
    near = along[max(0, best - 1 - h // 48) : best + 2 + h // 48].max(0)
    level = near > np.maximum(size[best] / 2, 0.75 * along[max(0, best - 2 * band) : best + 2 * band].max(0))
    apart = np.linalg.norm(lab[:row].mean((0, 1)) - lab[row:].mean((0, 1)))
    sides = max(2, w // 8)
    ends = min(level[:sides].mean(), level[-sides:].mean())
    if level.mean() < WHOLE or ends < ENDS or apart < APART:
        return None
    above, below = (find_palette(part.reshape(-1, 3))[0].name for part in (lab[:row], lab[row:]))
    return Horizon(round(row / h, 3), above, below) if above != below else None


def _mirrored(lab: Array) -> bool:
    h, w = lab.shape[:2]
    small = cv2.resize(lab, (min(32, w), min(32, h)), interpolation=cv2.INTER_AREA)
    small = small - small.mean(1, keepdims=True)  # what changes from top to bottom mirrors itself in any case
    spread = float((small**2).sum(-1).mean())
    if spread < LIVELY**2:
        return False
    best, reach = 0.0, small.shape[1] // 16
    for shift in range(-reach, reach + 1):  # the axis may lie a little beside the middle
        part = small[:, max(0, shift) : small.shape[1] + min(0, shift)]
        best = max(best, 1 - float(((part - part[:, ::-1]) ** 2).sum(-1).mean()) / (2 * spread))
    return best > MIRRORED


def _lines(gx: Array, gy: Array, strength: Array) -> Lines | None:
    """The direction that prevails among the edges; 0 is an upright edge."""
    weight = np.where(strength > FAINT, strength, 0)
    if weight.mean() < 0.01:
        return None
    sector = (cv2.phase(gx, gy) * (6 / np.pi) + 0.5).astype(np.int32) % 6
    share = np.bincount(sector.ravel(), weight.ravel(), 6) / weight.sum()
    if share[0] + share[3] > BOTH and min(share[0], share[3]) > 0.25:
        return "upright and level"
    if share[0] > STRONGEST and share[0] > 1.7 * share[3]:
        return "upright"
    if share[3] > STRONGEST and share[3] > 1.7 * share[0]:
        return "level"
    return "diagonal" if max(share[1] + share[2], share[4] + share[5]) > OBLIQUE else None
