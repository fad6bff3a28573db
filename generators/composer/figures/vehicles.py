"""Vehicles: on water, on land and in the air."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import arc, limb, oval, path, scalloped, spline
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen


def boat(pen: Pen) -> None:
    """A sailing boat."""
    pen.area([(-0.02, 0.16), (0.02, 0.16), (0.012, 1.0), (-0.012, 1.0)], "wood")
    pen.area(np.concatenate([spline([(0.04, 0.95), (0.22, 0.66), (0.42, 0.28)]), [(0.04, 0.26)]]), "sail")
    pen.area(np.concatenate([spline([(-0.04, 0.86), (-0.16, 0.6), (-0.34, 0.28)]), [(-0.04, 0.26)]]), "sail")
    pen.area([(-0.46, 0.2), (0.52, 0.22), (0.34, 0.0), (-0.32, 0.0)], "hull", own=True)


def rowing_boat(pen: Pen) -> None:
    pen.area(
        spline(path("-1.2,0.9 -0.6,0.62 0,0.56 0.6,0.62 1.2,0.9 0.9,0.2 0.5,0 -0.5,0 -0.9,0.2"), True), "hull", own=True
    )
    pen.line(spline([(-1.0, 0.6), (0, 0.36), (1.0, 0.6)]), weight=0.8)
    pen.area(limb(-0.2, 0.72, 0.03, 0.9, -0.06, 0.03), "wood")


def gondola(pen: Pen) -> None:
    hull = path(
        "-1.6,1 -1.52,0.98 -1.36,0.5 -0.6,0.32 0.6,0.3 1.35,0.56 1.55,0.92 1.4,0.3 0.8,0.04 -0.8,0.02 -1.42,0.2"
    )
    pen.area(spline(hull, True), "hull", own=True)
    pen.area(np.concatenate([arc(-0.1, 0.34, 0.36, 0.36, 0, 180)]), "cloth")


def ship(pen: Pen) -> None:
    """A sailing ship of three masts."""
    for x, tall in ((-0.42, 0.84), (0.02, 1.0), (0.44, 0.8)):
        pen.area([(x - 0.016, 0.16), (x + 0.016, 0.16), (x + 0.01, tall), (x - 0.01, tall)], "wood")
    for x, top, wide in ((-0.42, 0.8, 0.17), (0.02, 0.95, 0.21), (0.44, 0.76, 0.17)):
        bottom, middle = 0.32, (top + 0.34) / 2
        for low, high, reach in ((bottom, middle - 0.015, wide), (middle + 0.01, top, wide * 0.8)):
            belly = 0.05
            pen.area(
                np.concatenate(
                    [
                        [(x - reach, high), (x + reach * 0.9, high)],
                        spline([(x + reach * 0.9, high), (x + reach + belly, (low + high) / 2), (x + reach, low)]),
                        spline([(x + reach, low), (x, low + 0.035), (x - reach, low)]),
                        spline([(x - reach, low), (x - reach + belly, (low + high) / 2), (x - reach, high)]),
                    ]
                ),
                "sail",
            )
    pen.line([(0.6, 0.22), (0.92, 0.42)], weight=1.2)
    pen.area([(0.56, 0.24), (0.88, 0.4), (0.5, 0.6)], "sail")
    hull = path("-0.78,0.3 -0.52,0.28 -0.48,0.2 0.4,0.18 0.72,0.26 0.6,0.1 0.48,0 -0.6,0 -0.72,0.12")
    pen.area(hull, "hull", own=True)
    pen.line([(-0.72, 0.14), (-0.3, 0.1), (0.2, 0.095), (0.62, 0.15)], weight=0.8)
    for x, y in ((-0.42, 0.98), (0.02, 1.1), (0.44, 0.94)):
        if pen.fits(0.1, 10):
            pen.line([(x, y - 0.14), (x, y)], weight=0.8)
            pen.area([(x, y), (x - 0.13, y - 0.03), (x, y - 0.07)], "flag")


def steamer(pen: Pen) -> None:
    for x in (-0.3, 0.02, 0.34):
        pen.area([(x - 0.08, 0.5), (x + 0.08, 0.5), (x + 0.05, 0.98), (x - 0.11, 0.98)], "red")
        pen.area([(x - 0.1, 0.84), (x + 0.062, 0.84), (x + 0.05, 0.98), (x - 0.11, 0.98)], "shade")
    pen.box(-0.62, 0.36, 0.66, 0.53, "wall")
    pen.row("box", np.linspace(-0.52, 0.56, 8).tolist(), 0.41, 0.07, 0.07, "window")
    pen.box(-0.9, 0.24, 0.84, 0.38, "wall")
    pen.area([(-1.2, 0.32), (1.25, 0.3), (1.1, 0.0), (-1.05, 0.0)], "hull", own=True)
    if pen.fits(0.08):
        for x in np.linspace(-0.85, 0.85, 8):
            pen.oval(float(x), 0.19, 0.035, part="window")


def wheel(pen: Pen, x: float, y: float, radius: float) -> None:
    pen.oval(x, y, radius, part="tyre")
    pen.oval(x, y, radius * 0.5, part="metal")


def car(pen: Pen) -> None:
    cabin = path("-0.62,0.5 -0.4,0.9 -0.3,1 0.34,1 0.46,0.92 0.72,0.5")
    pen.area(cabin, "window")
    pen.area([(-0.02, 0.5), (0.08, 0.5), (0.07, 1.0), (0.0, 1.0)], "body", own=True)
    body = path("-1.2,0.2 -1.22,0.42 -1.1,0.54 -0.6,0.58 0.74,0.58 1.1,0.52 1.22,0.4 1.2,0.18")
    pen.area(body, "body", own=True)
    pen.line([(0.03, 0.56), (0.03, 0.22)], weight=0.7)
    pen.oval(-1.12, 0.42, 0.07, part="lamp")
    for x in (-0.7, 0.72):
        wheel(pen, x, 0.2, 0.22)


def bus(pen: Pen) -> None:
    pen.area(path("-1.1,0.14 -1.1,0.9 -1,1 1.04,1 1.1,0.94 1.1,0.14"), "body", own=True)
    pen.row("box", np.linspace(-0.8, 0.5, 5).tolist(), 0.54, 0.24, 0.3, "window")
    pen.box(0.74, 0.16, 0.98, 0.84, "window")
    pen.line([(-1.1, 0.42), (0.7, 0.42)], weight=0.7)
    for x in (-0.66, 0.46):
        wheel(pen, x, 0.16, 0.17)


def train(pen: Pen) -> None:
    """A steam engine with two carriages."""
    pen = pen.within(-0.39, 0, 1.0)
    for i in range(2):
        x = 0.62 + i * 1.1
        pen.box(x - 0.48, 0.2, x + 0.48, 0.72, "body")
        pen.area([(x - 0.54, 0.7), (x + 0.54, 0.7), (x + 0.46, 0.8), (x - 0.46, 0.8)], "roof")
        pen.row("box", [x - 0.3, x, x + 0.3], 0.42, 0.2, 0.2, "window")
        for at in (x - 0.3, x + 0.3):
            wheel(pen, at, 0.13, 0.12)
    pen.box(-0.26, 0.2, 0.1, 0.82, "body", own=True)
    pen.box(-0.2, 0.5, 0.04, 0.74, "window")
    pen.area([(-0.34, 0.8), (0.18, 0.8), (0.14, 0.9), (-0.3, 0.9)], "roof")
    pen.area(limb(-1.02, 0.44, 0.19, -0.3, 0.44, 0.19), "body", own=True)
    pen.area([(-1.04, 0.6), (-0.9, 0.6), (-0.86, 0.92), (-1.08, 0.92)], "shade")
    pen.oval(-0.62, 0.64, 0.08, 0.07, "metal")
    pen.box(-1.2, 0.18, 0.1, 0.28, "red")
    pen.area([(-1.2, 0.26), (-1.2, 0.02), (-1.42, 0.02)], "red")
    for x, r in ((-0.96, 0.12), (-0.62, 0.12), (-0.16, 0.18)):
        wheel(pen, x, r, r)
    for x, y, r in ((-0.9, 1.06, 0.1), (-0.68, 1.18, 0.13), (-0.36, 1.26, 0.16)):
        pen.area(scalloped(oval(x, y, r * 1.2, r * 0.8), 0.03, 7), "cloud")


def carriage(pen: Pen) -> None:
    pen.area(spline(path("-0.5,0.9 0,1 0.5,0.9 0.46,0.5 0.24,0.3 -0.24,0.3 -0.46,0.5"), True), "body", own=True)
    pen.box(-0.34, 0.58, -0.06, 0.86, "window")
    pen.box(0.06, 0.4, 0.32, 0.86, "door")
    pen.line([(-0.9, 0.42), (-0.5, 0.5)])
    for x, r in ((-0.46, 0.2), (0.44, 0.27)):
        wheel(pen, x, r, r)


def bicycle(pen: Pen) -> None:
    for x in (-0.55, 0.55):
        pen.oval(x, 0.36, 0.36, part="tyre", own=True)
        pen.oval(x, 0.36, 0.28, part="")
        for angle in (0, 45, 90, 135):
            c, s = 0.28 * np.cos(np.radians(angle)), 0.28 * np.sin(np.radians(angle))
            pen.line([(x - c, 0.36 - s), (x + c, 0.36 + s)], weight=0.5)
    for one, other in (
        ((-0.55, 0.36), (-0.2, 0.86)),
        ((-0.2, 0.8), (0.4, 0.84)),
        ((0.4, 0.84), (0.0, 0.32)),
        ((-0.2, 0.8), (0.0, 0.32)),
        ((-0.55, 0.36), (0.0, 0.32)),
        ((0.55, 0.36), (0.36, 0.96)),
    ):
        pen.line([one, other], weight=1.6)
    pen.line([(0.36, 0.96), (0.22, 1.0)], weight=1.4)
    pen.area(oval(-0.22, 0.9, 0.13, 0.04), "body")


def balloon(pen: Pen) -> None:
    """A hot-air balloon."""
    pen.line([(-0.12, 0.28), (-0.08, 0.14)])
    pen.line([(0.12, 0.28), (0.08, 0.14)])
    half = path("0,1 0.22,0.95 0.36,0.78 0.34,0.58 0.22,0.4 0.12,0.27")
    right = spline(half)
    whole = np.concatenate([right, right[::-1] * np.array([-1, 1], np.float32)])
    pen.area(whole, "body", own=True)
    for share in (0.62, 0.2):
        pen.area(whole * np.array([share, 1], np.float32), "body" if share < 0.5 else "stripe", own=share < 0.5)
    pen.box(-0.1, 0, 0.1, 0.15, "wood")


def plane(pen: Pen) -> None:
    pen.area([(0.1, 0.5), (0.5, 1.0), (0.64, 1.0), (0.46, 0.5)], "metal")
    pen.area([(0.86, 0.56), (1.1, 0.98), (1.24, 0.98), (1.16, 0.54)], "body", own=True)
    pen.area(
        spline(path("-1.2,0.42 -1,0.58 -0.4,0.64 0.6,0.62 1.24,0.56 0.9,0.42 0.2,0.34 -0.9,0.32"), True),
        "body",
        own=True,
    )
    pen.area([(0.0, 0.42), (0.42, 0.42), (0.78, 0.0), (0.6, 0.0)], "metal")
    if pen.fits(0.08):
        for x in np.linspace(-0.7, 0.5, 7):
            pen.oval(float(x), 0.53, 0.035, part="window")


def rocket(pen: Pen) -> None:
    pen.area(spline(path("-0.08,0.18 0.08,0.18 0.05,0.06 0,0 -0.05,0.06"), True), "flame")
    for side in (-1, 1):
        pen.area([(side * 0.1, 0.42), (side * 0.24, 0.24), (side * 0.24, 0.14), (side * 0.1, 0.22)], "red")
    half = path("0,1 0.1,0.84 0.145,0.6 0.13,0.36 0.09,0.18")
    right = spline(half)
    pen.area(np.concatenate([right, right[::-1] * np.array([-1, 1], np.float32)]), "body", own=True)
    pen.area(np.concatenate([right[:7], right[6::-1] * np.array([-1, 1], np.float32)]), "red")
    pen.oval(0, 0.6, 0.06, part="window")


VEHICLES = (
    Figure("boat", boat, 1.0, 9, "vehicle", "water", top=0.16),
    Figure("rowing boat", rowing_boat, 2.4, 1.5, "vehicle", "water", top=0.5),
    Figure("gondola", gondola, 3.2, 1.8, "vehicle", "water", top=0.3),
    Figure("ship", ship, 1.7, 30, "vehicle", "water", top=0.2),
    Figure("steamer", steamer, 2.5, 35, "vehicle", "water", top=0.5),
    Figure("car", car, 2.45, 1.6, "vehicle", top=0.98),
    Figure("bus", bus, 2.2, 3.6, "vehicle", top=1.0),
    Figure("train", train, 3.8, 4.2, "vehicle", top=0.72),
    Figure("carriage", carriage, 1.8, 2.3, "vehicle", top=0.9),
    Figure("bicycle", bicycle, 1.85, 1.1, "vehicle", top=0.85),
    Figure("balloon", balloon, 0.74, 22, "vehicle", "air", top=0.14),
    Figure("plane", plane, 2.5, 8, "vehicle", "air"),
    Figure("rocket", rocket, 0.5, 40, "vehicle", "air"),
)
