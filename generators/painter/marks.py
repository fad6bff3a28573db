"""Marks: what the pencils and crayons of a drawing ask of its regions."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array, to_lab
from core.measures import disc
from generators.painter.regions import BARE, Regions
from generators.painter.tone import blur
from generators.painter.wishes import Wish, Wishes

COLOURED, OUTLINED = 0.69, 0.66  # how strongly an area asks, and an outline; words that name a colour ask more
GAPS = 4.0  # sigma in px over which strokes of a crayon are one area
BROAD = 8  # px; narrower areas are fringes
COVER = 0.25  # share of an area; with less it is not coloured
LEAST = 30  # px; less tells nothing
DRAWN = 0.6  # share of an outline
ONE_HUE = 0.8  # length of a mean of hues by their mean length; more is one pen
ALIKE = 0.15  # of scaled Lab; regions of a band whose colours are farther apart are no band

Mask = NDArray[np.bool_]


def coloured_areas(colours: NDArray[np.uint8], ink: Array) -> NDArray[np.uint8]:
    """1 where an area is coloured by hand, shape (h, w), over the gaps between its strokes and under its lines."""
    bare = (ink < BARE).astype(np.float32)
    shown = (colours[..., 3] > 127) * bare
    dense = blur(shown, GAPS) > 0.5 * blur(bare, GAPS) + 1e-3
    return np.asarray(cv2.morphologyEx(dense.astype(np.uint8), cv2.MORPH_OPEN, disc(BROAD)), np.uint8)


def read_marks(colours: NDArray[np.uint8], ink: Array, regions: Regions) -> dict[int, Wish]:
    """Wishes by region from colours of shape (h, w, 4), clear where there are none, and ink of shape (h, w), 0..1.

    An area asks for the colour that it is filled with, an object else for that of its outline; the outlines of a
    drawing with a single pen ask for nothing.
    """
    lab = to_lab(np.ascontiguousarray(colours[..., :3]))
    shown, line = colours[..., 3] > 127, ink >= BARE
    found: dict[int, Wish] = {}
    if _evenness(lab[shown & line]) < ONE_HUE:
        share, mean, even = _by_region(lab, shown & line, line, regions)
        asks = (share > DRAWN) & (even > ONE_HUE) & (regions.edge == 0)
        found |= {int(i): Wish(mean[i], OUTLINED) for i in np.nonzero(asks)[0]}
    away = cv2.dilate(line.astype(np.uint8), disc(2)) == 0  # the fringe of a coloured outline fills nothing
    share, mean, _ = _by_region(lab, shown & away, away, regions)
    return found | {int(i): Wish(mean[i], COLOURED) for i in np.nonzero(share > COVER)[0]}


def _by_region(lab: Array, shown: Mask, here: Mask, regions: Regions) -> tuple[Array, Array, Array]:
    """Of each region how much of it `here` is coloured, the mean colour, vivid ones first, and how even its hue is."""
    labels, count = regions.labels, regions.count
    name, colour = labels[shown], lab[shown]
    vivid = np.linalg.norm(colour[:, 1:], axis=1) + 1e-3
    weight = np.bincount(name, vivid, count) + 1e-6
    mean = np.stack([np.bincount(name, vivid * colour[:, k], count) / weight for k in range(3)], -1)
    sums = np.stack([np.bincount(name, colour[:, k], count) for k in (1, 2)], -1)
    share = np.bincount(name, minlength=count) / np.maximum(LEAST, np.bincount(labels[here], minlength=count))
    return share, mean.astype(np.float32), np.linalg.norm(sums, axis=1) / weight


def _evenness(lab: Array) -> float:
    """1 where all hues are one, 0 where they cancel out."""
    if not len(lab):
        return 1.0
    return float(np.linalg.norm(lab[:, 1:].mean(0)) / (np.linalg.norm(lab[:, 1:], axis=1).mean() + 1e-6))


def follow(marks: dict[int, Wish], regions: Regions, wishes: Wishes) -> Regions:
    """Add the marks to the wishes, where words do not ask more; regions whose marks differ leave their band."""
    for i, mark in marks.items():
        if i not in wishes.of or wishes.of[i].strength < mark.strength:
            wishes.of[i] = mark
    band = regions.band.copy()
    for name in np.unique(regions.band):
        groups: list[list[int]] = []
        for i in np.nonzero(regions.band == name)[0].tolist():
            group = next((group for group in groups if _alike(marks.get(group[0]), marks.get(i))), None)
            if group is None:
                groups.append([i])
            else:
                group.append(i)
        for group in groups:
            band[group] = group[0]
    return dataclasses.replace(regions, band=band)


def _alike(one: Wish | None, other: Wish | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.linalg.norm(one.colour - other.colour) < ALIKE)
