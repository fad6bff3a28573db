"""Bridges: what crosses the page from side to side."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import archway, path, spline
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen


def bridge(pen: Pen) -> None:
    """Three arches of stone; the deck rises to the middle."""
    deck = spline(path("-1.9,0.68 -0.9,0.9 0,1 0.9,0.9 1.9,0.68"))
    pen.area(np.concatenate([[(1.9, 0), (-1.9, 0)], deck]), "stone", own=True)
    for x, wide, tall in ((-1.12, 0.4, 0.52), (0, 0.5, 0.68), (1.12, 0.4, 0.52)):
        pen.area(archway(x - wide, -0.02, x + wide, tall), "water")
    rail = spline(path("-1.9,0.58 -0.9,0.78 0,0.87 0.9,0.78 1.9,0.58"))
    pen.line(rail)


def suspension(pen: Pen) -> None:
    """Two towers, cables in curves between them, a long deck."""
    at, end, deck, high = 0.62, 1.5, 0.26, 0.98
    for left, right in ((-end, -at), (-at, at), (at, end)):
        xs = np.linspace(left, right, 13)
        if left == -at:
            ys = 0.36 + (high - 0.36) * (xs / at) ** 2
        else:
            away = (right - xs if left == at else xs - left) / (right - left)
            ys = deck + (high - deck) * away**1.7
        pen.line(np.stack([xs, ys], -1), weight=1.2)
        for x, y in list(zip(xs, ys, strict=True))[1:-1]:
            if y - deck > 0.06:
                pen.line([(x, deck), (x, y)], weight=0.6)
    for x in (-at, at):
        for side in (-0.07, 0.07):
            pen.box(x + side - 0.03, 0.0, x + side + 0.03, 1.0, "metal", own=True)
        for y in (0.42, 0.6, 0.77, 0.93):
            pen.box(x - 0.1, y, x + 0.1, y + 0.045, "metal", own=True)
    pen.box(-end, deck - 0.05, end, deck, "metal", own=True)
    for x in (-at, at):
        pen.area([(x - 0.2, -0.02), (x + 0.2, -0.02), (x + 0.14, 0.1), (x - 0.14, 0.1)], "stone")


def tower_bridge(pen: Pen) -> None:
    for x, end in ((-0.72, -1.7), (0.72, 1.7)):
        pen.line(
            np.array([(x + (end - x) * t, 0.68 - 0.62 * t**0.6 + 0.22 * t) for t in np.linspace(0, 1, 12)]), weight=1.2
        )
    for y in (0.6, 0.7):
        pen.box(-0.6, y, 0.6, y + 0.05, "metal")
    for x in (-0.72, 0.72):
        pen.area([(x - 0.2, 0.78), (x + 0.2, 0.78), (x, 1.0)], "roof")
        pen.box(x - 0.17, 0, x + 0.17, 0.8, "stone", own=True)
        for side in (-0.17, 0.17):
            pen.box(x + side - 0.04, 0.1, x + side + 0.04, 0.82, "stone", own=True)
            pen.area([(x + side - 0.055, 0.82), (x + side + 0.055, 0.82), (x + side, 0.94)], "roof")
        pen.arch(x - 0.09, 0.24, x + 0.09, 0.46, "window", pointed=True)
        pen.row("arch", [x - 0.055, x + 0.055], 0.56, 0.07, 0.15, "window")
    pen.box(-1.75, 0.2, 1.75, 0.26, "metal", own=True)
    for x in (-0.72, 0.72):
        pen.area([(x - 0.3, -0.02), (x + 0.3, -0.02), (x + 0.25, 0.12), (x - 0.25, 0.12)], "stone")


def great_wall(pen: Pen) -> None:
    """A wall that runs along a crest, from watchtower to watchtower, wider as it comes near."""
    crest = path("-1.36,0.6 -1.1,0.76 -0.82,0.88 -0.52,0.7 -0.24,0.62 0.06,0.74 0.34,0.58 0.62,0.34 0.96,0.3 1.36,0.08")
    middle = spline(crest)
    half = np.linspace(0.02, 0.085, len(middle))[:, None]
    pen.area(np.concatenate([middle, [(1.36, -0.02), (-1.36, -0.02)]]), "leaves")
    for foot, shift in (((-1.36, 0.34), 0.0), ((-1.36, 0.12), 0.3)):
        slope = spline(
            [foot, (-0.8, 0.46 - shift), (-0.2, 0.34 - 0.6 * shift), (0.3, 0.12 - 0.2 * shift), (0.7, -0.02)]
        )
        pen.area(np.concatenate([slope, [(-1.36, -0.02)]]), "leaves")
    top, foot_line = middle + half * np.array([0.0, 1.0]), middle - half * np.array([0.0, 1.0])
    for k in range(0, len(middle), 2):
        if pen.fits(float(half[k, 0]), 4.5):
            x, y = top[k]
            pen.box(x - 0.4 * half[k, 0], y - 0.01, x + 0.4 * half[k, 0], y + 0.5 * half[k, 0], "stone", own=True)
    pen.area(np.concatenate([top, foot_line[::-1]]), "stone", own=True)
    pen.line(middle + half * np.array([0.0, 0.45]), weight=0.7)
    for k in (12, 29, 46):
        x, y = middle[k]
        reach = float(half[k, 0]) * 1.55
        pen.box(x - reach, y - reach * 0.9, x + reach, y + reach * 1.9, "stone", own=True)
        eaves = [(x - reach * 1.3, y + reach * 1.8), (x + reach * 1.3, y + reach * 1.8)]
        pen.area([*eaves, (x + reach * 0.8, y + reach * 2.7), (x - reach * 0.8, y + reach * 2.7)], "roof")
        pen.row("arch", [x - reach * 0.45, x + reach * 0.45], y + reach * 0.5, reach * 0.44, reach * 0.8, "window")


BRIDGES = (
    Figure("bridge", bridge, 3.8, 12, "landmark", "water", top=0.92),
    Figure("suspension bridge", suspension, 3.0, 220, "landmark", "water", top=0.26),
    Figure("tower bridge", tower_bridge, 3.5, 65, "landmark", "water", top=0.26),
    Figure("great wall", great_wall, 2.7, 120, "land"),
)
