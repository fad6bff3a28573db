"""Phrases: the parts of a sentence on a figure and its ground, in plain English."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generators.vision.figure import Figure
from generators.vision.ground import Ground
from generators.vision.palette import Swatch

SEVERAL = {2: "two", 3: "three"}  # pieces that are counted; more may be one pattern
PATTERNED = 0.11  # variety of a figure's colours that folds do not give
STEEP = 0.35  # lightness that a ground wins or loses across the picture, where one name does not do
FEW, SOME, STRONG, UNLIKE = 0.025, 0.15, 0.35, 0.35  # of an accent: its shares, chroma, distance from other colours
MAIN = 0.1  # share of a picture that makes a colour one of its main ones
ACROSS = 0.9  # share of a side that a figure has which reaches from one end to the other
LARGE, SMALL = 0.45, 0.08  # share of the picture that its box has


def listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def main_colours(palette: Sequence[Swatch]) -> str:
    """The colours that cover most, those of one family together: `shades of blue and purple, with dark green`."""
    families: dict[str, list[Swatch]] = {}
    for swatch in palette:
        families.setdefault(swatch.name.split()[-1], []).append(swatch)
    shares = {family: sum(swatch.share for swatch in members) for family, members in families.items()}
    main = sorted(shares, key=lambda family: -shares[family])
    main = [family for family in main if shares[family] > MAIN][:3] or main[:1]
    shaded = [family for family in main if len(families[family]) > 1]
    single = [families[family][0].name for family in main if family not in shaded]
    parts = [f"shades of {listed(shaded)}" if shaded else "", listed(single) if single else ""]
    return ", with ".join(part for part in (parts if main[0] in shaded else parts[::-1]) if part)


def percent(share: float) -> str:
    return f"{max(1, round(share * 100))} %"


def bare_ground(ground: Ground) -> str:
    """A ground on which there is nothing: `plain black`, `a smooth passage from white to blue`."""
    if ground.ends[0] != ground.ends[1]:
        return f"a smooth passage from {ground.ends[0]} to {ground.ends[1]}"
    return f"plain {ground.colours[0]}"


def ground_of(figure: Figure, ground: Ground) -> str:
    """`a textured red ground`, `a ground of brown and pale grey`."""
    if ground.kind == "divided":  # a figure that is cut off has a part of the border
        others = [name for name in ground.colours if name != figure.palette[0].name] or ground.colours
        return f"a {others[0]} ground" if len(others) == 1 else f"a ground of {listed(others)}"
    if ground.kind == "busy":
        return f"a busy ground of {listed(ground.colours)}" if len(ground.colours) > 1 else "a busy ground"
    if abs(ground.slope[0]) + abs(ground.slope[1]) > STEEP and ground.ends[0] != ground.ends[1]:
        return f"a {ground.kind} ground passing from {ground.ends[0]} to {ground.ends[1]}"
    if len(ground.colours) > 1:
        return f"a {ground.kind} ground of {listed(ground.colours)}"
    return f"a {ground.kind} {ground.colours[0]} ground"


def thing(figure: Figure, ground: Ground) -> tuple[str, bool]:
    """What the figure is, as far as its colours say it, and whether that is a plural: `something mostly navy blue`."""
    first, *others = figure.palette
    patterned = figure.variety > PATTERNED and ground.kind != "busy"  # what a busy ground leaves is too rough a guess
    plural = not patterned and figure.pieces in SEVERAL
    noun = f"{SEVERAL[figure.pieces]} separate shapes" if plural else "something"
    least = 0.2 if first.share > 0.5 else SOME
    named = [first.name, *(swatch.name for swatch in others if swatch.share > least)][:3]
    joint = " patterned in " if patterned else " in " if plural else " "
    if len(named) > 1:
        colours = listed(named)
    elif first.share > 0.8:
        colours = first.name
    elif first.share > 0.4:
        colours, joint = f"mostly {first.name}", " patterned, " if patterned else joint
    else:
        colours, joint = f"{first.name} and other colours", joint if patterned else " in "
    accents = [swatch.name for swatch in others if _is_accent(swatch, figure, ground) and swatch.name not in named]
    return f"{noun}{joint}{colours}" + (f" with touches of {accents[0]}" if accents else ""), plural


def _is_accent(swatch: Swatch, figure: Figure, ground: Ground) -> bool:
    """Little of a strong colour, unlike all that there is more of; a shadow on the ground has the ground's hue."""
    if swatch.name.split()[-1] in {name.split()[-1] for name in ground.colours}:
        return False
    if not FEW < swatch.share < SOME or np.hypot(swatch.lab[1], swatch.lab[2]) < STRONG:
        return False
    larger = [other for other in figure.palette if other.share > swatch.share]
    return all(np.linalg.norm(np.subtract(swatch.lab, other.lab)) > UNLIKE for other in larger)


def place(figure: Figure) -> str:
    """`in the middle`, `small, in the upper left`, `reaching from top to bottom`."""
    left, top, right, bottom = figure.box
    width, height = right - left, bottom - top
    if min(width, height) > ACROSS:
        return "filling nearly the whole frame"
    if max(width, height) > ACROSS:
        return f"reaching from {'side to side' if width > ACROSS else 'top to bottom'}"
    x, y = figure.centre
    across = "left" if x < 0.4 else "right" if x > 0.6 else ""
    down = "upper" if y < 0.4 else "lower" if y > 0.6 else ""
    size = "large, " if width * height > LARGE else "small, " if width * height < SMALL else ""
    if across:
        return f"{size}in the {down} {across}" if down else f"{size}on the {across}"
    return f"{size}in the {down} part" if down else f"{size}in the middle"


def height(above: float) -> str:
    """Where a level line lies that leaves a share of the picture above it."""
    steps = ((0.29, "near the top"), (0.42, "a third of the way down"), (0.58, "across the middle"))
    rest = "two thirds of the way down" if above < 0.71 else "near the bottom"
    return next((words for most, words in steps if above < most), rest)
