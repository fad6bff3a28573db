"""Beasts: animals with four legs, seen from the side; they look to the left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.colours import Array
from generators.composer.curves import Points, arc, limb, mirrored, oval, path, scalloped, spline
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen


def eye(pen: Pen, x: float, y: float, size: float = 0.018) -> None:
    pen.dot(x, y, size)


def leg(x: float, top: float, thick: float, lean: float = 0.0, foot: float = 1.25) -> Array:
    """A leg from the belly to the ground."""
    knee, half = top * 0.5, thick
    right = [(x + half * 1.3, top), (x + lean + half * 0.8, knee), (x + half * 0.75, 0.04), (x + half * 0.9, 0)]
    left = [(x - half * foot, 0), (x - half * 0.8, 0.05), (x + lean - half * 0.75, knee), (x - half * 1.3, top)]
    return np.array([*right, *left], np.float32)


def standing(
    pen: Pen,
    body: Points,
    head: Sequence[Points],
    legs: Sequence[tuple[float, float]],
    belly: float,
    thick: float,
    part: str = "fur",
) -> None:
    """A body on four legs, the two far ones behind it; `legs` are their places and how they lean."""
    for x, lean in legs:
        pen.area(leg(x + 0.08, belly, thick * 0.9, -lean), part, own=True)
    near = [leg(x, belly, thick, lean) for x, lean in legs]
    pen.union([body, *near, *head], part, own=True)


def cat(pen: Pen) -> None:
    """Sitting, and looking at us."""
    pen = pen.within(-0.1, 0, 1.0)
    tail = spline(path("0.22,0.06 0.46,0.05 0.52,0.22 0.44,0.36 0.5,0.42 0.6,0.24 0.54,0 0.3,-0.02"))
    pen.area(tail, "fur", own=True)
    body = spline(mirrored(path("0.1,0.62 0.18,0.5 0.26,0.28 0.28,0.1 0.22,0 0.05,0")), True)
    pen.area(body, "fur", own=True)
    for side in (-1, 1):
        pen.line(spline([(side * 0.08, 0.36), (side * 0.07, 0.18), (side * 0.075, 0.03)]), weight=0.9)
        pen.line(spline([(side * 0.24, 0.26), (side * 0.14, 0.2), (side * 0.13, 0.06)]), weight=0.8)
    head = path("0,0.86 0.1,0.88 0.17,1 0.21,0.86 0.225,0.72 0.16,0.6 0,0.555")
    pen.area(mirrored(head), "fur", own=True)
    for side in (-1, 1):
        if pen.fits(0.08):
            pen.area(oval(side * 0.095, 0.745, 0.042, 0.038), "eye")
            pen.dot(side * 0.09, 0.745, 0.02)
        else:
            eye(pen, side * 0.09, 0.74)
        for y, drop in ((0.68, 0.02), (0.655, -0.01)):
            pen.line([(side * 0.09, y), (side * 0.28, y + drop)], weight=0.6)
    pen.area([(-0.025, 0.69), (0.025, 0.69), (0, 0.665)], "lips")
    pen.line(spline(path("-0.05,0.63 -0.025,0.62 0,0.662 0.025,0.62 0.05,0.63")), weight=0.8)


def dog(pen: Pen) -> None:
    """Sitting, from the side."""
    pen.area(spline(path("0.3,0.04 0.5,0.12 0.6,0.34 0.54,0.36 0.42,0.2 0.28,0.14"), True), "fur", own=True)
    body = spline(path("-0.14,0.62 0.06,0.6 0.24,0.4 0.36,0.14 0.34,0 0.1,0 -0.1,0.1 -0.2,0.4"), True)
    head = spline(
        path(
            "-0.06,0.9 -0.16,0.97 -0.28,0.92 -0.34,0.82 -0.5,0.78 -0.52,0.7 -0.42,0.65 -0.24,0.62 -0.06,0.6 0.02,0.74"
        ),
        True,
    )
    pen.union(
        [body, limb(-0.1, 0.4, 0.07, -0.12, 0.04, 0.05), limb(-0.2, 0.03, 0.03, -0.1, 0.03, 0.03), head],
        "fur",
        own=True,
    )
    pen.line(spline(path("0.06,0.26 0.2,0.3 0.26,0.14 0.14,0.04 0,0.04")), weight=0.9)
    pen.area(spline(path("-0.1,0.93 0.02,0.88 0.06,0.7 -0.02,0.62 -0.09,0.74"), True), "fur", own=True)
    pen.oval(-0.5, 0.77, 0.035, 0.03, "shade")
    eye(pen, -0.26, 0.83, 0.022)
    pen.line(spline([(-0.5, 0.71), (-0.4, 0.7), (-0.34, 0.72)]), weight=0.8)
    pen.area([(-0.2, 0.63), (0.03, 0.6), (0.04, 0.56), (-0.19, 0.58)], "red")


def wolf(pen: Pen) -> None:
    body = spline(path("-0.4,0.62 -0.1,0.68 0.3,0.66 0.5,0.58 0.46,0.36 0.1,0.38 -0.2,0.32 -0.42,0.38"), True)
    head = spline(
        path("-0.3,0.7 -0.42,0.88 -0.56,0.9 -0.66,0.8 -0.84,0.74 -0.82,0.67 -0.66,0.64 -0.5,0.56 -0.3,0.42"), True
    )
    ears = [[(-0.5, 0.86), (-0.46, 1.0), (-0.38, 0.84)], [(-0.58, 0.86), (-0.58, 1.0), (-0.48, 0.88)]]
    tail = spline(path("0.44,0.62 0.66,0.6 0.84,0.4 0.86,0.24 0.7,0.34 0.5,0.44"), True)
    standing(pen, body, [head, *ears, tail], [(-0.32, 0.0), (0.4, 0.07)], 0.46, 0.055)
    eye(pen, -0.6, 0.78)
    pen.oval(-0.82, 0.73, 0.028, 0.024, "shade")


def fox(pen: Pen) -> None:
    pen = pen.within(-0.11, 0, 1.0)
    tail = spline(path("0.4,0.5 0.62,0.52 0.92,0.42 1.08,0.2 0.8,0.18 0.56,0.28 0.42,0.38"), True)
    pen.area(tail, "fur", own=True)
    pen.area(spline([(0.9, 0.4), (1.08, 0.2), (0.86, 0.19)], True), "cloud")
    body = spline(path("-0.36,0.6 0,0.6 0.32,0.6 0.48,0.5 0.42,0.34 0,0.34 -0.36,0.32 -0.44,0.46"), True)
    head = spline(path("-0.26,0.66 -0.4,0.84 -0.56,0.82 -0.8,0.64 -0.78,0.6 -0.56,0.56 -0.4,0.46"), True)
    ears = [[(-0.46, 0.8), (-0.4, 1.0), (-0.3, 0.78)], [(-0.58, 0.78), (-0.56, 0.97), (-0.44, 0.82)]]
    standing(pen, body, [head, *ears], [(-0.3, 0.0), (0.34, 0.06)], 0.4, 0.045)
    eye(pen, -0.55, 0.72)
    pen.oval(-0.79, 0.63, 0.026, 0.022, "shade")


def horse(pen: Pen) -> None:
    tail = spline(path("0.44,0.66 0.58,0.62 0.66,0.42 0.62,0.18 0.52,0.26 0.5,0.46"), True)
    pen.area(tail, "mane")
    body = spline(path("-0.26,0.68 0,0.66 0.3,0.7 0.47,0.64 0.48,0.48 0.36,0.42 0,0.4 -0.28,0.42 -0.38,0.54"), True)
    head = spline(
        path(
            "-0.16,0.66 -0.3,0.86 -0.36,0.96 -0.46,0.96 -0.56,0.86 -0.68,0.74 -0.66,0.66 -0.58,0.65 "
            "-0.46,0.74 -0.42,0.62 -0.36,0.48"
        ),
        True,
    )
    ear = [(-0.42, 0.94), (-0.4, 1.04), (-0.35, 0.94)]
    standing(pen, body, [head, ear], [(-0.26, 0.0), (0.36, 0.05)], 0.5, 0.05)
    mane = spline(path("-0.4,0.99 -0.27,0.94 -0.1,0.7 -0.18,0.66 -0.26,0.78 -0.37,0.92"), True)
    pen.area(mane, "mane")
    eye(pen, -0.49, 0.87)
    pen.dot(-0.64, 0.71, 0.011)


def unicorn(pen: Pen) -> None:
    pen.area([(-0.5, 0.93), (-0.44, 0.96), (-0.66, 1.2)], "sun")
    horse(pen)


def deer(pen: Pen) -> None:
    for x, reach in ((-0.33, 1), (-0.3, -1)):
        pen.line(spline([(x, 0.82), (x + 0.06 * reach, 0.92), (x + 0.16 * reach, 1.06)]), weight=1.3)
        pen.line([(x + 0.06 * reach, 0.92), (x - 0.04 * reach, 1.03)], weight=1.2)
        pen.line([(x + 0.11 * reach, 0.98), (x + 0.2 * reach, 0.96)], weight=1.2)
    body = spline(path("-0.16,0.58 0.1,0.58 0.34,0.6 0.44,0.52 0.38,0.38 0.1,0.36 -0.16,0.36 -0.24,0.48"), True)
    head = spline(
        path("-0.1,0.58 -0.2,0.74 -0.24,0.84 -0.36,0.84 -0.54,0.72 -0.52,0.67 -0.36,0.7 -0.3,0.58 -0.22,0.44"), True
    )
    ear = [(-0.27, 0.84), (-0.14, 0.9), (-0.23, 0.78)]
    tail = oval(0.43, 0.56, 0.05, 0.035)
    standing(pen, body, [head, ear, tail], [(-0.14, 0.0), (0.32, 0.05)], 0.44, 0.035)
    eye(pen, -0.36, 0.79)


def cow(pen: Pen) -> None:
    pen.line(spline([(0.62, 0.76), (0.74, 0.6), (0.72, 0.36)]), weight=1.2)
    body = spline(path("-0.5,0.8 0,0.8 0.5,0.82 0.64,0.72 0.62,0.4 0,0.32 -0.5,0.38 -0.6,0.6"), True)
    head = spline(path("-0.5,0.84 -0.62,0.96 -0.76,0.94 -0.9,0.72 -0.92,0.62 -0.8,0.56 -0.64,0.62 -0.5,0.6"), True)
    ears = [oval(-0.5, 0.9, 0.09, 0.04, -15)]
    standing(pen, body, [head, *ears], [(-0.44, 0.0), (0.5, 0.02)], 0.44, 0.075, "hide")
    for x, side in ((-0.66, -1), (-0.58, 1)):
        pen.area(
            spline([(x - 0.02, 0.94), (x + 0.04 * side, 1.02), (x + 0.1 * side, 1.04), (x + 0.03, 0.95)], True), "wall"
        )
    for spot in (oval(-0.1, 0.66, 0.16, 0.11), oval(0.36, 0.6, 0.14, 0.12), oval(-0.34, 0.5, 0.09, 0.07)):
        pen.area(scalloped(spot, 0.02, 5), "spots")
    eye(pen, -0.72, 0.84, 0.022)
    pen.area(oval(-0.86, 0.63, 0.1, 0.065, 25), "lips")


def sheep(pen: Pen) -> None:
    for x in (-0.4, -0.24, 0.3, 0.46):
        pen.box(x - 0.05, 0, x + 0.05, 0.4, "shade")
    pen.area(scalloped(oval(0.04, 0.6, 0.6, 0.3), 0.08, 13), "cloud", own=True)
    pen.area(spline(path("-0.5,0.9 -0.68,0.9 -0.86,0.62 -0.78,0.52 -0.6,0.58 -0.48,0.7"), True), "shade")
    pen.area(oval(-0.44, 0.84, 0.12, 0.05, -20), "shade")
    pen.area(scalloped(oval(-0.56, 0.92, 0.13, 0.08), 0.03, 6), "cloud", own=True)


def pig(pen: Pen) -> None:
    pen.line(spline(path("0.6,0.62 0.72,0.7 0.78,0.6 0.7,0.56 0.76,0.72")), weight=1.1)
    body = oval(0.04, 0.56, 0.62, 0.36)
    head = [oval(-0.58, 0.64, 0.26, 0.25), limb(-0.7, 0.58, 0.12, -0.86, 0.56, 0.11)]
    standing(pen, body, head, [(-0.3, 0.0), (0.4, 0.0)], 0.36, 0.08, "lips")
    pen.area([(-0.62, 0.84), (-0.68, 1.0), (-0.44, 0.86)], "lips", own=True)
    pen.oval(-0.93, 0.56, 0.05, 0.1, "lips")
    eye(pen, -0.68, 0.7, 0.025)


def rabbit(pen: Pen) -> None:
    """Sitting, and looking at us."""
    pen = pen.within(-0.05, 0, 1.0)
    for side in (-1, 1):
        pen.area(oval(side * 0.11, 0.82, 0.065, 0.2, -side * 8), "fur", own=True)
        pen.area(oval(side * 0.11, 0.82, 0.03, 0.14, -side * 8), "lips")
    pen.area(scalloped(oval(0.3, 0.12, 0.1, 0.1), 0.02, 7), "cloud")
    pen.area(spline(mirrored(path("0.12,0.44 0.24,0.28 0.27,0.1 0.2,0 0.05,0")), True), "fur", own=True)
    for side in (-1, 1):
        pen.area(oval(side * 0.14, 0.035, 0.12, 0.045), "fur", own=True)
    pen.oval(0, 0.55, 0.22, 0.17, "fur", own=True)
    for side in (-1, 1):
        eye(pen, side * 0.085, 0.58, 0.024)
        pen.line([(side * 0.05, 0.5), (side * 0.2, 0.51)], weight=0.6)
    pen.area([(-0.025, 0.53), (0.025, 0.53), (0, 0.505)], "lips")
    pen.line([(0, 0.505), (0, 0.46)], weight=0.8)


def mouse(pen: Pen) -> None:
    pen.line(spline([(0.5, 0.1), (0.8, 0.06), (1.0, 0.24), (1.2, 0.16)]), weight=1.2)
    body = spline(path("-0.86,0.3 -0.5,0.62 -0.1,0.7 0.3,0.66 0.56,0.36 0.5,0.04 -0.2,0 -0.6,0.1"), True)
    pen.area(body, "fur", own=True)
    pen.oval(-0.34, 0.74, 0.2, 0.22, "fur", own=True)
    pen.oval(-0.34, 0.72, 0.11, 0.13, "lips")
    eye(pen, -0.56, 0.44, 0.035)
    pen.oval(-0.86, 0.31, 0.05, part="lips")
    for x in (-0.36, 0.3):
        pen.area(oval(x, 0.02, 0.12, 0.04), "lips")


def bear(pen: Pen) -> None:
    pen = pen.within(0.1, 0, 1.0)
    body = spline(path("-0.5,0.78 -0.1,0.9 0.4,0.84 0.62,0.64 0.6,0.34 0.1,0.3 -0.4,0.3 -0.6,0.5"), True)
    head = [
        oval(-0.58, 0.72, 0.24, 0.22),
        limb(-0.7, 0.66, 0.12, -0.84, 0.62, 0.09),
        oval(-0.5, 0.92, 0.075, 0.07),
        oval(-0.68, 0.9, 0.07, 0.07),
    ]
    standing(pen, body, head, [(-0.42, 0.0), (0.44, 0.02)], 0.42, 0.115)
    eye(pen, -0.66, 0.76, 0.024)
    pen.oval(-0.91, 0.64, 0.04, 0.035, "shade")


def lion(pen: Pen) -> None:
    tail = spline(path("0.5,0.6 0.74,0.66 0.86,0.86 0.8,0.88 0.7,0.72 0.5,0.68"), True)
    pen.area(tail, "fur", own=True)
    pen.area(oval(0.86, 0.9, 0.07, 0.09), "mane")
    body = spline(path("-0.4,0.7 0,0.66 0.4,0.7 0.56,0.58 0.5,0.36 0,0.36 -0.4,0.34 -0.5,0.5"), True)
    standing(pen, body, [], [(-0.36, 0.0), (0.42, 0.05)], 0.44, 0.07)
    pen.area(scalloped(oval(-0.48, 0.68, 0.31, 0.31), 0.07, 11), "mane")
    pen.area(
        spline(mirrored(path("0,0.2 0.13,0.18 0.18,0 0.1,-0.16 0,-0.2")) + np.array([-0.5, 0.68]), True),
        "fur",
        own=True,
    )
    for side in (-1, 1):
        eye(pen, -0.5 + side * 0.07, 0.73, 0.02)
    pen.area([(-0.54, 0.64), (-0.46, 0.64), (-0.5, 0.59)], "shade")
    pen.line(spline([(-0.57, 0.55), (-0.5, 0.585), (-0.43, 0.55)]), weight=0.8)


def elephant(pen: Pen) -> None:
    pen.line(spline([(0.64, 0.66), (0.72, 0.5), (0.7, 0.36)]), weight=1.2)
    body = spline(path("-0.3,0.86 0.1,0.94 0.5,0.86 0.66,0.6 0.6,0.3 0.1,0.28 -0.3,0.32 -0.42,0.6"), True)
    trunk = spline(
        path(
            "-0.44,0.8 -0.66,0.72 -0.76,0.42 -0.74,0.12 -0.86,0.04 -0.8,-0.01 -0.66,0.06 -0.62,0.3 -0.5,0.52 -0.36,0.56"
        ),
        True,
    )
    standing(pen, body, [oval(-0.42, 0.76, 0.24, 0.24), trunk], [(-0.24, 0.0), (0.44, 0.0)], 0.4, 0.1, "stone")
    pen.area(spline(path("-0.3,0.92 -0.14,0.86 -0.06,0.66 -0.16,0.48 -0.3,0.6 -0.36,0.78"), True), "stone", own=True)
    pen.area(spline(path("-0.52,0.52 -0.66,0.36 -0.84,0.36 -0.66,0.3 -0.48,0.44"), True), "wall")
    eye(pen, -0.52, 0.78, 0.022)


def camel(pen: Pen) -> None:
    pen.line(spline([(0.54, 0.66), (0.62, 0.5), (0.6, 0.4)]), weight=1.2)
    hump = spline(
        path("-0.3,0.66 -0.12,0.72 0.06,0.96 0.24,0.94 0.38,0.72 0.54,0.64 0.5,0.46 0.1,0.42 -0.3,0.44"), True
    )
    neck = spline(
        path(
            "-0.24,0.66 -0.4,0.6 -0.44,0.8 -0.46,1 -0.6,1.02 -0.76,0.92 -0.72,0.86 -0.58,0.88 "
            "-0.58,0.64 -0.44,0.46 -0.24,0.46"
        ),
        True,
    )
    standing(pen, hump, [neck], [(-0.26, 0.0), (0.42, 0.03)], 0.5, 0.045, "sand")
    eye(pen, -0.6, 0.96)


BEASTS = (
    Figure("cat", cat, 0.92, 0.4, "animal"),
    Figure("dog", dog, 1.2, 0.75, "animal"),
    Figure("wolf", wolf, 1.75, 0.95, "animal"),
    Figure("fox", fox, 2.0, 0.6, "animal"),
    Figure("horse", horse, 1.4, 2.2, "animal", top=0.6),
    Figure("unicorn", unicorn, 1.4, 2.2, "animal", top=0.6),
    Figure("deer", deer, 1.05, 1.7, "animal", top=0.58),
    Figure("cow", cow, 1.75, 1.6, "animal", top=0.8),
    Figure("sheep", sheep, 1.6, 1.0, "animal"),
    Figure("pig", pig, 1.8, 0.9, "animal"),
    Figure("rabbit", rabbit, 0.75, 0.4, "animal"),
    Figure("mouse", mouse, 2.1, 0.1, "animal"),
    Figure("bear", bear, 1.6, 1.6, "animal", top=0.85),
    Figure("lion", lion, 1.8, 1.3, "animal", top=0.62),
    Figure("elephant", elephant, 1.65, 3.2, "animal", top=0.84),
    Figure("camel", camel, 1.45, 2.3, "animal", top=0.8),
)
_ = arc
