"""Heavens: what is seen in the sky."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import arc, oval, path, scalloped, spline
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen


def sun(pen: Pen) -> None:
    pen.oval(0, 0.5, 0.5, part="sun", own=True)


def moon(pen: Pen) -> None:
    """A full moon, or a crescent."""
    if pen.vary(0, 1) < 0.5:
        pen.oval(0, 0.5, 0.5, part="moon", own=True)
        return
    outer = arc(0, 0.5, 0.5, 0.5, 60, 330)
    inner = arc(0.2, 0.56, 0.4, 0.4, 318, 72)
    pen.area(np.concatenate([outer, inner]), "moon", own=True)


def star(pen: Pen) -> None:
    angles = np.radians(90 + 36 * np.arange(10))
    reach = np.where(np.arange(10) % 2 == 0, 0.5, 0.21)
    pen.area(np.stack([reach * np.cos(angles), 0.5 + reach * np.sin(angles)], -1), "sun", own=True)


def cloud(pen: Pen) -> None:
    wide = pen.vary(1.2, 1.6)
    top = scalloped(arc(0, 0.18, wide * 0.86, 0.62, 0, 180), 0.2, int(pen.vary(4, 6.99)), closed=False)
    pen.area(
        np.concatenate(
            [top, spline([(-wide * 0.86, 0.18), (-wide * 0.5, 0.02), (0, 0.08), (wide * 0.5, 0), (wide * 0.86, 0.18)])]
        ),
        "cloud",
        own=True,
    )


def rainbow(pen: Pen) -> None:
    for k in range(5):
        outer, inner = 1 - 0.09 * k, 1 - 0.09 * (k + 1)
        pen.area(
            np.concatenate([arc(0, 0, outer, outer, 0, 180), arc(0, 0, inner, inner, 180, 0)]), f"band {k}", own=True
        )


def lightning(pen: Pen) -> None:
    pen.area(path("0.02,1 -0.16,0.5 -0.03,0.52 -0.12,0 0.16,0.6 0.03,0.58 0.16,1"), "sun", own=True)


def kite(pen: Pen) -> None:
    pen.line(spline([(0, 0.4), (-0.1, 0.25), (0.08, 0.14), (-0.04, 0)]))
    for corners in (((0, 1.0), (0.24, 0.74), (0, 0.74)), ((0, 1.0), (-0.24, 0.74), (0, 0.74))):
        pen.area(corners, "body", own=True)
    for corners in (((0, 0.4), (0.24, 0.74), (0, 0.74)), ((0, 0.4), (-0.24, 0.74), (0, 0.74))):
        pen.area(corners, "stripe")


def planet(pen: Pen) -> None:
    """A planet with a ring."""
    pen.area(oval(0, 0.5, 0.95, 0.2, 14), "ring")
    pen.area(oval(0, 0.5, 0.74, 0.12, 14), "sky")
    pen.area(oval(0, 0.5, 0.5, 0.5), "planet", own=True)
    front = oval(0, 0.5, 0.95, 0.2, 14)[18:]
    pen.area(np.concatenate([front, oval(0, 0.5, 0.74, 0.12, 14)[18:][::-1]]), "ring")


HEAVENS = (
    Figure("sun", sun, 1.0, 30, "sky", "air"),
    Figure("moon", moon, 1.0, 26, "sky", "air"),
    Figure("star", star, 1.0, 5, "sky", "air"),
    Figure("cloud", cloud, 3.0, 16, "sky", "air"),
    Figure("rainbow", rainbow, 2.0, 150, "sky", "air"),
    Figure("lightning", lightning, 0.32, 120, "sky", "air"),
    Figure("kite", kite, 0.5, 2, "thing", "air"),
    Figure("planet", planet, 1.9, 60, "sky", "air"),
)
