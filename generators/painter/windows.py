"""Windows: where in the style each region of a drawing looks for its texture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.painter.palette import WINDOWS, Palette
from generators.painter.regions import Regions
from generators.painter.style import Style

REDUCTIONS = (1.0, 0.75, 0.55, 0.4, 0.28, 0.2, 0.14)  # of a region's box, tried as windows into the style
LEAST_WINDOW = 0.5  # of a region's size; a smaller window shows less and less of its own detail
LEAST_GROUND = 20  # px; narrower regions share their patches with their neighbours
LIGHT, HUE = 0.6, 0.3  # weight of lightness and of hue where a ground is looked for
CALM = 0.7  # of lightness: what a ground without lines is worth
BACKDROP = 0.15  # share of the drawing; a smaller area that its border cuts is an object
SCALE = 4  # px of the style for one of its maps


def find_grounds(regions: Regions, palette: Palette, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """The colour whose texture each region wears, shape (n,).

    Its own, or, where the style has that only in crumbs, under lettering or in spray, a calm one that is like it; the
    region is recoloured afterwards. Backdrops keep what the style shows behind its own objects.
    """
    off = (palette.colours[:, None] - palette.colours[None]) * np.array([LIGHT, HUE, HUE], np.float32)
    size = np.digitize(np.sqrt(regions.width * regions.height) / SCALE, WINDOWS[1:])
    own = regions.edge * np.clip(regions.area / BACKDROP, 0, 1)  # what is drawn behind everything else
    restless = CALM * (1 - palette.calm[size]) * (1 - own)[:, None]
    found = (np.linalg.norm(off, axis=2)[chosen] + restless).argmin(1)
    narrow = np.minimum(regions.width, regions.height) * regions.fill < LEAST_GROUND
    return np.asarray(np.where(narrow, chosen, found))


def find_windows(regions: Regions, style: Style, grounds: NDArray[np.int64], rng: np.random.Generator) -> Array:
    """Per region the centre x and y and half the width and height of its window, in px of the style, and the window's
    share of the region's size; shape (n, 5)."""
    return np.array([_window(regions, style, int(grounds[i]), i, rng) for i in range(regions.count)], np.float32)


def look_up(regions: Regions, windows: Array) -> tuple[Array, Array]:
    """Where in the style each pixel looks, x and y of shape (h, w): its region, mirrored into a window of it.

    From top to bottom a backdrop is stretched into its window: a mirrored mountain would hang from the sky.
    """
    h, w = regions.labels.shape
    middle = ((regions.box[:, :2] + regions.box[:, 2:]) / 2).astype(np.float32)
    rows, columns = np.mgrid[0:h, 0:w].astype(np.float32)
    stretch = np.where(regions.edge > 0.5, np.minimum(1, 2 * windows[:, 3] / regions.height), 1).astype(np.float32)
    found = []
    for axis, place, scale in ((0, columns, np.ones_like(stretch)), (1, rows, stretch)):
        centre, half = windows[:, axis][regions.labels], windows[:, 2 + axis][regions.labels]
        off = (place - middle[:, axis][regions.labels]) * scale[regions.labels]
        turn = np.mod(off + half, 4 * half)
        folded = np.where(turn >= 2 * half, 4 * half - 1e-3 - turn, turn)
        found.append((centre - half + folded).astype(np.float32))
    return found[0], found[1]


def _window(
    regions: Regions, style: Style, colour: int, i: int, rng: np.random.Generator
) -> tuple[float, float, float, float, float]:
    """The largest window that is nearly all of a colour, calm, and close to the region's own place."""
    palette, edge = style.palette, float(regions.edge[i])
    mask = palette.maps[colour]
    h, w = mask.shape
    rows, columns = np.mgrid[0:h, 0:w] / float(h)
    apart = (rows - regions.cy[i]) ** 2 + 0.3 * (columns - regions.cx[i] * w / h) ** 2
    cost = (0.12 + 0.5 * edge) * apart - 0.03 * rng.random((h, w))
    sky = regions.cy[i] < 0.5 or regions.top[i] > 0.5  # so is what lies all around an object, wherever that stands
    enough = 0.8 - 0.15 * edge - 0.4 * edge * sky
    for reduction in REDUCTIONS:
        width = int(np.clip(regions.width[i] * reduction / SCALE, 5, w - 4))
        height = int(np.clip(regions.height[i] * reduction / SCALE, 5, h - 4))
        pure = cv2.blur(mask, (width, height), borderType=cv2.BORDER_CONSTANT)
        score = np.full((h, w), -9.0)
        inside = np.s_[height // 2 : h - (height - 1) // 2, width // 2 : w - (width - 1) // 2]
        score[inside] = (pure - 1.5 * cv2.blur(palette.busy_map, (width, height)) - cost)[inside]
        y, x = np.unravel_index(score.argmax(), score.shape)
        if pure[y, x] > enough or min(width, height) <= 6:
            break
    return int(x) * SCALE + 2, int(y) * SCALE + 2, width * SCALE / 2, height * SCALE / 2, reduction
