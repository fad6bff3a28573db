"""Reading: a document as it is read: what it is called, and its headings and paragraphs one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["pdf", "html", "markdown", "text"]


@dataclass(frozen=True)
class Block:
    """A heading or a paragraph, its white space single."""

    text: str
    level: int = 0  # of a heading, 1 the highest, 6 the lowest; 0: a paragraph
    page: int | None = None  # on which it begins, from 1; None where the document has no pages
    page_to: int | None = None  # on which it ends


@dataclass
class Reading:
    """What can be told before everything is read. The blocks come once, and a damaged file may end them with its
    error."""

    kind: Kind
    title: str  # "" where it has none
    pages: int | None
    blocks: Iterator[Block]


def plain(text: str) -> str:
    """The text with single spaces and without what cannot be seen."""
    return " ".join(text.translate(_UNSEEN).split())


# control characters and soft hyphens; marks of direction, zero width; halves of characters
_CONTROLS = (*range(9), *range(14, 32), *range(127, 133), *range(134, 160), 0xAD)
_MARKS = (*range(0x200B, 0x2010), 0x2060, 0xFEFF)
_UNSEEN = dict.fromkeys([*_CONTROLS, *_MARKS, *range(0xD800, 0xE000)])
