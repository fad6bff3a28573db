"""Colouring: which of the style's colours each region gets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.painter.nature import nature_of, unlikeness
from generators.painter.palette import Palette
from generators.painter.regions import Regions
from generators.painter.wishes import TINTS, Wish, Wishes

PLENTY = 0.3  # of a backdrop's area; a colour of which the style has less cannot cover it
SMALL, MIDDLING = 0.008, 0.03  # area; which of the palette's windows a region has to fill


def choose_colours(regions: Regions, palette: Palette, wishes: Wishes, rng: np.random.Generator) -> NDArray[np.int64]:
    """A colour of the palette per region, shape (n,): band by band from the largest, the one of least energy."""
    count = len(palette.colours)
    chosen = np.full(regions.count, -1)
    used, backdrops = np.zeros(count, np.float32), dict[int, float]()
    areas = np.bincount(regions.band, regions.area, regions.count)
    for band in np.argsort(-areas, kind="stable"):
        members = [int(i) for i in np.nonzero(regions.band == band)[0]]
        if not members:
            continue
        area, edge = float(areas[band]), float(regions.edge[members].max())
        height = float(np.average(regions.cy[members], weights=regions.area[members]))
        asked = max((wishes.of[i] for i in members if i in wishes.of), key=lambda w: w.strength, default=None)
        tinted = asked is not None and asked.strength > TINTS
        energy = _fitness(palette, area, edge, height, tinted) + 0.1 * used + rng.gumbel(0, 0.08, count)
        for colour, length in _colours_around(regions, members, chosen).items():
            energy += 0.75 * min(1.0, length / 60) * _likeness(palette, colour, 0.19)  # contrast with neighbours
        if edge < 0.5:
            for colour, weight in backdrops.items():
                energy += 0.45 * weight * _likeness(palette, colour, 0.22)  # figure against ground
        energy += _wanted(palette, asked, wishes.mood, edge, height)
        if asked is None:
            part = next((wishes.parts[i] for i in members if i in wishes.parts), None)
            energy += _unnatural(palette, part, area if edge >= 0.5 else 0.0)
        best = int(energy.argmin())
        chosen[members] = best
        used[best] += min(1.0, area * 8 + 0.08)
        if edge >= 0.5:
            backdrops[best] = min(1.0, backdrops.get(best, 0) + 4 * area)
    return chosen


def _fitness(p: Palette, area: float, edge: float, height: float, tinted: bool) -> Array:
    """How badly each colour suits a region of this size and place, shape (k,)."""
    window = 0 if area < SMALL else 1 if area < MIDDLING else 2
    place = (0.32 * edge + 0.1) * ((p.height - height) / (0.18 + p.spread)) ** 2  # the same height in the picture
    wanted_share = min(max(area, 0.02), 0.2)
    size = (0.25 + 0.45 * edge) * (1 - np.clip(p.share / wanted_share, 0, 1)) * min(1, area * 6)  # big wants big
    impure = (0.5 + 0.7 * tinted) * (1 - p.purity[window]) * np.clip((area - 0.001) / 0.004, 0, 1)
    accent = 0.55 * p.accent * np.clip(1 - area / 0.03, 0, 1) * (1 - edge)  # small objects take accents
    restless = 2.0 * (p.busy - p.busy.min()) * np.clip(area * 10, 0.35, 1)  # large areas stay calm
    return np.asarray(place + size + impure - accent + restless, np.float32)


def _colours_around(regions: Regions, members: list[int], chosen: NDArray[np.int64]) -> dict[int, int]:
    """Colours already given to the neighbours of a band, with the px of common border."""
    around: dict[int, int] = {}
    for i in members:
        for j, length in regions.neighbours[i].items():
            if regions.band[j] != regions.band[i] and chosen[j] >= 0:
                around[int(chosen[j])] = around.get(int(chosen[j]), 0) + length
    return around


def _likeness(palette: Palette, colour: int, width: float) -> Array:
    distance = np.linalg.norm(palette.colours - palette.colours[colour], axis=1)
    return np.asarray(np.exp(-((distance / width) ** 2)), np.float32)


def _wanted(palette: Palette, asked: Wish | None, mood: Array | None, edge: float, height: float) -> Array:
    """Distance of each colour to what the prompt asks for, hue before lightness, shape (k,)."""
    if asked is not None:
        off = np.linalg.norm((palette.colours - asked.colour) * np.array([0.5, 1, 1], np.float32), axis=1)
        return np.asarray(5.5 * asked.strength * np.minimum(0.45, off), np.float32)
    if mood is not None:
        pull = 0.35 + 0.9 * edge * (height < 0.6)  # the sky most of all
        off = np.linalg.norm((palette.colours - mood) * np.array([0.6, 1, 1], np.float32), axis=1)
        return np.asarray(pull * off, np.float32)
    return np.zeros(len(palette.colours), np.float32)


def _unnatural(palette: Palette, part: str | None, backdrop: float) -> Array:
    """How wrong each colour is for what a region shows, shape (k,); for a backdrop of that area so is a rare one."""
    nature = None if part is None else nature_of(part)
    if part is None or nature is None:
        return np.zeros(len(palette.colours), np.float32)
    rare = 1 - palette.share / max(1e-6, PLENTY * backdrop)
    return np.asarray(nature.pull * np.maximum(unlikeness(part, palette.colours), rare), np.float32)
