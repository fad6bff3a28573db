"""Landmarks: what is known by its outline alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.colours import Array
from generators.composer.curves import arc, archway, oval, path, spline
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen


def temple(pen: Pen) -> None:
    """Steps, columns, a pediment."""
    for y, wide in ((0, 0.98), (0.05, 0.94), (0.1, 0.9)):
        pen.box(-wide, y, wide, y + 0.05, "stone", own=True)
    pen.box(-0.82, 0.15, 0.82, 0.66, "shade")
    for x in np.linspace(-0.77, 0.77, 8):
        pen.area([(x - 0.062, 0.15), (x + 0.062, 0.15), (x + 0.048, 0.6), (x - 0.048, 0.6)], "stone", own=True)
        pen.box(x - 0.075, 0.59, x + 0.075, 0.635, "stone", own=True)
        if pen.fits(0.11, 26):
            pen.line([(x, 0.17), (x, 0.57)], weight=0.6)
    pen.box(-0.88, 0.63, 0.88, 0.74, "stone", own=True)
    pen.area([(-0.94, 0.74), (0.94, 0.74), (0, 1.0)], "stone", own=True)
    pen.area([(-0.68, 0.775), (0.68, 0.775), (0, 0.955)], "wall")


def arena(pen: Pen) -> None:
    """The Colosseum: tiers of arches around an oval, the outer wall broken off on one side."""

    def at(angle: float, y: float, across: float = 1.0) -> tuple[float, float]:
        a = np.radians(angle)
        return across * np.sin(a), y - 0.13 * np.cos(a) * (1 - 0.55 * y) + 0.13

    def band(start: float, end: float, low: float, high: float, across: float = 1.0) -> Array:
        angles = np.linspace(start, end, 14)
        below = [at(a, low, across) for a in angles]
        return np.array(below + [at(a, high, across) for a in angles[::-1]], np.float32)

    def opening(angle: float, wide: float, low: float, high: float, across: float = 1.0) -> Array:
        corners = archway(-1, 0, 1, 1.6)
        return np.array(
            [at(angle + wide * x, low + (high - low) * min(1.0, y / 1.6), across) for x, y in corners], np.float32
        )

    pen.area(oval(0, 0.73, 0.93, 0.13), "shade")  # the inside, far away
    pen.area(oval(0, 0.7, 0.8, 0.09), "stone")
    tiers = (0.0, 0.24, 0.47, 0.7)
    for low, high in pairwise(tiers):  # the inner wall
        if high < 0.7:
            pen.area(band(20, 90, low, high, 0.96), "stone", own=True)
            for angle in (42, 53, 63, 72, 80):
                if pen.fits(0.05):
                    pen.area(opening(angle, 3.2, low + 0.03, high - 0.05, 0.96), "window")
    for low, high in pairwise(tiers):
        end = 38 - 12 * (low > 0.2) - 8 * (low > 0.4)
        pen.area(band(-90, end, low, high), "stone", own=True)
        for angle in (-81, -71, -60, -48, -36, -24, -12, 0, 12, 24):
            if angle + 6 < end:
                pen.area(opening(angle, 3.6, low + 0.03, high - 0.05), "window")
    top = [at(a, 0.7) for a in np.linspace(-90, 14, 12)] + [at(6, 0.84), at(0, 0.9)]
    pen.area(top + [at(a, 0.9) for a in np.linspace(-8, -90, 12)], "stone", own=True)
    for angle in (-66, -50, -34, -18, -4):
        x, y = at(angle, 0.77)
        if pen.fits(0.05, 7):
            pen.box(x - 0.022 * np.cos(np.radians(angle)), y, x + 0.022 * np.cos(np.radians(angle)), y + 0.06, "window")


def pyramid(pen: Pen) -> None:
    apex, edge = (0.0, 1.0), (0.34, -0.03)
    pen.area([(-0.78, 0.02), edge, apex], "sand", own=True)
    pen.area([edge, (0.8, 0.05), apex], "sand", own=True)
    if pen.fits(1, 90):
        for share in np.linspace(0.12, 0.8, 6):
            y = share * 0.98
            left, right = -0.78 * (1 - share), 0.34 * (1 - share)
            start = pen.vary(0.0, 0.4)
            pen.line(
                [(left + (right - left) * start, y), (left + (right - left) * (start + 0.35), y - 0.01)], weight=0.6
            )


def sphinx(pen: Pen) -> None:
    body = path("-0.5,0 0.75,0 0.9,0.2 0.82,0.42 0.3,0.46 -0.2,0.5 -0.5,0.4")
    pen.area(spline(body, True), "stone", own=True)
    pen.area(path("-0.98,0 0.2,0 0.2,0.15 -0.9,0.17 -0.99,0.1"), "stone", own=True)
    scarf = path("-0.62,0.34 -0.04,0.34 -0.1,0.7 -0.2,0.95 -0.33,1 -0.46,0.95 -0.56,0.7")
    pen.area(scarf, "stone", own=True)
    face = path("-0.47,0.52 -0.33,0.42 -0.19,0.52 -0.18,0.74 -0.33,0.86 -0.48,0.74")
    pen.area(spline(face, True), "stone")
    for x in (-0.4, -0.26):
        pen.dot(x, 0.69, 0.016)
    pen.line([(-0.38, 0.53), (-0.28, 0.53)])


def triumph(pen: Pen) -> None:
    """A triumphal arch."""
    pen.box(-0.52, 0, 0.52, 0.78, "stone", own=True)
    pen.box(-0.5, 0.78, 0.5, 1.0, "stone", own=True)
    pen.box(-0.56, 0.74, 0.56, 0.8, "stone", own=True)
    pen.box(-0.55, 0.97, 0.55, 1.02, "stone", own=True)
    pen.arch(-0.2, 0, 0.2, 0.6, "sky")
    pen.line(arc(0, 0.4, 0.24, 0.24, 0, 180), weight=0.7)
    for x in (-0.36, 0.36):
        pen.box(x - 0.09, 0.14, x + 0.09, 0.42, "wall")
        pen.box(x - 0.09, 0.52, x + 0.09, 0.66, "wall")
    pen.row("box", [-0.33, -0.11, 0.11, 0.33], 0.84, 0.13, 0.08, "wall")


def colonnade(pen: Pen) -> None:
    """The Brandenburg Gate: columns, an attic, a chariot on it."""
    pen.box(-0.9, 0, 0.9, 0.62, "shade")
    for x in (-0.82, -0.5, -0.18, 0.18, 0.5, 0.82):
        pen.box(x - 0.07, 0, x + 0.07, 0.6, "stone", own=True)
        pen.box(x - 0.09, 0.56, x + 0.09, 0.62, "stone", own=True)
    pen.box(-0.98, 0.6, 0.98, 0.7, "stone", own=True)
    pen.box(-0.7, 0.7, 0.7, 0.8, "stone", own=True)
    pen.area(spline(path("-0.2,0.8 -0.2,0.9 -0.1,0.95 0,1 0.1,0.95 0.2,0.9 0.2,0.8")), "metal")


def torii(pen: Pen) -> None:
    """The gate of a shrine."""
    for x in (-0.42, 0.42):
        pen.area([(x - 0.055, 0), (x + 0.055, 0), (x * 0.94 + 0.05, 0.84), (x * 0.94 - 0.05, 0.84)], "red", own=True)
    pen.box(-0.54, 0.62, 0.54, 0.7, "red", own=True)
    pen.box(-0.06, 0.69, 0.06, 0.86, "red", own=True)
    half = path("0,0.93 0.5,0.95 0.74,1.02 0.7,0.9 0.45,0.84 0,0.83")
    pen.area([*half[:-1], *[(-a, b) for a, b in reversed(half)]], "red", own=True)


def sails(pen: Pen) -> None:
    """The Sydney Opera House: shells on a podium."""

    def shell(x: float, y: float, wide: float, tall: float, lean: float) -> None:
        tip = (x + lean * wide, y + tall)
        foot, heel = (x - lean * wide * 0.62, y), (x + lean * wide * 0.5, y)
        out = spline([foot, (x - lean * wide * 0.42, y + tall * 0.5), (x + lean * wide * 0.15, y + tall * 0.86), tip])
        back = spline([tip, (x + lean * wide * 0.66, y + tall * 0.5), heel])
        pen.area(np.concatenate([out, back[1:]]), "marble", own=True)
        pen.area(np.concatenate([back, [(heel[0] + lean * 0.02, y), (tip[0] - lean * wide * 0.1, y)]]), "window")
        if pen.fits(tall, 60):
            pen.line(spline([(x, y), (x + lean * wide * 0.2, y + tall * 0.55), tip]), weight=0.7)

    for x, wide, tall, lean in (
        (0.95, 0.3, 0.36, 1), (0.55, 0.36, 0.56, 1), (0.12, 0.42, 0.76, 1), (-0.2, 0.24, 0.42, -1),
        (-0.5, 0.34, 0.62, 1), (-0.92, 0.36, 0.42, 1), (-1.1, 0.26, 0.3, -1),
    ):  # fmt: skip
        shell(x, 0.22, wide, tall, lean)
    pen.area([(-1.5, 0.1), (1.5, 0.1), (1.42, 0.24), (-1.42, 0.24)], "stone", own=True)
    pen.area([(-1.62, 0), (1.62, 0), (1.58, 0.11), (-1.58, 0.11)], "stone")


def ruins(pen: Pen) -> None:
    """Machu Picchu: roofless houses on terraces."""
    for i, (reach, y) in enumerate(((0.62, 0.66), (0.82, 0.44), (1.02, 0.22), (1.2, 0.0))):
        lawn = [(-reach, y + 0.1), (reach, y + 0.1), (reach - 0.14, y + 0.24), (0.14 - reach, y + 0.24)]
        pen.area(lawn, "leaves")
        pen.area([(-reach - 0.04, y), (reach + 0.04, y), (reach, y + 0.11), (-reach, y + 0.11)], "stone", own=True)
        count = 2 + i
        for k in range(count if i < 3 else 0):
            x = (k - (count - 1) / 2) * 0.42 + pen.vary(-0.05, 0.05)
            wide, tall = 0.14, pen.vary(0.17, 0.22)
            gable = [
                (wide, 0),
                (wide, tall * 0.6),
                (wide * 0.2, tall),
                (-wide * 0.2, tall * 0.94),
                (-wide, tall * 0.55),
                (-wide, 0),
            ]
            pen.area([(x + a, y + 0.15 + b) for a, b in gable], "stone", own=True)
            pen.row("box", [x - 0.055, x + 0.055], y + 0.17, 0.055, 0.06, "door")


def stones(pen: Pen) -> None:
    """Stonehenge: pairs of stones with a third across them."""
    for x, tall in ((-1.1, 0.7), (1.12, 0.66), (-0.28, 0.72), (0.3, 0.74)):
        pen.area([(x - 0.1, 0.08), (x + 0.1, 0.08), (x + 0.08, tall), (x - 0.09, tall)], "stone", own=True)
    pen.box(-0.42, 0.7, 0.42, 0.83, "stone", own=True)
    for x in (-0.72, 0.72):
        for side in (-0.19, 0.19):
            pen.area(
                [(x + side - 0.12, 0), (x + side + 0.12, 0), (x + side + 0.1, 0.82), (x + side - 0.1, 0.82)],
                "stone",
                own=True,
            )
        pen.area([(x - 0.36, 0.8), (x + 0.36, 0.8), (x + 0.34, 1.0), (x - 0.33, 1.0)], "stone", own=True)
    pen.area(spline(path("-0.2,0 0.16,-0.02 0.3,0.1 0.1,0.17 -0.16,0.14"), True), "stone")


def angkor(pen: Pen) -> None:
    """Angkor: towers like buds over galleries."""
    for x, tall, wide in (
        (-0.5, 0.66, 0.16),
        (0.5, 0.66, 0.16),
        (-0.26, 0.74, 0.17),
        (0.26, 0.74, 0.17),
        (0, 1.0, 0.2),
    ):
        half = [(wide, 0.3), (wide, tall * 0.55), (wide * 1.02, tall * 0.64), (wide * 0.8, tall * 0.82), (0.01, tall)]
        pen.area(
            np.concatenate([spline([(x + a, b) for a, b in half]), spline([(x - a, b) for a, b in reversed(half)])]),
            "stone",
            own=True,
        )
        for share in (0.56, 0.66, 0.76, 0.86):
            reach = wide * (0.95 if share < 0.7 else 0.95 - (share - 0.66) * 2.6)
            pen.line([(x - reach, tall * share), (x + reach, tall * share)], weight=0.7)
    pen.box(-0.8, 0.16, 0.8, 0.36, "stone", own=True)
    pen.row("box", np.linspace(-0.7, 0.7, 10).tolist(), 0.19, 0.07, 0.13, "window")
    pen.box(-1.0, 0, 1.0, 0.17, "stone", own=True)
    pen.area([(-0.12, 0), (0.12, 0), (0.1, 0.36), (-0.1, 0.36)], "shade")


def wheel(pen: Pen) -> None:
    """A Ferris wheel."""
    for side in (-1, 1):
        pen.area([(side * 0.3, 0), (side * 0.36, 0), (side * 0.02, 0.56), (side * -0.02, 0.55)], "metal")
    pen.area(oval(0, 0.55, 0.42), "", own=True)
    pen.area(oval(0, 0.55, 0.36), "sky")
    for angle in range(0, 180, 30):
        c, s = 0.36 * np.cos(np.radians(angle)), 0.36 * np.sin(np.radians(angle))
        pen.line([(-c, 0.55 - s), (c, 0.55 + s)], weight=0.7)
    for angle in range(0, 360, 30):
        c, s = 0.4 * np.cos(np.radians(angle)), 0.4 * np.sin(np.radians(angle))
        pen.oval(c, 0.53 + s, 0.05, part="cabin")
    pen.oval(0, 0.55, 0.06, part="metal")


LANDMARKS = (
    Figure("temple", temple, 1.95, 20, "landmark"),
    Figure("arena", arena, 2.0, 48, "landmark"),
    Figure("pyramid", pyramid, 1.6, 140, "landmark"),
    Figure("sphinx", sphinx, 1.9, 20, "landmark"),
    Figure("triumphal arch", triumph, 1.15, 50, "landmark"),
    Figure("colonnade", colonnade, 2.0, 26, "landmark"),
    Figure("torii", torii, 1.5, 9, "landmark"),
    Figure("opera house", sails, 3.25, 65, "landmark", "bank"),
    Figure("ruins", ruins, 2.4, 60, "landmark"),
    Figure("standing stones", stones, 2.4, 7, "landmark", top=0.98),
    Figure("temple towers", angkor, 2.0, 65, "landmark"),
    Figure("ferris wheel", wheel, 0.95, 135, "landmark"),
)
