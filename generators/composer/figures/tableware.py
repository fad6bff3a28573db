"""Tableware: what stands on a table, to eat, to drink and to read by."""

from __future__ import annotations

import numpy as np

from core.colours import Array
from generators.composer.curves import arc, mirrored, oval, path, spline
from generators.composer.figures.figure import Figure
from generators.composer.figures.plants import tulip
from generators.composer.pen import Pen


def lantern(pen: Pen) -> None:
    pen.line(arc(0, 0.84, 0.16, 0.16, 0, 180), weight=1.2)
    pen.area([(-0.26, 0.7), (0.26, 0.7), (0.12, 0.86), (-0.12, 0.86)], "metal")
    pen.area([(-0.22, 0.12), (0.22, 0.12), (0.25, 0.7), (-0.25, 0.7)], "lamp", own=True)
    pen.area(spline([(0, 0.5), (0.07, 0.32), (0.0, 0.22), (-0.07, 0.32)], True), "flame")
    pen.box(-0.28, 0, 0.28, 0.12, "metal")


def lamp(pen: Pen) -> None:
    pen.area(oval(0, 0.05, 0.24, 0.05), "metal")
    pen.area(spline(path("-0.03,0.06 0.03,0.06 0.09,0.26 0.03,0.5 -0.03,0.5 -0.09,0.26"), True), "metal")
    pen.area([(-0.36, 0.46), (0.36, 0.46), (0.2, 1.0), (-0.2, 1.0)], "lamp", own=True)


def candle(pen: Pen) -> None:
    pen.area(spline([(0, 1.0), (0.055, 0.84), (0, 0.76), (-0.055, 0.84)], True), "flame")
    pen.line([(0, 0.8), (0, 0.7)])
    pen.box(-0.09, 0.14, 0.09, 0.72, "wall", own=True)
    pen.area([(-0.3, 0.06), (0.3, 0.06), (0.24, 0.16), (-0.24, 0.16)], "metal")
    pen.box(-0.14, 0, 0.14, 0.07, "metal")


def teapot(pen: Pen) -> None:
    spout = path("-0.4,0.34 -0.66,0.5 -0.78,0.78 -0.68,0.82 -0.56,0.64 -0.36,0.56")
    pen.area(spline(spout, True), "body", own=True)
    outer, inner = arc(0.46, 0.48, 0.3, 0.3, -90, 90), arc(0.46, 0.48, 0.19, 0.19, 90, -90)
    pen.area(np.concatenate([outer, inner]), "body", own=True)
    pen.area(spline(mirrored(path("0,0.8 0.3,0.76 0.5,0.5 0.44,0.2 0.26,0.03 0,0.03")), True), "body", own=True)
    pen.area(np.concatenate([arc(0, 0.77, 0.27, 0.13, 0, 180)]), "body", own=True)
    pen.oval(0, 0.95, 0.06, 0.055, "body")
    pen.line(spline([(-0.46, 0.36), (0, 0.28), (0.46, 0.36)]), weight=0.8)
    pen.box(-0.28, 0, 0.28, 0.05, "body")


def cup(pen: Pen) -> None:
    pen.area(oval(0, 0.08, 0.82, 0.09), "wall")
    outer, inner = arc(0.46, 0.52, 0.28, 0.26, -90, 90), arc(0.46, 0.52, 0.16, 0.15, 90, -90)
    pen.area(np.concatenate([outer, inner]), "body", own=True)
    pen.area(spline(mirrored(path("0,0.9 0.5,0.9 0.48,0.5 0.3,0.14 0,0.1")), False), "body", own=True)
    pen.area(oval(0, 0.9, 0.5, 0.1), "trunk")


def bottle(pen: Pen) -> None:
    half = path("0.06,1 0.06,0.72 0.17,0.56 0.18,0.04 0.14,0")
    pen.area(mirrored(half), "glass", own=True)
    pen.box(-0.075, 0.93, 0.075, 1.0, "wood")
    pen.box(-0.175, 0.2, 0.175, 0.44, "wall")


