"""Sanctuaries: where people pray or govern, under domes and great roofs."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import arc, mirrored, path, spline
from generators.composer.figures.figure import Figure
from generators.composer.figures.houses import door
from generators.composer.pen import Pen


def church(pen: Pen) -> None:
    pen.box(-0.2, 0, 0.54, 0.36, "wall", own=True)
    pen.area([(-0.24, 0.34), (0.6, 0.34), (0.48, 0.56), (-0.16, 0.56)], "roof")
    pen.row("arch", [0.04, 0.23, 0.41], 0.09, 0.09, 0.19, "window")
    pen.box(-0.46, 0, -0.14, 0.6, "wall", own=True)
    pen.area([(-0.51, 0.58), (-0.09, 0.58), (-0.3, 0.93)], "roof")
    pen.line([(-0.3, 0.92), (-0.3, 1.0)])
    pen.line([(-0.335, 0.97), (-0.265, 0.97)])
    pen.oval(-0.3, 0.48, 0.065, part="window")
    door(pen, -0.3, 0.14, 0.22, arched=True)
    pen.row("arch", [-0.3], 0.27, 0.08, 0.12, "window")


def cathedral(pen: Pen) -> None:
    """Two towers, a rose between them, three portals below; a spire behind."""
    pen.area([(-0.025, 0.6), (0.025, 0.6), (0, 1.0)], "roof")
    pen.area([(-0.3, 0.5), (0.3, 0.5), (0, 0.74)], "roof")
    pen.box(-0.42, 0, 0.42, 0.55, "stone", own=True)
    for x in (-0.29, 0.29):
        pen.box(x - 0.15, 0, x + 0.15, 0.83, "stone", own=True)
        pen.row("arch", [x - 0.06, x + 0.06], 0.57, 0.075, 0.2, "window")
        pen.box(x - 0.165, 0.81, x + 0.165, 0.845, "stone", own=True)
    pen.box(-0.45, 0.5, 0.45, 0.535, "stone", own=True)
    pen.box(-0.45, 0.275, 0.45, 0.315, "stone", own=True)
    pen.oval(0, 0.41, 0.085, part="window")
    if pen.fits(0.17, 20):
        pen.oval(0, 0.41, 0.03, part="window")
        for angle in range(0, 360, 45):
            c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
            pen.line([(0.03 * c, 0.41 + 0.03 * s), (0.085 * c, 0.41 + 0.085 * s)], weight=0.7)
    for x in (-0.29, 0.29):
        pen.arch(x - 0.05, 0.34, x + 0.05, 0.47)
    for x in (-0.29, 0, 0.29):
        pen.arch(x - 0.1, 0, x + 0.1, 0.24, "stone", pointed=True)
        pen.arch(x - 0.06, 0, x + 0.06, 0.18, "door", pointed=True)


def onion(pen: Pen, x: float, y: float, width: float, height: float, part: str = "roof") -> None:
    """A dome that bulges and ends in a point, by its middle and its foot."""
    half = path("0,1 0.04,0.86 0.2,0.68 0.46,0.48 0.53,0.28 0.47,0.1 0.38,0")
    right = spline([(a * width, b * height) for a, b in half])
    pen.area(mirrored(right) + np.array([x, y], np.float32), part, own=True)


def taj(pen: Pen) -> None:
    """The Taj Mahal: a great dome over an iwan, chattris beside it, four minarets on a terrace."""
    for x, tall in ((-0.74, 0.78), (0.74, 0.78), (-0.58, 0.66), (0.58, 0.66)):
        pen.area([(x - 0.045, 0.08), (x + 0.045, 0.08), (x + 0.03, tall), (x - 0.03, tall)], "marble", own=True)
        for share in (0.4, 0.72, 1.0):
            pen.box(x - 0.052, tall * share - 0.02, x + 0.052, tall * share, "marble", own=True)
        onion(pen, x, tall, 0.075, 0.09, "marble")
    pen.box(-0.2, 0.4, 0.2, 0.56, "marble", own=True)
    onion(pen, 0, 0.54, 0.44, 0.46, "marble")
    pen.line([(0, 0.98), (0, 1.04)])
    for x in (-0.31, 0.31):
        pen.box(x - 0.07, 0.44, x + 0.07, 0.52, "marble", own=True)
        onion(pen, x, 0.52, 0.15, 0.15, "marble")
    pen.area([(-0.47, 0.08), (0.47, 0.08), (0.47, 0.46), (-0.47, 0.46)], "marble", own=True)
    pen.box(-0.19, 0.08, 0.19, 0.53, "marble", own=True)
    pen.arch(-0.13, 0.08, 0.13, 0.45, "stone", pointed=True)
    pen.arch(-0.07, 0.08, 0.07, 0.3, "door", pointed=True)
    for x in (-0.37, -0.26, 0.26, 0.37):
        for y in (0.11, 0.28):
            pen.arch(x - 0.042, y, x + 0.042, y + 0.14, "window", pointed=True)
    pen.box(-0.85, 0, 0.85, 0.08, "stone", own=True)


def mosque(pen: Pen) -> None:
    for x in (-0.72, 0.72):
        pen.box(x - 0.05, 0, x + 0.05, 0.8, "wall", own=True)
        pen.box(x - 0.075, 0.62, x + 0.075, 0.66, "wall", own=True)
        pen.area([(x - 0.06, 0.79), (x + 0.06, 0.79), (x, 1.0)], "roof")
    for x, wide, tall in ((-0.4, 0.28, 0.2), (0.4, 0.28, 0.2), (0, 0.62, 0.36)):
        y = 0.46 if x == 0 else 0.36
        pen.area(np.concatenate([arc(x, y, wide / 2, tall, 0, 180)]), "roof", own=True)
        pen.line([(x, y + tall), (x, y + tall + 0.06)])
    pen.box(-0.3, 0.36, 0.3, 0.47, "wall", own=True)
    pen.row("arch", [-0.2, -0.07, 0.07, 0.2], 0.38, 0.07, 0.07, "window")
    pen.box(-0.58, 0, 0.58, 0.37, "wall", own=True)
    pen.arch(-0.1, 0, 0.1, 0.27, "door", pointed=True)
    pen.row("arch", [-0.45, -0.29, 0.29, 0.45], 0.08, 0.09, 0.17, "window")


def domes(pen: Pen) -> None:
    """A cathedral of Russia: onion domes on towers of many heights."""
    for x, tall, wide in ((-0.34, 0.6, 0.17), (0.34, 0.6, 0.17), (0, 0.76, 0.19)):
        pen.box(x - wide * 0.36, 0.2, x + wide * 0.36, tall, "wall", own=True)
        onion(pen, x, tall - 0.01, wide, 0.22, "roof")
        pen.row("arch", [x], tall - 0.14, wide * 0.3, 0.1, "window")
    for x, tall, wide in ((-0.18, 0.44, 0.19), (0.18, 0.44, 0.19), (-0.48, 0.4, 0.14), (0.48, 0.4, 0.14)):
        pen.box(x - wide * 0.38, 0.1, x + wide * 0.38, tall, "wall", own=True)
        onion(pen, x, tall - 0.01, wide, 0.2, "roof")
        pen.row("arch", [x], tall - 0.16, wide * 0.32, 0.12, "window")
    pen.box(-0.6, 0, 0.6, 0.22, "wall", own=True)
    pen.row("arch", [-0.44, -0.22, 0, 0.22, 0.44], 0.0, 0.12, 0.16, "door")


def capitol(pen: Pen) -> None:
    """A dome on a drum of columns, between two wings."""
    pen.area(np.concatenate([arc(0, 0.6, 0.22, 0.26, 0, 180)]), "roof", own=True)
    pen.box(-0.05, 0.84, 0.05, 0.93, "marble", own=True)
    pen.area([(-0.06, 0.92), (0.06, 0.92), (0, 1.0)], "roof")
    pen.box(-0.24, 0.42, 0.24, 0.62, "marble", own=True)
    pen.row("arch", [-0.165, -0.055, 0.055, 0.165], 0.44, 0.06, 0.14, "window")
    pen.box(-0.9, 0.06, 0.9, 0.36, "marble", own=True)
    pen.box(-0.93, 0.34, 0.93, 0.39, "marble", own=True)
    pen.row("box", [-0.78, -0.63, -0.48, 0.48, 0.63, 0.78], 0.12, 0.07, 0.15, "window")
    pen.box(-0.32, 0.06, 0.32, 0.36, "marble", own=True)
    pen.area([(-0.37, 0.36), (0.37, 0.36), (0, 0.48)], "marble", own=True)
    pen.row("box", [-0.24, -0.08, 0.08, 0.24], 0.06, 0.06, 0.29, "stone")
    pen.area([(-1.0, 0), (1.0, 0), (0.96, 0.07), (-0.96, 0.07)], "stone")


def palace(pen: Pen) -> None:
    pen.box(-1.1, 0, 1.1, 0.58, "wall", own=True)
    pen.area([(-1.16, 0.56), (1.16, 0.56), (1.06, 0.74), (-1.06, 0.74)], "roof")
    for y in (0.08, 0.34):
        pen.row("arch", [-0.96, -0.76, -0.56, 0.56, 0.76, 0.96], y, 0.1, 0.18, "window")
    pen.box(-0.42, 0, 0.42, 0.68, "wall", own=True)
    pen.area([(-0.48, 0.66), (0.48, 0.66), (0, 0.86)], "wall", own=True)
    pen.area(np.concatenate([arc(0, 0.82, 0.14, 0.14, 0, 180)]), "roof")
    pen.line([(0, 0.95), (0, 1.05)])
    for x in (-0.3, 0.3):
        pen.row("arch", [x], 0.08, 0.11, 0.18, "window")
    pen.row("arch", [-0.3, 0, 0.3], 0.36, 0.11, 0.22, "window")
    pen.arch(-0.12, 0, 0.12, 0.3, "door")


def pagoda(pen: Pen) -> None:
    """Five roofs with turned-up eaves, each narrower than the one below."""
    pen.box(-0.34, 0, 0.34, 0.05, "stone")
    for i in range(5):
        y, wide = 0.05 + i * 0.165, 0.27 - i * 0.028
        pen.box(-wide, y, wide, y + 0.12, "wall", own=True)
        pen.row("box", np.linspace(-wide * 0.62, wide * 0.62, 3).tolist(), y + 0.015, wide * 0.34, 0.07, "window")
        half = [
            (0, y + 0.205),
            (wide * 0.7, y + 0.165),
            (wide + 0.16, y + 0.125),
            (wide + 0.11, y + 0.085),
            (0, y + 0.1),
        ]
        left = [(-a, b) for a, b in reversed(half[1:-1])]
        pen.area([*half, *left], "roof", own=True)
    pen.area([(-0.012, 0.9), (0.012, 0.9), (0.006, 1.02), (-0.006, 1.02)], "metal")
    pen.oval(0, 0.94, 0.025, part="metal")


def shrine(pen: Pen) -> None:
    """A hall of East Asia under one great roof."""
    pen.box(-0.9, 0, 0.9, 0.1, "stone")
    pen.box(-0.68, 0.1, 0.68, 0.46, "wall", own=True)
    pen.row("box", [-0.5, -0.27, 0.27, 0.5], 0.14, 0.15, 0.24, "window")
    pen.box(-0.13, 0.1, 0.13, 0.4, "door")
    for x in (-0.68, -0.2, 0.2, 0.68):
        pen.box(x - 0.03, 0.1, x + 0.03, 0.46, "wood")
    half = path("0.42,0.98 0.5,0.8 0.7,0.58 1.05,0.5 0.98,0.42 0.4,0.44")
    pen.area([*half, *[(-a, b) for a, b in reversed(half)]], "roof", own=True)
    pen.area(spline(path("-0.5,1.02 -0.42,0.93 0,0.95 0.42,0.93 0.5,1.02 0.42,1 0,0.99"), True), "roof")


SANCTUARIES = (
    Figure("church", church, 1.1, 24, "building"),
    Figure("cathedral", cathedral, 0.9, 70, "landmark"),
    Figure("taj", taj, 1.7, 73, "landmark"),
    Figure("mosque", mosque, 1.6, 50, "landmark"),
    Figure("domes", domes, 1.2, 60, "landmark"),
    Figure("capitol", capitol, 2.0, 88, "landmark"),
    Figure("palace", palace, 2.3, 30, "landmark"),
    Figure("pagoda", pagoda, 0.9, 40, "landmark"),
    Figure("shrine", shrine, 2.1, 16, "landmark"),
)
