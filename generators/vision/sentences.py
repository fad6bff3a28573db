"""Sentences: a description as single statements, each of which can be searched, and can say why a picture was found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generators.vision.description import Description

LONGEST = 300  # characters; the sentence model reads some more
MOST = 12
_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]*[A-Z0-9])")


def sentences(description: Description) -> tuple[str, ...]:
    """Its statements, the caption's first, without those that say the same; at most `MOST` of `LONGEST` characters."""
    told = [part for text in _END.split(description.caption.strip()) for part in _cut(text.strip())]
    told += _cut(description.setting)
    told += [f"It shows {_listed(part)}." for part in _parts(description.objects)]
    told += [f"Mood: {description.mood}."] if description.mood else []
    counted = "Colours:" in description.caption  # with their shares
    told += [f"Colours: {_listed(description.colours)}."] if description.colours and not counted else []
    told += [", ".join(part) for part in _parts(description.tags)]
    once = {text.casefold(): text for text in reversed(told) if text}
    return tuple(reversed(once.values()))[:MOST]


def words(description: Description) -> str:
    """All its words, for a search word by word."""
    return " ".join([description.caption, *description.objects, description.setting, *description.tags])


def _listed(things: Sequence[str]) -> str:
    return ", ".join(things[:-1]) + f" and {things[-1]}" if len(things) > 1 else "".join(things)


def _parts(things: Sequence[str]) -> list[list[str]]:
    """A list in parts that are short enough."""
    parts: list[list[str]] = []
    for thing in things:
        if not parts or len(", ".join(parts[-1])) + len(thing) > LONGEST - 20:
            parts.append([])
        parts[-1].append(thing)
    return parts


def _cut(text: str) -> list[str]:
    """A text in pieces of at most LONGEST characters, cut between words."""
    pieces: list[str] = []
    while len(text) > LONGEST:
        head = text[:LONGEST].rpartition(" ")[0] or text[:LONGEST]
        pieces.append(head)
        text = text[len(head) :].strip()
    return [*pieces, text] if text else pieces
