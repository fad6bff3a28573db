"""Towers: what stands higher than it is wide, and walls with towers."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import arc, limb, mirrored, oval, path, spline
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen


def tower(pen: Pen) -> None:
    pen.area([(-0.18, 0), (0.18, 0), (0.15, 0.68), (-0.15, 0.68)], "stone", own=True)
    pen.area(path("-0.15,0.64 0.15,0.64 0.21,0.7 0.21,0.77 -0.21,0.77 -0.21,0.7"), "stone", own=True)
    pen.area([(-0.24, 0.76), (0.24, 0.76), (0, 1.0)], "roof")
    pen.arch(-0.06, 0, 0.06, 0.15, "door")
    for x, y in ((-0.04, 0.28), (0.05, 0.46)):
        pen.row("arch", [x], y, 0.065, 0.1, "window")


def leaning_tower(pen: Pen) -> None:
    pen = pen.within(-0.04, 0, 1.0)
    lean = pen.within(0, 0, 1.0, turn=-5.5)
    lean.box(-0.15, 0.82, 0.15, 1.0, "stone", own=True)
    lean.row("arch", [-0.08, 0, 0.08], 0.85, 0.055, 0.1, "window")
    lean.box(-0.2, 0.0, 0.2, 0.84, "stone", own=True)
    for i in range(7):
        y = 0.005 + i * 0.118
        lean.box(-0.225, y + 0.1, 0.225, y + 0.122, "stone", own=True)
        lean.row("arch", np.linspace(-0.15, 0.15, 4).tolist(), y + 0.015, 0.066, 0.075, "window")


def clock_tower(pen: Pen) -> None:
    """Big Ben."""
    pen.box(-0.11, 0, 0.11, 0.64, "stone", own=True)
    if pen.fits(0.04):
        for x in (-0.055, 0, 0.055):
            pen.line([(x, 0.08), (x, 0.6)], weight=0.7)
    for y in (0.2, 0.4):
        pen.box(-0.12, y, 0.12, y + 0.025, "stone", own=True)
    pen.box(-0.135, 0.6, 0.135, 0.785, "stone", own=True)
    pen.oval(0, 0.692, 0.082, part="clock")
    pen.line([(0, 0.692), (0, 0.75)])
    pen.line([(0, 0.692), (0.045, 0.675)])
    pen.area([(-0.15, 0.78), (0.15, 0.78), (0.1, 0.86), (-0.1, 0.86)], "roof")
    pen.box(-0.085, 0.855, 0.085, 0.89, "window")
    pen.area([(-0.1, 0.885), (0.1, 0.885), (0, 1.0)], "roof")
    pen.row("arch", [0], 0, 0.1, 0.11, "door")


def parliament(pen: Pen) -> None:
    """A clock tower at the end of a long Gothic hall."""
    pen = pen.within(0.15, 0, 1.0)
    pen.box(-0.95, 0, 0.4, 0.26, "wall", own=True)
    pen.area([(-0.95, 0.25), (0.4, 0.25), (0.4, 0.33), (-0.95, 0.33)], "roof")
    for x in np.linspace(-0.9, 0.3, 7):
        pen.area([(x - 0.02, 0.24), (x + 0.02, 0.24), (x, 0.4)], "stone")
    for y in (0.03, 0.14):
        pen.row("arch", np.linspace(-0.82, 0.22, 8).tolist(), y, 0.06, 0.085, "window")
    clock_tower(pen.within(0.5, 0, 1.0))


def lattice_tower(pen: Pen) -> None:
    """The Eiffel Tower."""

    def half(y: float) -> float:
        return float(0.018 + 0.3 * np.exp(-3.4 * y) + 0.02 * (1 - y))

    heights = np.linspace(0, 0.92, 16)
    outer = [(half(y), float(y)) for y in heights]
    legs = arc(0, 0.0, 0.2, 0.145, 180, 0)
    left = [(-x, y) for x, y in reversed(outer)]
    pen.area(np.concatenate([[(0.2, 0)], outer, left, [(-0.2, 0)], legs[1:-1]]), "metal", own=True)
    gap = [(half(y) * 0.42, float(y)) for y in np.linspace(0.23, 0.4, 5)]
    pen.area([*gap, *[(-x, y) for x, y in reversed(gap)]], "sky")
    for low, high in ((0.235, 0.3), (0.3, 0.39), (0.45, 0.53), (0.53, 0.61), (0.61, 0.69)):
        if low < 0.4:
            for side in (-1, 1):
                a, b = half(low), half(high)
                pen.line([(side * a, low), (side * b * 0.45, high)], weight=0.7)
                pen.line([(side * a * 0.45, low), (side * b, high)], weight=0.7)
        else:
            pen.line([(-half(low), low), (half(high), high)], weight=0.7)
            pen.line([(half(low), low), (-half(high), high)], weight=0.7)
    for side in (-1, 1):
        for low, high in ((0.0, 0.09), (0.09, 0.17)):
            a, b = half(low), half(high)
            pen.line([(side * (a - 0.015), low), (side * (b - 0.1), high)], weight=0.7)
            pen.line([(side * (a - 0.1), low), (side * (b - 0.015), high)], weight=0.7)
    for y, tall, more in ((0.18, 0.04, 0.035), (0.4, 0.03, 0.025), (0.86, 0.022, 0.018)):
        wide = half(y) + more
        pen.area([(-wide, y), (wide, y), (wide - 0.01, y + tall), (0.01 - wide, y + tall)], "metal", own=True)
    pen.line([(0, 0.92), (0, 1.0)], weight=1.3)


def lighthouse(pen: Pen) -> None:
    side = [(0.145, 0), (0.085, 0.72)]
    pen.area(mirrored([(x, y) for x, y in reversed(side)]), "wall", own=True)
    for low, high in ((0.15, 0.3), (0.45, 0.6)):
        a, b = 0.145 - 0.0833 * low, 0.145 - 0.0833 * high
        pen.area([(-a, low), (a, low), (b, high), (-b, high)], "red")
    pen.box(-0.07, 0.74, 0.07, 0.87, "lamp")
    pen.line([(-0.024, 0.75), (-0.024, 0.86)], weight=0.7)
    pen.line([(0.024, 0.75), (0.024, 0.86)], weight=0.7)
    pen.box(-0.125, 0.7, 0.125, 0.745, "metal")
    pen.area(np.concatenate([arc(0, 0.86, 0.09, 0.1, 0, 180)]), "roof")
    pen.line([(0, 0.955), (0, 1.0)])
    pen.arch(-0.045, 0, 0.045, 0.12, "door")
    pen.row("arch", [0], 0.36, 0.05, 0.07, "window")


def skyscraper(pen: Pen) -> None:
    """Setbacks and a spire."""
    pen.area([(-0.012, 0.84), (0.012, 0.84), (0.004, 1.0), (-0.004, 1.0)], "metal")
    for wide, low, high in ((0.05, 0.78, 0.86), (0.1, 0.66, 0.79), (0.15, 0.18, 0.68), (0.2, 0, 0.22)):
        pen.box(-wide, low, wide, high, "wall", own=True)
        xs = np.linspace(-wide + 0.045, wide - 0.045, max(1, round(wide / 0.036))).tolist()
        for y in np.arange(low + 0.025, high - 0.045, 0.065):
            pen.row("box", xs, float(y), 0.036, 0.042, "window")


def block(pen: Pen) -> None:
    """A block of flats, of many shapes."""
    wide, kind = pen.vary(0.16, 0.3), int(pen.vary(0, 4))
    top = 0.88 if kind else 1.0
    if kind == 1:
        pen.area([(-wide, top), (wide, top), (wide, 1.0)], "roof")
    elif kind == 2:
        pen.box(-wide * 0.5, top, wide * 0.5, 0.96, "wall", own=True)
        pen.line([(0, 0.96), (0, 1.05)])
    elif kind == 3:
        pen.area(np.concatenate([arc(0, top, wide, 0.12, 0, 180)]), "roof")
    pen.box(-wide, 0, wide, top, "wall", own=True)
    count = 2 if wide < 0.22 else 3
    xs = ((np.arange(count) - (count - 1) / 2) * 2 * wide / (count + 0.3)).tolist()
    for y in np.arange(0.12, top - 0.1, 0.13):
        pen.row("box", xs, float(y), wide * 0.36, 0.07, "window")


def skyline(pen: Pen) -> None:
    """A city from afar: blocks of many heights, the highest near the middle."""
    count = 9
    order = sorted(range(count), key=lambda i: abs(i - (count - 1) / 2 + 0.2))
    for i in order:
        x = (i - (count - 1) / 2) * 0.3
        tall = pen.vary(0.55, 0.8) if abs(x) > 0.35 else pen.vary(0.85, 1.0)
        tall *= 1 - 0.25 * abs(x) / 1.3
        (skyscraper if abs(x) < 0.2 else block)(pen.within(x, 0, tall))


def windmill(pen: Pen) -> None:
    pen.area([(-0.22, 0), (0.22, 0), (0.13, 0.56), (-0.13, 0.56)], "wall", own=True)
    pen.area(path("-0.16,0.54 0.16,0.54 0.1,0.66 0,0.7 -0.1,0.66"), "roof")
    pen.arch(-0.06, 0, 0.06, 0.17, "door")
    pen.row("box", [-0.0], 0.3, 0.07, 0.08, "window")
    start = pen.vary(20, 65)
    for k in range(4):
        arm = pen.within(0, 0.6, 1.0, turn=start + 90 * k)
        arm.line([(0, 0), (0.4, 0)], weight=1.1)
        arm.area([(0.08, 0.0), (0.4, 0.0), (0.4, 0.11), (0.08, 0.09)], "sail")
        if arm.fits(0.05):
            for x in (0.17, 0.25, 0.33):
                arm.line([(x, 0), (x, 0.1)], weight=0.7)
    pen.oval(0, 0.6, 0.03, part="wood")


def obelisk(pen: Pen) -> None:
    pen.box(-0.14, 0, 0.14, 0.06, "stone")
    pen.box(-0.1, 0.06, 0.1, 0.13, "stone")
    pen.area([(-0.07, 0.13), (0.07, 0.13), (0.045, 0.91), (-0.045, 0.91)], "stone", own=True)
    pen.area([(-0.045, 0.91), (0.045, 0.91), (0, 1.0)], "stone", own=True)


def statue(pen: Pen) -> None:
    """A robed figure on a pedestal, one arm raised."""
    pen.union(
        [
            spline(path("-0.13,0.34 0.13,0.34 0.1,0.6 0.085,0.76 -0.085,0.76 -0.1,0.6"), True),
            limb(0.07, 0.73, 0.035, 0.2, 0.9, 0.024),
            limb(-0.07, 0.72, 0.035, -0.13, 0.52, 0.026),
            oval(0, 0.83, 0.055, 0.065),
            limb(0, 0.76, 0.03, 0, 0.8, 0.03),
        ],
        "stone",
        own=True,
    )
    pen.line([(-0.02, 0.7), (-0.05, 0.38)], weight=0.7)
    pen.line([(0.04, 0.66), (0.05, 0.38)], weight=0.7)
    pen.box(-0.17, 0.06, 0.17, 0.35, "stone", own=True)
    pen.box(-0.21, 0.32, 0.21, 0.37, "stone", own=True)
    pen.box(-0.24, 0, 0.24, 0.07, "stone", own=True)


def liberty(pen: Pen) -> None:
    """The Statue of Liberty."""
    pen.area([(-0.16, 0), (0.16, 0), (0.12, 0.3), (-0.12, 0.3)], "stone")
    pen.box(-0.14, 0.28, 0.14, 0.33, "stone")
    pen.box(-0.22, 0, 0.22, 0.06, "stone")
    robe = path("-0.12,0.33 0.12,0.33 0.105,0.5 0.09,0.66 0.06,0.72 -0.07,0.72 -0.1,0.6 -0.12,0.45")
    arm = limb(0.065, 0.69, 0.034, 0.15, 0.86, 0.022)
    pen.union(
        [spline(robe, True), arm, oval(0, 0.77, 0.042, 0.052), limb(0, 0.7, 0.03, 0, 0.75, 0.03)], "copper", own=True
    )
    for x in np.linspace(-0.05, 0.05, 5):
        pen.area([(x * 0.8 - 0.008, 0.81), (x * 0.8 + 0.008, 0.81), (x * 2.0, 0.88)], "copper", own=True)
    pen.area([(-0.055, 0.8), (0.055, 0.8), (0.05, 0.825), (-0.05, 0.825)], "copper", own=True)
    pen.area([(0.12, 0.87), (0.19, 0.87), (0.175, 0.9), (0.135, 0.9)], "copper", own=True)
    pen.area(spline(path("0.13,0.9 0.18,0.9 0.185,0.94 0.155,1 0.13,0.94"), True), "flame")
    pen.area([(-0.14, 0.5), (-0.05, 0.53), (-0.09, 0.64), (-0.16, 0.61)], "copper", own=True)
    for x in (-0.03, 0.03, 0.07):
        pen.line([(x, 0.64), (x * 1.3, 0.36)], weight=0.7)


def redeemer(pen: Pen) -> None:
    """A figure with its arms spread, on a peak."""
    pen.area([(-0.16, 0), (0.16, 0), (0.11, 0.2), (-0.11, 0.2)], "stone")
    robe = path("-0.1,0.2 0.1,0.2 0.09,0.5 0.1,0.76 -0.1,0.76 -0.09,0.5")
    sleeves = path("-0.5,0.78 -0.08,0.8 0.08,0.8 0.5,0.78 0.48,0.73 0.2,0.68 0.09,0.6 -0.09,0.6 -0.2,0.68 -0.48,0.73")
    pen.union([robe, sleeves, oval(0, 0.91, 0.06, 0.08), limb(0, 0.78, 0.04, 0, 0.86, 0.04)], "stone", own=True)
    for x in (-0.04, 0.04):
        pen.line([(x, 0.7), (x, 0.24)], weight=0.7)


TOWERS = (
    Figure("tower", tower, 0.5, 25, "landmark", top=0.98),
    Figure("leaning tower", leaning_tower, 0.62, 57, "landmark"),
    Figure("clock tower", clock_tower, 0.34, 90, "landmark"),
    Figure("parliament", parliament, 1.62, 96, "landmark", "bank"),
    Figure("lattice tower", lattice_tower, 0.72, 320, "landmark"),
    Figure("lighthouse", lighthouse, 0.36, 30, "landmark", "bank"),
    Figure("skyscraper", skyscraper, 0.42, 380, "landmark"),
    Figure("skyline", skyline, 2.9, 200, "landmark"),
    Figure("windmill", windmill, 0.95, 20, "building"),
    Figure("obelisk", obelisk, 0.3, 30, "landmark"),
    Figure("statue", statue, 0.5, 8, "landmark", top=1.0),
    Figure("liberty", liberty, 0.46, 93, "landmark", "bank"),
    Figure("redeemer", redeemer, 1.0, 38, "landmark"),
)
