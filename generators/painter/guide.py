"""Guide: the picture in large tones, before any brush stroke; what the texture is matched to."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import GAMUT_HIGH, GAMUT_LOW, Array
from generators.labels import Labels
from generators.painter.colouring import choose_colours
from generators.painter.gables import cut_gables
from generators.painter.known import known_wishes, read_labels, told
from generators.painter.marks import coloured_areas, follow, read_marks
from generators.painter.nature import nature_of, nearest_shade, unlikeness
from generators.painter.parts import informed, scenes_in
from generators.painter.regions import BARE, Regions, find_regions
from generators.painter.style import Style
from generators.painter.tone import blur, borders, resize, unrest
from generators.painter.windows import LEAST_WINDOW, find_grounds, find_windows, look_up
from generators.painter.wishes import TINTS, Wishes, read_wishes

SHADE = 0.11  # lightness between the lit and the shaded side of an object
APART = 0.065  # scaled Lab between neighbours
STEPS = (0.0, -0.06, 0.06, -0.12, 0.12)  # of lightness, tried in turn
LEAST_BORDER = 20  # px times three; shorter ones are corners
LIGHT = np.array([1, 0, 0], np.float32)
PALE = 0.9  # lightness of what may have any colour, where there is no style
UNREST = 0.03  # of lightness: an even guide would be matched by one patch again and again


@dataclass(frozen=True)
class Guide:
    """Everything of the size of the picture."""

    tones: Array  # (h, w, 3) scaled Lab
    busy: Array  # (h, w) how much texture each place may have
    recolour: Array  # (h, w, 3) from the texture that a region wears to its own colour
    tint: Array  # (h, w, 3) added after the texture: colours that the style itself does not have
    plain: Array  # (h, w, 3) what it would be without any style
    borders: Array  # (h, w) 1 along the borders of regions

    def at(self, width: int, height: int) -> Guide:
        """The same guide at another size."""
        if self.busy.shape == (height, width):
            return self
        return Guide(
            resize(self.tones, width, height),
            resize(self.busy, width, height),
            resize(self.recolour, width, height),
            resize(self.tint, width, height),
            resize(self.plain, width, height),
            np.clip(resize(self.borders, width, height), 0, 1),
        )


def guide_drawing(
    ink: Array,
    style: Style,
    prompt: str,
    rng: np.random.Generator,
    colours: NDArray[np.uint8] | None = None,
    shown: Labels | None = None,
) -> Guide:
    """Fill the regions of a drawing, ink of shape (h, w) 0..1, with colours and places of the style.

    `colours`, of shape (h, w, 4), are those of the drawing's own pencils, clear where there are none; `shown` says
    what its areas show, where that is known.
    """
    regions = find_regions(ink, None if colours is None else coloured_areas(colours, ink))
    if shown is None:
        regions = cut_gables(regions) if "building" in scenes_in(prompt) else regions
        wishes = read_wishes(prompt, regions)
        regions = informed(regions, wishes.parts)
    else:
        known = read_labels(shown, regions)
        wishes = known_wishes(prompt, known, shown.names)
        regions = told(regions, known)
    if colours is not None:
        regions = follow(read_marks(colours, ink, regions), regions, wishes)
    chosen = choose_colours(regions, style.palette, wishes, rng)
    labels, edge = regions.labels, regions.edge
    grounds = find_grounds(regions, style.palette, chosen)
    recoloured = style.palette.colours[chosen] - style.palette.colours[grounds]
    windows = find_windows(regions, style, grounds, rng)
    column, row = look_up(regions, windows)
    own = np.clip(windows[:, 4] / LEAST_WINDOW, 0, 1)  # a small window repeats: its mean does not
    base = style.palette.colours[grounds][labels]
    most = (0.25 + edge)[labels][..., None]  # an object keeps its colour
    detail = np.clip(_remap(style.tones, column, row) - base, -most, most)
    detail *= _remap(style.solid, column, row)[..., None]
    tones = base + (own * (0.4 + 0.6 * edge))[labels][..., None] * detail  # skies keep clouds, objects are flat
    tones[..., 0] += (UNREST * (1 - own))[labels] * unrest(labels.shape, 10, rng)
    inside = np.asarray(cv2.distanceTransform((ink < BARE).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    tones[..., 0] += SHADE * (_relief(inside, edge[labels]) - 0.35 * np.exp(-inside / 5))
    calm = (style.palette.busy[grounds] * (1 - own))[labels]
    busy = np.minimum(_remap(style.busy, column, row) * own[labels] + calm, style.busy_cap)
    busy *= 1 - 0.5 * np.exp(-inside / 6)
    tints = _tints(regions, style, chosen, wishes)
    tones[..., 0] += _steps(regions, _means(tones, regions) + recoloured + tints)[labels]
    low, high = GAMUT_LOW * 1.2 / 1.3, GAMUT_HIGH * np.array([1, 1.2 / 1.3, 1.2 / 1.3], np.float32)
    return Guide(
        tones=np.clip(tones, low, high).astype(np.float32),
        busy=busy.astype(np.float32),
        recolour=blur(recoloured[labels], 1.2),
        tint=blur(tints[labels], 1.2),
        plain=blur(_plainly(style.palette.colours[chosen], wishes)[labels], 0.8),
        borders=borders(labels.astype(np.float32), 1),
    )


def _means(tones: Array, regions: Regions) -> Array:
    """The mean tone of each region, (n, 3)."""
    flat, count = regions.labels.ravel(), regions.count
    sums = [np.bincount(flat, tones[..., k].ravel(), count) for k in range(3)]
    return np.asarray(np.stack(sums, 1) / np.bincount(flat, minlength=count)[:, None], np.float32)


def _steps(regions: Regions, means: Array) -> Array:
    """Lightness that tells neighbours apart whose means (n, 3) are alike, as the courses of a roof, or sky and ground
    in a style of one hue; (n,). The larger of two keeps its own."""
    steps, placed = np.zeros(regions.count, np.float32), np.zeros(regions.count, bool)
    for i in np.argsort(-regions.area, kind="stable").tolist():
        beside = [j for j, length in regions.neighbours[i].items() if placed[j] and length > LEAST_BORDER]
        placed[i] = True
        if not beside:
            continue
        others = means[beside] + steps[beside, None] * LIGHT
        apart = np.array([np.linalg.norm(means[i] + step * LIGHT - others, axis=1).min() for step in STEPS])
        steps[i] = STEPS[int((apart >= APART).argmax()) if (apart >= APART).any() else int(apart.argmax())]
    return steps


def _remap(image: Array, column: Array, row: Array) -> Array:
    return np.asarray(cv2.remap(image, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)


def _relief(inside: Array, edge: Array) -> Array:
    """Light from the upper left on regions blown up like cushions (Johnston, Lumo, 2002), -1..1."""
    height = blur(np.sqrt(np.minimum(inside, 26)), 3)
    gx, gy = (cv2.Sobel(height, cv2.CV_32F, *order, ksize=3, scale=0.125) for order in ((1, 0), (0, 1)))
    lit = np.clip(3 * (0.6 * gx + 0.8 * gy), -1, 1)
    return np.asarray(lit * (0.25 + 0.75 * blur(1 - edge, 1.5)), np.float32)  # a backdrop is flat


def _tints(regions: Regions, style: Style, chosen: NDArray[np.int64], wishes: Wishes) -> Array:
    """What to add to each region's colour so that it is the one asked for, shape (n, 3).

    Added after the texture: patches matched to a colour that the style does not have would be picked at random.
    """
    colours = style.palette.colours[chosen]
    tints = np.zeros_like(colours)
    if wishes.mood is not None:
        share = np.where((regions.edge > 0) & (regions.cy < 0.6), 0.45, 0.15)[:, None].astype(np.float32)
        tints += share * (wishes.mood - colours) * np.array([0.25, 1, 1], np.float32)
    for i, part in wishes.parts.items():
        tints[i] += _helped(part, colours[i], style.palette.variety)
    for i, wish in sorted(wishes.of.items(), key=lambda item: item[1].strength):
        if wish.strength > TINTS:
            band = regions.band == regions.band[i]
            tints[band] = (wish.colour - colours[i]) * np.array([0.45, 1, 1], np.float32) * wish.strength
    return tints


def _plainly(colours: Array, wishes: Wishes) -> Array:
    """The colours that regions have without a style, (n, 3): those asked for, those of nature, or else pale ones."""
    plain = np.array([PALE, 0, 0], np.float32) + np.array([0.3, 0.35, 0.35], np.float32) * (colours - [PALE, 0, 0])
    for i, part in wishes.parts.items():
        if nature_of(part) is not None:
            plain[i] = nearest_shade(part, colours[i])
    for i, wish in sorted(wishes.of.items(), key=lambda item: item[1].strength):
        plain[i] = wish.colour
    return np.asarray(plain, np.float32)


def _helped(part: str, colour: Array, variety: float) -> Array:
    """What brings a colour nearer to how a part of the world looks, shape (3,); a style of one hue stays that."""
    nature = nature_of(part)
    if nature is None or not nature.lean:
        return np.zeros(3, np.float32)
    wrong = float(np.clip(unlikeness(part, colour[None])[0] / 0.3 - 0.2, 0, 1))
    off = (nearest_shade(part, colour) - colour) * np.array([0.7, 1, 1], np.float32)
    return np.asarray(nature.lean * variety * wrong * off, np.float32)
