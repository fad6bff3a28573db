"""Page: the sheet that a drawing lies on. Where it ends, how light it is, and where on it the drawing is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.colours import Array
from core.measures import shrink
from generators.cut import ALL, Box, Cut, Mask, Pixels, box_cut, cut_of
from generators.outline import four_corners, hull_of, hull_of_edges

SIDE = 160  # px of the long side at which the sheet is looked for
HEALED = 5  # px of the median that takes the lines off it
OFF_COLOUR = 0.14  # of a log ratio of channels; light and shadow change it less
DARK = 0.3  # of the sheet's lightness; no shadow is as deep
AROUND = 0.7  # share of the picture's border that is table; sky and grass in crayon have less
RIM = 0.012  # of the long side; this near to its end a sheet has shadows and folds
MARGIN = 0.08  # of the drawing's longer side, left bare around it
SPECK = 8  # px; smaller marks are grain
LOST = 0.3  # share of the page; a drawing whose box is smaller is lost on it

FINGER = (0.0008, 0.06)  # share of the picture that a finger covers
ROUND = 0.88  # share of its hull
WARM, VIVID = 0.12, 0.75  # of a log ratio of channels; skin is redder than paper, and paint redder than skin

_LOGS = np.log(np.arange(256, dtype=np.float32) + 12)


@dataclass(frozen=True)
class Sheet:
    """A sheet of paper; what it shows is told in shares of the picture."""

    corners: Array | None  # its convex outline, shape (n, 2); None where no table is around it
    quad: Array | None  # its corners, shape (4, 2), where all four are sure
    covered: Mask | None  # 1 under a hand, small

    def cut(self) -> Cut:
        """The picture of the sheet alone: straightened where its four corners are sure, else the box around it."""
        if self.corners is None:
            return ALL
        if self.quad is not None:
            return cut_of(self.quad)
        (left, top), (right, bottom) = self.corners.min(0), self.corners.max(0)
        return box_cut((float(left), float(top), float(right), float(bottom)))

    def mask(self, cut: Cut, width: int, height: int) -> Mask:
        """The sheet, without its rim and what covers it, on a picture of this size that shows `cut`; 1 inside."""
        onto = cut.onto(width, height)
        mask: Mask = np.ones((height, width), np.uint8)
        if self.corners is not None:
            left, top, right, bottom = cut.box
            rim = max(2, round(RIM * max(width / (right - left), height / (bottom - top))))
            mask = np.zeros((height + 2 * rim, width + 2 * rim), np.uint8)  # a sheet that ends with it has a rim there
            points = cv2.perspectiveTransform(self.corners[None].astype(np.float64), onto)[0]
            cv2.fillConvexPoly(mask, np.round(points + rim).astype(np.int32), 1)
            mask = cv2.erode(mask, np.ones((2 * rim + 1,) * 2, np.uint8), borderValue=0)[rim:-rim, rim:-rim]
        if self.covered is not None:
            h, w = self.covered.shape
            covered = cv2.warpPerspective(self.covered, onto @ np.diag([1 / w, 1 / h, 1]), (width, height))
            mask = mask * (covered == 0)
        return np.ascontiguousarray(mask, np.uint8)


def find_sheet(rgb: Pixels) -> Sheet | None:
    """The sheet of paper on a table or in a scanner; None for a picture that is paper all over.

    Paper is the commonest bright colour, its end a change of colour, of lightness, or the black of a lid. What is not
    as convex and as boxy as paper, or has no table around it, is no sheet.
    """
    small = shrink(rgb, SIDE)
    healed = cv2.medianBlur(small, HEALED)
    light = cv2.cvtColor(healed, cv2.COLOR_RGB2GRAY)
    logs = _LOGS[healed]
    tint = np.stack([logs[..., 0] - logs[..., 1], logs[..., 2] - logs[..., 1]], -1)
    paper = _commonest(tint, light.astype(np.float32))
    off = tint - paper
    near = np.abs(off).max(-1) < OFF_COLOUR
    level = float(np.median(light[near]))
    black = (light < DARK * level).astype(np.uint8)
    inside = (near & (black == 0)).astype(np.uint8)
    bright = near & (light > cv2.threshold(light, 0, 255, cv2.THRESH_OTSU)[0])
    skin = _skin(off, light, level)
    hull = None
    for ground, least in ((inside, AROUND), (1 - black, 0.2), (bright.astype(np.uint8), AROUND)):
        part = _largest(ground)
        if hull is None and part is not None and _border(part) <= 1 - least:
            hull = hull_of(part, skin)
    if hull is None:
        hull = hull_of_edges(light)
    if hull is not None:
        return _sheet(hull, skin)
    rim = np.ones_like(skin)
    rim[2:-2, 2:-2] = 0
    hand = _reaching(skin, rim)
    return None if hand is None else Sheet(None, None, hand)


def _sheet(hull: Pixels, skin: Mask) -> Sheet:
    h, w = skin.shape
    filled = cv2.fillConvexPoly(np.zeros_like(skin), np.round(hull).astype(np.int32), 1)
    four = four_corners(hull, w, h)
    return Sheet(
        corners=np.asarray(hull.reshape(-1, 2) / np.array([w - 1, h - 1]), np.float32),
        quad=None if four is None else np.asarray((four + 0.5) / (w, h), np.float32),
        covered=_reaching(skin * filled, 1 - cv2.erode(filled, np.ones((7, 7), np.uint8))),
    )


def _skin(off: Array, light: Pixels, level: float) -> Mask:
    """1 where the tint against paper is that of skin, pale or dark: redder, less blue, and darker."""
    warm = (off[..., 0] > WARM) & (off[..., 0] < VIVID) & (off[..., 1] < -0.4 * WARM) & (light < 0.97 * level)
    return warm.astype(np.uint8)


def _reaching(skin: Mask, rim: Mask) -> Mask | None:
    """The fingers that come in over a rim: of one piece, rounded, and not along it; None where there are none."""
    skin = np.asarray(cv2.morphologyEx(skin, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(skin, connectivity=4)
    hand = np.zeros_like(skin)
    for i in range(1, count):
        wide, high, area = (int(stats[i, k]) for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
        if not FINGER[0] * skin.size < area < FINGER[1] * skin.size or max(wide, high) > 0.3 * max(skin.shape):
            continue
        part = np.asarray(parts == i, np.uint8)
        outline = max(cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=cv2.contourArea)
        rounded = cv2.contourArea(outline) > ROUND * cv2.contourArea(cv2.convexHull(outline))
        if rounded and cv2.countNonZero(part * rim) >= 3:
            hand |= part
    return np.asarray(cv2.dilate(hand, np.ones((5, 5), np.uint8)), np.uint8) if hand.any() else None


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
