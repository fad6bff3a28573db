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

from core.measures import is_painted, mean_saturation
from generators.cut import ALL, WHOLE, Box, Cut, Pixels, halved
from generators.faint import CLOSER, clarify, find_faint
from generators.page import Sheet, find_drawing, find_sheet
from generators.strokes import Strokes, find_strokes, is_inverted

Drawn = Literal["line-art", "light-on-dark", "page", "pencil", "hatching", "small-drawing"]  # lines on paper
Toned = Literal["shaded-drawing", "photograph", "picture"]
MediumName = Literal[Drawn, Toned]
MEDIA: tuple[MediumName, ...] = get_args(MediumName)
SIDE = 512  # px of the long side that is looked at
ENOUGH = 1024  # px of the long side of a picture of which parts are looked at

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
    sheet: Sheet | None = field(default=None, repr=False)  # where not all of the picture is paper
    cut: Cut = ALL  # where the drawing lies
    faint: bool = False  # paler than the shadows on its page

    @property
    def drawn(self) -> bool:
        return self.name in get_args(Drawn)

    @property
    def crop(self) -> Box | None:
        """Where the drawing lies, as shares of the picture; None for all of it."""
        return None if self.cut == ALL else self.cut.box


@dataclass(frozen=True)
class _Look:
    """A part of a picture, and what its strokes are like."""

    view: Pixels
    strokes: Strokes
    inverted: bool
    paper: bool  # a sheet whose four corners are seen

    @property
    def doubt(self) -> float:
        return _doubt(self.strokes, self.inverted, self.paper)


def find_medium(rgb: Pixels, overruled: MediumName | None = None, whole: bool = False) -> Medium:
    """The medium of a picture of shape (h, w, 3); `overruled` is what it is said to be, `whole` asks for no crop."""
    rgb = halved(rgb, ENOUGH)
    view, cut = ALL.take(rgb, SIDE), ALL
    sheet = find_sheet(view)
    table, faint = sheet is not None and sheet.corners is not None, False
    if sheet is not None and not whole:
        cut = sheet.cut()
        view = cut.take(rgb, SIDE)
    look = _look(view, cut, sheet, overruled)
    lost = None if whole else find_drawing(look.strokes.marks)
    if lost is not None:
        cut = cut.within(lost)
        look = _look(cut.take(rgb, SIDE), cut, sheet, overruled)
    doubt = look.doubt * (ON_A_TABLE if table else 1)
    if sheet is not None and table and not whole and doubt > 1 and overruled != "light-on-dark":
        closer = _look_closer(rgb, sheet)
        if closer is not None and closer[1].doubt * ON_A_TABLE < 1:
            faint, (cut, look) = True, closer
            doubt = look.doubt * ON_A_TABLE
    plain = not table and look.strokes.ruling is None and _is_plain(look.view, look.strokes.grain)
    inverted, strokes = look.inverted, look.strokes
    if plain:
        doubt, inverted = min(doubt, PLAIN), bool(np.median(_border(look.view)) < 128)
    sure = 1 / (1 + doubt**3)
    if overruled is None and doubt > 1:
        return Medium(_toned(ALL.take(rgb, SIDE)), round(1 - sure, 3))
    if overruled is not None and overruled in ("line-art", *get_args(Toned)):
        return Medium(overruled, 1.0, inverted, clean=True)
    black = plain and not inverted and lost is None
    name = overruled or ("line-art" if black else _drawn(strokes, inverted, table, lost))
    even = sheet is None and strokes.ruling is None and strokes.uneven < UNEVEN and strokes.grain < RESTLESS
    return Medium(
        name=name,
        certainty=round(sure, 3) if overruled is None else 1.0,
        inverted=inverted,
        clean=plain or (even and strokes.full > FAINT and strokes.soft < BROAD and strokes.colour < 0.01),
        sheet=sheet,
        cut=cut,
        faint=faint,
    )


def _look(view: Pixels, cut: Cut, sheet: Sheet | None, overruled: MediumName | None) -> _Look:
    mask = None if sheet is None else sheet.mask(cut, view.shape[1], view.shape[0])
    inverted = overruled == "light-on-dark" or is_inverted(view, mask)
    look = _Look(view, find_strokes(view, mask, inverted), inverted, cut.quad is not None)
    if inverted and overruled is None and look.strokes.grain < STILL and look.doubt > 1:
        dark = _Look(
            view, find_strokes(view, mask, False), False, look.paper
        )  # white windows in walls that a program coloured
        return dark if dark.doubt < 1 else look
    return look


def _look_closer(rgb: Pixels, sheet: Sheet) -> tuple[Cut, _Look] | None:
    """What is faintly drawn on a sheet, where there is anything."""
    cut = sheet.cut()
    view = cut.take(rgb, CLOSER)
    box = find_faint(view, sheet.mask(cut, view.shape[1], view.shape[0]))
    if box is None:
        return None
    cut = cut if box == WHOLE else cut.within(box)
    view = cut.take(rgb, SIDE)
    mask = sheet.mask(cut, view.shape[1], view.shape[0])
    view = clarify(view, mask)
    return cut, _Look(view, find_strokes(view, mask, False), False, cut.quad is not None)


def _doubt(strokes: Strokes, inverted: bool, paper: bool) -> float:
    """How far from a drawing: below 1 it is one. On `paper`, whose four corners show, crayon is no object."""
    left = np.interp(strokes.soft, (SHARP, BROAD), (LEFT_SHARP, LEFT_SOFT)) * (LIGHT if inverted else 1)
    remains = strokes.exposed if strokes.grain < STILL or (paper and strokes.colour > COLOURED) else strokes.left
    strong = STRONG * (1.25 if strokes.colour > COLOURED and strokes.left < LEFT_SOFT else 1)
    return float(max(remains / left, strokes.strong / strong, strokes.soft / SOFT, strokes.bare / strokes.full / BARE))


def _is_plain(rgb: Pixels, grain: float) -> bool:
    """Whether it is black on white, or white on black, however much of it: brushes, scribbles, areas filled in."""
    counts = cv2.calcHist([cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)], [0], None, [256], [0, 256]).ravel()
    black, between, white = (float(part.sum() / counts.sum()) for part in (counts[:50], counts[50:205], counts[205:]))
    return bool(grain < RESTLESS and between < BETWEEN and min(black, white) > 0.002 and mean_saturation(rgb) < GREY)


def _drawn(strokes: Strokes, inverted: bool, table: bool, lost: Box | None) -> MediumName:
    if inverted:
        return "light-on-dark"
    if table:
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
