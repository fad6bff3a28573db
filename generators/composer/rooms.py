"""Rooms: a floor and a wall with a window, a table before it, or a window sill."""

from __future__ import annotations

import numpy as np

from generators.composer.cast import FIGURES
from generators.composer.curves import archway, oval, spline
from generators.composer.figures.plants import tulip
from generators.composer.pen import Pen
from generators.composer.places import Land
from generators.composer.scenes import Scene

SKIRTING = 0.035
TABLE = (0.1, 0.3)  # front and back edge of a table's top
SILL = 0.3


def draw_room(page: Pen, land: Land, scene: Scene, busy: tuple[float, float]) -> None:
    """The room, without what stands in it; `busy` is where the main figure is."""
    wide = land.wide
    page.area([(-0.1, -0.1), (wide + 0.1, -0.1), (wide + 0.1, 1.1), (-0.1, 1.1)], "wallpaper")
    if scene.ground == "sill":
        _sill(page, wide, scene)
        return
    left = busy[0] + busy[1] > wide  # the window is where more room is
    if wide <= 0.62:
        window(page, wide / 2, 0.64, 0.4 * wide, 0.24, scene)
    else:
        x = wide * (0.24 if left else 0.76)
        window(page, x, 0.52, min(0.34, 0.34 * wide), 0.38, scene)
        if scene.ground == "floor" and wide > 0.8:
            picture(page, wide * (0.8 if left else 0.2), 0.64)
    if scene.ground == "table":
        _table(page, wide)
        return
    page.area([(-0.1, -0.1), (wide + 0.1, -0.1), (wide + 0.1, land.horizon), (-0.1, land.horizon)], "floor")
    page.area(
        [
            (-0.1, land.horizon),
            (wide + 0.1, land.horizon),
            (wide + 0.1, land.horizon + SKIRTING),
            (-0.1, land.horizon + SKIRTING),
        ],
        "wood",
    )
    vanishing = np.array([wide / 2, 0.9])
    for share in np.linspace(-0.6, 1.6, 9):
        foot = np.array([share * wide, -0.05])
        top = foot + (vanishing - foot) * (land.horizon + 0.05) / (0.95)
        page.line([tuple(foot), tuple(top)], weight=0.7)
    page.area(oval((busy[0] + busy[1]) / 2, 0.11, min(0.36, 0.42 * wide), 0.075), "rug")
    if "fireplace" in scene.more:
        _fireplace(page, wide * (0.82 if left else 0.18), land.horizon)


def window(page: Pen, x: float, y: float, across: float, tall: float, scene: Scene) -> None:
    """With the sky in it and curtains beside it."""
    half = across / 2
    page.box(x - half - 0.02, y - 0.02, x + half + 0.02, y + tall + 0.02, "wood")
    page.box(x - half, y, x + half, y + tall, "sky")
    hill = spline(
        [
            (x - half, y + tall * 0.26),
            (x - half * 0.3, y + tall * 0.4),
            (x + half * 0.4, y + tall * 0.24),
            (x + half, y + tall * 0.36),
        ]
    )
    page.area(np.concatenate([hill, [(x + half, y), (x - half, y)]]), "snow" if scene.ground == "snow" else "leaves")
    if scene.light in ("night", "sunset"):
        FIGURES["moon" if scene.light == "night" else "sun"].draw(
            page.within(x + half * 0.45, y + tall * 0.62, tall * 0.2)
        )
    page.box(x - 0.009, y, x + 0.009, y + tall, "wood")
    page.box(x - half, y + tall * 0.56, x + half, y + tall * 0.56 + 0.016, "wood")
    page.box(x - half - 0.05, y - 0.045, x + half + 0.05, y - 0.015, "wood")
    for side in (-1, 1):
        edge = x + side * (half + 0.06)
        inner = x + side * half * 0.72
        folds = spline(
            [
                (edge, y + tall + 0.05),
                (inner, y + tall + 0.05),
                (inner + side * 0.01, y + tall * 0.5),
                (edge - side * 0.03, y + tall * 0.2),
                (edge, y - 0.06),
            ]
        )
        page.area(np.concatenate([folds, [(edge, y + tall + 0.05)]]), "curtain")
    page.box(x - half - 0.1, y + tall + 0.04, x + half + 0.1, y + tall + 0.065, "wood")


