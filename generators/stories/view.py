"""View: what was measured of a picture, as the words and the conditions that a story is told with."""

from __future__ import annotations

import random
from dataclasses import dataclass

from generators.stories.hues import likenesses
from generators.stories.spelling import listed
from generators.vision.figure import Figure
from generators.vision.phrases import PATTERNED
from generators.vision.sight import Sight

HOURS = {"low-key": "night", "dim": "evening", "medium": "afternoon", "bright": "morning", "high-key": "noon"}
LARGE, SMALL = 0.45, 0.08  # share of the picture that a figure's box has
ACROSS = 0.9  # share of a side that a figure has which reaches from one end to the other
SLENDER = 1.5  # ratio of a figure's sides
MOST_COLOURS = 5
SECOND = 0.25  # share of a figure that its second colour has


@dataclass(frozen=True)
class View:
    words: dict[str, str]  # g1 g2: the ground's colours; f1: the figure's; p1...: what else there is, the largest first
    tags: frozenset[str]
    figure_colour: str  # as an adjective; empty where nothing stands out


def view_of(sight: Sight, draws: random.Random) -> View:
    tags = {*_light_tags(sight), *_shape_tags(sight), f"{sight.ground.kind}-ground", sight.medium.replace(" ", "-")}
    ground = list(dict.fromkeys(sight.ground.colours))
    names = [swatch.name for swatch in sight.palette]
    figure, colour = sight.figure, ""
    if figure is not None:
        tags |= {"figure", *_figure_tags(figure)}
        own = [swatch.name for swatch in figure.palette if swatch.share > SECOND][:2] or [figure.palette[0].name]
        colour = listed(own)
    else:
        tags.add("no-figure")
        ground = names[:2]
    main = colour.split(" and ")
    if figure is not None and len(ground) == 1:
        nearby = [name for name in names if name not in (*ground, *main)]
        ground += nearby[:1]
    ground = [name for name in ground if name not in main] or ground
    if sight.medium == "line drawing":  # paper and ink
        ground, colour = names[:1], colour and names[-1]
    rest = [name for name in names if name not in (*ground, *main)]
    words = {f"g{number}": name for number, name in enumerate(ground[:2], 1)}
    words |= {f"p{number}": name for number, name in enumerate(rest[:3], 1)}
    if colour:
        words |= {"f1": main[0], "colour": colour}
    for name, of in [(name, of) for name, of in words.items() if name != "colour"]:
        words[f"{name}_like"], words[f"{name}_like2"] = likenesses(of, draws)
    words["colours"] = listed(names[:MOST_COLOURS])
    words["Colours"] = words["colours"].capitalize()
    words |= dict(zip(("mood", "mood2"), sight.mood.words(), strict=False))
    if sight.composition.horizon is not None:
        words |= {"above": sight.composition.horizon.above, "below": sight.composition.horizon.below}
    return View(words, frozenset(tags), colour)


def _light_tags(sight: Sight) -> set[str]:
    light = sight.light
    hour = "morning" if sight.medium == "line drawing" else HOURS[light.key]
    tags = {hour, light.temperature, light.tuning, f"{light.softness}-contrast"}
    tags |= {"dark"} if hour in ("night", "evening") else {"day"}
    return tags | ({f"lit-{light.brighter}"} if light.brighter else set())


def _shape_tags(sight: Sight) -> set[str]:
    composition = sight.composition
    tags: set[str] = {composition.format, composition.detail}
    tags |= {"high"} if composition.format in ("tall", "column") else set()
    tags |= {"long"} if composition.format in ("wide", "panorama") else set()
    tags |= {"mirror"} if composition.symmetrical else set()
    tags |= {"horizon"} if composition.horizon is not None else set()
    tags |= {"one-colour"} if composition.flat else set()
    lines = {"upright": {"upright"}, "level": {"level"}, "diagonal": {"slanting"}}
    return tags | lines.get(composition.lines or "", {"crossed"} if composition.lines else set())


def _figure_tags(figure: Figure) -> set[str]:
    left, top, right, bottom = figure.box
    width, height = right - left, bottom - top
    x, y = figure.centre
    tags = {"left"} if x < 0.4 else {"right"} if x > 0.6 else set()
    tags |= {"upper"} if y < 0.4 else {"lower"} if y > 0.6 else set()
    tags |= set() if tags else {"middle"}
    if min(width, height) > ACROSS:
        tags = {"filling"}
    elif max(width, height) > ACROSS:
        tags = {"side-to-side" if width > ACROSS else "top-to-bottom"}
    tags |= {"large"} if width * height > LARGE else {"small"} if width * height < SMALL else set()
    tags |= {"patterned"} if figure.variety > PATTERNED else set()
    tags |= {"two"} if figure.pieces == 2 else {"three"} if figure.pieces == 3 else set()
    return tags


def slender(sight: Sight) -> str:
    """Which way a figure is longer: upright, level or round."""
    if sight.figure is None:
        return "round"
    left, top, right, bottom = sight.figure.box
    columns, rows = sight.figure.mask.shape[1], sight.figure.mask.shape[0]
    ratio = (right - left) * columns / max((bottom - top) * rows, 1e-6)
    return "level" if ratio > SLENDER else "upright" if ratio < 1 / SLENDER else "round"
