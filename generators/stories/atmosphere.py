"""Atmosphere: the hour, the weather, the light and the mood of a passage, in words that a painter understands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from generators.moments import moments_of

_HOURS = {"dawn": "in the early morning", "noon": "at noon", "dusk": "at dusk", "night": "at night"}
_WEATHERS = {"fog": "mist", "rain": "rain", "storm": "a storm", "sun": "sunshine"}
_LIGHTS = (  # what is named, and what it is to a painter; the first that is found
    (r"\blanterns?\b", "lantern light"),
    (r"\bcandle(?:s|light)?\b", "candlelight"),
    (r"\bmoon(?:light|lit)?\b", "moonlight"),
    (r"\bstar(?:s|light|lit)\b", "starlight"),
    (r"\bneon\b", "neon light"),
    (r"\bfire(?:light|place)?\b|\bstove\b", "firelight"),
    (r"\blamps?\b|\blamplight\b", "lamplight"),
    (r"\bsun(?:light|lit|shine|beams?|ny)\b|\bthe sun\b", "warm sunlight"),
    (r"\bmist(?:y)?\b|\bfog(?:gy)?\b", "soft misty light"),
    (r"\brain(?:y|ing|ed)?\b", "soft grey light"),
    (r"\bsnow(?:y|ing|ed)?\b", "pale winter light"),
)
_LIT = {"dawn": "soft morning light", "noon": "bright daylight", "dusk": "golden evening light", "night": "night light"}
_MOODS = {
    "quiet": "quiet quietly silence silent still stillness hush softly whisper whispered calm peaceful peace",
    "gentle": "gentle gently kind kindly kindness tender warm warmth friendly smile smiled",
    "cheerful": "laugh laughed laughing happy happily joy joyful merry cheerful delighted dance danced sang song party",
    "wistful": "lonely alone missed sad sadly tears wept cried lost longing remembered goodbye",
    "mysterious": "strange mysterious secret shadow shadows ghost magic magical spirit spirits wonder",
    "dramatic": "storm thunder fear afraid ran screamed danger lightning roar roared fierce",
}
_DENIED = re.compile(r"\b(?:no|not|nobody|neither|never|without|nothing|n['’]t)(?: \w+){1,4}")
_MOOD = {word: mood for mood, words in _MOODS.items() for word in words.split()}


def hour_and_weather(passages: Sequence[str]) -> tuple[str, list[str]]:
    """The hour, and the season and the weather, as the first of the passages that names each has them."""
    told: dict[str, str] = {}
    for passage in passages:
        for kind, names in moments_of(passage).items():
            if len(names) == 1:
                told.setdefault(kind, next(iter(names)))
    weather = [
        told[kind] if kind == "season" else _WEATHERS[told[kind]] for kind in ("season", "weather") if kind in told
    ]
    snow = any(re.search(r"\bsnow(?:ing|ed|flakes?)?\b", passage, re.I) for passage in passages[:2])
    if snow and "weather" not in told:
        weather.append("snow")
    return told.get("hour", ""), weather


def hour_said(hour: str) -> str:
    """`at dusk`; empty where no hour is known."""
    return _HOURS.get(hour, "")


def light_of(passages: Sequence[str], hour: str) -> str:
    """The light of the first passage that names a lamp or a weather; else that of the hour; else a soft one."""
    for passage in passages:
        for pattern, light in _LIGHTS:
            if re.search(pattern, passage, re.I) and not (hour in ("night", "dusk") and "sunlight" in light):
                return light
    return _LIT.get(hour, "soft light")


def mood_of(text: str) -> str:
    """Up to two words for how a text feels; empty where it says nothing of it."""
    meant = _DENIED.sub(" ", text.lower())
    counted = Counter(_MOOD[word] for word in re.findall(r"[a-z]+", meant) if word in _MOOD)
    best = [mood for mood, often in counted.most_common(2) if often * 2 >= counted.most_common(1)[0][1]]
    return " and ".join(best)
