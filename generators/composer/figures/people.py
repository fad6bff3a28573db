"""People: figures seen from the front, by what they wear; and what they hold."""

from __future__ import annotations

from generators.composer.curves import limb, mirrored, oval, path, scalloped, spline
from generators.composer.figures.body import Build, arms, coat, dressed, face, hair, legs, wear
from generators.composer.figures.figure import Figure
from generators.composer.pen import Pen

ADULT = Build()
LADY = Build(hem=0.12, shoulders=0.09, wide=0.24)
CHILD = Build(head=0.135, neck=0.7, hem=0.34, shoulders=0.12, wide=0.15)
GIRL = Build(head=0.135, neck=0.7, hem=0.24, shoulders=0.11, wide=0.25)


def man(pen: Pen) -> None:
    dressed(pen, ADULT, long_hair=False, gown=False)


def traveller(pen: Pen) -> None:
    dressed(pen, ADULT, long_hair=False, gown=False, hat="brim")


def woman(pen: Pen) -> None:
    dressed(pen, LADY, long_hair=True, gown=True)


def girl(pen: Pen) -> None:
    dressed(pen, GIRL, long_hair=True, gown=True)


def boy(pen: Pen) -> None:
    dressed(pen, CHILD, long_hair=False, gown=False)


def queen(pen: Pen) -> None:
    dressed(pen, LADY, long_hair=True, gown=True, hat="crown")


def king(pen: Pen) -> None:
    r, y = ADULT.head, ADULT.middle
    pen.area(spline(mirrored(path("0.06,0.79 0.16,0.72 0.22,0.4 0.26,0.05 0.1,0.02")), True), "red")
    dressed(pen, ADULT, long_hair=False, gown=False, hat="crown")
    pen.area(scalloped(oval(0, y - r * 0.85, r * 0.62, r * 0.5), 0.012, 7), "hair")


def wizard(pen: Pen) -> None:
    pen.line([(0.27, 0), (0.25, 0.86)], weight=1.6)
    pen.oval(0.25, 0.88, 0.035, part="sun")
    build = Build(hem=0.03, wide=0.2)
    coat(pen, build, "robe", own=True)
    arms(pen, build, "robe", raised=True)
    face(pen, build)
    y, r = build.middle, build.head
    pen.area(
        spline(mirrored([(0, y - r * 0.5), (r * 0.9, y - r * 0.2), (r * 0.8, y - r * 1.3), (0, y - r * 3.2)]), True),
        "cloud",
    )
    wear(pen, build, "pointed")


def witch(pen: Pen) -> None:
    dressed(pen, LADY, long_hair=True, gown=True, hat="pointed")


def knight(pen: Pen) -> None:
    legs(pen, ADULT, "metal")
    coat(pen, ADULT, "metal", own=True)
    pen.area(mirrored(path("0,0.76 0.07,0.75 0.08,0.6 0.1,0.36 0,0.34")), "red")
    hand = arms(pen, ADULT, "metal", raised=True)
    y, r = ADULT.middle, ADULT.head
    x = hand[0]
    pen.area(
        [(x - 0.014, hand[1] + 0.05), (x + 0.014, hand[1] + 0.05), (x + 0.01, 1.1), (x, 1.16), (x - 0.01, 1.1)], "cloud"
    )
    pen.area(
        [
            (x - 0.06, hand[1] + 0.03),
            (x + 0.06, hand[1] + 0.03),
            (x + 0.06, hand[1] + 0.052),
            (x - 0.06, hand[1] + 0.052),
        ],
        "sun",
    )
    pen.area(spline([(0.01, y + r), (-0.07, y + r * 1.7), (-0.15, y + r * 1.5), (-0.1, y + r)], True), "red")
    pen.area(
        mirrored([(0, y + r * 1.2), (r * 0.8, y + r * 0.9), (r * 1.08, y), (r * 0.8, y - r * 0.9), (0, y - r * 1.15)]),
        "metal",
        own=True,
    )
    pen.area(
        [(-r * 0.8, y + r * 0.25), (r * 0.8, y + r * 0.25), (r * 0.8, y - r * 0.1), (-r * 0.8, y - r * 0.1)], "shade"
    )
    pen.area(spline(path("-0.28,0.62 -0.08,0.62 -0.09,0.42 -0.18,0.3 -0.27,0.42"), True), "sun")


def astronaut(pen: Pen) -> None:
    pen.box(-0.2, 0.42, 0.2, 0.78, "metal")
    for side in (-1, 1):
        pen.area(limb(side * 0.075, 0.34, 0.075, side * 0.09, 0.07, 0.065), "cloud", own=True)
        pen.area(oval(side * 0.1, 0.04, 0.095, 0.045), "metal")
        pen.area(limb(side * 0.15, 0.66, 0.062, side * 0.26, 0.44, 0.052), "cloud", own=True)
        pen.oval(side * 0.27, 0.41, 0.048, part="metal")
    pen.area(spline(mirrored([(0.08, 0.74), (0.17, 0.68), (0.17, 0.4), (0.12, 0.3)]), True), "cloud", own=True)
    pen.box(-0.08, 0.5, 0.08, 0.62, "metal")
    pen.oval(0, 0.85, 0.15, part="cloud", own=True)
    pen.area(oval(0, 0.85, 0.11, 0.085), "window")