def vase(pen: Pen) -> None:
    """With flowers in it."""
    for x, lean, size in ((-0.06, 24, 0.5), (0.06, -24, 0.5), (0, 0, 0.6)):
        tulip(pen.within(x, 0.42, size, turn=lean))
    pen.area(spline(mirrored(path("0,0.46 0.13,0.46 0.1,0.38 0.22,0.22 0.13,0 0,0")), True), "body", own=True)


def bowl(pen: Pen) -> None:
    """With fruit in it."""
    for x, y, r, part in (
        (-0.36, 0.58, 0.24, "red"),
        (0.34, 0.58, 0.24, "fruit"),
        (0, 0.7, 0.26, "fruit"),
        (-0.06, 0.5, 0.24, "leaves"),
    ):
        pen.oval(x, y, r, part=part)
    pen.line([(0.0, 0.94), (0.05, 1.02)], weight=1.2)
    pen.area(np.concatenate([arc(0, 0.5, 0.78, 0.46, 180, 360)]), "body", own=True)
    pen.box(-0.24, 0, 0.24, 0.07, "body")


def apple(pen: Pen) -> None:
    pen.line(spline([(0, 0.82), (0.02, 0.92), (0.1, 1.02)]), weight=1.4)
    pen.area(spline([(0.03, 0.9), (0.2, 1.02), (0.38, 0.96), (0.2, 0.86)], True), "leaves")
    pen.area(spline(mirrored(path("0,0.8 0.2,0.88 0.44,0.74 0.42,0.34 0.2,0.02 0,0.07")), True), "red", own=True)


def pear(pen: Pen) -> None:
    pen.line([(0, 0.92), (0.05, 1.02)], weight=1.4)
    pen.area(spline(mirrored(path("0,0.94 0.13,0.88 0.2,0.6 0.38,0.36 0.3,0.06 0,0")), True), "fruit", own=True)


def pumpkin(pen: Pen) -> None:
    pen.area([(-0.06, 0.8), (0.06, 0.8), (0.12, 1.02), (0.0, 1.0)], "leaves")
    pen.area(oval(0, 0.42, 0.66, 0.42), "pumpkin", own=True)
    for share in (0.68, 0.28):
        pen.area(oval(0, 0.42, 0.66 * share, 0.43), "pumpkin", own=True)


def loaf(pen: Pen) -> None:
    pen.area(
        spline(path("-0.95,0.1 -0.9,0.6 -0.5,0.95 0.5,0.95 0.9,0.6 0.95,0.1 0.6,0 -0.6,0"), True), "bread", own=True
    )
    for x in (-0.5, 0.0, 0.5):
        pen.area(oval(x, 0.62, 0.07, 0.22, -24), "wall")


def cake(pen: Pen) -> None:
    for x in (-0.2, 0, 0.2):
        pen.box(x - 0.02, 0.76, x + 0.02, 0.92, "wall")
        pen.area(oval(x, 0.96, 0.025, 0.045), "flame")
    pen.box(-0.36, 0.42, 0.36, 0.78, "lips", own=True)
    pen.box(-0.58, 0.08, 0.58, 0.44, "lips", own=True)
    for y, wide in ((0.78, 0.36), (0.44, 0.58)):
        drips = [arc(x, y - 0.05, wide / 5, -0.09, 180, 0) for x in np.linspace(-wide * 0.8, wide * 0.8, 5)]
        pen.area(np.concatenate([[(-wide, y)], *drips, [(wide, y)]]), "cloud")
    pen.area(oval(0, 0.06, 0.76, 0.06), "wall")


