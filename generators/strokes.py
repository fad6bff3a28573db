"""Strokes: the ink of a drawing, told from its own paper. Light, shadow and the colour of the paper fall away."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.cut import Mask, Pixels
from generators.pigment import coloured_parts, filled_areas, whitened
from generators.ruling import find_ruling

REACH = 8 / 512  # of the long side; a stroke is at most twice as wide
CRAYON = 0.6  # of full ink; what is paler within a coloured area is its texture
PALE, MANY = 0.75, 0.12  # of full ink; share of the pixels around: hatching
SHADED = 0.95  # softness; less is blur, where nothing is hatched
HATCH = 0.25  # what is left of it: it is seen, and ends no area
LEAST_COLOUR = 0.003  # share of the pixels; less is the fringe of a lens
DUST = 14  # px of a picture of 512; smaller marks are none
THIN = 2.2  # px of a picture of 512; thinner lines break up in paint
SOFTENED = 0.8  # sigma in px against the grain of paper and sensor
_LOG = (np.log(np.maximum(np.arange(256), 20) / 20) * 100).astype(np.uint8)  # 1 % of lightness a step


@dataclass(frozen=True)
class Strokes:
    """Ink is 8-bit, 0 on bare paper; all arrays are of shape (h, w), the paper has its three channels."""

    ink: Pixels
    paper: Pixels  # the picture without its strokes; dark where the drawing is light on dark
    sheet: Mask | None  # 1 on the sheet, where there is a table around it
    grain: float  # standard deviation of bare paper, in steps of ink
    full: float  # the drawing's own darkest ink
    strong: float  # share of the pixels with at least half of it
    soft: float  # pixels between paper and ink for each strong one: a pen leaves few, a fold many
    left: float  # share of the contrast that stays when strokes are healed away
    exposed: float  # the same without what lies under a stroke, as the end of an area within outlines does
    uneven: float  # share of its lightness that the paper loses from one place to another
    bare: float  # ink of the middle pixel: what passes for none
    white: Pixels | None  # the picture as it would be on white paper; None on coloured and on dark paper
    filled: Mask | None  # 255 in areas coloured by hand
    colour: float  # share of its pixels that are coloured
    ruling: Mask | None  # 1 on the lines that are printed on the paper

    @property
    def marks(self) -> Pixels:
        """1 where there is clearly ink."""
        return (self.ink > max(0.5 * self.full, 4 * self.grain)).astype(np.uint8)


def is_inverted(rgb: Pixels, sheet: Mask | None) -> bool:
    """Whether what departs from the ground is lighter than it."""
    small = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    ground = cv2.medianBlur(small, 5)
    below, above = cv2.subtract(ground, small), cv2.subtract(small, ground)
    if sheet is not None:
        on = cv2.resize(sheet, small.shape[::-1], interpolation=cv2.INTER_NEAREST)
        on = cv2.erode(on, np.ones((9, 9), np.uint8), borderValue=0)
        below, above = below * on, above * on
    return bool(cv2.norm(above, cv2.NORM_L2SQR) > cv2.norm(below, cv2.NORM_L2SQR))


def find_strokes(rgb: Pixels, sheet: Mask | None, inverted: bool) -> Strokes:
    """The strokes of a picture of shape (h, w, 3), dark on light or, `inverted`, light on dark.

    Paper is the picture closed (Serra 1982) over strokes channel by channel, so that a step of light stays a step.
    """
    soft = cv2.GaussianBlur(cv2.bitwise_not(rgb) if inverted else rgb, (0, 0), SOFTENED)
    reach = max(2, round(REACH * max(rgb.shape[:2])))
    paper = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((2 * reach + 1,) * 2, np.uint8))
    paper = cv2.medianBlur(paper, 5)
    flat = cv2.divide(soft, np.maximum(paper, 24), scale=255)
    white = whitened(soft, paper, sheet)
    filled = None if white is None else filled_areas(*white)
    ink = cv2.bitwise_not(_tone(flat, paper, filled))
    if sheet is not None:
        ink = ink * sheet
    ruling = None if inverted else find_ruling(ink)
    if ruling is not None:
        ink = ink * (1 - ruling)
    summed = np.cumsum(cv2.calcHist([ink], [0], sheet, [256], [0, 256]).ravel())
    counts = summed / max(1.0, float(summed[-1]))
    grain = _grain(rgb, sheet)
    full = _darkest(counts)
    strong = 1 - counts[min(255, int(0.5 * full))]
    bare = float(np.searchsorted(counts, 0.5))
    least = max(0.15 * full, min(1.6 * bare, 0.3 * full))  # of faint ink a part drowns in the grain
    middle = counts[min(255, int(0.5 * full))] - counts[min(255, int(least))]
    left, exposed = _left(soft, paper, (ink > 0.5 * full).astype(np.uint8), sheet)
    return Strokes(
        ink=ink,
        paper=cv2.bitwise_not(paper) if inverted else paper,
        sheet=sheet,
        grain=grain,
        full=full,
        strong=float(strong),
        soft=float(middle / max(1e-5, strong)),
        left=left,
        exposed=exposed,
        uneven=_uneven(paper, sheet),
        bare=bare,
        white=None if white is None or inverted else white[0],
        filled=None if inverted else filled,
        colour=0.0 if white is None or inverted else float(cv2.mean(_coloured(white[0], ruling), sheet)[0]) / 255,
        ruling=ruling,
    )


def draw_out(strokes: Strokes) -> Array:
    """Ink of shape (h, w), 0..1: the darkest at 1, grain and dust at 0, thin strokes as wide as a pen's."""
    ink = strokes.ink.astype(np.float32)
    counts = np.cumsum(np.bincount(strokes.ink.ravel(), minlength=256)) / strokes.ink.size
    spread = max(1.0, float(np.searchsorted(counts, 0.5) - np.searchsorted(counts, 0.16)))
    floor = min(0.45 * strokes.full, max(0.2 * strokes.full, strokes.bare + 3 * spread))
    sure = max(0.5 * strokes.full, 1.1 * floor)
    if strokes.filled is not None and strokes.filled.any():  # the strokes of a crayon are no lines
        filled = strokes.filled > 0
        texture = 2 * float(np.percentile(ink[filled], 70))  # an even colour has none
        ink = np.where(filled & (ink < min(CRAYON * strokes.full, texture)), 0, ink)
    _, part, stats, _ = cv2.connectedComponentsWithStats((ink > floor).astype(np.uint8), connectivity=8)
    strong = np.bincount(part[ink > sure], minlength=len(stats))
    dust = DUST * (max(ink.shape) / 512) ** 2
    kept = (stats[:, cv2.CC_STAT_AREA] >= dust) & (strong >= 0.25 * dust)
    kept[0] = False
    mask = kept[part].astype(np.uint8)
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    clear = np.clip((ink - 0.6 * floor) / (0.8 * strokes.full - 0.6 * floor), 0, 1) * near
    if _width(mask) < THIN * max(ink.shape) / 512:
        clear = np.maximum(clear, 0.85 * cv2.dilate(clear, np.ones((2, 2), np.uint8)))
    if strokes.soft > SHADED:
        clear = np.where(_hatched(ink, mask, strokes.full), np.minimum(clear, HATCH), clear)
    return np.asarray(clear, np.float32)


