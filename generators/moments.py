"""Moments: the hour, the season and the weather that a text speaks of; a picture shows one of each."""

from __future__ import annotations

import re

_HOUR, _SEASON, _WEATHER = "hour", "season", "weather"
_SAID = {
    (_HOUR, "dawn"): "dawn daybreak sunrise first-light morning mornings",
    (_HOUR, "noon"): "noon midday daylight",
    (_HOUR, "dusk"): "dusk sunset sundown twilight evening evenings afternoon nightfall",
    (_HOUR, "night"): "night nights midnight moonlight moon moonlit starlight starlit nighttime",
    (_SEASON, "spring"): "spring springtime blossom",
    (_SEASON, "summer"): "summer summertime",
    (_SEASON, "autumn"): "autumn autumnal",
    (_SEASON, "winter"): "winter wintry snow snowy icicle icicles frost frosty",
    (_WEATHER, "fog"): "fog foggy mist misty",
    (_WEATHER, "rain"): "rain rainy downpour drizzle",
    (_WEATHER, "storm"): "storm stormy thunderstorm lightning",
    (_WEATHER, "sun"): "sunny",
}
_MOMENT = {word: moment for moment, words in _SAID.items() for word in words.split()}
_PHRASES = (
    (re.compile(r"\bafter dark\b|\bin the dark\b|\bfloodlights?\b|\blit from below\b|\bafter sunset\b", re.I), "night"),
    (re.compile(r"\bbefore sunrise\b|\bfirst light\b|\brising sun\b", re.I), "dawn"),
    (re.compile(r"\bsetting sun\b|\bevening sun\b", re.I), "dusk"),
)
MOMENT_WORDS = tuple(sorted(_MOMENT))
Moments = dict[str, set[str]]  # by kind


def moments_of(text: str) -> Moments:
    """The hours, seasons and weathers that a text names."""
    found: Moments = {}
    for pattern, hour in _PHRASES:
        if pattern.search(text):
            found.setdefault(_HOUR, set()).add(hour)
        text = pattern.sub(" ", text)
    for word in re.findall(r"[a-z]+(?:-[a-z]+)?", text.lower()):
        if word in _MOMENT:
            kind, name = _MOMENT[word]
            found.setdefault(kind, set()).add(name)
    return found


def without(text: str, wanted: Moments) -> str:
    """A text without the moments that are wanted anyway, where it names no other of their kind."""
    if any(kind not in wanted or names - wanted[kind] for kind, names in moments_of(text).items()):
        return text
    return " ".join(_SPOKEN.sub("", text).split()).replace(" ,", ",").strip(" ,")


_SPOKEN = re.compile(
    rf",?\s*\b(?:in|at|on|before|by|towards|under)\s(?:(?:the|early|late|low|full|every)\s)*(?:{'|'.join(MOMENT_WORDS)})"
    rf"(?:\s(?:season|{'|'.join(MOMENT_WORDS)}))?\b|,?\s*\bafter dark\b"
)


def agree(one: Moments, other: Moments) -> bool:
    """Whether a picture can show both: they name no two hours, seasons or weathers."""
    return all(len(one.get(kind, set()) | other.get(kind, set())) <= 1 for kind in (_HOUR, _SEASON, _WEATHER))
