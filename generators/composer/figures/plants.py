"""Plants: what grows."""

from __future__ import annotations

import numpy as np

from core.colours import Array
from generators.composer.curves import arc, archway, limb, mirrored, oval, path, scalloped, spline
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen


def crown(pen: Pen, x: float, y: float, across: float, up: float, bumps: int = 11) -> None:
    """The leaves of a tree, by their middle."""
    pen.area(
        scalloped(oval(x, y, across * 0.88, up * 0.88, pen.vary(0, 30)), 0.24 * min(across, up), bumps),
        "leaves",
        own=True,
    )
    for dx, dy in ((-0.3, 0.1), (0.25, -0.2), (0.12, 0.4)):
        if pen.fits(across, 26):
            at = x + dx * across, y + dy * up
            pen.line(spline([(at[0] - 0.05, at[1]), (at[0], at[1] - 0.025), (at[0] + 0.05, at[1])]), weight=0.8)


def tree(pen: Pen) -> None:
    lean = pen.vary(-0.04, 0.04)
    trunk = [(0.1, 0), (0.055, 0.12), (0.045 + lean, 0.5), (lean - 0.045, 0.5), (-0.055, 0.12), (-0.1, 0)]
    pen.area(trunk, "trunk")
    if pen.vary(0, 1) < 0.6:
        crown(pen, lean, 0.66, 0.36, 0.34)
    else:
        blobs = [oval(lean - 0.19, 0.6, 0.2, 0.18), oval(lean + 0.19, 0.61, 0.2, 0.18), oval(lean, 0.79, 0.24, 0.21)]
        pen.union([*blobs, oval(lean, 0.6, 0.2, 0.16)], "leaves", own=True)


def blossom(pen: Pen) -> None:
    """A cherry tree."""
    pen.area(path("-0.09,0 0.09,0 0.05,0.14 0.06,0.44 -0.02,0.44 -0.05,0.14"), "trunk")
    pen.area(limb(0.02, 0.38, 0.035, -0.22, 0.58, 0.025), "trunk")
    pen.area(limb(0.02, 0.38, 0.035, 0.26, 0.6, 0.025), "trunk")
    for x, y, r in ((-0.3, 0.62, 0.2), (0.32, 0.64, 0.2), (0.02, 0.78, 0.26)):
        pen.area(scalloped(oval(x, y, r * 1.1, r * 0.8), 0.05, 9), "blossom", own=True)


def bare_tree(pen: Pen) -> None:
    pen.union(
        [
            path("-0.11,0 0.11,0 0.06,0.14 0.06,0.5 -0.03,0.52 -0.055,0.14"),
            limb(0.02, 0.45, 0.035, -0.26, 0.78, 0.013),
            limb(0.02, 0.45, 0.035, 0.24, 0.82, 0.013),
            limb(0.0, 0.5, 0.035, 0.0, 1.0, 0.01),
            limb(-0.13, 0.63, 0.02, -0.34, 0.66, 0.008),
            limb(0.13, 0.64, 0.02, 0.36, 0.66, 0.008),
            limb(0.0, 0.72, 0.02, -0.14, 0.92, 0.008),
            limb(0.0, 0.66, 0.02, 0.13, 0.9, 0.008),
        ],
        "trunk",
        own=True,
    )


def pine(pen: Pen) -> None:
    pen.box(-0.045, 0, 0.045, 0.2, "trunk")
    for low, wide, tall in ((0.14, 0.27, 0.38), (0.37, 0.215, 0.34), (0.6, 0.16, 0.4)):
        tier = [
            (0, low + tall),
            (wide * 0.45, low + tall * 0.5),
            (wide, low),
            (wide * 0.5, low + 0.045),
            (0, low + 0.01),
        ]
        pen.area(mirrored(tier), "leaves", own=True)


def cypress(pen: Pen) -> None:
    pen.box(-0.03, 0, 0.03, 0.1, "trunk")
    pen.area(spline(mirrored(path("0.005,1 0.07,0.75 0.11,0.4 0.1,0.16 0.04,0.06")), True), "leaves", own=True)


def umbrella_pine(pen: Pen) -> None:
    """The pine of Italy: a tall stem under a flat crown."""
    pen.area(spline(path("0.05,0 0.02,0.3 0.03,0.72 -0.03,0.72 -0.04,0.3 -0.05,0")), "trunk")
    for side in (-1, 1):
        pen.area(limb(0, 0.56, 0.02, side * 0.2, 0.74, 0.014), "trunk")
    pen.area(scalloped(oval(0, 0.82, 0.4, 0.13), 0.05, 12), "leaves", own=True)