def robot(pen: Pen) -> None:
    pen.line([(0, 0.94), (0, 1.0)], weight=1.1)
    pen.dot(0, 1.0, 0.016)
    for side in (-1, 1):
        pen.box(side * 0.1 - 0.045, 0.05, side * 0.1 + 0.045, 0.34, "shade")
        pen.area([(side * 0.03, 0), (side * 0.2, 0), (side * 0.17, 0.075), (side * 0.05, 0.075)], "metal", own=True)
        pen.area(limb(side * 0.24, 0.6, 0.045, side * 0.3, 0.4, 0.04), "shade")
        pen.area(oval(side * 0.31, 0.34, 0.055, 0.055), "metal", own=True)
        pen.oval(side * 0.23, 0.61, 0.06, part="metal")
    pen.box(-0.2, 0.31, 0.2, 0.67, "metal", own=True)
    pen.box(-0.12, 0.42, 0.12, 0.58, "window")
    for x in (-0.07, 0, 0.07):
        pen.oval(x, 0.365, 0.022, part="lamp")
    pen.box(-0.06, 0.66, 0.06, 0.72, "shade")
    pen.area(path("-0.16,0.71 0.16,0.71 0.17,0.93 0.11,0.955 -0.11,0.955 -0.17,0.93"), "metal", own=True)
    for side in (-1, 1):
        pen.oval(side * 0.075, 0.85, 0.042, part="lamp")
        pen.dot(side * 0.075, 0.85, 0.015)
    pen.box(-0.07, 0.75, 0.07, 0.785, "window")


def snowman(pen: Pen) -> None:
    for side in (-1, 1):
        pen.line([(side * 0.16, 0.55), (side * 0.36, 0.66), (side * 0.42, 0.76)], weight=1.3)
        pen.line([(side * 0.36, 0.66), (side * 0.45, 0.67)], weight=1.1)
    pen.oval(0, 0.22, 0.27, 0.23, "snow", own=True)
    pen.oval(0, 0.53, 0.2, 0.17, "snow", own=True)
    pen.oval(0, 0.76, 0.14, 0.13, "snow", own=True)
    for y in (0.58, 0.5, 0.42):
        pen.dot(0, y, 0.016)
    for side in (-1, 1):
        pen.dot(side * 0.05, 0.79, 0.016)
    pen.area([(0, 0.765), (0, 0.73), (-0.16, 0.73)], "sun")
    pen.box(-0.1, 0.86, 0.1, 1.0, "shade")
    pen.box(-0.17, 0.85, 0.17, 0.885, "shade")


def ghost(pen: Pen) -> None:
    half = path("0,1 0.26,0.88 0.34,0.5 0.42,0.06 0.3,0.16 0.2,0.02 0.1,0.14 0,0.02")
    pen.area(spline(mirrored(half), True), "cloud", own=True)
    for side in (-1, 1):
        pen.dot(side * 0.11, 0.72, 0.045)
    pen.area(oval(0, 0.56, 0.05, 0.07), "shade")


def dancer(pen: Pen) -> None:
    build = Build(hem=0.4, shoulders=0.085, wide=0.3)
    y, r = build.middle, build.head
    pen.area(limb(-0.03, 0.42, 0.04, -0.02, 0.03, 0.022), "skin")
    pen.area(limb(0.04, 0.42, 0.04, 0.16, 0.2, 0.028), "skin")
    pen.area(limb(0.16, 0.2, 0.028, 0.02, 0.12, 0.02), "skin")
    pen.area(scalloped(oval(0, 0.47, 0.29, 0.06), 0.03, 14), "cloth", own=True)
    for side in (-1, 1):
        pen.area(limb(side * 0.085, 0.76, 0.03, side * 0.26, 0.9, 0.024), "skin")
        pen.area(limb(side * 0.26, 0.9, 0.024, side * 0.1, 1.1, 0.018), "skin")
    pen.area(oval(0, 0.8, 0.032, 0.05), "skin")
    pen.area(mirrored(path("0,0.76 0.085,0.79 0.075,0.66 0.07,0.5 0,0.48")), "cloth", own=True)
    pen.oval(0, y + r * 1.2, r * 0.5, part="hair")
    face(pen, build)
    hair(pen, build, long=False, behind=False)


def crowd(pen: Pen) -> None:
    """Some of each, the tall ones behind."""
    kinds = (man, woman, boy, traveller, girl, woman, man)
    start = int(pen.vary(0, len(kinds)))
    for row, (count, y) in enumerate(((5, 0.14), (5, 0.0))):
        for k in range(count):
            x = (k - (count - 1) / 2) * 0.44 + 0.2 * row - 0.1 + pen.vary(-0.04, 0.04)
            draw = kinds[(start + 3 * row + k) % len(kinds)]
            small = 0.76 if draw in (boy, girl) else pen.vary(0.84, 0.92)
            draw(pen.within(x, y, small * (0.93 if row == 0 else 1)))


PEOPLE = (
    Figure("man", man, 0.5, 1.75, "person"),
    Figure("traveller", traveller, 0.5, 1.75, "person"),
    Figure("woman", woman, 0.55, 1.7, "person"),
    Figure("girl", girl, 0.6, 1.3, "person"),
    Figure("boy", boy, 0.55, 1.3, "person"),
    Figure("king", king, 0.55, 1.8, "person"),
    Figure("queen", queen, 0.55, 1.75, "person"),
    Figure("wizard", wizard, 0.65, 1.8, "person"),
    Figure("witch", witch, 0.55, 1.75, "person"),
    Figure("knight", knight, 0.65, 1.8, "person"),
    Figure("astronaut", astronaut, 0.65, 1.9, "person"),
    Figure("robot", robot, 0.72, 1.9, "person"),
    Figure("snowman", snowman, 0.9, 1.7, "person"),
    Figure("ghost", ghost, 0.85, 1.7, "person"),
    Figure("dancer", dancer, 0.65, 1.7, "person"),
    Figure("crowd", crowd, 2.5, 1.8, "person"),
)
