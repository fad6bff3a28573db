"""Plain text: paragraphs between empty lines, their lines put together again; headings by how they stand alone.

A form feed begins a page. Where no line is empty and lines are long, each line is a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from retrievers.documents.hyphens import Vocabulary
from retrievers.documents.reading import Block, Reading, plain

HEADING = 70  # letters of a heading at most
LONG = 160  # letters of a line that is a paragraph of its own
_UNDERLINE = re.compile(r"\s*([=\-~*^])\1{2,}\s*$")
_NUMBERED = re.compile(
    r"(?:chapter|part|book|section|appendix|kapitel|teil)\s+[\divxlc]+\b|\d{1,2}(?:\.\d{1,2})*\.?\s+\S", re.I
)
_SMALL_WORDS = "a an and as at by de for from in la of on or the to von with"
_SMALL = frozenset(_SMALL_WORDS.split())


def read_plaintext(text: str) -> Reading:
    """Of a text with plain line ends."""
    pages = text.split("\f") if "\f" in text else [text]
    numbered = list(enumerate(pages, 1)) if len(pages) > 1 else [(None, text)]
    return Reading("text", "", len(pages) if len(pages) > 1 else None, _blocks(numbered))


def _blocks(pages: list[tuple[int, str]] | list[tuple[None, str]]) -> Iterator[Block]:
    for number, text in pages:
        vocabulary = Vocabulary(text.split("\n"))
        for lines in _paragraphs(text):
            level, lines = _level(lines)
            if level:
                yield Block(lines[0], level, number, number)
                lines = lines[1:]
            if joined := vocabulary.joined(lines):
                yield Block(joined, 0, number, number)


def _paragraphs(text: str) -> Iterator[list[str]]:
    for empty, group in groupby(text.split("\n"), key=lambda line: not line.strip()):
        if empty:
            continue
        lines = list(group)
        lengths = sorted(map(len, lines))
        if lengths[len(lengths) // 2] > LONG:
            yield from ([plain(line)] for line in lines)
        else:
            yield [line if _UNDERLINE.match(line) else plain(line) for line in lines]


def _level(lines: list[str]) -> tuple[int, list[str]]:
    """The level of a heading that a paragraph begins with, 0 where it does not; and its lines without an underline."""
    first = lines[0]
    if len(lines) > 1 and _UNDERLINE.match(lines[1]) and len(first) <= HEADING:
        return (1 if "=" in lines[1] else 2), [first, *lines[2:]]
    kept = [line for line in lines if not _UNDERLINE.match(line)]
    if not kept or len(kept) > 1 or len(first) > HEADING or not first[:1].isalnum() or first[-1] in ".,;:!?…":
        return 0, kept
    if _NUMBERED.match(first) or (first.isupper() and len(first) > 3):
        return 2, kept
    words = [word for word in re.findall(r"[^\W\d_]+", first) if word.lower() not in _SMALL]
    titled = sum(word[0].isupper() for word in words)
    return (3 if words and titled == len(words) and len(words) <= 9 else 0), kept