def _hatched(ink: Array, mask: Mask, full: float) -> NDArray[np.bool_]:
    """Strokes that shade: paler than the outlines, away from them, and many."""
    outlines = cv2.dilate((ink > PALE * full).astype(np.uint8), np.ones((5, 5), np.uint8))
    pale = ((mask > 0) & (outlines == 0)).astype(np.float32)
    side = 2 * round(0.02 * max(ink.shape)) + 1
    around = np.asarray(cv2.blur(pale, (side, side)))
    hatched: NDArray[np.bool_] = (pale > 0) & (around > MANY)
    return hatched


def colours_of(strokes: Strokes) -> Pixels | None:
    """The colours of pencils and crayons, RGB on white paper, with 255 in a fourth channel where there are any."""
    if strokes.white is None or strokes.colour < LEAST_COLOUR:
        return None
    coloured = _coloured(strokes.white, strokes.ruling)
    if strokes.sheet is not None:
        coloured = coloured * strokes.sheet
    return np.asarray(np.dstack([strokes.white, coloured]), np.uint8)


def _width(mask: Pixels) -> float:
    """Mean width of strokes in px: their area by half of their outline."""
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8))
    area, core = cv2.countNonZero(mask), cv2.countNonZero(inner)
    return 2 * area / max(1, area - core)


