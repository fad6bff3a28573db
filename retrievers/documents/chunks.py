"""Chunks: a document in pieces that are embedded and found: sentences whole, paragraphs and sections kept together.

A piece has LEAST to MOST letters. A section that has fewer joins the one before under the same heading, where there is
room. A paragraph that has more is cut into parts of about the same length; each begins with the last sentence of the
one before, so that what it says of `it` is understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from retrievers.documents.reading import Block
from retrievers.documents.sentences import sentences

LEAST, GOAL, MOST = 200, 650, 900  # letters
OVERLAP = 160  # letters of a sentence that is said again


@dataclass(frozen=True)
class Chunk:
    """A piece of a document; paragraphs in it are lines."""

    place: int  # in the document, from 0
    text: str
    headings: tuple[str, ...]  # under which it stands, the highest first
    page: int | None  # on which it begins
    page_to: int | None


@dataclass
class _Piece:
    """A chunk that is being filled."""

    headings: tuple[str, ...]
    parts: list[tuple[str, str]] = field(default_factory=list)  # what stands before a sentence, and the sentence
    page: int | None = None
    page_to: int | None = None

    @property
    def length(self) -> int:
        return sum(len(between) + len(sentence) for between, sentence in self.parts)

    def add(self, sentence: str, begins: bool, block: Block) -> None:
        """A sentence; `begins` a paragraph."""
        between = "" if not self.parts else "\n" if begins else " "
        self.parts.append((between, sentence))
        self.page = block.page if self.page is None else self.page
        self.page_to = block.page_to

    def take(self, other: _Piece) -> None:
        """What follows under another heading, which is said."""
        heading = other.headings[-1] if other.headings != self.headings and other.headings else ""
        self.headings = _common(self.headings, other.headings)
        if heading and heading not in self.headings:
            self.parts.append(("\n", heading if heading[-1] in ".!?:…" else f"{heading}."))
        self.parts += [("\n", other.parts[0][1]), *other.parts[1:]]
        self.page_to = other.page_to


def chunks(blocks: Iterable[Block]) -> Iterator[Chunk]:
    """The chunks of blocks, as soon as they are complete."""
    place = 0
    waiting: _Piece | None = None
    for piece in _pieces(blocks):
        if waiting is not None and _fits(waiting, piece):
            waiting.take(piece)
            continue
        if waiting is not None:
            yield _chunk(waiting, place)
            place += 1
        waiting = piece
    if waiting is not None:
        yield _chunk(waiting, place)


def _chunk(piece: _Piece, place: int) -> Chunk:
    text = "".join(between + sentence for between, sentence in piece.parts)
    return Chunk(place, text, piece.headings, piece.page, piece.page_to)


def _fits(before: _Piece, piece: _Piece) -> bool:
    """Whether a piece that is too short, or follows one, belongs to it."""
    above = piece.headings[:-1]
    beside = before.headings == piece.headings or bool(above and above in (before.headings[:-1], before.headings))
    return beside and min(before.length, piece.length) < LEAST and before.length + piece.length <= MOST


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return one[:same]


def _pieces(blocks: Iterable[Block]) -> Iterator[_Piece]:
    path: list[tuple[int, str]] = []
    piece = _Piece(())
    empty: Block | None = None  # a heading that nothing follows yet
    for block in blocks:
        if block.level:
            if piece.parts:
                yield piece
            elif empty is not None and block.level <= empty.level:
                yield _alone(empty, path)
            empty = block
            path = [(level, text) for level, text in path if level < block.level] + [(block.level, block.text)]
            piece = _Piece(tuple(text for _, text in path))
            continue
        empty = None
        said = [part for sentence in sentences(block.text) for part in _parts(sentence)]
        length = sum(map(len, said)) + len(said)
        if piece.parts and piece.length + length > MOST and piece.length >= LEAST:
            yield piece
            piece = _Piece(piece.headings)
        room = MOST if piece.length + length <= MOST else _even(piece.length + length, len(said))
        for number, sentence in enumerate(said):
            if piece.parts and piece.length + len(sentence) > (room if number else MOST):
                yield piece
                last = piece.parts[-1][1]
                piece = _Piece(piece.headings)
                if number and len(last) <= OVERLAP and len(last) + len(sentence) < MOST:
                    piece.add(last, False, block)
            piece.add(sentence, number == 0, block)
        if piece.length >= GOAL:
            yield piece
            piece = _Piece(piece.headings)
    if piece.parts:
        yield piece
    elif empty is not None:
        yield _alone(empty, path)


def _alone(heading: Block, path: list[tuple[int, str]]) -> _Piece:
    """A heading without anything below it, as a text."""
    piece = _Piece(tuple(text for _, text in path[:-1]))
    piece.add(heading.text, True, heading)
    return piece


def _even(length: int, sentences: int) -> int:
    """The letters of each part of what is cut into parts of about the same length, with a sentence said again."""
    return min(MOST, length // -(-length // GOAL) + min(OVERLAP, length // max(1, sentences)) + 10)


def _parts(sentence: str) -> Iterator[str]:
    """A sentence, cut where it has more than MOST letters: behind a semicolon or comma, else between words."""
    at = 0
    while len(sentence) - at > MOST:
        ends = (sentence.rfind(mark, at + LEAST, at + MOST) + len(mark) for mark in ("; ", ", ", "、", " "))
        end = next((end for end in ends if end > at + LEAST), at + MOST)
        yield sentence[at:end].strip()
        at = end
    if rest := sentence[at:].strip():
        yield rest