def picture(page: Pen, x: float, y: float) -> None:
    """A landscape in a frame."""
    page.box(x - 0.1, y - 0.075, x + 0.1, y + 0.085, "wood")
    page.box(x - 0.08, y - 0.055, x + 0.08, y + 0.065, "sky")
    page.area(
        [
            (x - 0.08, y - 0.02),
            (x - 0.03, y + 0.035),
            (x + 0.02, y - 0.005),
            (x + 0.05, y + 0.02),
            (x + 0.08, y - 0.02),
            (x + 0.08, y - 0.055),
            (x - 0.08, y - 0.055),
        ],
        "leaves",
    )


def _table(page: Pen, wide: float) -> None:
    """A table's top, with a cloth that hangs over its edge."""
    front, back = TABLE
    page.area([(-0.1, front), (wide + 0.1, front), (wide + 0.1, back), (-0.1, back)], "table")
    hang = min(0.4, 0.42 * wide)
    middle = wide / 2
    edge = [(middle + hang, front), (middle + hang, front - 0.06)]
    page.area(
        [
            (middle - hang * 0.84, back - 0.025),
            (middle + hang * 0.84, back - 0.025),
            *edge,
            (middle - hang, front - 0.06),
            (middle - hang, front),
        ],
        "cloth",
    )
    page.line([(middle - hang, front), (middle + hang, front)], weight=0.8)
    page.area([(-0.1, front - 0.03), (middle - hang, front - 0.03), (middle - hang, front), (-0.1, front)], "wood")
    page.area(
        [(middle + hang, front - 0.03), (wide + 0.1, front - 0.03), (wide + 0.1, front), (middle + hang, front)], "wood"
    )


def _sill(page: Pen, wide: float, scene: Scene) -> None:
    """A large window seen from inside, and its sill."""
    left, right, top = 0.12 * wide, 0.88 * wide, 0.93
    page.box(left - 0.03, SILL, right + 0.03, top + 0.03, "wood")
    page.box(left, SILL, right, top, "sky")
    rng = page.rng
    xs = np.linspace(left, right, 6)
    for foot, tall in ((0.13, 0.1), (0.05, 0.07)):
        line = spline(np.stack([xs, SILL + foot + tall * rng.uniform(0, 1, 6)], -1))
        page.area(np.concatenate([line, [(right, SILL), (left, SILL)]]), "snow" if "flakes" in scene.more else "leaves")
    FIGURES["house"].draw(page.within(left + (right - left) * 0.22, SILL + 0.1, 0.12))
    FIGURES["tree"].draw(page.within(left + (right - left) * 0.8, SILL + 0.09, 0.2))
    if scene.light == "night":
        FIGURES["moon"].draw(page.within(left + (right - left) * 0.76, 0.74, 0.1))
    elif "rain" not in scene.more:
        FIGURES["cloud"].draw(page.within(left + (right - left) * 0.3, 0.74, 0.06))
    page.box(wide / 2 - 0.012, SILL, wide / 2 + 0.012, top, "wood")
    page.box(left, 0.66, right, 0.682, "wood")
    for side in (-1, 1):
        edge, inner = (left - 0.06, left + 0.13 * wide) if side < 0 else (right + 0.06, right - 0.13 * wide)
        folds = spline(
            [(edge, 1.02), (inner, 1.02), (inner - side * -0.01, 0.74), ((edge + inner) / 2, 0.52), (edge, 0.34)]
        )
        page.area(folds, "curtain")
        page.line(
            spline([((edge + inner) / 2, 1.0), ((edge * 0.6 + inner * 0.4), 0.76), (edge * 0.8 + inner * 0.2, 0.5)]),
            weight=0.8,
        )
    page.area(
        [(left - 0.1, SILL - 0.055), (right + 0.1, SILL - 0.055), (right + 0.06, SILL), (left - 0.06, SILL)], "wood"
    )
    page.box(left - 0.1, SILL - 0.09, right + 0.1, SILL - 0.053, "wood")
    pot = page.within(left + 0.05 + 0.04 * wide, SILL - 0.03, 0.24)
    tulip(pot.within(0, 0.36, 0.62))
    pot.area([(-0.14, 0), (0.14, 0), (0.2, 0.4), (-0.2, 0.4)], "pot")


def _fireplace(page: Pen, x: float, y: float) -> None:
    page.box(x - 0.2, y - 0.03, x + 0.2, y + 0.34, "brick")
    page.box(x - 0.23, y + 0.33, x + 0.23, y + 0.37, "wood")
    page.area(archway(x - 0.12, y - 0.03, x + 0.12, y + 0.22), "shade")
    FIGURES["campfire"].draw(page.within(x, y - 0.025, 0.16))
