"""Page: the sheet that a drawing lies on. Where it ends, how light it is, and where on it the drawing is."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from core.measures import shrink

SIDE = 160  # px of the long side at which the sheet is looked for
HEALED = 5  # px of the median that takes the lines off it
OFF_COLOUR = 0.14  # of a log ratio of channels; light and shadow change it less
DARK = 0.3  # of the sheet's lightness; no shadow is as deep
LEAST, MOST = 0.1, 0.97  # share of the picture that a sheet has
CONVEX, BOXY = 0.94, 0.84  # share of its hull that a sheet covers, and of the smallest box around it
AROUND = 0.7  # share of the picture's border that is table; sky and grass in crayon have less
RIM = 0.012  # of the long side; this near to its end a sheet has shadows and folds
MARGIN = 0.08  # of the drawing's longer side, left bare around it
SPECK = 8  # px; smaller marks are grain
LOST = 0.3  # share of the page; a drawing whose box is smaller is lost on it

_LOGS = np.log(np.arange(256, dtype=np.float32) + 12)

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the picture
Pixels = NDArray[Any]  # of uint8; OpenCV's stubs lose the type
Mask = NDArray[Any]  # of uint8, shape (h, w), 1 inside


def find_sheet(rgb: Pixels) -> Array | None:
    """The corners of a sheet of paper on a table or in a scanner, shape (n, 2), x and y as shares; None for no table.

    Paper is the commonest bright colour, its end a change of colour or the black of a lid. What is not as convex and
    as boxy as paper, or has no table around it, is no sheet.
    """
    small = shrink(rgb, SIDE)
    healed = cv2.medianBlur(small, HEALED)
    light = cv2.cvtColor(healed, cv2.COLOR_RGB2GRAY)
    logs = _LOGS[healed]
    tint = np.stack([logs[..., 0] - logs[..., 1], logs[..., 2] - logs[..., 1]], -1)
    paper = _commonest(tint, light.astype(np.float32))
    near = np.abs(tint - paper).max(-1) < OFF_COLOUR
    level = float(np.median(light[near]))
    black = (light < DARK * level).astype(np.uint8)
    inside = (near & (black == 0)).astype(np.uint8)
    for ground, least in ((inside, AROUND), (1 - black, 0.2)):
        sheet = _largest(ground)
        if sheet is not None and _border(sheet) <= 1 - least:
            corners = _corners(sheet)
            if corners is not None:
                return corners
    return None


def _commonest(tint: Array, light: Array) -> Array:
    """The middle of the fullest cell of a histogram of tints, weighted by lightness, shape (2,)."""
    cells = np.clip((tint / 0.08 + 16).astype(np.int64), 0, 31)
    index = cells[..., 0] * 32 + cells[..., 1]
    counts = np.bincount(index.ravel(), (light * light).ravel(), 1024).reshape(32, 32).astype(np.float32)
    row, column = np.unravel_index(cv2.blur(counts, (3, 3)).argmax(), counts.shape)
    near = (np.abs(cells - np.array([row, column])) <= 1).all(-1)
    return np.asarray(np.median(tint[near], 0) if near.any() else np.zeros(2), np.float32)


def _largest(ground: Mask) -> Mask | None:
    """The largest part of a mask, without bridges to what is beside it."""
    opened = cv2.morphologyEx(ground, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if count < 2:
        return None
    return np.asarray(parts == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()), np.uint8)


def _border(mask: Mask) -> float:
    """Share of the picture's border inside a mask."""
    return float(np.concatenate([mask[1], mask[-2], mask[:, 1], mask[:, -2]]).mean())


def _corners(sheet: Mask) -> Array | None:
    h, w = sheet.shape
    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(outline)
    area, whole = cv2.contourArea(outline), cv2.contourArea(hull)
    (_, (width, height), _) = cv2.minAreaRect(hull)
    if not LEAST * h * w < area < MOST * h * w or area < CONVEX * whole or whole < BOXY * width * height:
        return None
    return np.asarray(hull.reshape(-1, 2) / np.array([w - 1, h - 1]), np.float32)


def inside(corners: Array, box: Box, width: int, height: int) -> Mask:
    """The sheet, without its rim, on a picture of this size that shows `box` of the whole; 1 inside."""
    left, top, right, bottom = box
    scaled = (corners - (left, top)) / (right - left, bottom - top) * (width, height)
    rim = max(2, round(RIM * max(width / (right - left), height / (bottom - top))))
    mask = np.zeros((height + 2 * rim, width + 2 * rim), np.uint8)  # a sheet that ends with the box has a rim there
    cv2.fillConvexPoly(mask, np.round(scaled + rim).astype(np.int32), 1)
    eroded = cv2.erode(mask, np.ones((2 * rim + 1,) * 2, np.uint8), borderValue=0)
    return np.ascontiguousarray(eroded[rim:-rim, rim:-rim], np.uint8)


def box_of(corners: Array) -> Box:
    """The upright box around the corners of a sheet."""
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    return float(left), float(top), float(right), float(bottom)


def within(outer: Box, inner: Box) -> Box:
    """`inner`, which is told in shares of `outer`, in shares of the whole."""
    left, top, right, bottom = outer
    wide, high = right - left, bottom - top
    return left + inner[0] * wide, top + inner[1] * high, left + inner[2] * wide, top + inner[3] * high


def find_drawing(ink: Mask) -> Box | None:
    """The box of all that is drawn, with a margin, where it is lost on the page; dust does not count."""
    h, w = ink.shape
    _, speck, sizes, _ = cv2.connectedComponentsWithStats(ink)
    large = sizes[:, cv2.CC_STAT_AREA] >= SPECK
    large[0] = False
    ink = large[speck].astype(np.uint8)
    reach = max(3, max(h, w) // 40) | 1
    count, parts, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(ink, np.ones((reach, reach), np.uint8)))
    drawn = np.bincount(parts[ink > 0], minlength=count)
    if count < 2 or drawn.max() < 1:
        return None
    kept = stats[1:][drawn[1:] >= max(6, 0.03 * drawn.max())]
    if not len(kept):
        return None
    half = reach // 2
    left, top = kept[:, 0].min() + half, kept[:, 1].min() + half
    right, bottom = (kept[:, 0] + kept[:, 2]).max() - half, (kept[:, 1] + kept[:, 3]).max() - half
    if (right - left) * (bottom - top) > LOST * h * w:
        return None
    margin = max(MARGIN * max(right - left, bottom - top), 0.03 * max(h, w))
    box = (left - margin) / w, (top - margin) / h, (right + margin) / w, (bottom + margin) / h
    return max(0.0, box[0]), max(0.0, box[1]), min(1.0, box[2]), min(1.0, box[3])