def book(pen: Pen) -> None:
    """Open, and lying."""
    half = spline([(0.0, 0.42), (0.4, 0.72), (1.1, 0.6)])
    foot = spline([(1.1, 0.12), (0.4, 0.24), (0.0, 0.0)])
    page = np.concatenate([half, foot])
    pen.area(np.concatenate([path("1.18,0.5 1.18,0.04 0,-0.06 -1.18,0.04 -1.18,0.5")]), "body", own=True)
    for side in (-1, 1):
        pen.area(page * np.array([side, 1], np.float32), "wall", own=False)
        for y in (0.14, 0.26, 0.38):
            pen.line([(side * 0.26, y + 0.12), (side * 0.9, y + 0.06)], weight=0.6)


def books(pen: Pen) -> None:
    """A pile."""
    for i, (y, wide, off) in enumerate(((0, 0.7, 0.0), (0.26, 0.6, 0.06), (0.52, 0.64, -0.04), (0.76, 0.5, 0.05))):
        pen.box(off - wide, y, off + wide, y + 0.24, ("body", "cloth", "red", "stripe")[i], own=i == 0)
        pen.box(off - wide * 0.94, y + 0.07, off + wide * 0.4, y + 0.17, "wall")


def clock(pen: Pen) -> None:
    pen.oval(0, 0.5, 0.5, part="wood", own=True)
    pen.oval(0, 0.5, 0.4, part="clock")
    for angle in range(0, 360, 30):
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        pen.line([(0.33 * c, 0.5 + 0.33 * s), (0.37 * c, 0.5 + 0.37 * s)])
    pen.line([(0, 0.5), (0, 0.78)], weight=1.5)
    pen.line([(0, 0.5), (0.18, 0.4)], weight=1.5)


def crown(pen: Pen) -> None:
    points = path("-0.6,0.2 0.6,0.2 0.76,0.9 0.34,0.52 0,1 -0.34,0.52 -0.76,0.9")
    pen.area(points, "sun", own=True)
    pen.box(-0.62, 0, 0.62, 0.24, "sun", own=True)
    for x in (-0.36, 0, 0.36):
        pen.oval(x, 0.12, 0.07, part="red")


def key(pen: Pen) -> None:
    ring: Array = np.concatenate([oval(0, 0.8, 0.18, 0.18), oval(0, 0.8, 0.09, 0.09)[::-1]])
    pen.box(-0.045, 0.04, 0.045, 0.64, "sun", own=True)
    pen.box(0.04, 0.05, 0.22, 0.14, "sun", own=True)
    pen.box(0.04, 0.2, 0.16, 0.28, "sun", own=True)
    pen.oval(0, 0.8, 0.19, part="sun", own=True)
    pen.oval(0, 0.8, 0.09, part="")
    assert len(ring)


TABLEWARE = (
    Figure("lantern", lantern, 0.58, 0.4, "thing", "table"),
    Figure("lamp", lamp, 0.75, 0.5, "thing", "table"),
    Figure("candle", candle, 0.6, 0.25, "thing", "table"),
    Figure("teapot", teapot, 1.6, 0.22, "thing", "table"),
    Figure("cup", cup, 1.65, 0.1, "thing", "table"),
    Figure("bottle", bottle, 0.38, 0.32, "thing", "table"),
    Figure("vase", vase, 0.7, 0.45, "thing", "table"),
    Figure("bowl", bowl, 1.6, 0.2, "thing", "table"),
    Figure("apple", apple, 0.9, 0.09, "thing", "table"),
    Figure("pear", pear, 0.78, 0.11, "thing", "table"),
    Figure("pumpkin", pumpkin, 1.35, 0.35, "thing", top=0.84),
    Figure("bread", loaf, 1.95, 0.12, "thing", "table"),
    Figure("cake", cake, 1.55, 0.25, "thing", "table"),
    Figure("book", book, 2.4, 0.1, "thing", "table", top=0.5),
    Figure("books", books, 1.4, 0.22, "thing", "table", top=1.0),
    Figure("clock", clock, 1.0, 0.35, "thing", "table"),
    Figure("crown", crown, 1.55, 0.2, "thing", "table"),
    Figure("key", key, 0.45, 0.12, "thing", "table"),
)