def palm(pen: Pen) -> None:
    pen = pen.within(-0.09, 0, 1.0)
    stem = spline([(0.055, 0), (0.02, 0.25), (0.06, 0.5), (0.13, 0.72)])
    other = spline([(0.07, 0.73), (0.0, 0.5), (-0.045, 0.25), (-0.065, 0)])
    pen.area(np.concatenate([stem, other]), "trunk")
    if pen.fits(0.1, 8):
        for y in (0.12, 0.24, 0.36, 0.48, 0.6):
            x = 0.02 + 0.07 * max(0.0, y - 0.25)
            pen.line([(x - 0.055, y), (x + 0.025, y + 0.01)], weight=0.7)
    for long, rise, fall in (
        (-0.26, 0.2, 0.08),
        (0.26, 0.2, 0.08),
        (-0.46, 0.12, 0.2),
        (0.46, 0.12, 0.2),
        (-0.36, 0.03, 0.3),
        (0.36, 0.03, 0.3),
    ):
        pen.area(frond(0.1, 0.73, long, rise, fall), "leaves", own=True)
    for dx in (-0.035, 0.04):
        pen.oval(0.1 + dx, 0.69, 0.035, part="fruit")


def frond(x: float, y: float, long: float, rise: float, fall: float) -> Array:
    """A leaf that rises from a stem and hangs down at its end."""
    t = np.linspace(0, 1, 9)
    rib = np.stack([x + long * t, y + 4 * rise * t * (1 - t) + (rise - fall) * t**2], -1)
    wide = 0.2 * abs(long) * np.sin(np.pi * t**0.8)[:, None] * np.array([0.2 * np.sign(long), 1])
    return np.concatenate([rib + wide * 0.7, (rib - wide * 0.6)[::-1]]).astype(np.float32)


def willow(pen: Pen) -> None:
    pen.area([(0.09, 0), (0.05, 0.5), (-0.05, 0.5), (-0.09, 0)], "trunk")
    half = path("0,1 0.3,0.92 0.46,0.66 0.48,0.3 0.42,0.16 0.36,0.3 0.28,0.2 0.22,0.34 0.12,0.3 0.06,0.44")
    pen.area(spline(mirrored(half), True), "leaves", own=True)
    for x in (-0.3, -0.15, 0.0, 0.15, 0.3):
        pen.line(spline([(x * 0.5, 0.84), (x, 0.66), (x * 1.15, 0.45)]), weight=0.7)


def bush(pen: Pen) -> None:
    top = scalloped(arc(0, 0.02, 0.66, 0.78, 0, 180), 0.16, 6, closed=False)
    pen.area(np.concatenate([top, [(-0.66, 0), (0.66, 0)]]), "leaves", own=True)


def cactus(pen: Pen) -> None:
    pen.union(
        [
            archway(-0.13, 0, 0.13, 1.0),
            limb(-0.1, 0.36, 0.075, -0.34, 0.38, 0.08),
            limb(-0.34, 0.38, 0.08, -0.34, 0.64, 0.08),
            limb(0.1, 0.28, 0.075, 0.34, 0.3, 0.08),
            limb(0.34, 0.3, 0.08, 0.34, 0.52, 0.08),
        ],
        "leaves",
        own=True,
    )
    for x in (-0.045, 0.045):
        pen.line([(x, 0.1), (x, 0.85)], weight=0.7)


def petals(pen: Pen, x: float, y: float, reach: float, count: int, part: str, slim: float = 0.42) -> None:
    for k in range(count):
        angle = 360 * k / count + 90
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        pen.area(
            oval(x + 0.62 * reach * c, y + 0.62 * reach * s, 0.42 * reach, slim * reach * 0.6, angle), part, own=True
        )


def flower(pen: Pen) -> None:
    sway = pen.vary(-0.05, 0.05)
    pen.line(spline([(0, 0), (sway, 0.35), (0, 0.7)]), weight=1.2)
    for side in (-1, 1):
        pen.area(oval(side * 0.13 + sway, 0.26 + 0.06 * side, 0.14, 0.05, side * 35), "leaves")
    petals(pen, 0, 0.74, 0.28, 6, "petal", 0.7)
    pen.oval(0, 0.74, 0.09, part="sun")


