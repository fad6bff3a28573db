"""Edges: what a picture keeps of a sketch. Its page, its medium, its polarity, its ink, its Canny edges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.colours import Array
from core.errors import BadValue, NothingToTrace
from core.measures import disc, is_light_on_dark, is_line_art, mean_saturation, separate_ink
from generators.cut import ALL, Box, Mask, Quad
from generators.faint import clarify
from generators.labels import Labels
from generators.medium import Medium, MediumName, find_medium
from generators.strokes import colours_of, draw_out, find_strokes

GRID = 8  # px; the sides of a picture are multiples of it, as diffusion models need them
MIN_SIZE, MAX_SIZE = 64, 1024  # px of one side
MAX_THRESHOLD = 1000
INKED = 0.28  # ink of a line; less is a shade of the paper
LEAST_EDGES = 16  # px; fewer than that is dust
FAINT, CLEAR = 4, 20  # of 255, steps of colour; a contour of a photograph is not drawn, and drawn in full
SMOOTHING = 1.2  # sigma in px before Canny looks at a photograph


@dataclass(frozen=True)
class Edges:
    """A sketch as the generators see it; all three pictures have the size of the picture to be made."""

    page: Image.Image = field(repr=False)  # RGB, the sketch laid out
    canny: Image.Image = field(repr=False)  # L, white edges on black
    ink: Image.Image = field(repr=False)  # L, 255 where the pen was; of a photograph, its softened edges
    polarity: Literal["dark_on_light", "light_on_dark"]
    line_art: bool  # False: a photograph or a shaded drawing
    low_threshold: int
    high_threshold: int
    medium: MediumName = "line-art"
    certainty: float = 1.0  # of the medium; 0.5 is a guess
    colours: Image.Image | None = field(default=None, repr=False)  # RGBA, of pencils and crayons; clear elsewhere
    crop: Box | None = None  # the part of the sketch that is on the page: left, top, right, bottom as shares
    quad: Quad | None = None  # what of it lay askew and was straightened: its corners, from the upper left clockwise
    labels: Labels | None = field(default=None, repr=False)  # of a drawing that was composed: what its areas show


def read_sketch(
    sketch: Image.Image,
    size: int = 512,
    width: int | None = None,
    height: int | None = None,
    low_threshold: int = 50,
    high_threshold: int = 150,
    medium: MediumName | None = None,
) -> Edges:
    """Find out how a sketch was made, cut it to the drawing where that is lost on its page, lay it out and trace it.

    `medium` overrules what would be found. Raises as `lay_out` and `trace_edges` do.
    """
    check_thresholds(low_threshold, high_threshold)
    found = find_medium(np.asarray(sketch), medium)
    if found.cut != ALL:
        sketch = Image.fromarray(found.cut.take(np.asarray(sketch)))
    page = lay_out(sketch, size, width, height)
    sheet = None
    if found.sheet is not None:
        mask = Image.fromarray(found.sheet.mask(found.cut, *sketch.size)).convert("RGB")
        sheet = np.asarray(lay_out(mask, size, *page.size))[..., 0]
    return trace_edges(page, low_threshold, high_threshold, found, sheet)


def no_sketch(width: int, height: int) -> Edges:
    """The edges of a picture that is made of words alone. Raises as `check_sides` does."""
    check_sides(width=width, height=height)
    page, black = Image.new("RGB", (width, height), "white"), Image.new("L", (width, height))
    return Edges(page, black, black, "dark_on_light", True, 0, 0)


def lay_out(sketch: Image.Image, size: int = 512, width: int | None = None, height: int | None = None) -> Image.Image:
    """The sketch on a page whose sides are multiples of 8; to fill the grid a side is stretched by 7 px at most.

    Without `width` and `height` the long side becomes `size`; one of them alone sets the other by the sketch's
    shape; both together set the page, and what the sketch leaves of it is filled with the colour of its border.
    """
    check_sides(size=size, width=width, height=height)
    ratio = sketch.height / sketch.width
    if width is None and height is None:
        width, height = (size, _on_grid(size * ratio)) if ratio <= 1 else (_on_grid(size / ratio), size)
    elif width is None and height is not None:
        width = _other_side("height", height, height / ratio)
    elif height is None and width is not None:
        height = _other_side("width", width, width * ratio)
    assert width is not None and height is not None
    scale = min(width / sketch.width, height / sketch.height)
    inner = (_near(sketch.width * scale, width), _near(sketch.height * scale, height))
    pixels = np.asarray(sketch)
    drawn = cv2.resize(pixels, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    border = np.concatenate([drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]])
    page = np.empty((height, width, 3), np.uint8)
    page[:] = np.median(border, axis=0)
    top, left = (height - inner[1]) // 2, (width - inner[0]) // 2
    page[top : top + inner[1], left : left + inner[0]] = drawn
    return Image.fromarray(page)


def check_sides(**sides: int | None) -> None:
    """Raise `BadValue` for a side that no page can have."""
    for name, side in sides.items():
        if side is not None and (side % GRID or not MIN_SIZE <= side <= MAX_SIZE):
            near = min(MAX_SIZE, max(MIN_SIZE, round(side / GRID) * GRID))
            raise BadValue(name, side, f"multiples of {GRID} from {MIN_SIZE} to {MAX_SIZE}, {near} for example")


def check_thresholds(low_threshold: int, high_threshold: int) -> None:
    """Raise `BadValue` for thresholds that Canny cannot have."""
    for name, value in (("low_threshold", low_threshold), ("high_threshold", high_threshold)):
        if not 0 <= value <= MAX_THRESHOLD:
            raise BadValue(name, value, f"a whole number from 0 to {MAX_THRESHOLD}")
    if low_threshold > high_threshold:
        raise BadValue("low_threshold", low_threshold, f"at most high_threshold, which is {high_threshold}")


def _other_side(name: str, side: int, length: float) -> int:
    if length > MAX_SIZE + GRID:
        fitting = int(side * MAX_SIZE / length) // GRID * GRID
        raise BadValue(name, side, f"at most {fitting} with a sketch of this shape, or width and height together")
    return _on_grid(length)


def _on_grid(length: float) -> int:
    return min(MAX_SIZE, max(MIN_SIZE, round(length / GRID) * GRID))


def _near(length: float, whole: int) -> int:
    """The length in whole px; the whole side where less than one step of the grid is missing."""
    return whole if abs(length - whole) < GRID else max(1, round(length))


def trace_edges(
    page: Image.Image,
    low_threshold: int = 50,
    high_threshold: int = 150,
    medium: Medium | None = None,
    sheet: Mask | None = None,
) -> Edges:
    """Find the edges to keep, by Canny (1986) with its two thresholds on a gradient of 8-bit values.

    A drawing is first brought to dark ink on white, at full contrast, so the thresholds mean the same on a pale
    pencil and on a black pen; ink in which Canny sees no edge is dropped. `medium` is what was found of the sketch
    before it was laid out, and is found on the page where it is not given; `sheet` is 1 on the paper, where there is a
    table around it. Raises `NothingToTrace` on a blank page.
    """
    check_thresholds(low_threshold, high_threshold)
    rgb = np.asarray(page)
    found = find_medium(rgb, whole=True) if medium is None else medium
    if medium is None and found.sheet is not None:
        sheet = found.sheet.mask(found.cut, *page.size)
    inverted, ink = _clean_ink(rgb, found) if found.clean and found.drawn else (found.inverted, None)
    colours = None
    if ink is None and found.drawn:
        strokes = find_strokes(clarify(rgb, sheet) if found.faint else rgb, sheet, inverted)
        ink, colours = draw_out(strokes), colours_of(strokes)
    line_art = ink is not None
    if ink is not None:
        canny = cv2.Canny(((1 - ink) * 255).astype(np.uint8), low_threshold, high_threshold)
        ink = _with_edges(ink, canny)
    else:
        smooth = np.asarray(cv2.GaussianBlur(rgb, (0, 0), SMOOTHING), np.uint8)
        canny = cv2.Canny(cv2.cvtColor(smooth, cv2.COLOR_RGB2GRAY), low_threshold, high_threshold)
        ink = np.clip(cv2.GaussianBlur(_contours(smooth, np.asarray(canny, np.uint8)), (0, 0), 0.8) * 1.3, 0, 1) * 0.8
    drawn = ink > INKED if line_art else canny > 0  # the grain of a blank page has edges, and hardly any ink
    if min(np.count_nonzero(canny), np.count_nonzero(drawn)) < LEAST_EDGES:
        raise NothingToTrace(low_threshold, high_threshold)
    return Edges(
        page=page,
        canny=Image.fromarray(canny),
        ink=Image.fromarray((ink * 255 + 0.5).astype(np.uint8)),
        polarity="light_on_dark" if inverted else "dark_on_light",
        line_art=line_art,
        low_threshold=low_threshold,
        high_threshold=high_threshold,
        medium=found.name,
        certainty=found.certainty,
        crop=found.crop,
        quad=found.cut.quad,
        colours=None if colours is None else Image.fromarray(colours),
    )


def _clean_ink(rgb: NDArray[np.uint8], medium: Medium) -> tuple[bool, Array | None]:
    """Polarity and ink of a drawing that needs no preparation; no ink where a look at the whole page finds it does."""
    light = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32) / 255
    inverted = is_light_on_dark(light)
    if inverted != medium.inverted and medium.name != "line-art":  # white on mid-grey
        return medium.inverted, None
    if inverted:
        light = 1 - light
    ink, paper = separate_ink(light)
    if medium.name != "line-art" and not is_line_art(light, ink, paper, mean_saturation(rgb)):
        return medium.inverted, None
    return inverted, np.clip(ink * np.clip(1 / max(1e-3, float(np.quantile(ink, 0.998))), 1, 4), 0, 1)


def _contours(smooth: NDArray[np.uint8], canny: NDArray[np.uint8]) -> Array:
    """Each line of Canny as strong as the step of colour along it, 0..1: no wood grain, no weave, no dust."""
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2Lab)
    light, a, b = cv2.split(cv2.morphologyEx(lab, cv2.MORPH_GRADIENT, disc(1)))
    step = cv2.max(cv2.max(light, a), b)
    count, line, stats, _ = cv2.connectedComponentsWithStats(canny, connectivity=8)
    length = np.maximum(1, np.bincount(line.ravel(), minlength=count))
    mean = np.bincount(line.ravel(), step.ravel(), count) / length
    strong = np.clip((mean - FAINT) / (CLEAR - FAINT), 0, 1) * np.clip((stats[:, cv2.CC_STAT_AREA] - 6) / 14, 0, 1)
    strong[0] = 0
    return np.asarray(np.take(strong.astype(np.float32), np.asarray(line, np.int64)))


def _with_edges(ink: Array, canny: Array) -> Array:
    """The strokes that have an edge on or beside them."""
    _, stroke = cv2.connectedComponents((ink > 0.06).astype(np.uint8), connectivity=8)
    kept = np.unique(stroke[cv2.dilate(canny, disc(1)) > 0])
    return np.where(np.isin(stroke, kept) & (stroke > 0), ink, 0).astype(np.float32)
