"""Wishes: what the words of a prompt ask of the regions of a drawing. Words and geometry, no model."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.colours import AXES, Array, colour_words, words_of
from generators.painter.nouns import noun_of
from generators.painter.parts import Parts, name_parts
from generators.painter.regions import Regions
from generators.painter.shapes import select

# the light that a word throws over the whole picture, CIELAB
_MOODS = {
    "sunset": (68, 40, 42), "dusk": (45, 30, -12), "twilight": (45, 30, -12), "dawn": (78, 25, 22),
    "sunrise": (78, 25, 22), "night": (15, 8, -28), "midnight": (12, 8, -30), "autumn": (58, 30, 48),
    "fall": (58, 30, 48), "winter": (85, -4, -10), "spring": (80, -22, 30), "ocean": (45, -8, -32),
    "forest": (40, -28, 24), "fire": (58, 52, 58), "desert": (75, 12, 36),
}  # fmt: skip

_PART = {"foliage": "leaves"}  # where the two have other names

REACH = 3  # words after a colour among which it finds its noun
WHOLE = ("subject", "cloth", "fur")
SAID, OF_SUBJECT = 0.72, 0.70  # how strongly a wish pulls; below TINTS it only guides the choice
TINTS = 0.65


@dataclass(frozen=True)
class Wish:
    colour: Array  # (3,) scaled Lab
    strength: float


@dataclass
class Wishes:
    """Wishes by region, what the regions show, and the mood of the backdrop."""

    of: dict[int, Wish] = field(default_factory=dict)
    parts: Parts = field(default_factory=dict)
    mood: Array | None = None


def read_wishes(prompt: str, regions: Regions) -> Wishes:
    """`a cottage with a red roof at dusk` -> red on the roof's region, dusk over the backdrop."""
    words, known = words_of(prompt), colour_words()
    wishes = Wishes(parts=name_parts(prompt, regions), mood=read_mood(prompt))
    for i, word in enumerate(words):
        noun = _noun_after(words, i)
        if word not in known or noun is None:
            continue
        strength = OF_SUBJECT if noun in WHOLE else SAID  # a named part beats the whole it belongs to
        for region in _meant(noun, regions, wishes.parts):
            former = wishes.of.get(region)
            if noun not in WHOLE or former is None or former.strength < SAID:
                wishes.of[region] = Wish(known[word], strength)
    return wishes


def _meant(noun: str, regions: Regions, parts: Parts) -> list[int]:
    """The regions of a noun: those that are known to be it, or else those that look most like it."""
    return [i for i, part in parts.items() if part == _PART.get(noun, noun)] or select(regions, noun)


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
    return next((noun for word in words[i + 1 : i + 1 + REACH] if (noun := noun_of(word)) is not None), None)