def _coloured(white: Pixels, ruling: Mask | None) -> Pixels:
    """`coloured_parts` of what is drawn."""
    parts = coloured_parts(white)
    return parts if ruling is None else parts * (1 - cv2.dilate(ruling, np.ones((5, 5), np.uint8)))


def _tone(flat: Pixels, paper: Pixels, coloured: Mask | None) -> Pixels:
    """Lightness on white paper, 8-bit (h, w): coloured ink is darker by its darkest channel than the eye has it.

    In an area coloured by hand the lightest channel counts: it sees the outline, and hardly the strokes of the crayon.
    """
    tone = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY)
    if coloured is not None:  # on coloured paper an ink may be lighter than it in a channel
        red, green, blue = cv2.split(flat)
        tone = cv2.addWeighted(tone, 0.5, cv2.min(cv2.min(red, green), blue), 0.5, 0)
        if cv2.countNonZero(coloured) > 0.01 * coloured.size:
            cv2.copyTo(cv2.max(cv2.max(red, green), blue), coloured, tone)
    return np.asarray(tone, np.uint8)


def _darkest(counts: Array) -> float:
    """The ink of a full stroke: the middle of what has at least half of the darkest there is."""
    top = float(np.searchsorted(counts, 0.998))
    above = counts[int(0.5 * top)]
    return max(1.0, float(np.searchsorted(counts, above + 0.5 * (1 - above))))


def _uneven(paper: Pixels, sheet: Mask | None) -> float:
    light = paper[::8, ::8].mean(-1)
    if sheet is not None and sheet[::8, ::8].any():
        light = light[sheet[::8, ::8] > 0]
    low, high = np.percentile(light, (4, 96))
    return float(1 - low / max(1.0, high))


def _grain(rgb: Pixels, sheet: Mask | None) -> float:
    """The grain of sensor and paper by the median Laplacian; its own standard deviation is sqrt(20) of the grain's."""
    ripple = cv2.convertScaleAbs(cv2.Laplacian(rgb[..., 1], cv2.CV_16S))
    counts = np.cumsum(cv2.calcHist([ripple], [0], sheet, [256], [0, 256]).ravel())
    below = int(np.searchsorted(counts, 0.5 * counts[-1]))
    under = float(counts[below - 1]) if below else 0.0
    middle = below - 0.5 + (0.5 * float(counts[-1]) - under) / max(1.0, float(counts[below]) - under)
    return max(0.0, middle) / (0.6745 * 20**0.5)


def _left(picture: Pixels, paper: Pixels, marks: Pixels, sheet: Mask | None) -> tuple[float, float]:
    """Contrast of the paper by that of the picture: all of it, and without what lies under a stroke."""
    kernel = np.ones((3, 3), np.uint8)
    steps = []
    for image in (paper, picture):
        logs = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), _LOG)
        steps.append(np.clip(cv2.morphologyEx(logs, cv2.MORPH_GRADIENT, kernel), 4, 64) - 4)
    steps.append(steps[0] * (1 - cv2.dilate(marks, np.ones((7, 7), np.uint8))))
    left, whole, open_ = (float(cv2.mean(step, sheet)[0]) for step in steps)
    return left / max(1e-3, whole), open_ / max(1e-3, whole)
