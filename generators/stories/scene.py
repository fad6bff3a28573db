"""Scene: from a story of any length to the one moment that is painted, and to a prompt that fits CLIP's 77 tokens.

    story ── sentences ── the most visible passage ── who, where, when, in what light ── prompt
    memories ── how those look who come back ──────┘

How visible a sentence is, generators/visible.py measures for passages and stories alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from core.colours import colour_words
from core.errors import BadValue
from generators.stories.atmosphere import hour_and_weather, hour_said, light_of, mood_of
from generators.stories.hero import Hero, find_hero
from generators.stories.nouns import nouns_in
from generators.stories.recollection import recollect
from generators.stories.spelling import sentences_of, words_in
from generators.stories.story import Remembered
from generators.stories.subjects import deed, doing, shown, subjects_in
from generators.stories.things import thing_of
from generators.tokens import MOST, estimate_tokens
from generators.usage import Usage
from generators.visible import visibility, words_of
from generators.vision.language import foreign

ENGINE = "condenser 1.0"
NOTHING = "a quiet landscape"
TEMPLATE = "A storybook illustration of {scene}"
LONGEST = 40  # words of a sentence; what is longer is taken apart
READ = 2_000  # sentences of a story in which the moment is looked for
PASSAGE = 3  # sentences of a passage
MOST_SUBJECTS = 3
TRIED = 8  # passages that are compared by `similar`
NEAR = 0.25  # similarity from which on an earlier story is the same world
_PLACES = words_in("in on at under by near beside behind above across inside outside through")
_PICTURES = ("photograph", "picture", "painting", "drawing")
_GROUNDS = ("land", "build", "sit", "ride")
_WORDS = "|".join(sorted(colour_words(), key=len, reverse=True))
# of colours that are no fruit, flower, metal or weather as well
_PLAIN = words_in(
    "black white grey red orange yellow green blue purple pink brown beige teal turquoise navy crimson scarlet indigo"
    " violet lilac lavender magenta maroon khaki ivory ochre vermilion azure cobalt"
)
_COLOUR = rf"\b(?:(?:dark|pale|light|deep|bright|greyish|golden|off|{_WORDS})[ -])*(?:{_WORDS})\b"

Similar = Callable[[str, str], float]  # cosine of two texts


@dataclass(frozen=True)
class Scene:
    """One moment of a story, as a picture shows it."""

    setting: str
    subjects: tuple[str, ...]
    mood: str
    light: str
    prompt: str
    engine: str = ENGINE  # that condensed it
    used: tuple[str, ...] = ()  # ids of the memories that came into it
    notes: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)


class Condenser(Protocol):
    """What finds the scene of a story. Thread-safe."""

    engine: str

    def condense(
        self, story: str, memories: Sequence[Remembered], stop: Event, similar: Similar | None = None
    ) -> Scene: ...


class RuleCondenser:
    """The condenser that is always there."""

    engine = ENGINE

    def condense(
        self, story: str, memories: Sequence[Remembered], stop: Event, similar: Similar | None = None
    ) -> Scene:
        """Raises `BadValue` for an empty story."""
        return condense(story, memories, similar)


def condense(
    story: str,
    memories: Sequence[Remembered] = (),
    similar: Similar | None = None,
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> Scene:
    """The scene of a story; the same for the same words. Raises `BadValue` for an empty one."""
    if not story.strip():
        raise BadValue("story", story, "some words")
    sentences = _sentences(story)
    if not sentences:
        note = "no English words were found in the story; the prompt speaks of no part of it"
        light, mood = "soft light", "quiet"
        return Scene("", (NOTHING,), mood, light, fitted("", (NOTHING,), mood, light, (), count_tokens), notes=(note,))
    start = _best(sentences, story, similar)
    passage = sentences[start : start + PASSAGE]
    around = [*passage, *reversed(sentences[max(0, start - 6) : start]), *sentences[:2]]
    hero = find_hero(sentences)
    everywhere = Counter(one.thing.noun for sentence in sentences[:READ] for one in subjects_in(sentence))
    looks, used = _remembered(story, memories, similar)
    subjects = (*_shown(passage, hero, everywhere), *looks)
    notes: tuple[str, ...] = ()
    if not subjects:
        subjects = tuple(thing.some() for thing in nouns_in(story) if thing_of(thing.noun))[:MOST_SUBJECTS]
    if not subjects:
        subjects, notes = (NOTHING,), ("the story names nothing that can be seen; the prompt is of no part of it",)
    setting = _setting(around, subjects)
    hour, weather = hour_and_weather([*reversed(passage), *around[len(passage) :]])
    time = [part for part in (hour_said(hour), *weather) if part]
    plain = [shown(sentence) for sentence in around[: PASSAGE + 2]]
    light, mood = light_of(plain, hour), mood_of(" ".join(sentences[:READ]))
    colours = _colours(passage, " ".join(subjects))
    prompt = fitted(setting, subjects, mood, light, [*time, *colours], count_tokens)
    where = ", ".join(part for part in (setting, *time) if part)
    return Scene(where, subjects, mood, light, prompt, used=used, notes=notes)


def fitted(
    setting: str,
    subjects: Sequence[str],
    mood: str,
    light: str,
    details: Sequence[str],
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> str:
    """A prompt within CLIP's tokens: what matters least is left out first, and the first subject is cut at last."""
    first, *others = [one for one in subjects if one.strip()] or [setting]
    named = not setting or setting in first
    parts = [first if named else f"{first} {setting}", *others, *details, light, f"{mood} mood" if mood else ""]
    kept = list(dict.fromkeys(part.strip(" ,.;") for part in parts if part.strip(" ,.;")))
    while len(kept) > 1 and count_tokens(filled(kept)) > MOST:
        kept.pop()
    words = kept[0].split()
    while len(words) > 1 and count_tokens(filled(kept)) > MOST:
        words.pop()
        kept = [" ".join(words)]
    if count_tokens(filled(kept)) > MOST:  # one word of a thousand letters
        kept = [NOTHING]
    return filled(kept)


