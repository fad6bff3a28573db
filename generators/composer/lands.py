"""Lands: what lies between the sky and the figures, from the mountains to the shore."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.colours import Array
from generators.composer.cast import FIGURES
from generators.composer.curves import scalloped, spline
from generators.composer.pen import Pen
from generators.composer.places import Land, Place
from generators.composer.scenes import Scene

OVER = 0.06  # that much the land goes on beyond the page
GROUND = {"sand": "sand", "beach": "sand", "snow": "snow", "moon": "stone", "street": "road", "seabed": "sand"}


@dataclass(frozen=True)
class View:
    """A land, and what will be drawn on it: what the prompt names, and its company."""

    land: Land
    scene: Scene
    placed: list[Place]
    around: list[Place]

    @property
    def ground(self) -> str:
        return GROUND.get(self.scene.ground, "ground")


def rolling(rng: np.random.Generator, wide: float, foot: float, tall: float, waves: float) -> Array:
    """A line of hills over the whole width."""
    count = max(4, round(waves * wide) + 3)
    xs = np.linspace(-OVER, wide + OVER, count)
    return spline(np.stack([xs, foot + tall * rng.uniform(0, 1, count)], -1))


def down(line: Array, bottom: float = -0.05) -> Array:
    """The area under a line."""
    return np.concatenate([line, [(line[-1, 0], bottom), (line[0, 0], bottom)]]).astype(np.float32)


def draw_backs(page: Pen, view: View) -> None:
    """What closes the view, the farthest first."""
    for back in ("mountains", "dunes", "hills", "blocks", "forest"):
        if back in view.scene.backs:
            _BACKS[back](page, view)


def _mountains(page: Pen, view: View) -> None:
    land, rng = view.land, page.rng
    count = max(2, round(2.6 * land.wide))
    start = float(rng.uniform(0, 1))
    sizes = rng.uniform(0.24, 0.4, count) * min(1.0, 0.5 + 0.6 * land.wide)
    order = np.argsort(-sizes)
    for i in order.tolist():
        x = ((i + start) % count + 0.5 + float(rng.uniform(-0.2, 0.2))) / count * land.wide
        FIGURES["mountain"].draw(page.within(x, land.horizon - 0.02, float(sizes[i]), flip=bool(rng.random() < 0.5)))
    if "hills" not in view.scene.backs:
        page.area(
            down(rolling(rng, land.wide, land.horizon + 0.01, 0.06, 3.5), land.horizon - 0.05),
            "leaves" if view.ground != "snow" else "snow",
        )


def _hills(page: Pen, view: View) -> None:
    land, rng = view.land, page.rng
    for foot, tall in ((0.07, 0.1), (0.01, 0.08)):
        page.area(down(rolling(rng, land.wide, land.horizon + foot, tall, 2.0), land.horizon - 0.05), view.ground)


def _dunes(page: Pen, view: View) -> None:
    land, rng = view.land, page.rng
    for foot in (0.05, 0.0):
        page.area(down(rolling(rng, land.wide, land.horizon + foot, 0.05, 1.6), land.horizon - 0.05), "sand")


def _blocks(page: Pen, view: View) -> None:
    land, rng = view.land, page.rng
    size = 0.24 * min(1.2, 0.5 + 0.6 * land.wide)
    for x in np.arange(0.35 * size, land.wide + 0.9 * size, 2.5 * size):
        FIGURES["skyline"].draw(
            page.within(
                float(x + size), land.horizon - 0.02, size * float(rng.uniform(0.8, 1.1)), flip=bool(rng.random() < 0.5)
            )
        )


def _forest(page: Pen, view: View) -> None:
    """Crowns along the horizon, and before them trees that leave the middle free."""
    land, rng = view.land, page.rng
    top = rolling(rng, land.wide, land.horizon + 0.15, 0.07, 3)
    page.area(
        down(scalloped(top[::-1], 0.02, round(11 * land.wide) + 3, closed=False)[::-1], land.horizon - 0.04), "leaves"
    )
    for x in np.arange(0.05, land.wide, 0.11):
        page.line([(x, land.horizon - 0.03), (x + float(rng.uniform(-0.01, 0.01)), land.horizon + 0.07)], weight=0.8)


_BACKS = {"mountains": _mountains, "hills": _hills, "dunes": _dunes, "blocks": _blocks, "forest": _forest}


def draw_ground(page: Pen, view: View) -> None:
    """The ground from the horizon to the lower edge, with its water."""
    land, rng, part = view.land, page.rng, view.ground
    level = view.scene.ground in ("sea", "beach", "street")
    line = rolling(rng, land.wide, land.horizon, 0.0 if level else 0.018, 1.6)
    if land.water is None:
        page.area(down(line), part, own=False)
        return
    low, high = land.water
    if view.scene.ground in ("lake", "river"):
        page.area(down(line), part)
    shore = rolling(rng, land.wide, high - 0.004, 0.0 if view.scene.ground in ("sea", "beach") else 0.012, 1.2)
    page.area(down(shore), "water")
    _waves(page, land, low, high)
    if low > 0:
        bank = rolling(rng, land.wide, low - 0.05, 0.05, 1.0)
        page.area(down(bank), part)


def _waves(page: Pen, land: Land, low: float, high: float) -> None:
    """Short strokes, longer and farther apart the nearer they are."""
    rng = page.rng
    low = max(0.03, low + 0.02)
    rows = max(2, round((high - low) / 0.065))
    for row in range(rows):
        y = high - 0.025 - (high - low - 0.03) * ((row + 0.5) / rows) ** 1.2
        long = 0.05 + 0.3 * (high - y)
        count = max(1, round(land.wide / (2.3 * long + 0.24)))
        for k in range(count):
            x = (k + 0.5 * (row % 2) + float(rng.uniform(0.2, 0.8))) / (count + 0.5) * land.wide
            xs = np.linspace(-long / 2, long / 2, 7)
            page.line(
                np.stack([x + xs, y + 0.05 * long * np.sin(np.arange(7) * np.pi / 1.5)], -1), smooth=True, weight=0.8
            )


def draw_verge(page: Pen, view: View) -> None:
    """A rise in one lower corner, nearer than all the rest."""
    land, rng = view.land, page.rng
    long, tall = float(rng.uniform(0.5, 0.8)) * land.wide, float(rng.uniform(0.06, 0.1))
    line = spline([(-OVER, tall), (0.35 * long, tall * 0.8), (0.75 * long, tall * 0.2), (long, -0.05)])
    if rng.random() < 0.5:
        line = np.stack([land.wide - line[::-1, 0], line[::-1, 1]], -1)
    page.area(down(line, -0.08), view.ground)
