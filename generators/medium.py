"""Medium: what a sketch was made with, how sure that is, and which part of the picture shows it.

A pen leaves narrow strokes that are gone when the picture is closed over them, and nearly nothing between ink and
paper. A photograph keeps its contrast when it is closed, and has every shade. Both hold whatever the light, the paper
and the pressure of the pen were.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import cv2
import numpy as np

from core.colours import Array
from core.measures import is_painted, mean_saturation
from generators.page import Box, Mask, Pixels, box_of, find_drawing, find_sheet, inside, within
from generators.strokes import Strokes, find_strokes, is_inverted

Drawn = Literal["line-art", "light-on-dark", "page", "pencil", "hatching", "small-drawing"]  # lines on paper
Toned = Literal["shaded-drawing", "photograph", "picture"]
MediumName = Literal[Drawn, Toned]
MEDIA: tuple[MediumName, ...] = get_args(MediumName)
SIDE = 512  # px of the long side that is looked at
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)

STRONG, SOFT, BARE = 0.24, 3.0, 0.13  # more ink, more between ink and paper, or more on bare paper than drawings have
LEFT_SHARP, LEFT_SOFT = 0.145, 0.035  # contrast that is left without strokes: of a pen in a hard shadow, of chalk
SHARP, BROAD = 0.72, 1.2  # softness of a pen, and of hatching, chalk and crayon
LIGHT = 0.4  # of that is left to light strokes: pictures have more lights than darks that are narrow
COLOURED = 0.1  # share of colour; crayon lies between the strokes
UNEVEN = 0.1  # of lightness; paper in even light loses less
FAINT = 90  # of 255; a pen is darker
STILL = 0.3  # grain that no camera is without: areas within outlines are coloured, not photographed
RESTLESS = 2.0  # grain, in steps of 8 bits, that a clean drawing does not have
GREY = 0.03  # mean saturation
BETWEEN = 0.15  # share of the pixels that are neither black nor white
PLAIN = 0.8  # doubt about what is only black and white, however much black
ON_A_TABLE = 0.6  # what is boxy, convex and of one colour, on something else, is paper before one looks closer
UNSURE = 0.65


@dataclass(frozen=True)
class Medium:
    name: MediumName
    certainty: float  # 0.5 is a guess, 1 is sure
    inverted: bool = False  # light on dark
    clean: bool = False  # even paper, dark ink, no grain: nothing to prepare
    corners: Array | None = field(default=None, repr=False)  # of the sheet, where a table is around it
    crop: Box | None = None  # where the drawing lies, as shares of the picture

    @property
    def drawn(self) -> bool:
        return self.name in get_args(Drawn)


def find_medium(rgb: Pixels, overruled: MediumName | None = None, whole: bool = False) -> Medium:
    """The medium of a picture of shape (h, w, 3); `overruled` is what it is said to be, `whole` asks for no crop."""
    view = _view(rgb, WHOLE)
    corners, box = find_sheet(view), WHOLE
    sheet = None
    if corners is not None:
        box = WHOLE if whole else box_of(corners)
        view, sheet = _seen(rgb, box, corners)
    inverted = is_inverted(view, sheet) if overruled != "light-on-dark" else True
    strokes = find_strokes(view, sheet, inverted)
    lost = None if whole else find_drawing(strokes.marks)
    if lost is not None:
        box = within(box, lost)
        view, sheet = _seen(rgb, box, corners)
        inverted = is_inverted(view, sheet) if overruled != "light-on-dark" else True
        strokes = find_strokes(view, sheet, inverted)
    doubt = _doubt(strokes, inverted) * (1 if corners is None else ON_A_TABLE)
    plain = corners is None and _is_plain(view, strokes.grain)
    if plain:
        doubt, inverted = min(doubt, PLAIN), bool(np.median(_border(view)) < 128)
    sure = 1 / (1 + doubt**3)
    if overruled is None and doubt > 1:
        return Medium(_toned(_view(rgb, WHOLE)), round(1 - sure, 3))
    if overruled is not None and overruled in ("line-art", *get_args(Toned)):
        return Medium(overruled, 1.0, inverted, clean=True)
    black = plain and not inverted and lost is None
    name = overruled or ("line-art" if black else _drawn(strokes, inverted, corners, lost))
    even = corners is None and strokes.uneven < UNEVEN and strokes.grain < RESTLESS
    return Medium(
        name=name,
        certainty=round(sure, 3) if overruled is None else 1.0,
        inverted=inverted,
        clean=plain or (even and strokes.full > FAINT and strokes.soft < BROAD and strokes.colour < 0.01),
        corners=corners,
        crop=None if box == WHOLE else _rounded(box),
    )


def _rounded(box: Box) -> Box:
    left, top, right, bottom = (round(float(share), 4) for share in box)
    return left, top, right, bottom


def _doubt(strokes: Strokes, inverted: bool) -> float:
    """How far from a drawing: below 1 it is one."""
    left = np.interp(strokes.soft, (SHARP, BROAD), (LEFT_SHARP, LEFT_SOFT)) * (LIGHT if inverted else 1)
    remains = strokes.exposed if strokes.grain < STILL else strokes.left
    strong = STRONG * (1.25 if strokes.colour > COLOURED and strokes.left < LEFT_SOFT else 1)
    return float(max(remains / left, strokes.strong / strong, strokes.soft / SOFT, strokes.bare / strokes.full / BARE))


def _is_plain(rgb: Pixels, grain: float) -> bool:
    """Whether it is black on white, or white on black, however much of it: brushes, scribbles, areas filled in."""
    counts = cv2.calcHist([cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)], [0], None, [256], [0, 256]).ravel()
    black, between, white = (float(part.sum() / counts.sum()) for part in (counts[:50], counts[50:205], counts[205:]))
    return bool(grain < RESTLESS and between < BETWEEN and min(black, white) > 0.002 and mean_saturation(rgb) < GREY)


def _drawn(strokes: Strokes, inverted: bool, corners: Array | None, lost: Box | None) -> MediumName:
    if inverted:
        return "light-on-dark"
    if corners is not None:
        return "page"
    if lost is not None:
        return "small-drawing"
    if strokes.uneven > UNEVEN and strokes.colour < 0.01:
        return "page"
    if strokes.colour > 0.003 or strokes.full < FAINT:
        return "pencil"
    return "hatching" if strokes.soft > BROAD else "line-art"


def _toned(rgb: Pixels) -> MediumName:
    border = _border(rgb)
    grey = mean_saturation(rgb) < 0.08
    if grey and np.median(border) > 190 and border.std() < 25:
        return "shaded-drawing"
    return "picture" if is_painted(rgb) else "photograph"


def _border(rgb: Pixels) -> Pixels:
    return np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])


def _seen(rgb: Pixels, box: Box, corners: Array | None) -> tuple[Pixels, Mask | None]:
    """What is looked at of a part of a picture, and the sheet on it."""
    view = _view(rgb, box)
    return view, None if corners is None else inside(corners, box, view.shape[1], view.shape[0])


def _view(rgb: Pixels, box: Box) -> Pixels:
    """A part of a picture, its long side at most `SIDE` px."""
    left, top, right, bottom = pixels_of(box, rgb.shape[1], rgb.shape[0])
    part = rgb[top:bottom, left:right]
    while max(part.shape[:2]) >= 2 * SIDE:  # halves are averaged four times as fast as any other scale
        size = (max(1, part.shape[1] // 2), max(1, part.shape[0] // 2))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    scale = SIDE / max(part.shape[:2])
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    return part if scale >= 1 else np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


def pixels_of(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """A box of shares in whole px of a picture, at least 16 px wide and high."""
    left, top = min(round(box[0] * width), width - 16), min(round(box[1] * height), height - 16)
    return left, top, max(round(box[2] * width), left + 16), max(round(box[3] * height), top + 16)
