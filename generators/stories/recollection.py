"""Recollection: what earlier stories tell of: the people, the places and the thing that each is about.

It reads any text in English that has names in it, whoever wrote it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from core.colours import colour_words
from generators.stories.nouns import nouns_in, unkind
from generators.stories.spelling import words_in
from generators.stories.story import Remembered
from generators.vision.tidying import tidied

READ = 20_000  # characters of a story
LONGEST = 30  # characters of a name
_TITLES = "Mrs|Mr|Miss|Aunt|Auntie|Uncle|Grandmother|Grandfather|Madame|Old"
_NAME = rf"(?:(?:{_TITLES})\s)?[A-Z][a-z]{{1,14}}(?:[ -][A-Z][a-z]{{1,14}}){{0,2}}"
_WITHIN = re.compile(rf"(?<=[a-z,;:] )({_NAME})")  # a sentence; what has a capital there is a name
_PLACE = re.compile(rf"\b(?:in|at|near|through|outside|over|around|from|of|all over) ({_NAME})")
_DEEDS = (
    "was had said asked went took put sat stood came looked found knew held walked smiled thought opened climbed slept"
    " sewed counted only did carried laughed nodded kept saw could made lit ran whispered began lived waited wanted"
)
_DOES = re.compile(rf"({_NAME})(?:'s|’s|,? who)?\s(?:{'|'.join(_DEEDS.split())})\b")
_SAYS = re.compile(rf"\b(?:said|asked|whispered|called|answered|cried|thought) ({_NAME})")
_NO_NAME = words_in(
    "I It The This That He She They We You And But Then When There Then One Once Monday Tuesday Wednesday"
    " Thursday Friday Saturday Sunday January February March April May June July August September October November"
    " December English God Title Chapter Mr Mrs Miss Aunt Uncle Sir Old Soon Now So No Yes If In On At As A An For"
    " From With What Who Where Why How Outside Inside Everything Nobody Somebody Everyone Everybody Somewhere"
    " Behind Under Over After Before"
)

MEMORIES = """
remembered:
  [M_title] {M}, whom everybody knew from the story that is called “{M_title}”
  [M_title M_place] {M}, who had come over from {M_place} after all that is told in “{M_title}”
  [M_place] {M}, who had come all the way from {M_place}
  [!M_title] {M}, of whom there is another story
recalled:
  [first-memory M2_place] {M2_place} was no great way off, and some of its stories had come over on foot.
  [first-memory M2_place] On clear days one could hear the bells of {M2_place} from there.
  [first-memory M2_thing] On the sill lay the {M2_thing} that had once been so far from home.
  [first-memory M2_thing|M2_sight] A picture of <it> hung by the door, for luck, as it did in all the houses of
    {town} since that other story.
  [first-memory !M2 !M2_place !M2_thing !M2_sight] On such days they told each other the story of “{M2_title}” in
    {town}.
  [next-memory M2] {M2} had sent a postcard, and it was handed round.
  [next-memory M2] “Like that time with {M2},” people said, and nodded.
  [next-memory M2_place !M2] The road went on from there to {M2_place}, which has a story of its own.
  [next-memory M2_thing !M2] Next to it lay the {M2_thing} from that other story, and kept quiet.
  [next-memory !M2 !M2_place !M2_thing M2_title] Somebody hummed the song about “{M2_title}”.
it:
  [M2_thing] a {M2_thing}
  [M2_sight] a {M2_sight}
"""


LIGHT = ("wear", "cloth", "hold")  # what can be put on a sill


@dataclass(frozen=True)
class Recollection:
    """What is left of an earlier story; empty where it cannot be read."""

    id: str
    title: str
    person: str = ""
    place: str = ""
    thing: str = ""  # that can be put on a sill; without article
    sight: str = ""  # that cannot

    def __bool__(self) -> bool:
        return bool(self.person or self.place or self.title)


def recollect(memory: Remembered) -> Recollection:
    text = tidied(memory.text[:READ])
    title = tidied(memory.title)[:60].strip(" .“”\"'")
    if unkind(title):
        title = ""
    people = Counter(map(_trimmed, [*_DOES.findall(text), *_SAYS.findall(text)]))
    places = Counter(map(_trimmed, _PLACE.findall(text)))
    named = set(map(_trimmed, _WITHIN.findall(text)))
    person = _most({name: often - 2 * places[name] for name, often in people.items()}, named | set(_first_names(title)))
    place = _most({name: often - people[name] for name, often in places.items()}, named)
    name, light = _thing(title)
    told = {"thing": name} if light else {"sight": name}
    return Recollection(memory.id, title, person, "" if place == person else place, **told)


def _trimmed(name: str) -> str:
    """A name without the word that begins its sentence."""
    first, _, rest = name.partition(" ")
    return rest if rest and first in _NO_NAME and first not in _TITLES.split("|") else name


def _first_names(title: str) -> list[str]:
    return re.findall(_NAME, title.split(" and ")[0]) if " and " in title else []


def _most(counted: dict[str, int], named: set[str]) -> str:
    """The name that is told of most, the first of those; one that stands only where sentences begin may be none."""
    whole = {name: often for name, often in counted.items() if often > 0 and name in named and len(name) <= LONGEST}
    kept = {name: often for name, often in whole.items() if not _NO_NAME & set(name.split()[-1:]) and not unkind(name)}
    return max(kept, key=lambda name: kept[name], default="")


def _thing(title: str) -> tuple[str, bool]:
    """What the story is about by its title, with its colour: `brick red kite`; and whether one can carry it."""
    found = [
        one for one in nouns_in(title.lower().partition(" of ")[0]) if one.kind not in ("person", "land", "sky", "any")
    ]
    if not found or found[-1].number != "one":
        return "", False
    noun = found[-1].noun
    colours: list[str] = []
    for word in reversed(title.lower().partition(noun)[0].split()):
        if word not in colour_words() and word not in ("dark", "pale", "light", "greyish", "brick"):
            break
        colours.insert(0, word)
    return " ".join([*colours, noun]), found[-1].kind in LIGHT
