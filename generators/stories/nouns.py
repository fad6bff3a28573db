"""Nouns: the things that words from elsewhere name: captions, names of folders, what a user wishes for."""

from __future__ import annotations

import re
from dataclasses import replace

from core.colours import colour_words
from generators.stories.spelling import words_in
from generators.stories.things import Thing, thing_of
from generators.vision.language import foreign

MOST = 6  # things of one text
LONGEST = 2_000  # characters that are read of it
SHORT = 3  # words up to which a text is a name, whose last word is a noun whatever it is
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[.,;:!?()/|]")
_PLAIN = re.compile(r"[A-Za-z]{3,20}(?:-[A-Za-z]{2,15})?")
_DETERMINERS = words_in("a an the this that these those two three some his her their its my our your one")
_ENDS = frozenset(  # of a noun with what stands before it
    [
        "in",
        "on",
        "at",
        "of",
        "with",
        "by",
        "from",
        "to",
        "for",
        "over",
        "under",
        "near",
        "behind",
        "before",
        "beside",
        "between",
        "against",
        "through",
        "above",
        "below",
        "into",
        "onto",
        "along",
        "across",
        "around",
        "and",
        "or",
        "but",
        "while",
        "as",
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "sits",
        "stands",
        "lies",
        "holds",
        "wears",
        "wearing",
        "holding",
        "sitting",
        "standing",
        "lying",
        "walking",
        "running",
        "looking",
        "flying",
        "who",
        "which",
        "where",
        "when",
        "like",
        "without",
        "about",
    ]
)
_NO_NOUNS = words_in(
    "very big small large little old new young tall short long wide round square many few pretty beautiful nice"
    " lovely dark light bright pale deep plain striped wooden best good free stock high low left right top bottom"
    " front side untitled img dsc image photo file jpg jpeg png webp gif heic copy scan screenshot unknown none"
    " null data test train val not sure other misc various thing things something someone man-made no yes and the"
    " please story about tell write once want would could should make me you they them she him her his"
)
# what a story for children does not make a thing of
_UNKIND = words_in(
    "gun guns rifle pistol bomb bombs grenade missile corpse corpses murder murderer killer kill kills killing"
    " dead death blood bloody gore sex sexy sexual porn pornography nude naked nazi swastika terrorist terror"
    " suicide hanging noose drug drugs cocaine heroin rape slave slavery torture execution beheading war weapon"
    " weapons whore bitch bastard fuck shit cunt penis vagina breast breasts hell devil satan hate racist"
    " cigarette beer whisky vodka"
)


def nouns_in(text: str) -> tuple[Thing, ...]:
    """The things that a text in English names, in its order; at most `MOST`, none of them unkind."""
    text = text[:LONGEST]
    if foreign(text) is not None:
        return ()
    words = _WORD.findall(re.sub(r"\.(?:jpe?g|png|webp|gif|heic)\b", " ", text.replace("_", " "), flags=re.IGNORECASE))
    found: dict[str, Thing] = {}
    for phrase in _phrases(words):
        thing = _head(phrase)
        if thing is not None:
            found.setdefault(thing.noun.split()[-1], thing)
    if not found and 0 < len(words) <= SHORT and _names(words[-1]):
        found[words[-1].lower()] = _unknown(words[-1].lower())
    return tuple(found.values())[:MOST]


def unkind(text: str) -> list[str]:
    """The words of a text that are left out of every story."""
    return [word for word in re.findall(r"[a-z-]+", text[:LONGEST].lower()) if word in _UNKIND]


def _phrases(words: list[str]) -> list[list[str]]:
    """The text cut where a noun with its adjectives may begin and end; the determiner stays in front."""
    phrases: list[list[str]] = [[]]
    for word in words:
        plain = word.lower()
        if not word[0].isalnum() or plain in _ENDS:
            phrases.append([])
        elif plain in _DETERMINERS:
            phrases.append([plain])
        else:
            phrases[-1].append(word)
    return [phrase for phrase in phrases if phrase]


def _head(phrase: list[str]) -> Thing | None:
    """The noun of a phrase: the last that is known, with a noun before it; else the last word behind an article."""
    words = [word.lower() for word in phrase]
    if any(word in _UNKIND for word in words):
        return None
    for at in range(len(words) - 1, -1, -1):
        joined = f"{words[at - 1]}-{words[at]}" if at else ""
        thing = thing_of(joined) or thing_of(words[at])
        if thing is None:
            continue
        before = thing_of(words[at - 1]) if at and thing_of(joined) is None else None
        compound = before is not None and before.number == "one" and before.kind != "person"
        return replace(thing, noun=f"{words[at - 1]} {words[at]}") if compound else thing
    last = phrase[-1]
    told = words[0] in _DETERMINERS and len(phrase) > 1
    return _unknown(last.lower()) if told and last.islower() and _names(last) else None


def _names(word: str) -> bool:
    plain = word.lower()
    no_noun = plain in _NO_NOUNS | _UNKIND | _ENDS | _DETERMINERS or plain in colour_words()
    return _PLAIN.fullmatch(word) is not None and not no_noun and not plain.endswith(("ly", "ing", "ed"))


def _unknown(word: str) -> Thing:
    plural = word.endswith("s") and not word.endswith(("ss", "us", "is", "os"))
    return Thing(word.replace("-", " "), "any", "many" if plural else "one")
