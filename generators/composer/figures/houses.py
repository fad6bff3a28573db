"""Houses: what people live, work and pray in."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from generators.composer.curves import arc, path, spline
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen


def pane(pen: Pen, x: float, y: float, width: float, height: float) -> None:
    """A window with a cross, by its middle and its foot."""
    pen.box(x - width / 2, y, x + width / 2, y + height, "window")
    if pen.fits(width, 14):
        pen.line([(x, y), (x, y + height)], weight=0.7)
        pen.line([(x - width / 2, y + height / 2), (x + width / 2, y + height / 2)], weight=0.7)


def door(pen: Pen, x: float, width: float, height: float, arched: bool = False) -> None:
    if arched:
        pen.arch(x - width / 2, 0, x + width / 2, height, "door")
    else:
        pen.box(x - width / 2, 0, x + width / 2, height, "door")
    if pen.fits(width, 12):
        pen.dot(x + width * 0.28, height * 0.45, width * 0.06)


def courses(pen: Pen, left: float, right: float, bottom: float, top: float, count: int, lean: float = 0.0) -> None:
    """Lines along a roof, whose sides lean inwards by that much of its height."""
    if not pen.fits((top - bottom) / (count + 1), 7):
        return
    for i in range(1, count + 1):
        y = bottom + (top - bottom) * i / (count + 1)
        off = lean * (y - bottom) + 0.03
        pen.line([(left + off, y), (right - off, y)], weight=0.7)


def house(pen: Pen) -> None:
    gabled, wide = pen.vary(0, 1) < 0.5, pen.vary(0.5, 0.58)
    side = 1 if pen.vary(0, 1) < 0.5 else -1
    pen.box(side * 0.26 - 0.055, 0.7, side * 0.26 + 0.055, 1.0, "brick")
    pen.box(side * 0.26 - 0.075, 0.96, side * 0.26 + 0.075, 1.0, "brick")
    if gabled:
        pen.area([(-wide, 0), (wide, 0), (wide, 0.5), (0, 0.93), (-wide, 0.5)], "wall", own=True)
        eaves = [
            (0, 0.86),
            (-wide - 0.02, 0.44),
            (-wide - 0.08, 0.5),
            (0, 0.98),
            (wide + 0.08, 0.5),
            (wide + 0.02, 0.44),
        ]
        pen.area(eaves, "roof")
        pen.oval(0, 0.64, 0.075, part="window")
    else:
        pen.box(-wide, 0, wide, 0.52, "wall", own=True)
        pen.area([(-wide - 0.07, 0.5), (wide + 0.07, 0.5), (wide - 0.12, 0.9), (0.12 - wide, 0.9)], "roof")
        courses(pen, -wide - 0.07, wide + 0.07, 0.5, 0.9, 3, 0.47)
    at = pen.vary(-0.1, 0.1)
    door(pen, at, 0.19, 0.34)
    for x in (at - 0.32, at + 0.32):
        pane(pen, x, 0.17, 0.18, 0.2)


def cottage(pen: Pen) -> None:
    pen.box(0.2, 0.7, 0.34, 1.0, "brick")
    pen.box(-0.56, 0, 0.56, 0.42, "wall", own=True)
    roof = path("-0.68,0.36 -0.4,0.41 0,0.39 0.4,0.41 0.68,0.36 0.52,0.7 0.38,0.9 0,0.93 -0.38,0.9 -0.52,0.7")
    pen.area(spline(roof, closed=True), "roof")
    pen.area(path("-0.36,0.44 -0.12,0.44 -0.12,0.6 -0.24,0.72 -0.36,0.6"), "wall")
    pane(pen, -0.24, 0.47, 0.13, 0.13)
    door(pen, 0.05, 0.2, 0.33, arched=True)
    pane(pen, -0.32, 0.14, 0.2, 0.17)
    pane(pen, 0.37, 0.14, 0.18, 0.17)


def hut(pen: Pen) -> None:
    pen.box(-0.42, 0, 0.42, 0.45, "wood", own=True)
    pen.area(path("-0.62,0.38 0.62,0.38 0.3,0.8 0.04,1 -0.04,1 -0.3,0.8"), "roof")
    for x in (-0.28, 0, 0.28):
        pen.line([(x * 0.3, 0.9), (x * 1.7, 0.42)], weight=0.7)
    door(pen, 0.1, 0.2, 0.32)


def barn(pen: Pen) -> None:
    pen.area(path("-0.6,0 0.6,0 0.6,0.55 0.42,0.85 0,1 -0.42,0.85 -0.6,0.55"), "wall", own=True)
    edge = path("-0.66,0.52 -0.47,0.88 0,1.05 0.47,0.88 0.66,0.52 0.58,0.5 0.41,0.81 0,0.96")
    pen.area([*edge, (-0.41, 0.81), (-0.58, 0.5)], "roof")
    pen.box(-0.25, 0, 0.25, 0.45, "door")
    for one, other in (((-0.25, 0), (0.25, 0.45)), ((-0.25, 0.45), (0.25, 0)), ((0, 0), (0, 0.45))):
        pen.line([one, other], weight=0.8)
    pane(pen, 0, 0.58, 0.18, 0.16)


def tent(pen: Pen) -> None:
    pen.area([(-0.75, 0), (0.75, 0), (0, 1.0)], "cloth", own=True)
    pen.area(spline(path("-0.25,0 -0.1,0.35 0,0.72 0.1,0.35 0.25,0")), "door")
    pen.line([(0, 1.0), (0, 0.72)])


def igloo(pen: Pen) -> None:
    pen.area(arc(0, 0, 0.8, 1.0, 0, 180), "snow", own=True)
    for y in (0.33, 0.66):
        reach = 0.8 * (1 - y * y) ** 0.5
        pen.line([(-reach, y), (reach, y)], weight=0.7)
    for x, y in ((-0.4, 0.33), (0.1, 0.33), (0.45, 0.33), (-0.15, 0.66), (0.3, 0.66)):
        pen.line([(x, y), (x * 0.8, y + 0.3)], weight=0.7)
    pen.area(np.concatenate([arc(0.15, 0, 0.36, 0.52, 0, 180)]), "snow")
    pen.area(np.concatenate([arc(0.15, 0, 0.23, 0.36, 0, 180)]), "door")


def factory(pen: Pen) -> None:
    for x in (0.28, 0.55):
        pen.area([(x - 0.07, 0.3), (x + 0.07, 0.3), (x + 0.045, 1.0), (x - 0.045, 1.0)], "brick")
        pen.box(x - 0.06, 0.93, x + 0.06, 1.0, "brick")
    roof = path("-0.8,0 0.8,0 0.8,0.42 0.1,0.42 0.1,0.62 -0.2,0.42 -0.2,0.62 -0.5,0.42")
    pen.area([*roof, (-0.5, 0.62), (-0.8, 0.42)], "brick", own=True)
    pen.row("box", [-0.6, -0.36, -0.12, 0.12, 0.36, 0.6], 0.2, 0.13, 0.14, "window")
    pen.box(-0.1, 0, 0.14, 0.15, "door")


def market(pen: Pen) -> None:
    """A stall with a striped awning."""
    for x in (-0.6, 0.6):
        pen.box(x - 0.03, 0, x + 0.03, 0.7, "wood")
    pen.box(-0.62, 0.04, 0.62, 0.36, "wood", own=True)
    for i in range(5):
        x = -0.5 + i * 0.25
        pen.oval(x, 0.41, 0.1, 0.07, "fruit")
    edges = np.linspace(-0.78, 0.78, 7)
    for left, right in pairwise(edges):
        top = (left * 0.76, 1.0), (right * 0.76, 1.0)
        drop = arc((left + right) / 2, 0.7, (right - left) / 2, -0.07, 0, 180)
        pen.area(np.concatenate([top, drop]), "cloth" if round((left + 0.78) / 0.26) % 2 else "wall", own=True)


HOUSES = (
    Figure("house", house, 1.2, 9, "building", top=0.9),
    Figure("cottage", cottage, 1.36, 7, "building", top=0.9),
    Figure("hut", hut, 1.24, 5, "building"),
    Figure("barn", barn, 1.3, 10, "building", top=1.0),
    Figure("tent", tent, 1.5, 2.5, "building"),
    Figure("igloo", igloo, 1.6, 2.5, "building"),
    Figure("factory", factory, 1.6, 30, "building"),
    Figure("market", market, 1.6, 3, "building"),
)
