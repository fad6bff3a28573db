"""Terrain: what the land is made of."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import oval, path, scalloped, spline
from generators.composer.figures.figure import Figure
from generators.composer.figures.plants import bush, palm, pine
from generators.composer.pen import Pen


def rock(pen: Pen) -> None:
    left = pen.vary(0.75, 0.95)
    outline = [(-0.85, 0), (-0.78, 0.4), (-0.4, left), (0.1, 1.0), (0.5, 0.7), (0.82, 0.36), (0.9, 0)]
    pen.area(outline, "stone", own=True)
    pen.line([(0.1, 0.98), (0.0, 0.55), (0.2, 0.3)], weight=0.8)


def mountain(pen: Pen) -> None:
    """A peak between two shoulders, its right side in shade, with snow."""
    tilt = pen.vary(-0.1, 0.1)
    shoulder, notch = pen.vary(0.5, 0.62), pen.vary(0.4, 0.48)
    pen.area(
        [(0.1, 0), (0.38, 0.42), (0.5, 0.52), (0.56, notch + 0.14), (0.7, 0.4), (0.78, 0.26), (1.0, 0)],
        "stone",
        own=True,
    )
    left = [
        (-1.0, 0),
        (-0.82, 0.24),
        (-0.74, 0.27),
        (-0.52, shoulder),
        (-0.43, notch),
        (-0.36, 0.53),
        (-0.2, 0.72),
        (-0.15, 0.8),
    ]
    right = [(0.13 + tilt, 0.82), (0.2, 0.68), (0.34, 0.52), (0.41, 0.36), (0.6, 0.2), (0.7, 0)]
    peak = [(tilt, 1.0)]
    pen.area([*left, *peak, *right], "stone", own=True)
    spur = [(0.05, 0.72), (0.1 + tilt, 0.56), (0.02, 0.4), (0.12, 0.2), (0.1, 0)]
    pen.area([*peak, *right, *reversed(spur)], "shade")
    snow = path("-0.26,0.66 -0.13,0.7 -0.07,0.6 0.02,0.7 0.1,0.62 0.16,0.71 0.24,0.64")
    pen.area([(-0.2, 0.72), (-0.15, 0.8), *peak, (0.13 + tilt, 0.82), (0.2, 0.68), *reversed(snow)], "snow")


def fuji(pen: Pen) -> None:
    """A great volcano at rest, with snow."""
    left = spline([(-1.5, 0), (-0.85, 0.3), (-0.4, 0.7), (-0.17, 1.0)])
    right = spline([(0.17, 1.0), (0.4, 0.7), (0.85, 0.3), (1.5, 0)])
    pen.area(np.concatenate([left, [(-0.05, 0.96), (0.07, 0.985)], right]), "stone", own=True)
    cap = np.concatenate([left[-9:], [(-0.05, 0.96), (0.07, 0.985)], right[:9]])
    low = float(cap[0, 1])
    zigzag = [
        (0.4, low + 0.08),
        (0.24, low - 0.06),
        (0.1, low + 0.1),
        (-0.04, low - 0.07),
        (-0.2, low + 0.09),
        (-0.36, low - 0.03),
    ]
    pen.area(np.concatenate([cap, zigzag]), "snow")


def volcano(pen: Pen) -> None:
    pen.area(scalloped(oval(0.06, 0.9, 0.24, 0.1), 0.05, 7), "cloud")
    pen.area(path("-0.8,0 -0.4,0.42 -0.17,0.76 -0.06,0.72 0.05,0.76 0.17,0.74 0.42,0.4 0.85,0"), "stone", own=True)
    pen.area(path("-0.1,0.735 0.1,0.75 0.16,0.5 0.08,0.36 0.03,0.52 -0.05,0.3 -0.07,0.55"), "flame")


def hill(pen: Pen) -> None:
    xs = np.linspace(-1.3, 1.3, 24)
    pen.area(np.stack([xs, np.cos(xs / 1.3 * np.pi / 2) ** 1.3], -1), "leaves", own=True)


def cliff(pen: Pen) -> None:
    face = path("-1.1,0 -0.98,0.4 -0.86,0.62 -0.8,0.94 -0.5,1 0.4,0.98 0.86,0.9")
    pen.area([*face, (0.96, 0.6), (1.08, 0.3), (1.15, 0)], "stone", own=True)
    pen.area(path("-0.8,0.94 -0.5,1 0.4,0.98 0.86,0.9 0.6,0.83 0.1,0.88 -0.4,0.84"), "leaves")
    for x in (-0.5, 0.05, 0.6):
        pen.line([(x, 0.74), (x + 0.06, 0.45), (x - 0.03, 0.2)], weight=0.8)


def island(pen: Pen) -> None:
    pen.area(spline(path("-1.5,0 -0.8,0.24 0,0.34 0.8,0.24 1.5,0")), "sand", own=True)
    palm(pen.within(-0.1, 0.26, 0.74))
    bush(pen.within(0.5, 0.2, 0.18))


def waterfall(pen: Pen) -> None:
    """Water over a cliff between trees."""
    pen.area(path("-1,0 -0.92,0.5 -0.84,0.86 -0.3,0.92 0.3,0.9 0.8,0.88 0.94,0.5 1,0"), "stone", own=True)
    fall = np.concatenate(
        [spline([(-0.24, 0.9), (-0.28, 0.6), (-0.3, 0.1)]), spline([(0.3, 0.1), (0.27, 0.6), (0.22, 0.89)])]
    )
    pen.area(fall, "water", own=True)
    for x in (-0.13, 0.0, 0.13):
        pen.line(spline([(x, 0.84), (x * 1.15, 0.5), (x * 1.2, 0.2)]), weight=0.8)
    pen.area(scalloped(oval(0, 0.08, 0.42, 0.1), 0.05, 9), "cloud")
    for x, size in ((-0.62, 0.3), (0.6, 0.34), (-0.86, 0.22)):
        pine(pen.within(x, 0.84, size))


TERRAIN = (
    Figure("rock", rock, 1.8, 1.5, "land", top=1.0),
    Figure("mountain", mountain, 1.9, 900, "land", top=0.98),
    Figure("mount fuji", fuji, 3.0, 1800, "land"),
    Figure("volcano", volcano, 1.65, 900, "land", top=0.76),
    Figure("hill", hill, 2.6, 60, "land", top=0.93),
    Figure("cliff", cliff, 2.25, 40, "land", "bank", top=0.93),
    Figure("island", island, 3.0, 14, "land", "water", top=0.26),
    Figure("waterfall", waterfall, 2.0, 45, "land"),
)
