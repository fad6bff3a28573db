"""Figure: what stands out from a picture's ground, where it lies, how much of the picture it fills.

On a ground that is even it is whatever is farther from the ground than the ground's own pattern, in one piece or a
few. On any other ground it is what the middle shows in colours that the border has not, where core is sure of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from core.measures import SUBJECT_SIDE, disc, shrink, subject
from generators.vision.ground import Ground
from generators.vision.palette import Swatch, find_palette

SPECK = 0.004  # share of the picture; smaller is dust
SMALLER = 0.12  # of the largest piece; smaller pieces are no part of the figure
SURE = 0.6  # certainty of core's subject
OPEN = 0.1  # share of the border that a figure may have, where it is cut off
NEAR, FAR = 0.07, 0.2  # distances from a ground between which a figure begins


@dataclass(frozen=True)
class Figure:
    """All shares are of the picture, or of its width and height."""

    palette: tuple[Swatch, ...]  # its own colours
    area: float
    box: tuple[float, float, float, float]  # left, top, right, bottom
    centre: tuple[float, float]  # of its weight, x and y
    pieces: int
    lightness: float
    variety: float  # of its colours from pixel to pixel: folds give less than 0.05, prints and checks more
    mask: NDArray[np.bool_] = field(repr=False, compare=False)  # shape (h, w)


def find_figure(rgb: NDArray[np.uint8], lab: Array, sharp: Array, ground: Ground) -> Figure | None:
    """The figure of a picture of shape (h, w, 3); None where nothing stands out. `sharp` is its Lab of single pixels,
    which `lab` has averaged."""
    found = _outside(ground) if ground.kind != "busy" else None
    if found is None or _on_border(found) > OPEN:  # what is not the ground may be another ground
        middle = _middle(rgb)
        found = middle if found is None or middle is None else found & middle
    if found is None:
        return None
    mask, pieces = _whole(found)
    area = float(mask.mean())
    if area < SPECK:
        return None
    top, down, bottom = _extent(mask, 0)
    left, across, right = _extent(mask, 1)
    inner = _inner(mask)
    return Figure(
        palette=find_palette(sharp[inner]),
        area=round(area, 4),
        box=(left, top, right, bottom),
        centre=(across, down),
        pieces=pieces,
        lightness=round(float(lab[inner][:, 0].mean()), 4),
        variety=_variety(lab, inner),
        mask=mask,
    )


def _on_border(mask: NDArray[np.bool_]) -> float:
    """Share of the outermost pixels that is the mask's."""
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())


def _extent(mask: NDArray[np.bool_], axis: int) -> tuple[float, float, float]:
    """Where a mask begins, has its mean and ends along an axis, as shares of it; one pixel in 200 may lie outside."""
    counts = mask.sum(1 - axis)
    sums = np.cumsum(counts) / counts.sum()
    low, high = np.searchsorted(sums, (0.005, 0.995))
    size = len(counts)
    mean = float((counts * (np.arange(size) + 0.5)).sum() / counts.sum())
    return float(low) / size, mean / size, float(high + 1) / size


def _inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask without its rim, whose pixels mix two colours; all of it where it is thin."""
    inner = cv2.erode(mask.astype(np.uint8), disc(1), borderValue=1) > 0
    return np.asarray(inner if inner.sum() > 0.4 * mask.sum() else mask)


def _variety(lab: Array, mask: NDArray[np.bool_]) -> float:
    """Median standard deviation within 5x5 px."""
    spread = cv2.blur(lab * lab, (5, 5)) - cv2.blur(lab, (5, 5)) ** 2
    return round(float(np.median(np.sqrt(np.maximum(spread[mask].sum(-1), 0)))), 4)


def _outside(ground: Ground) -> NDArray[np.bool_]:
    distance = cv2.GaussianBlur(ground.distance, (0, 0), 0.8)
    scaled = np.clip(distance * 255, 0, 255).astype(np.uint8)
    otsu = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0] / 255
    least = max(NEAR, 3 * ground.roughness)
    return np.asarray(distance > np.clip(otsu * 0.8, least, max(FAR, least)))


def _middle(rgb: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    h, w = rgb.shape[:2]
    weights, certain = subject(shrink(rgb, SUBJECT_SIDE))
    if certain < SURE:
        return None
    return np.asarray(cv2.resize(weights, (w, h), interpolation=cv2.INTER_LINEAR) > 0.3)


def _whole(mask: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int]:
    """The mask without dust and small holes, and of how many pieces of some size it consists."""
    radius = max(1, round(max(mask.shape) / 96))
    solid = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, disc(radius))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    if count < 2:
        return np.zeros(mask.shape, bool), 0
    kept = areas > SMALLER * areas.max()
    return np.asarray(kept[labels]), int((areas > 0.3 * areas.max()).sum())