def sunflower(pen: Pen) -> None:
    pen.area(limb(0, 0, 0.025, 0, 0.62, 0.02), "leaves")
    for side, y in ((-1, 0.22), (1, 0.36)):
        pen.area(
            spline([(0, y), (side * 0.14, y + 0.13), (side * 0.3, y + 0.08), (side * 0.16, y - 0.02)], True), "leaves"
        )
    petals(pen, 0, 0.74, 0.27, 12, "sun", 0.36)
    pen.oval(0, 0.74, 0.13, part="trunk")


def tulip(pen: Pen) -> None:
    pen.line([(0, 0), (0, 0.7)], weight=1.2)
    for side in (-1, 1):
        pen.area(spline([(0, 0.04), (side * 0.12, 0.3), (side * 0.16, 0.56), (side * 0.04, 0.3)], True), "leaves")
    cup = path("0,0.62 0.15,0.68 0.17,0.84 0.15,1 0.07,0.88 0,1 -0.07,0.88 -0.15,1 -0.17,0.84 -0.15,0.68")
    pen.area(cup, "petal", own=True)


def rose(pen: Pen) -> None:
    pen.line(spline([(0.02, 0), (-0.02, 0.35), (0, 0.66)]), weight=1.2)
    for side, y in ((-1, 0.3), (1, 0.42)):
        pen.area(oval(side * 0.14, y, 0.14, 0.065, side * 25), "leaves")
    pen.area(scalloped(oval(0, 0.78, 0.17, 0.16), 0.045, 6), "petal", own=True)
    pen.area(scalloped(oval(0, 0.79, 0.1, 0.09), 0.025, 5), "petal", own=True)
    pen.line(spline([(-0.05, 0.8), (0, 0.75), (0.04, 0.8), (0, 0.83)]), weight=0.8)


def mushroom(pen: Pen) -> None:
    pen.area(spline(path("-0.14,0 0.14,0 0.1,0.3 0.11,0.56 -0.11,0.56 -0.1,0.3"), True), "wall")
    cap = path("-0.5,0.5 -0.4,0.78 0,1 0.4,0.78 0.5,0.5 0,0.44")
    pen.area(spline(cap, True), "red", own=True)
    for x, y, r in ((-0.22, 0.68, 0.07), (0.08, 0.8, 0.08), (0.27, 0.62, 0.06)):
        pen.oval(x, y, r, r * 0.8, "wall")


def tuft(pen: Pen) -> None:
    """A few blades of grass; they end no area."""
    for x, tip in ((-0.3, -0.5), (-0.08, -0.1), (0.14, 0.22), (0.3, 0.55)):
        pen.line(spline([(x, 0), (x + 0.3 * (tip - x), 0.55), (tip, pen.vary(0.75, 1.0))]), weight=0.8)


def reeds(pen: Pen) -> None:
    for x, lean, tall in ((-0.16, -0.06, 0.8), (0.0, 0.02, 1.0), (0.17, 0.07, 0.74)):
        pen.line(spline([(x, 0), (x + lean * 0.5, tall * 0.5), (x + lean, tall)]))
        pen.area(limb(x + lean * 0.8, tall * 0.74, 0.035, x + lean, tall * 0.93, 0.035), "trunk", own=True)
    pen.area(spline([(0.05, 0), (0.2, 0.3), (0.36, 0.42), (0.16, 0.1)], True), "leaves")


PLANTS = (
    Figure("tree", tree, 0.85, 9, "plant", top=0.72),
    Figure("cherry tree", blossom, 1.1, 7, "plant"),
    Figure("bare tree", bare_tree, 0.8, 8, "plant"),
    Figure("pine", pine, 0.56, 12, "plant"),
    Figure("cypress", cypress, 0.24, 11, "plant"),
    Figure("umbrella pine", umbrella_pine, 0.9, 13, "plant"),
    Figure("palm", palm, 0.95, 9, "plant"),
    Figure("willow", willow, 1.0, 9, "plant"),
    Figure("bush", bush, 1.6, 1.5, "plant"),
    Figure("cactus", cactus, 0.9, 3, "plant"),
    Figure("flower", flower, 0.6, 0.45, "plant"),
    Figure("sunflower", sunflower, 0.6, 1.8, "plant"),
    Figure("tulip", tulip, 0.4, 0.4, "plant"),
    Figure("rose", rose, 0.5, 0.6, "plant"),
    Figure("mushroom", mushroom, 1.0, 0.35, "plant", top=0.95),
    Figure("reeds", reeds, 0.7, 1.6, "plant", "bank"),
)
