"""Style: a reference picture, or several beside each other, made ready to paint with."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.colours import Array, to_lab
from generators.painter.lines import LineColours, linework, read_lines
from generators.painter.palette import Palette, extract
from generators.painter.patches import Projection, cut, project, summarise
from generators.painter.tone import blur, busyness, large_tones, resize

HEIGHT = 512  # px; every style is brought to this height
STEP = 32  # px between the widths of a blend
COLOURS = 11  # of one reference; four more for each further one
BLOCK = 128  # queries that are compared at a time
LETTERED = 0.3  # of a squared distance: what a patch full of lines, lettering or spray has against it
WHIMS = 4  # numbers in which a patch of the picture and a place of the style may suit each other by chance
PLACE = 24  # px of the style that are one place
CALM = 55  # percentile of busyness that a filled area may reach


@dataclass(frozen=True)
class Pass:
    """One round of patch matching. Matching happens at 1/level of the size, pasting at full size."""

    level: int
    size: int  # px of a patch at that level
    step: int  # px between patches of the picture
    bank_step: int  # px between patches of the style
    appearance: float  # weight of what is painted already
    guidance: float  # weight of the guide
    rounds: int  # of blending
    borders_only: bool = False


@dataclass(frozen=True)
class Bank:
    """The patches of a style, described for one kind of pass."""

    places: NDArray[np.int64]  # (n, 2) x, y in px of that level
    guide: Projection
    appearance: Projection
    table: Array  # (d + 1 + WHIMS, n) -2 times each description, its squared length, and the whims of its place

    def nearest(self, queries: Array, whims: Array) -> NDArray[np.int64]:
        """Index of the nearest patch to each query of shape (m, d), exactly: |b|^2 - 2 q.b, by matrix products.

        `whims` of shape (m, WHIMS) change the distances a little, so that equal queries find patches of different
        places: an even area would repeat a single one. In blocks whose distances stay in the processor's cache; five
        times as fast as a general exact index here.
        """
        extended = np.hstack([queries, np.ones((len(queries), 1), np.float32), whims])
        found = np.empty(len(queries), np.int64)
        distances = np.empty((BLOCK, self.table.shape[1]), np.float32)
        for start in range(0, len(queries), BLOCK):
            block = extended[start : start + BLOCK]
            np.matmul(block, self.table, out=distances[: len(block)])
            found[start : start + BLOCK] = distances[: len(block)].argmin(1)
        return found


def widths(weights: list[float]) -> list[int]:
    """px that each reference of a blend gets; in steps, so that blends of nearly the same weights are one style."""
    whole = len(weights) * HEIGHT / sum(weights)
    return [max(2 * STEP, round(weight * whole / STEP) * STEP) for weight in weights]


class Style:
    """A scaled-Lab canvas of the references, given with their widths in px, with everything that painting reads off it.

    Several references stand beside each other, each as wide as its share of the blend: the palette then mixes them
    in those shares, and patches come from all of them.
    """

    def __init__(self, references: list[tuple[Image.Image, int]]) -> None:
        rng = np.random.default_rng(0)  # a style is the same whatever the picture's seed
        self.lab: Array = to_lab(np.hstack([_cover(image, width) for image, width in references]))
        self.tones: Array = large_tones(self.lab)
        self.busy: Array = busyness(self.lab)
        self.busy_cap = float(np.percentile(self.busy, CALM))
        self.linework: Array = linework(self.lab)
        count = COLOURS + 4 * (len(references) - 1)
        self.palette: Palette = extract(self.lab, self.tones, self.busy, self.linework, count, rng)
        self.solid: Array = blur(resize(self.palette.solid, *self.busy.shape[::-1]), 3)
        self.lines: LineColours = read_lines(self.lab, rng)
        light = self.lab[..., 0]
        self.grain = float((light - blur(light, 2.5))[self.busy <= self.busy_cap].std())

    def bank(self, kind: Pass) -> Bank:
        """Cut and describe the patches that a kind of pass chooses from; 0.1 to 0.3 s."""
        h, w = self.lab.shape[0] // kind.level, self.lab.shape[1] // kind.level
        patches = cut(resize(self.lab, w, h), kind.size, kind.bank_step)
        around = summarise(resize(np.dstack([self.tones, self.busy]), w, h), kind.size, kind.bank_step)
        rows, columns = np.mgrid[0 : h - kind.size + 1 : kind.bank_step, 0 : w - kind.size + 1 : kind.bank_step]
        guide, appearance = project(around, 12), project(patches, 20)
        key = guide(around) * kind.guidance
        if kind.appearance:
            key = np.hstack([key, appearance(patches) * kind.appearance * 4 / kind.size])
        places = np.column_stack([columns.ravel(), rows.ravel()])
        x, y = (places * kind.level // PLACE).T
        whims = np.random.default_rng(0).normal(size=(y.max() + 1, x.max() + 1, WHIMS))[y, x]
        lined = cut(resize(self.linework, w, h)[..., None], kind.size, kind.bank_step).mean(1)
        table = np.vstack([-2 * key.T, (key**2).sum(1)[None] + LETTERED * lined, whims.T])
        return Bank(places, guide, appearance, np.ascontiguousarray(table, np.float32))


def _cover(image: Image.Image, width: int) -> np.ndarray:
    """The middle of a picture, HEIGHT px high and `width` wide, as 8-bit RGB."""
    scale = max(HEIGHT / image.height, width / image.width)
    size = (max(width, round(image.width * scale)), max(HEIGHT, round(image.height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    full = np.asarray(cv2.resize(np.asarray(image), size, interpolation=how))
    y, x = (full.shape[0] - HEIGHT) // 2, (full.shape[1] - width) // 2
    return full[y : y + HEIGHT, x : x + width]
