"""Body: a figure of a person, piece by piece, by its proportions."""

from __future__ import annotations

from dataclasses import dataclass

from generators.composer.curves import archway, limb, mirrored, oval, spline
from generators.composer.figures.held import hold
from generators.composer.pen import Pen


@dataclass(frozen=True)
class Build:
    """Proportions: the radius of the head, where the neck, the waist and the hem are."""

    head: float = 0.085
    neck: float = 0.8
    hem: float = 0.42
    shoulders: float = 0.105
    wide: float = 0.13  # of the hem

    @property
    def middle(self) -> float:
        return self.neck + self.head * 0.92


def face(pen: Pen, build: Build) -> None:
    """Eyes, and a mouth where it can be seen."""
    y, r = build.middle, build.head
    pen.oval(0, y, r, r * 1.08, "skin")
    if pen.fits(r, 9):
        for side in (-1, 1):
            pen.dot(side * r * 0.38, y - r * 0.02, r * 0.11)
        pen.line(spline([(-r * 0.3, y - r * 0.45), (0, y - r * 0.58), (r * 0.3, y - r * 0.45)]), weight=0.8)


def hair(pen: Pen, build: Build, long: bool, behind: bool) -> None:
    """Long hair lies behind the head, and a fringe on it."""
    y, r = build.middle, build.head
    if behind:
        if long:
            pen.area(
                spline(
                    mirrored(
                        [
                            (0, y + r * 1.3),
                            (r * 1.15, y + r * 0.7),
                            (r * 1.35, y - r * 0.5),
                            (r * 1.3, y - r * 1.7),
                            (r * 0.5, y - r * 1.5),
                        ]
                    ),
                    True,
                ),
                "hair",
            )
        return
    fringe = [
        (r * 1.06, y + r * 0.06),
        (r * 1.1, y + r * 0.7),
        (r * 0.5, y + r * 1.22),
        (-r * 0.5, y + r * 1.22),
        (-r * 1.1, y + r * 0.7),
        (-r * 1.06, y + r * 0.06),
    ]
    inner = [(-r * 0.72, y + r * 0.5), (-r * 0.1, y + r * 0.62), (r * 0.4, y + r * 0.42), (r * 0.8, y + r * 0.5)]
    pen.area(spline([*fringe, *inner], True), "hair")


def legs(pen: Pen, build: Build, part: str, bare: bool = False) -> None:
    if pen.seated:
        pen.area(oval(-0.06, build.hem - 0.23, 0.062, 0.032), "shoes")
        pen.area(limb(0.0, build.hem + 0.02, 0.055, -0.03, build.hem - 0.19, 0.042), part)
        return
    x = 0.055 if build.head < 0.1 else 0.06
    for side in (-1, 1):
        pen.area(
            [
                (side * (x - 0.045), 0.03),
                (side * (x + 0.038), 0.03),
                (side * (x + 0.045), build.hem + 0.06),
                (side * (x - 0.052), build.hem + 0.06),
            ],
            "skin" if bare else part,
        )
        pen.area(oval(side * (x + 0.012), 0.028, 0.062, 0.03), "shoes")


def arms(pen: Pen, build: Build, part: str, raised: bool) -> tuple[float, float]:
    """Two sleeves with hands; returns where the right hand is."""
    y, s = build.neck - 0.055, build.shoulders
    low = y - 0.27
    pen.area(oval(-s - 0.085, low - 0.01, 0.028, 0.03), "skin")
    pen.area(limb(-s + 0.012, y, 0.042, -s - 0.075, low + 0.035, 0.034), part)
    hand = (s + 0.15, y - 0.1) if raised else (s + 0.085, low - 0.01)
    elbow = (s + 0.075, y - 0.16) if raised else (s + 0.06, low + 0.1)
    pen.area(oval(*hand, 0.03, 0.03), "skin")
    near = (hand[0] - 0.012, hand[1] - 0.03) if raised else (hand[0] - 0.01, hand[1] + 0.045)
    pen.union([limb(s - 0.012, y, 0.042, *elbow, 0.036), limb(*elbow, 0.036, *near, 0.032)], part)
    return hand


def coat(pen: Pen, build: Build, part: str, own: bool = False) -> None:
    s, n = build.shoulders, build.neck
    pen.area(oval(0, n - 0.005, 0.035, 0.05), "skin")
    half = [(0.035, n), (s, n - 0.03), (s + 0.005, n - 0.16), (build.wide, build.hem), (0, build.hem - 0.015)]
    pen.area(mirrored([(0, n - 0.035), *half]), part, own)


def dressed(pen: Pen, build: Build, long_hair: bool, gown: bool, hat: str = "") -> None:
    hair(pen, build, long_hair, behind=True)
    if not gown:
        legs(pen, build, "trousers")
    elif build.hem > 0.15:
        legs(pen, build, "skin", bare=True)
    elif not pen.seated:
        for side in (-1, 1):
            pen.area(oval(side * 0.06, 0.03, 0.06, 0.03), "shoes")
    if gown:
        s, n, waist = build.shoulders, build.neck, build.neck - 0.26
        pen.area(oval(0, n - 0.005, 0.035, 0.05), "skin")
        half = [(0.035, n), (s, n - 0.03), (s * 0.9, n - 0.14), (s * 0.75, waist)]
        skirt = spline(
            [(s * 0.75, waist), (build.wide * 0.72, waist * 0.55 + build.hem * 0.5), (build.wide, build.hem)]
        )
        pen.area(mirrored([(0, n - 0.035), *half, *skirt[1:].tolist(), (0, build.hem - 0.02)]), "cloth", own=True)
        pen.line([(-s * 0.75, waist), (s * 0.75, waist)], weight=0.9)
    else:
        coat(pen, build, "cloth", own=True)
    hand = arms(pen, build, "cloth", raised=bool(pen.carries))
    hold(pen, hand, build.middle + build.head)
    face(pen, build)
    hair(pen, build, long_hair, behind=False)
    wear(pen, build, hat)


def wear(pen: Pen, build: Build, hat: str) -> None:
    y, r = build.middle, build.head
    if hat == "crown":
        base, top = y + r * 0.72, y + r * 1.75
        points = [
            (-r * 0.85, base),
            (r * 0.85, base),
            (r * 1.0, top),
            (r * 0.45, base + r * 0.5),
            (0, top),
            (-r * 0.45, base + r * 0.5),
            (-r * 1.0, top),
        ]
        pen.area(points, "sun")
    elif hat == "pointed":
        pen.area(
            spline(
                [
                    (-r * 0.95, y + r * 0.75),
                    (-r * 0.4, y + r * 1.6),
                    (r * 0.25, y + r * 2.9),
                    (r * 0.5, y + r * 1.6),
                    (r * 0.95, y + r * 0.75),
                ]
            ),
            "hat",
        )
        pen.area(oval(0, y + r * 0.75, r * 1.6, r * 0.24), "hat")
    elif hat == "brim":
        pen.area(archway(-r * 0.8, y + r * 0.6, r * 0.8, y + r * 1.5), "hat")
        pen.area(oval(0, y + r * 0.66, r * 1.5, r * 0.2), "hat")
