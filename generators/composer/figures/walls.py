"""Walls: castles, gates and fences, and what stands in their courtyards."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import oval, path, spline
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen


def crenels(pen: Pen, left: float, right: float, y: float, height: float, part: str = "stone") -> None:
    """Battlements along the top of a wall, one outline."""
    count = max(2, round((right - left) / (2.2 * height)))
    step = (right - left) / (2 * count + 1)
    points = [(left, y - height * 0.6)]
    for i in range(2 * count + 1):
        tall = y + (height if i % 2 == 0 else 0)
        points += [(left + i * step, tall), (left + (i + 1) * step, tall)]
    pen.area([*points, (right, y - height * 0.6)], part, own=True)


def flag(pen: Pen, x: float, y: float, height: float) -> None:
    pen.line([(x, y), (x, y + height)])
    if pen.fits(height, 14):
        cloth = [(x, y + height), (x + height * 0.7, y + height * 0.78), (x, y + height * 0.55)]
        pen.area(cloth, "flag")


def castle(pen: Pen) -> None:
    pen.box(-0.2, 0.3, 0.2, 0.78, "stone", own=True)
    pen.area([(-0.26, 0.76), (0.26, 0.76), (0, 1.0)], "roof")
    flag(pen, 0, 0.98, 0.13)
    pen.row("arch", [-0.08, 0.08], 0.56, 0.07, 0.12, "window")
    for x, tall in ((-0.36, 0.6), (0.36, 0.66)):
        pen.box(x - 0.1, 0.2, x + 0.1, tall, "stone", own=True)
        pen.area([(x - 0.14, tall - 0.01), (x + 0.14, tall - 0.01), (x, tall + 0.24)], "roof")
        pen.row("arch", [x], tall - 0.16, 0.06, 0.1, "window")
    pen.box(-0.62, 0, 0.62, 0.4, "stone", own=True)
    crenels(pen, -0.62, 0.62, 0.4, 0.05)
    for x in (-0.64, 0.64):
        pen.box(x - 0.13, 0, x + 0.13, 0.54, "stone", own=True)
        crenels(pen, x - 0.16, x + 0.16, 0.55, 0.05)
        pen.row("arch", [x], 0.3, 0.06, 0.12, "window")
    pen.arch(-0.16, 0, 0.16, 0.3, "stone")
    pen.arch(-0.11, 0, 0.11, 0.25, "door")
    pen.row("arch", [-0.34, 0.34], 0.16, 0.06, 0.11, "window")


def fairy_castle(pen: Pen) -> None:
    """Slim towers with pointed roofs, as on a rock in Bavaria."""
    for x, wide, tall, cap in (
        (0.12, 0.1, 0.72, 0.28), (-0.2, 0.075, 0.62, 0.24), (0.36, 0.08, 0.52, 0.22), (-0.42, 0.085, 0.5, 0.2),
    ):  # fmt: skip
        pen.box(x - wide, 0.1, x + wide, tall, "wall", own=True)
        pen.box(x - wide * 1.25, tall - 0.07, x + wide * 1.25, tall, "wall", own=True)
        pen.area([(x - wide * 1.4, tall), (x + wide * 1.4, tall), (x, tall + cap)], "roof")
        pen.row("arch", [x], tall - 0.22, wide * 0.7, 0.1, "window")
    pen.box(-0.32, 0, 0.3, 0.42, "wall", own=True)
    pen.area([(-0.36, 0.4), (0.34, 0.4), (0.24, 0.56), (-0.26, 0.56)], "roof")
    pen.row("arch", [-0.2, -0.02, 0.16], 0.22, 0.07, 0.12, "window")
    pen.box(-0.56, 0, 0.56, 0.2, "wall", own=True)
    crenels(pen, -0.56, 0.56, 0.2, 0.04, "wall")
    pen.arch(-0.08, 0, 0.08, 0.17, "door")


def city_gate(pen: Pen) -> None:
    pen.box(-0.62, 0, 0.62, 0.62, "stone", own=True)
    crenels(pen, -0.62, 0.62, 0.63, 0.07)
    for x in (-0.52, 0.52):
        pen.box(x - 0.17, 0, x + 0.17, 0.88, "stone", own=True)
        crenels(pen, x - 0.2, x + 0.2, 0.89, 0.08)
        pen.row("arch", [x], 0.5, 0.08, 0.16, "window")
    pen.arch(-0.26, 0, 0.26, 0.5, "stone")
    pen.arch(-0.2, 0, 0.2, 0.43, "shade")
    if pen.fits(0.08, 8):
        for x in (-0.1, 0, 0.1):
            pen.line([(x, 0), (x, 0.4)], weight=0.7)


def garden_wall(pen: Pen) -> None:
    pen.box(-1.6, 0, 1.6, 0.88, "brick", own=True)
    pen.box(-1.66, 0.84, 1.66, 1.0, "stone")
    if pen.fits(0.2, 10):
        for row, y in enumerate((0.21, 0.42, 0.63)):
            pen.line([(-1.6, y), (1.6, y)], weight=0.7)
            for k in range(8):
                x = -1.5 + 0.4 * k + 0.2 * (row % 2)
                pen.line([(x, y - 0.2), (x, y)], weight=0.7)


def fence(pen: Pen) -> None:
    for y in (0.25, 0.62):
        pen.box(-1.7, y, 1.7, y + 0.12, "fence")
    for x in np.linspace(-1.6, 1.6, 11):
        pen.area([(x - 0.1, 0), (x + 0.1, 0), (x + 0.1, 0.82), (x, 1.0), (x - 0.1, 0.82)], "fence", own=True)


def fountain(pen: Pen) -> None:
    for side in (-1, 1):
        for wide, tall in ((0.3, 1.0), (0.16, 0.98)):
            xs = np.linspace(0, wide, 8)
            pen.line(
                np.stack([side * xs, 0.62 + 0.36 * (1 - (2 * xs / wide - 0.6) ** 2 / 1.96) * tall - 0.2 * xs], -1),
                weight=0.8,
            )
    pen.box(-0.05, 0.2, 0.05, 0.6, "stone", own=True)
    pen.area(spline(path("-0.3,0.58 0.3,0.58 0.2,0.48 0,0.44 -0.2,0.48"), True), "stone", own=True)
    pen.area([(-0.62, 0), (0.62, 0), (0.7, 0.26), (-0.7, 0.26)], "stone", own=True)
    pen.area(oval(0, 0.26, 0.7, 0.08), "water")
    pen.box(-0.05, 0.26, 0.05, 0.45, "stone", own=True)


def well(pen: Pen) -> None:
    for x in (-0.3, 0.3):
        pen.box(x - 0.04, 0.3, x + 0.04, 0.74, "wood")
    pen.area([(-0.5, 0.7), (0.5, 0.7), (0.22, 1.0), (-0.22, 1.0)], "roof")
    pen.line([(0, 0.7), (0, 0.46)])
    pen.box(-0.07, 0.34, 0.07, 0.48, "wood")
    pen.area([(-0.38, 0), (0.38, 0), (0.4, 0.34), (-0.4, 0.34)], "stone", own=True)
    pen.area(oval(0, 0.34, 0.4, 0.06), "shade")


WALLS = (
    Figure("castle", castle, 1.6, 35, "landmark", top=0.98),
    Figure("fairy castle", fairy_castle, 1.15, 60, "landmark"),
    Figure("city gate", city_gate, 1.45, 20, "landmark"),
    Figure("garden wall", garden_wall, 3.3, 2, "building", top=1.0),
    Figure("fence", fence, 3.4, 1.1, "building", top=0.95),
    Figure("fountain", fountain, 1.4, 5, "building", top=0.5),
    Figure("well", well, 1.0, 2.5, "building", top=1.0),
)
