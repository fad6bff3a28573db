"""Things: what stands on a table, in a room, or is carried."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import arc, limb, mirrored, oval, path, scalloped, spline
from generators.composer.figures.figure import Figure
from generators.composer.figures.held import canopy
from generators.composer.pen import Pen


def umbrella(pen: Pen) -> None:
    pen.line(spline(path("0,0.6 0,0.14 0.04,0.04 0.11,0.03 0.14,0.1")), weight=1.7)
    canopy(pen, 0, 0.5, 0.56, 0.42)


def paper_lantern(pen: Pen) -> None:
    pen.line([(0, 1.0), (0, 0.88)])
    pen.box(-0.14, 0.84, 0.14, 0.9, "shade")
    pen.oval(0, 0.5, 0.42, 0.35, "red", own=True)
    for share in (0.33, 0.72):
        pen.line(oval(0, 0.5, 0.42 * share, 0.35), weight=0.7)
    pen.box(-0.14, 0.1, 0.14, 0.16, "shade")
    pen.line([(0, 0.1), (0, 0.0)])


def street_lamp(pen: Pen) -> None:
    pen.area([(-0.03, 0.0), (0.03, 0.0), (0.018, 0.78), (-0.018, 0.78)], "metal")
    pen.area([(-0.06, 0), (0.06, 0), (0.04, 0.08), (-0.04, 0.08)], "metal")
    pen.area([(-0.045, 0.78), (0.045, 0.78), (0.08, 0.93), (-0.08, 0.93)], "lamp", own=True)
    pen.area([(-0.095, 0.93), (0.095, 0.93), (0, 1.0)], "metal")


def table(pen: Pen) -> None:
    for x in (-0.8, 0.8):
        pen.area([(x - 0.06, 0), (x + 0.06, 0), (x + 0.08, 0.82), (x - 0.08, 0.82)], "wood", own=True)
    pen.box(-0.86, 0.72, 0.86, 0.86, "wood", own=True)
    pen.box(-1.0, 0.85, 1.0, 1.0, "wood", own=True)


def chair(pen: Pen) -> None:
    for x in (-0.22, 0.22):
        pen.area([(x - 0.035, 0), (x + 0.035, 0), (x + 0.035, 0.4), (x - 0.035, 0.4)], "wood", own=True)
    for x in (-0.27, 0.27):
        pen.area([(x - 0.04, 0), (x + 0.04, 0), (x + 0.045, 1.0), (x - 0.045, 1.0)], "wood", own=True)
    for y in (0.62, 0.82):
        pen.box(-0.23, y, 0.23, y + 0.1, "wood", own=True)
    pen.area([(-0.34, 0.38), (0.34, 0.38), (0.3, 0.5), (-0.3, 0.5)], "cloth")


def armchair(pen: Pen) -> None:
    for x in (-0.42, 0.42):
        pen.box(x - 0.05, 0, x + 0.05, 0.14, "wood")
    pen.area(spline(mirrored(path("0,1 0.3,0.97 0.42,0.8 0.42,0.3 0,0.28")), True), "cloth", own=True)
    pen.box(-0.4, 0.12, 0.4, 0.34, "cloth", own=True)
    pen.area(spline(mirrored(path("0,0.5 0.28,0.49 0.34,0.42 0.3,0.32 0,0.31")), True), "cloth", own=True)
    for side in (-1, 1):
        arm = [(side * 0.34, 0.12), (side * 0.34, 0.56), (side * 0.44, 0.64), (side * 0.58, 0.58), (side * 0.56, 0.12)]
        pen.area(arm, "cloth", own=True)


def bed(pen: Pen) -> None:
    pen.area(np.concatenate([[(-1.2, 0), (-1.06, 0)], [(-1.06, 0.98), (-1.2, 0.98)]]), "wood", own=True)
    pen.box(1.1, 0, 1.22, 0.7, "wood", own=True)
    pen.box(-1.08, 0.14, 1.12, 0.36, "wood", own=True)
    pen.area(spline(path("-1.06,0.36 -1,0.56 -0.7,0.62 -0.5,0.5 -0.5,0.36"), True), "cloud")
    cover = np.concatenate(
        [spline([(-0.62, 0.36), (-0.5, 0.56), (0.2, 0.62), (1.1, 0.56)]), [(1.1, 0.2), (-0.62, 0.2)]]
    )
    pen.area(cover, "cloth", own=True)


def guitar(pen: Pen) -> None:
    pen.area([(-0.04, 0.4), (0.04, 0.4), (0.035, 0.9), (-0.035, 0.9)], "trunk")
    pen.area([(-0.05, 0.88), (0.05, 0.88), (0.06, 1.0), (-0.06, 1.0)], "wood")
    pen.area(
        spline(mirrored(path("0,0.56 0.13,0.54 0.14,0.42 0.11,0.34 0.2,0.2 0.16,0.02 0,0")), True), "wood", own=True
    )
    pen.oval(0, 0.36, 0.06, part="shade")
    pen.box(-0.08, 0.12, 0.08, 0.15, "trunk")
    for x in (-0.015, 0.015):
        pen.line([(x, 0.14), (x, 0.92)], weight=0.6)


def chest(pen: Pen) -> None:
    """A treasure chest, open."""
    pen.area([(-0.8, 0.52), (0.8, 0.52), (0.74, 0.98), (-0.74, 0.98)], "wood", own=True)
    pen.area(scalloped(oval(0, 0.52, 0.7, 0.16), 0.05, 11), "sun")
    pen.box(-0.82, 0, 0.82, 0.52, "wood", own=True)
    for x in (-0.56, 0.56):
        pen.box(x - 0.07, 0, x + 0.07, 0.52, "metal")
    pen.box(-0.12, 0.26, 0.12, 0.52, "metal")


def basket(pen: Pen) -> None:
    outer, inner = arc(0, 0.4, 0.56, 0.6, 0, 180), arc(0, 0.4, 0.47, 0.5, 180, 0)
    pen.area(np.concatenate([outer, inner]), "wood", own=True)
    pen.area([(-0.56, 0), (0.56, 0), (0.72, 0.46), (-0.72, 0.46)], "wood", own=True)
    for y in (0.15, 0.3):
        pen.line([(-0.57 - y * 0.33, y), (0.57 + y * 0.33, y)], weight=0.7)


def dress(pen: Pen) -> None:
    half = path("0.04,0.93 0.1,1 0.13,0.98 0.11,0.84 0.1,0.66 0.2,0.4 0.36,0.02 0.2,0 0,0.03")
    pen.area(mirrored([(0, 0.9), *half]), "cloth", own=True)
    pen.area([(-0.105, 0.63), (0.105, 0.63), (0.1, 0.68), (-0.1, 0.68)], "stripe")
    for x in (-0.5, -0.18, 0.18, 0.5):
        pen.line(spline([(x * 0.16, 0.6), (x * 0.36, 0.3), (x * 0.56, 0.05)]), weight=0.7)


def shoe(pen: Pen) -> None:
    pen.area(spline(path("0.8,0.1 0.86,0.94 0.4,0.94 0.2,0.6 -0.5,0.44 -0.94,0.28 -0.96,0.1"), True), "body", own=True)
    pen.area([(-1.0, 0.0), (0.86, 0.0), (0.86, 0.12), (-0.98, 0.12)], "shade")
    for x in (-0.2, 0.0, 0.2):
        pen.line([(x, 0.52 + 0.2 * x), (x + 0.16, 0.66 + 0.2 * x)], weight=0.9)


def hat(pen: Pen) -> None:
    pen.area(spline(path("-0.5,0.3 -0.46,0.8 -0.2,1 0,0.92 0.2,1 0.46,0.8 0.5,0.3")), "hat", own=True)
    pen.area([(-0.51, 0.28), (0.51, 0.28), (0.5, 0.46), (-0.5, 0.46)], "stripe")
    pen.area(spline(path("-1,0.3 -0.5,0.1 0,0.04 0.5,0.1 1,0.3 0.5,0.34 0,0.28 -0.5,0.34"), True), "hat", own=True)


def sword(pen: Pen) -> None:
    pen.area(path("-0.04,0.28 0.04,0.28 0.035,0.94 0,1 -0.035,0.94"), "metal", own=True)
    pen.box(-0.17, 0.22, 0.17, 0.28, "sun")
    pen.box(-0.025, 0.06, 0.025, 0.22, "trunk")
    pen.oval(0, 0.04, 0.045, part="sun")


def heart(pen: Pen) -> None:
    pen.area(spline(mirrored(path("0,0.78 0.16,0.98 0.42,0.94 0.52,0.66 0.34,0.32 0.01,0")), True), "red", own=True)


def campfire(pen: Pen) -> None:
    pen.area(
        spline(path("-0.3,0.12 -0.26,0.5 -0.12,0.42 -0.04,1 0.14,0.56 0.24,0.66 0.3,0.12"), True), "flame", own=True
    )
    pen.area(spline(path("-0.13,0.14 -0.06,0.46 0.02,0.6 0.12,0.36 0.13,0.14"), True), "sun")
    pen.area(limb(-0.44, 0.04, 0.06, 0.4, 0.18, 0.06), "trunk")
    pen.area(limb(0.44, 0.04, 0.06, -0.4, 0.18, 0.06), "trunk")


def signpost(pen: Pen) -> None:
    pen.box(-0.05, 0, 0.05, 1.0, "wood")
    pen.area(path("-0.1,0.7 0.4,0.7 0.52,0.8 0.4,0.9 -0.1,0.9"), "wood", own=True)
    pen.area(path("0.1,0.44 -0.36,0.44 -0.48,0.53 -0.36,0.62 0.1,0.62"), "wood", own=True)


def bench(pen: Pen) -> None:
    for x in (-0.8, 0.8):
        pen.box(x - 0.06, 0, x + 0.06, 0.5, "metal")
    for y in (0.62, 0.8):
        pen.box(-1.0, y, 1.0, y + 0.13, "wood", own=True)
    pen.box(-1.05, 0.4, 1.05, 0.54, "wood", own=True)


def banner(pen: Pen) -> None:
    """A flag on its pole."""
    pen.area([(-0.3, 0), (-0.26, 0), (-0.27, 1.0), (-0.29, 1.0)], "metal")
    over = spline(path("-0.27,0.97 0,0.92 0.25,1 0.5,0.95"))
    pen.area(np.concatenate([over, spline(path("0.5,0.6 0.25,0.65 0,0.57 -0.27,0.62"))]), "flag", own=True)


THINGS = (
    Figure("umbrella", umbrella, 1.15, 1.0, "thing"),
    Figure("paper lantern", paper_lantern, 0.86, 0.5, "thing", "air"),
    Figure("street lamp", street_lamp, 0.2, 4.5, "thing"),
    Figure("table", table, 2.0, 0.75, "thing", top=1.0),
    Figure("chair", chair, 0.7, 0.95, "thing", top=0.46),
    Figure("armchair", armchair, 1.2, 1.0, "thing", top=0.42),
    Figure("bed", bed, 2.45, 1.0, "thing", top=0.56),
    Figure("guitar", guitar, 0.45, 1.0, "thing"),
    Figure("chest", chest, 1.7, 0.7, "thing", top=0.5),
    Figure("basket", basket, 1.45, 0.4, "thing", top=0.3),
    Figure("dress", dress, 0.75, 1.4, "thing"),
    Figure("shoe", shoe, 2.0, 0.15, "thing"),
    Figure("hat", hat, 2.0, 0.2, "thing"),
    Figure("sword", sword, 0.36, 1.0, "thing"),
    Figure("heart", heart, 1.1, 0.5, "thing", "air"),
    Figure("campfire", campfire, 1.0, 0.8, "thing"),
    Figure("signpost", signpost, 1.0, 2.2, "thing", top=1.0),
    Figure("flag", banner, 0.95, 6.0, "thing"),
    Figure("bench", bench, 2.1, 0.9, "thing", top=0.52),
)
