"""Wishes: what the words of a prompt ask of the regions of a drawing. Words and geometry, no model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from core.colours import AXES, Array, colour_words, words_of
from generators.painter.regions import Regions

# the light that a word throws over the whole picture, CIELAB
_MOODS = {
    "sunset": (68, 40, 42), "dusk": (45, 30, -12), "twilight": (45, 30, -12), "dawn": (78, 25, 22),
    "sunrise": (78, 25, 22), "night": (15, 8, -28), "midnight": (12, 8, -30), "autumn": (58, 30, 48),
    "fall": (58, 30, 48), "winter": (85, -4, -10), "spring": (80, -22, 30), "ocean": (45, -8, -32),
    "forest": (40, -28, 24), "fire": (58, 52, 58), "desert": (75, 12, 36),
}  # fmt: skip

_NOUNS = {
    "sky": "sky background backdrop",
    "ground": "ground grass field road street floor sea water sand snow meadow lawn path",
    "roof": "roof",
    "sun": "sun moon",
    "window": "window windows",
    "door": "door",
    "subject": "dress skirt coat shirt chair armchair sofa car house cottage building robot bag",
    "hair": "hair hat",
    "skin": "face skin portrait boy girl man woman",
    "foliage": "tree trees leaves",
}
_NOUN = {word: noun for noun, words in _NOUNS.items() for word in words.split()}

# what a noun looks like where the prompt does not say
_USUAL = {
    "tree": "green", "trees": "green", "leaves": "green", "grass": "green", "meadow": "green", "lawn": "green",
    "sun": "yellow", "moon": "cream", "sea": "blue", "water": "blue", "sky": "blue", "hair": "brown",
    "face": "peach", "skin": "peach", "portrait": "peach", "boy": "peach", "girl": "peach",
    "man": "peach", "woman": "peach",
}  # fmt: skip

SAID, OF_SUBJECT, USUAL = 0.72, 0.70, 0.62  # how strongly a wish pulls; below TINTS it only guides the choice
TINTS = 0.65


@dataclass(frozen=True)
class Wish:
    colour: Array  # (3,) scaled Lab
    strength: float


@dataclass
class Wishes:
    """Wishes by region, and the mood of the backdrop."""

    of: dict[int, Wish] = field(default_factory=dict)
    mood: Array | None = None


def read_wishes(prompt: str, regions: Regions) -> Wishes:
    """`a cottage with a red roof at dusk` -> red on the roof's region, dusk over the backdrop."""
    words, known, wishes = words_of(prompt), colour_words(), Wishes(mood=read_mood(prompt))
    for i, word in enumerate(words):
        if word in _USUAL and not any(before in known for before in words[max(0, i - 2) : i]):
            for region in select(regions, _NOUN[word]):
                wishes.of.setdefault(region, Wish(known[_USUAL[word]], USUAL))
        noun = _noun_after(words, i)
        if word not in known or noun is None:
            continue
        strength = OF_SUBJECT if noun == "subject" else SAID  # a named part beats the whole it belongs to
        for region in select(regions, noun):
            former = wishes.of.get(region)
            if noun != "subject" or former is None or former.strength < SAID:
                wishes.of[region] = Wish(known[word], strength)
    return wishes


def read_mood(prompt: str) -> Array | None:
    """The light of the first word of mood, or of the first colour that belongs to no noun; scaled Lab, shape (3,)."""
    words, known = words_of(prompt), colour_words()
    for i, word in enumerate(words):
        if word in _MOODS:
            return np.asarray(np.array(_MOODS[word], np.float32) * AXES, np.float32)
        if word in known and _noun_after(words, i) is None:
            return known[word]
    return None


def _noun_after(words: list[str], i: int) -> str | None:
    """What a colour word at place `i` speaks of: a noun among the next three words."""
    return next((_NOUN[word] for word in words[i + 1 : i + 4] if word in _NOUN), None)


def select(regions: Regions, noun: str) -> list[int]:
    """The regions that a noun most likely means, by place, size and shape alone."""
    return _SELECTORS[noun](regions)


def _best(score: Array, among: np.ndarray, count: int = 1) -> list[int]:
    order = np.argsort(-np.where(among, score, -9), kind="stable")[:count]
    return [int(i) for i in order if among[i]]


def _where(mask: np.ndarray) -> list[int]:
    return [int(i) for i in np.nonzero(mask)[0]]


def _is_object(r: Regions) -> np.ndarray:
    return np.asarray(r.edge == 0)


def _is_large(r: Regions) -> np.ndarray:
    return np.asarray(_is_object(r) & (r.area > 0.004))


def _is_round(r: Regions) -> np.ndarray:
    """A disc covers pi / 4 of its box."""
    ratio = r.width / r.height
    return np.asarray((np.abs(r.fill - 0.785) < 0.06) & (ratio > 0.6) & (ratio < 1.5))


def _is_sky(r: Regions) -> np.ndarray:
    return np.asarray((r.top > 0.12) & (r.area > 0.02))


def _roof(r: Regions) -> list[int]:
    return _best(r.width / r.height * (1 - r.cy) * np.sqrt(r.area), _is_large(r) & (r.width > 1.3 * r.height))


def _sun(r: Regions) -> list[int]:
    roundness = 1 - 4 * np.abs(r.fill - 0.785) - np.abs(np.log(r.width / r.height)) - r.cy
    return _best(roundness, _is_object(r) & (r.area > 0.001) & (r.area < 0.06))


def _door(r: Regions) -> list[int]:
    upright = (r.area > 0.003) & (r.area < 0.04) & (r.height > 1.3 * r.width) & (r.fill > 0.75)
    return _best(r.height / r.width * r.cy, _is_object(r) & upright)


def _foliage(r: Regions) -> list[int]:
    """Large, neither boxy nor smoothly round, and with nothing inside: a wall has windows, a crown has none."""
    shape = (r.fill < 0.84) & (r.width < 3 * r.height) & (r.height < 2 * r.width) & (np.abs(r.fill - 0.785) > 0.03)
    return _best(r.area, _is_large(r) & shape & (r.cy > 0.3) & (r.roughness < 1.9), 5)


def _subject(r: Regions) -> list[int]:
    """The largest object and its comparable neighbours, without round heads and thin limbs."""
    body = _best(r.area, _is_large(r))
    belongs = _is_object(r) & (r.fill > 0.42) & ~_is_round(r)
    todo = list(body)
    while todo:
        for j in r.neighbours[todo.pop()]:
            if j not in body and belongs[j] and r.area[j] > 0.12 * r.area[body[0]]:
                body.append(j)
                todo.append(j)
    return body


_SELECTORS: dict[str, Callable[[Regions], list[int]]] = {
    "sky": lambda r: _where(_is_sky(r)),
    "ground": lambda r: _where((r.bottom > 0.08) & ~_is_sky(r)),
    "roof": _roof,
    "sun": _sun,
    "window": lambda r: _where(_is_object(r) & (r.area < 0.012) & (r.fill > 0.68)),
    "door": _door,
    "subject": _subject,
    "hair": lambda r: _best((1 - r.cy) * np.sqrt(r.area), _is_object(r) & (r.area > 0.01)),
    "skin": lambda r: _best(r.area, _is_large(r)),
    "foliage": _foliage,
}
