"""Wording: a description in English of what was measured, and of nothing else.

A caption has up to three sentences: what is where on which ground; in what light and tuning, with what lines; and the
colours with their shares. What was measured chooses among a few ways to put it, so that a folder does not read as one
sentence repeated, and the same picture always reads the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from generators.vision.description import Description
from generators.vision.phrases import (
    bare_ground,
    capital,
    ground_of,
    height,
    listed,
    main_colours,
    percent,
    place,
    thing,
    with_article,
)
from generators.vision.sight import Sight

MOST_COLOURS = 6
_FORMATS = {"square": "square", "tall": "tall", "wide": "wide", "panorama": "panoramic", "column": "narrow, upright"}
_SIDES = {
    "left": "lighter on the left", "right": "lighter on the right", "top": "lighter at the top",
    "bottom": "lighter at the bottom", "middle": "lightest in the middle", "border": "lighter along the edges",
}  # fmt: skip
_KEYS = {"low-key": "dark", "dim": "rather dark", "bright": "bright", "high-key": "very bright"}
_TONES = {"low-key": "dark", "dim": "dim", "bright": "bright", "high-key": "very bright"}
_CONTRASTS = {"soft": "soft in contrast", "strong": "strong in contrast"}
_SPREADS = {"soft": "even", "strong": "contrasting"}
_TUNINGS = {"colourless": "tones of grey alone", "monochrome": "tones of a single hue"}
_LINES = {
    "upright": "upright lines prevail", "level": "level lines prevail", "diagonal": "slanting lines prevail",
    "upright and level": "upright and level lines prevail",
}  # fmt: skip


def describe(sight: Sight) -> Description:
    """The sight in words."""
    return Description(
        caption=" ".join([_subject(sight), *_manner(sight), _colours(sight)]),
        colours=tuple(swatch.name for swatch in sight.palette[:MOST_COLOURS]),
        setting=_setting(sight),
        mood=", ".join(_mood(sight)),
        tags=_tags(sight),
    )


def _pick(sight: Sight, ways: Sequence[str]) -> str:
    """One of several ways to say the same, by coarse facts."""
    key = (sight.medium, [swatch.name for swatch in sight.palette], sight.composition.format, sight.light.key)
    return ways[zlib.crc32(repr(key).encode()) % len(ways)]


def _subject(sight: Sight) -> str:
    what = with_article(f"{_FORMATS[sight.composition.format]} {sight.medium}")
    figure, ground = sight.figure, sight.ground
    if sight.composition.flat:
        return f"{capital(what)} of one colour from edge to edge: {sight.palette[0].name}."
    if sight.medium == "line drawing":
        return _drawing(sight, what)
    if figure is None:
        return f"{capital(what)} of nothing but {bare_ground(ground)}." if ground.bare else _everywhere(sight, what)
    (shown, plural), where = thing(figure, ground), place(figure)
    told = sight.composition.horizon is None or ground.kind != "busy"  # what lies above and below says it better
    on = f", on {ground_of(figure, ground)}" if told else ""
    against = f"against {ground_of(figure, ground)}, " if told else ""
    ways = [
        f"{capital(what)} of {shown}, {where}{on}.",
        f"{capital(what)} shows {shown}, {where}{on}.",
        f"{capital(f'{against}{what}')} shows {shown}, {where}.",
        f"{capital(shown)} {'are' if plural else 'is'} seen in {what}, {where}{on}.",
    ]
    return _pick(sight, ways)


def _drawing(sight: Sight, what: str) -> str:
    paper, ink = sight.palette[0].name, sight.palette[-1].name
    where = "" if sight.figure is None else f", {place(sight.figure)}"
    return f"{capital(what)} in {ink} on {paper}{where}." if ink != paper else f"{capital(what)}, all {paper}{where}."


def _everywhere(sight: Sight, what: str) -> str:
    """A picture in which nothing is set apart."""
    names = main_colours(sight.palette)
    fine = {"detailed": ", full of fine detail", "smooth": ", smooth"}.get(sight.composition.detail, "")
    ways = [
        f"{capital(what)} in {names}{fine}, filled from edge to edge.",
        f"{capital(what)}, mostly {names}{fine}, without a plain ground.",
    ]
    return _pick(sight, ways)


def _manner(sight: Sight) -> list[str]:
    """Tone, tuning and composition as one sentence, where there is something to say; bare paper has no tone."""
    if sight.composition.flat:
        return []
    arranged = _arranged(sight)
    if sight.medium == "line drawing":
        return [f"{capital('; '.join(arranged))}."] if arranged else []
    light = sight.light
    tones = [_KEYS.get(light.key), _CONTRASTS.get(light.softness), _SIDES.get(light.brighter or "")]
    told, tuned = [tone for tone in tones if tone], _tuned(sight)
    said = []
    if told:
        said = [_pick(sight, ["it is ", "the whole is ", "the picture is "]) + listed(told)]
        said[0] += f", in {tuned}" if tuned else ""
    elif tuned:
        said = [_pick(sight, ["it has ", "the whole is in "]) + tuned]
    return [f"{capital('; '.join(said + arranged))}."] if said or arranged else []


def _tuned(sight: Sight) -> str:
    light = sight.light
    if light.tuning in _TUNINGS:
        return _TUNINGS[light.tuning]
    how = [light.tuning] * (light.tuning != "moderate") + [light.temperature] * (light.temperature != "neutral")
    return f"{', '.join(how)} colours" if how else ""


def _arranged(sight: Sight) -> list[str]:
    composition, said = sight.composition, []
    if composition.horizon is not None and sight.medium != "line drawing":
        parted = f"{composition.horizon.above} above from {composition.horizon.below} below"
        said.append(f"a level line {height(composition.horizon.height)} parts {parted}")
    if composition.symmetrical:
        said.append("left and right mirror each other")
    if composition.lines is not None:
        said.append(_LINES[composition.lines])
    return said


def _colours(sight: Sight) -> str:
    told = ", ".join(f"{swatch.name} {percent(swatch.share)}" for swatch in sight.palette[:MOST_COLOURS])
    return f"Colours: {told}."


def _setting(sight: Sight) -> str:
    light = sight.light
    if sight.composition.flat:
        return ""
    if sight.medium == "line drawing":
        return f"on a bare {sight.palette[0].name} ground"
    ground = f"on {ground_of(sight.figure, sight.ground)}" if sight.figure is not None else ""
    tones = ", ".join(word for word in (_TONES.get(light.key), _SPREADS.get(light.softness)) if word)
    said = (ground, f"in {tones} tones" if tones else "", _SIDES.get(light.brighter or "", ""))
    return ", ".join(part for part in said if part)


def _mood(sight: Sight) -> tuple[str, ...]:
    temperature = sight.light.temperature
    return (*sight.mood.words(), *([temperature] if temperature != "neutral" else []))


def _tags(sight: Sight) -> tuple[str, ...]:
    light, composition = sight.light, sight.composition
    tags = [sight.medium, composition.format, *(swatch.name for swatch in sight.palette[:MOST_COLOURS])]
    if sight.figure is not None:
        tags += [swatch.name for swatch in sight.figure.palette[:2]]
        tags += [f"{sight.ground.kind} background", f"{sight.ground.colours[0]} background"]
    tags += [light.against] if light.against is not None else []
    if sight.medium != "line drawing":
        tags += [word for word in (light.key, light.tuning, light.temperature) if word not in _UNTOLD]
        tags += [f"{light.softness} contrast"] if light.softness not in _UNTOLD else []
    tags += ["symmetrical"] if composition.symmetrical else []
    tags += [f"{composition.lines} lines"] if composition.lines is not None else []
    tags += ["horizon"] if composition.horizon is not None else []
    tags += [composition.detail] if composition.detail not in _UNTOLD else []
    return tuple(dict.fromkeys(tags))


_UNTOLD = ("medium", "moderate", "neutral")
