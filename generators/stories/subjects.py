"""Subjects: who and what a text shows, as phrases that can be painted: `an old woman in a blue coat`, `a boat`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from generators.moments import MOMENT_WORDS
from generators.stories.spelling import with_article, words_in
from generators.stories.things import Kind, Thing, thing_of
from generators.visible import weight_of

MOST_MODIFIERS = 4
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[.,;:!?“”]")
_COMPARED = re.compile(  # what a thing is like is not there
    r",?\s*\b(?:as if|as though)\b[^.;!?]*|,?\s*\b(?:just )?like (?:an?|the|two|some\w*|people|\w+s)\b[^.,;!?]*"
    r"|,?\s*\bas \w+(?: \w+)? as [^.,;!?]*|,?\s*\bthe colour of [^.,;!?]*|\bonce there had been [^.,;!?]*"
)
_NAMED = re.compile(r"(?<=[a-z,;:] )[A-Z][\w'’-]*")
_ARTICLES = words_in("a an the his her its their my our your this that these those one some")
_NUMBERS = words_in("two three four five six seven eight nine ten many several few")
# that stand in no noun's phrase
_STOPS = words_in(
    "in with of under on at by to from for and or but as is are was were be been had has have he she it they who which"
    " that not no so then there here into over through near behind beside before after while when where up down out off"
    " said very too just only again always never all both each every other what how why than until like once ago still"
)
# that are verbs or adverbs at least as often as things
_DOUBTFUL = words_in(
    "rose saw watch park fish fly ring swing seal bear duck rock well light hand head top tie fan wood lights colour"
)
_JOINTS = words_in("in with of under on to at by from into over")
_CLOTHES: tuple[Kind, ...] = ("wear", "cloth")
_LIVING: tuple[Kind, ...] = ("person", "beast")
_DONE = (  # what can be seen to be done, and how it is said behind a noun
    "sat sitting stood standing held holding ran running lay lying flew flying rode riding swam swimming slept"
    " sleeping knelt kneeling sang singing read reading drew drawing wrote writing ate eating leant leaning rowed"
    " rowing swept sweeping danced dancing carried carrying walked walking climbed climbing looked looking waved"
    " waving smiled smiling waited waiting leaned leaning sailed sailing painted painting sewed sewing floated"
    " floating played playing watched watching hung hanging glowed glowing grew growing shone shining drifted"
    " drifting cooked cooking fished fishing jumped jumping gazed gazing hugged hugging stepped stepping"
)
_ADJECTIVES = words_in(
    "old young small little tiny big large huge great tall short long lonely sleepy empty broken wild quiet shy wet dry"
    " soft warm cold new ancient worn patched wooden striped spotted gentle fat thin bent bare friendly giant dusty"
)
_DOING = dict(zip(_DONE.split()[::2], _DONE.split()[1::2], strict=True))
_TOWARDS = words_in("at up out down into over through back after towards around across in on under by from onto along")
_BREAKS = words_in("and but so then because when while who which that where until as for if than")


@dataclass(frozen=True)
class Subject:
    """A thing with its adjectives, as a text shows it."""

    thing: Thing
    phrase: str  # with its article, where it has one
    position: int  # of its noun among the words of the sentence
    before: str = ""  # the preposition in front of it

    @property
    def living(self) -> bool:
        return self.thing.kind in _LIVING


def shown(sentence: str) -> str:
    """A sentence without comparisons and without names, which may have the words of things in them."""
    return _NAMED.sub("", _COMPARED.sub("", sentence))


@lru_cache(maxsize=8_192)
def subjects_in(sentence: str) -> tuple[Subject, ...]:
    """What a sentence shows, in its order."""
    words = _TOKEN.findall(shown(sentence))
    found = list(_found(words))
    joined: list[Subject] = []
    for one in found:
        last = joined[-1] if joined else None
        if last is not None and _dresses(last, one, words):
            joint = "in" if one.thing.kind in _CLOTHES else "with"
            joined[-1] = Subject(last.thing, f"{last.phrase} {joint} {one.phrase}", last.position, last.before)
        else:
            joined.append(one)
    return tuple(joined)


def doing(sentence: str, subject: Subject) -> str:
    """What is seen to be done right behind a subject: `sitting on the wall`; empty where nothing is."""
    words = _TOKEN.findall(shown(sentence))
    return _deed(words[subject.position + 1 :])


def deed(text: str) -> str:
    """What a text begins with, where that is a deed."""
    return _deed(_TOKEN.findall(text))


def _deed(words: Sequence[str]) -> str:
    """A deed that words begin with, in the form that stands behind a noun, up to where another clause begins."""
    if not words or words[0].lower() not in _DOING:
        return ""
    if words[0].lower() in ("looked", "stepped", "grew") and (len(words) < 2 or words[1].lower() not in _TOWARDS):
        return ""
    said = [_DOING[words[0].lower()]]
    for word in words[1:8]:
        if not word[0].isalnum() or word.lower() in _BREAKS or word.lower() in _DOING:
            break
        said.append(word)
    while len(said) > 1 and said[-1].lower() in _JOINTS | _ARTICLES:
        said.pop()
    return " ".join(said)


def _found(words: Sequence[str]) -> Iterator[Subject]:
    for at, word in enumerate(words):
        thing = _seen(word.lower())
        if thing is None or (at + 1 < len(words) and _is_compound(word, words[at + 1])):
            continue
        start = _start(words, at)
        before = words[start - 1].lower() if start else ""
        introduced = before in _ARTICLES | _NUMBERS or before.endswith(("'s", "’s"))
        if not introduced and (start == at or word.lower() in _DOUBTFUL) and thing.number not in ("many", "pair"):
            continue
        adjectives = " ".join(other.lower() for other in words[start:at])
        shown = f"{adjectives} {thing.noun}".strip()
        if before in _NUMBERS:
            phrase = f"{before} {shown}"
        elif thing.number == "only":
            phrase = f"the {shown}"
        else:
            phrase = with_article(shown) if thing.number == "one" else shown
        front = words[start - (2 if introduced else 1)].lower() if start - (2 if introduced else 1) >= 0 else ""
        yield Subject(thing, phrase, at, front if front.isalpha() else "")


def _start(words: Sequence[str], at: int) -> int:
    """Where the adjectives of a noun begin: behind its article, or with the first word that is known for one."""
    for start in range(at - 1, max(-1, at - MOST_MODIFIERS - 2), -1):
        word = words[start].lower()
        if word in _ARTICLES | _NUMBERS or word.endswith(("'s", "’s")):
            return start + 1
        if not word[0].isalnum() or word in _STOPS or word in _DOING or word in _DOUBTFUL:
            break
    start = at
    while start and at - start < MOST_MODIFIERS and _modifies(words[start - 1].lower()):
        start -= 1
    return start


def _seen(word: str) -> Thing | None:
    """A word as a thing that can be seen."""
    thing = thing_of(word)
    if word in MOMENT_WORDS or word.rstrip("s") in MOMENT_WORDS:
        return None
    if thing is not None:
        return None if thing.kind == "any" else thing
    if not 0.55 < weight_of(word) < 0.75:
        return None
    return Thing(word, "any", "many" if word.endswith("s") and not word.endswith("ss") else "one")


def _is_compound(word: str, after: str) -> bool:
    return _seen(after.lower()) is not None and after.lower() not in _DOUBTFUL and word.islower()


def _modifies(word: str) -> bool:
    if word in _ADJECTIVES or weight_of(word) > 0.75:
        return word not in ("light", "lights", "shade", "high", "open", "shadow")
    return _seen(word) is not None and word not in _DOUBTFUL


def _dresses(one: Subject, other: Subject, words: Sequence[str]) -> bool:
    """Whether the second says how the first looks: `in a blue coat`, `with a red sail`."""
    between = [word.lower() for word in words[one.position + 1 : other.position]]
    if not between or len(between) > MOST_MODIFIERS + 2 or one.phrase.count(" in ") + one.phrase.count(" with "):
        return False
    clothes = one.living and other.thing.kind in _CLOTHES and between[0] in ("in", "with", "wearing")
    return clothes or (between[0] == "with" and not other.living and not one.living)
