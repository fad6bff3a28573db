"""Spelling: what a sentence needs when its words have been put together: articles, capitals, plurals, lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ARTICLE = re.compile(r"\b([Aa])n? (?=[“\"']?(\w+))")
_VOWEL = re.compile(r"[aeiou]|hour|honest|heir", re.IGNORECASE)
_LIKE_ONE = re.compile(r"(?:one|once|eu|ewe|uni(?!n|m)|use|usu|utensil)", re.IGNORECASE)
_STARTS = re.compile(r"((?:^|[.!?…]\s+|\.”\s+)[“‘(]*)([a-z])")  # “Who?” asked she
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "or",
        "over",
        "that",
        "the",
        "to",
        "under",
        "who",
        "with",
    ]
)


def words_in(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())


def polished(text: str) -> str:
    """Sentences with their capitals, articles and spaces; what is quoted within a sentence keeps its own."""
    text = re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split()))
    text = re.sub(r",+(?=[,.;:!?])", "", text)  # behind what is said in passing
    text = _ARTICLE.sub(lambda found: found[1] + ("n " if _is_vowel(found[2]) else " "), text)
    return _STARTS.sub(lambda found: found[1] + found[2].upper(), text)


def _is_vowel(word: str) -> bool:
    return _VOWEL.match(word) is not None and _LIKE_ONE.match(word) is None


def with_article(noun: str) -> str:
    return f"{'an' if _is_vowel(noun) else 'a'} {noun}"


def listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def as_title(text: str) -> str:
    """With the capitals of a title."""
    words = text.split()
    return " ".join(word if at and word in _SMALL else word[:1].upper() + word[1:] for at, word in enumerate(words))


def plural_of(noun: str) -> str:
    if noun.endswith(("s", "x", "sh", "ch")):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else noun + "s"


def sentences_of(paragraph: str) -> list[str]:
    """Its sentences; what is spoken goes with who speaks."""
    return [
        part
        for part in re.split(r"(?<=[.!?…])(?:(?<=”)|(?!”))\s+(?=[“‘A-Z])|(?<=[.!?…]”)\s+(?=[“‘A-Z])", paragraph)
        if part
    ]
