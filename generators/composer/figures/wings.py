"""Wings and fins: birds, what swims, and dragons; they look to the left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generators.composer.curves import arc, limb, mirrored, oval, path, scalloped, spline
from generators.composer.figures.beasts import leg
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen

Hand = tuple[float, float]


def bird(pen: Pen) -> None:
    """Perched."""
    pen = pen.within(-0.12, 0, 1.0)
    for x in (-0.08, 0.1):
        pen.line([(x, 0.24), (x, 0.02)], weight=1.2)
        pen.line([(x - 0.1, 0.0), (x, 0.05), (x + 0.07, 0.0)], weight=1.1)
    pen.area([(0.4, 0.46), (0.98, 0.36), (0.94, 0.2), (0.36, 0.28)], "feathers", own=True)
    body = spline(path("-0.5,0.72 -0.44,0.94 -0.26,1 -0.08,0.9 0.16,0.7 0.5,0.42 0.3,0.22 -0.06,0.2 -0.36,0.36"), True)
    pen.area([(-0.46, 0.86), (-0.7, 0.78), (-0.47, 0.72)], "sun")
    pen.area(body, "feathers", own=True)
    pen.area(spline(path("-0.14,0.68 0.12,0.66 0.6,0.38 0.28,0.34 0,0.42"), True), "wing")
    pen.dot(-0.32, 0.85, 0.035)


def gull(pen: Pen) -> None:
    """Far away, its wings spread."""
    half = path("0,0.42 0.14,0.58 0.5,0.9 0.8,0.86 1.1,0.6 0.72,0.68 0.44,0.6 0.16,0.26 0,0.2")
    pen.area(spline(mirrored(half), True), "feathers", own=True)


def owl(pen: Pen) -> None:
    for x in (-0.13, 0.13):
        pen.area(scalloped(oval(x, 0.04, 0.09, 0.04), 0.015, 5), "sun")
    body = mirrored(path("0,0.9 0.14,0.92 0.29,1 0.3,0.82 0.34,0.5 0.28,0.2 0.14,0.04 0,0.03"))
    pen.area(body, "feathers", own=True)
    pen.area(spline(mirrored(path("0,0.5 0.16,0.46 0.19,0.24 0.1,0.08 0,0.06")), True), "wall")
    for y in (0.38, 0.28, 0.18):
        pen.line(spline([(-0.12, y), (-0.06, y - 0.03), (0, y), (0.06, y - 0.03), (0.12, y)]), weight=0.7)
    for side in (-1, 1):
        pen.area(spline([(side * 0.3, 0.62), (side * 0.4, 0.4), (side * 0.3, 0.12), (side * 0.22, 0.36)], True), "wing")
        pen.oval(side * 0.13, 0.74, 0.12, part="eye")
        pen.dot(side * 0.12, 0.74, 0.05)
    pen.area([(-0.05, 0.68), (0.05, 0.68), (0, 0.58)], "sun")


def swan(pen: Pen) -> None:
    neck = spline(
        path(
            "-0.3,0.3 -0.5,0.46 -0.44,0.7 -0.42,0.84 -0.54,0.86 -0.66,0.78 -0.68,0.88 -0.5,0.99 "
            "-0.32,0.9 -0.3,0.7 -0.32,0.5 -0.1,0.36"
        ),
        True,
    )
    body = spline(path("-0.5,0.2 -0.3,0.4 0.1,0.44 0.5,0.4 0.84,0.5 0.66,0.16 0.3,0 -0.2,0"), True)
    pen.area([(-0.64, 0.9), (-0.82, 0.76), (-0.66, 0.78)], "sun")
    pen.union([neck, body], "cloud", own=True)
    pen.area(spline(path("-0.16,0.3 0.2,0.5 0.72,0.62 0.6,0.34 0.36,0.18 0,0.16"), True), "cloud", own=True)
    pen.dot(-0.56, 0.9, 0.022)


def duck(pen: Pen) -> None:
    pen.area([(-0.6, 0.76), (-0.86, 0.7), (-0.84, 0.62), (-0.6, 0.62)], "sun")
    body = spline(path("-0.4,0.36 -0.2,0.48 0.2,0.46 0.5,0.48 0.8,0.62 0.72,0.26 0.4,0 -0.3,0 -0.52,0.16"), True)
    pen.union([body, oval(-0.4, 0.72, 0.25, 0.25), limb(-0.36, 0.6, 0.15, -0.28, 0.36, 0.18)], "feathers", own=True)
    pen.area(spline(path("-0.12,0.34 0.2,0.38 0.52,0.34 0.3,0.14 0,0.14"), True), "wing")
    pen.dot(-0.48, 0.77, 0.03)


def penguin(pen: Pen) -> None:
    for x in (-0.1, 0.1):
        pen.area(oval(x, 0.03, 0.1, 0.04), "sun")
    pen.area(
        spline(mirrored(path("0,1 0.16,0.94 0.2,0.8 0.26,0.5 0.26,0.2 0.16,0.04 0,0.02")), True), "shade", own=True
    )
    pen.area(spline(mirrored(path("0,0.66 0.12,0.64 0.18,0.4 0.17,0.16 0.08,0.06 0,0.05")), True), "cloud")
    for side in (-1, 1):
        pen.area(
            spline([(side * 0.22, 0.68), (side * 0.36, 0.44), (side * 0.32, 0.28), (side * 0.24, 0.42)], True),
            "shade",
            own=True,
        )
        pen.oval(side * 0.07, 0.83, 0.05, part="cloud")
        pen.dot(side * 0.065, 0.83, 0.018)
    pen.area([(-0.05, 0.78), (0.05, 0.78), (0, 0.71)], "sun")


def hen(pen: Pen) -> None:
    for x in (-0.02, 0.14):
        pen.line([(x, 0.24), (x, 0.02), (x - 0.1, 0.0)], weight=1.2)
    pen.area(scalloped(oval(-0.36, 0.97, 0.12, 0.07), 0.03, 5), "red")
    body = spline(
        path("-0.44,0.9 -0.3,0.96 -0.18,0.82 0,0.62 0.3,0.66 0.6,0.94 0.66,0.6 0.48,0.3 0.1,0.2 -0.26,0.34 -0.4,0.6"),
        True,
    )
    pen.area([(-0.46, 0.86), (-0.64, 0.78), (-0.46, 0.74)], "sun")
    pen.area(body, "feathers", own=True)
    pen.area(oval(-0.4, 0.66, 0.05, 0.09), "red")
    pen.area(spline(path("-0.1,0.54 0.2,0.56 0.44,0.5 0.22,0.32 0,0.36"), True), "wing")
    pen.dot(-0.34, 0.83, 0.025)


def butterfly(pen: Pen) -> None:
    for side in (-1, 1):
        pen.area(
            spline(
                [(side * 0.03, 0.52), (side * 0.2, 0.9), (side * 0.52, 1.0), (side * 0.56, 0.7), (side * 0.34, 0.5)],
                True,
            ),
            "petal",
            own=True,
        )
        pen.area(
            spline(
                [
                    (side * 0.03, 0.48),
                    (side * 0.34, 0.46),
                    (side * 0.44, 0.24),
                    (side * 0.28, 0.04),
                    (side * 0.08, 0.26),
                ],
                True,
            ),
            "petal",
            own=True,
        )
        pen.oval(side * 0.36, 0.78, 0.08, part="sun")
        pen.oval(side * 0.25, 0.27, 0.06, part="sun")
        pen.line(spline([(side * 0.02, 0.74), (side * 0.08, 0.9), (side * 0.16, 0.96)]), weight=0.9)
    pen.area(limb(0, 0.2, 0.025, 0, 0.72, 0.04), "shade")


def fish(pen: Pen) -> None:
    pen.area(spline([(0.5, 0.5), (0.98, 0.92), (0.84, 0.5), (0.98, 0.08)], True), "fin", own=True)
    pen.area(spline([(-0.3, 0.84), (0.06, 1.0), (0.34, 0.82), (0.3, 0.66)], True), "fin")
    pen.area(spline([(-0.06, 0.2), (0.16, 0.0), (0.24, 0.26)], True), "fin")
    pen.area(
        spline(path("-0.98,0.5 -0.6,0.82 -0.1,0.9 0.36,0.7 0.62,0.5 0.36,0.3 -0.1,0.12 -0.6,0.2"), True),
        "scales",
        own=True,
    )
    pen.line(spline([(-0.46, 0.82), (-0.34, 0.5), (-0.46, 0.2)]), weight=0.9)
    pen.area(spline([(-0.16, 0.54), (0.14, 0.6), (0.1, 0.34)], True), "fin")
    pen.oval(-0.68, 0.6, 0.08, part="eye")
    pen.dot(-0.69, 0.6, 0.035)
    pen.line([(-0.95, 0.46), (-0.8, 0.44)], weight=0.8)


def whale(pen: Pen) -> None:
    pen = pen.within(-0.14, 0, 1.0)
    for side in (-1, 1):
        pen.line(
            spline([(-0.5, 0.76), (-0.5 + side * 0.05, 0.92), (-0.5 + side * 0.2, 0.98), (-0.5 + side * 0.27, 0.86)]),
            weight=1.1,
        )
    tail = spline(path("0.86,0.5 0.84,0.78 0.62,0.9 0.96,0.94 1.1,0.78 1.3,0.92 1.5,0.78 1.22,0.68 1.06,0.4"), True)
    body = spline(path("-1.2,0.36 -1.1,0.62 -0.6,0.74 0.1,0.66 0.7,0.5 1,0.6 1.1,0.42 0.7,0.1 -0.1,0 -0.9,0.04"), True)
    pen.union([body, tail], "hull", own=True)
    pen.area(spline(path("-1.19,0.34 -0.7,0.3 -0.1,0.22 0.5,0.06 -0.1,0 -0.9,0.04"), True), "cloud")
    pen.area(spline([(-0.3, 0.26), (0.02, 0.2), (0.06, -0.06), (-0.22, 0.04)], True), "hull", own=True)
    pen.dot(-0.72, 0.42, 0.035)


def turtle(pen: Pen) -> None:
    for x in (-0.5, 0.5):
        pen.area(limb(x, 0.2, 0.12, x - 0.08, 0.06, 0.1), "leaves")
    pen.area(spline(path("-0.6,0.3 -0.86,0.5 -1.06,0.5 -1.06,0.28 -0.8,0.22 -0.6,0.14"), True), "leaves")
    pen.area([(0.66, 0.24), (0.94, 0.1), (0.66, 0.14)], "leaves")
    pen.area(
        np.concatenate([arc(0, 0.22, 0.74, 0.78, 0, 180), spline([(-0.74, 0.22), (0, 0.12), (0.74, 0.22)])]),
        "shell",
        own=True,
    )
    pen.area(path("-0.2,0.4 0.2,0.4 0.3,0.64 0,0.84 -0.3,0.64"), "spots")
    for x, y, x2, y2 in (
        (-0.2, 0.4, -0.34, 0.2),
        (0.2, 0.4, 0.34, 0.2),
        (-0.3, 0.64, -0.6, 0.66),
        (0.3, 0.64, 0.6, 0.66),
        (0, 0.84, 0, 1.0),
    ):
        pen.line([(x, y), (x2, y2)], weight=0.8)
    pen.dot(-0.96, 0.42, 0.03)


def membrane(pen: Pen, root: Hand, wrist: Hand, tips: Sequence[Hand], back: Hand) -> None:
    """A wing of skin between fingers, its hem hollow from tip to tip."""
    hem: list[Hand] = []
    for one, other in zip(tips, [*tips[1:], back], strict=True):
        middle = (0.5 * (one[0] + other[0]), 0.5 * (one[1] + other[1]))
        hollow = (middle[0] + 0.24 * (wrist[0] - middle[0]), middle[1] + 0.24 * (wrist[1] - middle[1]))
        hem += [tuple(p) for p in spline([one, hollow, other]).tolist()]
    lead = spline([root, (0.6 * root[0] + 0.4 * wrist[0] - 0.03, 0.5 * (root[1] + wrist[1])), wrist])
    pen.area(np.concatenate([lead, hem]), "wing")
    for tip in tips[1:]:
        pen.line(spline([wrist, (0.5 * (wrist[0] + tip[0]), 0.5 * (wrist[1] + tip[1]) + 0.02), tip]), weight=0.8)


def dragon(pen: Pen) -> None:
    """In the air, wings spread, with a long tail."""
    membrane(pen, (-0.12, 0.54), (-0.22, 0.98), [(-0.66, 1.08), (-0.62, 0.84), (-0.46, 0.66)], (-0.2, 0.5))
    tail = spline(path("0.16,0.44 0.44,0.24 0.74,0.2 0.98,0.34 1.02,0.3 0.8,0.1 0.44,0.1 0.1,0.28"), True)
    tip = [(0.97, 0.3), (0.94, 0.46), (1.14, 0.42), (1.07, 0.26)]
    body = spline(path("-0.3,0.56 -0.08,0.6 0.18,0.54 0.32,0.42 0.2,0.26 -0.1,0.22 -0.32,0.36"), True)
    neck = spline(
        path(
            "-0.16,0.58 -0.4,0.64 -0.5,0.76 -0.6,0.86 -0.74,0.86 -1.02,0.74 -1.02,0.67 -0.76,0.68 "
            "-0.66,0.66 -0.56,0.5 -0.32,0.34"
        ),
        True,
    )
    horns = [[(-0.62, 0.85), (-0.48, 0.98), (-0.54, 0.8)], [(-0.68, 0.86), (-0.58, 1.02), (-0.6, 0.85)]]
    thighs = [limb(-0.2, 0.32, 0.075, -0.28, 0.12, 0.04), limb(0.12, 0.3, 0.1, 0.16, 0.1, 0.045)]
    feet = [limb(-0.28, 0.1, 0.036, -0.4, 0.06, 0.024), limb(0.16, 0.07, 0.042, 0.02, 0.03, 0.026)]
    pen.union([tail, tip, body, neck, *horns, *thighs, *feet], "scales", own=True)
    belly = path("-0.6,0.55 -0.44,0.42 -0.32,0.35 -0.1,0.22 0.12,0.23 -0.06,0.32 -0.28,0.44 -0.48,0.6")
    pen.area(spline(belly, True), "wall")
    membrane(pen, (-0.06, 0.52), (0.06, 1.0), [(0.66, 1.06), (0.72, 0.8), (0.58, 0.58)], (0.22, 0.46))
    pen.dot(-0.72, 0.79, 0.022)
    pen.dot(-0.97, 0.725, 0.011)
    pen.line([(-1.0, 0.695), (-0.8, 0.715), (-0.72, 0.74)], weight=0.8)


def dinosaur(pen: Pen) -> None:
    pen = pen.within(-0.14, 0, 1.0)
    body = spline(
        path("-0.4,0.34 -0.1,0.56 0.2,0.54 0.5,0.36 0.9,0.2 1.2,0.16 0.9,0.1 0.5,0.14 0.2,0.18 -0.2,0.18"), True
    )
    neck = spline(
        path("-0.2,0.5 -0.44,0.66 -0.52,0.92 -0.66,1 -0.84,0.92 -0.82,0.85 -0.66,0.86 -0.62,0.66 -0.5,0.4 -0.3,0.24"),
        True,
    )
    for x in (-0.16, 0.36):
        pen.area(leg(x + 0.08, 0.3, 0.08), "scales", own=True)
    pen.union([body, neck, leg(-0.26, 0.3, 0.085), leg(0.28, 0.3, 0.09)], "scales", own=True)
    pen.dot(-0.68, 0.94, 0.018)
    for x, y in ((-0.04, 0.46), (0.16, 0.42), (0.34, 0.36)):
        pen.oval(x, y, 0.05, 0.035, "spots")


WINGS = (
    Figure("bird", bird, 1.75, 0.25, "animal"),
    Figure("gull", gull, 2.3, 0.6, "animal", "air"),
    Figure("owl", owl, 0.8, 0.45, "animal"),
    Figure("swan", swan, 1.7, 1.0, "animal", "water"),
    Figure("duck", duck, 1.7, 0.4, "animal", "water"),
    Figure("penguin", penguin, 0.72, 0.9, "animal"),
    Figure("hen", hen, 1.35, 0.45, "animal"),
    Figure("butterfly", butterfly, 1.15, 0.15, "animal", "air"),
    Figure("fish", fish, 2.0, 0.3, "animal", "water"),
    Figure("whale", whale, 2.8, 4.0, "animal", "water", top=0.7),
    Figure("turtle", turtle, 2.0, 0.5, "animal", top=1.0),
    Figure("dragon", dragon, 2.2, 8.0, "animal", "air", top=0.52),
    Figure("dinosaur", dinosaur, 2.1, 8.0, "animal"),
)