def filled(parts: Sequence[str]) -> str:
    """The parts as one prompt."""
    return TEMPLATE.replace("{scene}", ", ".join(parts))


def _sentences(story: str) -> list[str]:
    """Its sentences in English, those too long in pieces."""
    found = []
    for line in filter(str.strip, story.splitlines()):
        for sentence in sentences_of(" ".join(line.split())):
            words = sentence.split()
            pieces = [" ".join(words[at : at + LONGEST]) for at in range(0, len(words), LONGEST)]
            found += [piece for piece in pieces if words_of(piece) and foreign(piece) is None]
    return [one for one in found if any(word.isascii() for word in words_of(one))]


def _best(sentences: Sequence[str], story: str, similar: Similar | None) -> int:
    """Where the passage begins that can be seen best; a later one only where it is clearly better."""
    step = max(1, len(sentences) // READ)
    starts = range(0, max(1, len(sentences) - PASSAGE + 1), step)
    worth = {start: _worth(sentences[start : start + PASSAGE]) for start in starts}
    best = sorted(worth, key=lambda start: (-worth[start], start))[:TRIED]
    if similar is None:
        return best[0]
    whole = " ".join(sentences[:: max(1, len(sentences) // 12)])[:2_000]
    return max(best, key=lambda at: worth[at] + 0.2 * similar(" ".join(sentences[at : at + PASSAGE]), whole))


def _worth(passage: Sequence[str]) -> float:
    """How visible sentences are; who is in them counts as well."""
    seen = sum(map(visibility, passage)) / len(passage)
    subjects = [one for sentence in passage for one in subjects_in(sentence)]
    return seen + 0.03 * min(3, len(subjects)) + 0.04 * any(one.living for one in subjects)


def _shown(passage: Sequence[str], hero: Hero | None, everywhere: Counter[str]) -> list[str]:
    """Who and what is in the picture, the living first, with what they do."""
    told: dict[str, tuple[float, str]] = {}
    for sentence in passage:
        for one in subjects_in(sentence):
            if one.thing.kind in ("land", "sky", "build") and one.before in _PLACES:
                continue
            weight = everywhere[one.thing.noun] + 2 * one.living + one.phrase.count(" ")
            phrase = f"{one.phrase} {doing(sentence, one)}".strip()
            if one.thing.noun not in told or told[one.thing.noun][0] < weight:
                told[one.thing.noun] = (weight, phrase)
    ordered = [phrase for _, phrase in sorted(told.values(), key=lambda pair: -pair[0])]
    if hero is not None:
        deeds = (deed(behind) for sentence in passage for behind in hero.behind(sentence))
        look = f"{hero.look} {next(filter(None, deeds), '')}".strip()
        ordered.insert(0, look)
    return ordered[:MOST_SUBJECTS]


def _setting(around: Sequence[str], subjects: Sequence[str]) -> str:
    """The nearest place that is named with a preposition, `on the harbour wall`; else the nearest that is named."""
    told = " ".join(subjects)
    places = [one for sentence in around for one in subjects_in(sentence) if one.thing.kind in _GROUNDS]
    places = [one for one in places if one.thing.noun not in told]
    best = [one for one in places if one.before in _PLACES]
    lasting = [one for one in best if one.thing.kind in ("land", "build")] or best
    if lasting:
        return f"{lasting[0].before} {lasting[0].phrase}"
    built = [one for one in places if one.thing.kind in ("land", "build")]
    return f"near {built[0].phrase}" if built else ""


def _colours(passage: Sequence[str], told: str) -> list[str]:
    """The colours of a passage that its subjects have not: `in pale grey and navy blue`."""
    said = re.findall(_COLOUR, " ".join(map(shown, passage)).lower())
    said = [colour for colour in said if colour.split()[-1].split("-")[-1] in _PLAIN]
    fresh = [colour for colour in dict.fromkeys(said) if colour not in told][:3]
    return (
        [f"in {' and '.join(fresh[:2])}" if len(fresh) < 3 else f"in {fresh[0]}, {fresh[1]} and {fresh[2]}"]
        if fresh
        else []
    )


def _remembered(
    story: str, memories: Sequence[Remembered], similar: Similar | None
) -> tuple[list[str], tuple[str, ...]]:
    """How those look who come back from an earlier story, by the caption of its picture."""
    looks: list[str] = []
    used: list[str] = []
    for memory in memories[:MOST_SUBJECTS]:
        known = recollect(memory)
        named = any(name and re.search(rf"\b{re.escape(name)}\b", story) for name in (known.person, known.place))
        near = similar is not None and similar(memory.text[:1_000], story[:1_000]) > NEAR
        if not (named or near):
            continue
        seen = [one for one in subjects_in(memory.caption) if one.thing.noun not in _PICTURES]
        if seen and all(seen[0].thing.noun not in look for look in looks):
            looks.append(seen[0].phrase)
            used.append(memory.id)
    return looks[:1], tuple(used[:1])
