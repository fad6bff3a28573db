"""Held: what a figure can have in its hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from generators.composer.curves import arc, oval, spline
from generators.composer.pen import Pen

Hand = tuple[float, float]


def hold(pen: Pen, hand: Hand, crown: float) -> None:
    """Draw what the pen's figure carries; `crown` is the top of its head."""
    for name in pen.carries:
        _HANDS[name](replace(pen, words=(name,)), hand, crown)


def canopy(pen: Pen, x: float, y: float, wide: float, tall: float) -> None:
    """An open umbrella, by the middle of its edge."""
    ribs = 5
    edge = [arc(x + wide * (1 - (2 * k + 1) / ribs), y, wide / ribs, 0.14 * tall, 0, 180)[:-1] for k in range(ribs)]
    pen.area(np.concatenate([*edge, arc(x, y, wide, tall, 180, 0)]), "umbrella", own=True)
    for k in range(1, ribs):
        foot = x + wide * (1 - 2 * k / ribs)
        pen.line(spline([(foot, y), (x + (foot - x) * 0.72, y + tall * 0.66), (x, y + tall)]), weight=0.8)
    pen.line([(x, y + tall), (x, y + tall * 1.14)])


def _umbrella(pen: Pen, hand: Hand, crown: float) -> None:
    x = hand[0] - 0.015
    pen.line([(x, hand[1] - 0.06), (x, crown + 0.12)], weight=1.4)
    canopy(pen, x - 0.07, crown + 0.03, 0.4, 0.24)


def _lantern(pen: Pen, hand: Hand, crown: float) -> None:
    x, y = hand[0], hand[1] - 0.03
    pen.line([(x, hand[1]), (x, y - 0.03)])
    pen.area(
        [(x - 0.05, y - 0.19), (x + 0.05, y - 0.19), (x + 0.055, y - 0.07), (x - 0.055, y - 0.07)], "lamp", own=True
    )
    pen.area([(x - 0.06, y - 0.07), (x + 0.06, y - 0.07), (x, y - 0.02)], "metal")
    pen.box(x - 0.055, y - 0.21, x + 0.055, y - 0.185, "metal")


def _book(pen: Pen, hand: Hand, crown: float) -> None:
    x, y = hand
    pen.area([(x - 0.09, y - 0.03), (x + 0.06, y - 0.01), (x + 0.05, y + 0.13), (x - 0.1, y + 0.11)], "body", own=True)


def _flower(pen: Pen, hand: Hand, crown: float) -> None:
    x, y = hand
    pen.line([(x, y - 0.05), (x + 0.01, y + 0.12)])
    for k in range(5):
        angle = np.radians(90 + 72 * k)
        pen.oval(x + 0.01 + 0.035 * np.cos(angle), y + 0.15 + 0.035 * np.sin(angle), 0.026, part="petal", own=True)
    pen.oval(x + 0.01, y + 0.15, 0.02, part="sun")


def _balloon(pen: Pen, hand: Hand, crown: float) -> None:
    x, y = hand
    top = crown + 0.2
    pen.line(spline([(x, y), (x + 0.05, (y + top) / 2), (x + 0.04, top - 0.12)]), weight=0.8)
    pen.area(oval(x + 0.04, top, 0.1, 0.125), "body", own=True)


def _sword(pen: Pen, hand: Hand, crown: float) -> None:
    x, y = hand
    pen.area(
        [(x - 0.014, y + 0.05), (x + 0.014, y + 0.05), (x + 0.01, y + 0.4), (x, y + 0.45), (x - 0.01, y + 0.4)],
        "cloud",
        own=True,
    )
    pen.box(x - 0.06, y + 0.03, x + 0.06, y + 0.052, "sun")


def _basket(pen: Pen, hand: Hand, crown: float) -> None:
    x, y = hand
    pen.line(arc(x, y - 0.14, 0.08, 0.13, 0, 180))
    pen.area(
        [(x - 0.085, y - 0.25), (x + 0.085, y - 0.25), (x + 0.11, y - 0.13), (x - 0.11, y - 0.13)], "wood", own=True
    )


def _staff(pen: Pen, hand: Hand, crown: float) -> None:
    pen.line([(hand[0], 0), (hand[0] - 0.01, crown + 0.05)], weight=1.7)


def _flag(pen: Pen, hand: Hand, crown: float) -> None:
    x = hand[0]
    pen.line([(x, 0.2), (x, crown + 0.25)], weight=1.4)
    waving = spline([(x, crown + 0.24), (x + 0.13, crown + 0.2), (x + 0.26, crown + 0.24)])
    below = spline([(x + 0.26, crown + 0.08), (x + 0.13, crown + 0.04), (x, crown + 0.08)])
    pen.area(np.concatenate([waving, below]), "flag", own=True)


_HANDS: dict[str, Callable[[Pen, Hand, float], None]] = {
    "umbrella": _umbrella, "lantern": _lantern, "lamp": _lantern, "book": _book, "flower": _flower, "rose": _flower,
    "balloon": _balloon, "sword": _sword, "basket": _basket, "staff": _staff, "flag": _flag,
}  # fmt: skip
HELD = tuple(_HANDS)
