"""Page: what a page of a PDF shows, as lines in the order in which people read them.

pypdf gives pieces of text in the order in which they were drawn. Most programs draw column by column, and that order is
kept. Where they draw row by row across two columns, the pieces right of the gutter begin one below the other and those
left of it fill their column: then the left column is read before the right one. A table is no such page, since its
cells do not fill their columns.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrievers.documents.hyphens import SOFT
from retrievers.documents.reading import plain

WIDE = 0.5  # em; the mean width of a letter in the usual typefaces
SAME = 3.0  # points between places that are one
LEAST = 6  # lines that two columns have at least
FULL = 0.6  # share of its column's width that a line of prose has at least
_LEADERS = re.compile(r"(?:\s{0,3}[.·…_]){5,}")  # from an entry of a table of contents to its page
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_LIGATURES |= dict.fromkeys((0xF0B7, 0xF0A7, 0xF076, 0x25AA, 0x25CF, 0x25A0), "•")  # bullets of symbol typefaces


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that was drawn at once, where its baseline begins, in points; `ends` its line."""

    text: str
    x: float
    y: float
    size: float
    bold: bool
    turned: int = 0  # quarters of a turn to the left
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `y` grows upwards."""

    text: str
    x: float
    y: float
    size: float
    bold: bool


def piece(text: str, around: Sequence[float], own: Sequence[float], font: str, size: float) -> Piece:
    """A piece by the matrices of the page and of the text, as PDF has them (ISO 32000-1, 9.4.4)."""
    a, b, c, d, e, f = own
    x, y = e * around[0] + f * around[2] + around[4], e * around[1] + f * around[3] + around[5]
    across, up = c * around[0] + d * around[2], c * around[1] + d * around[3]
    turned = 0 if up > 1e-6 else 2 if up < -1e-6 else 1 if a * around[1] + b * around[3] > 0 else 3
    face = font.lower()
    bold = any(weight in face for weight in ("bold", "black", "heavy", "cmbx", "demi", "-semibold"))
    return Piece(text.rstrip("\n"), x, y, size * math.hypot(across, up), bold, turned, text.endswith("\n"))


def lines_of(pieces: Iterable[Piece]) -> list[Line]:
    """The lines of a page; text that runs across it otherwise than most does, as in a margin, is left out."""
    rows = _rows(_upright(list(pieces)))
    gutter = _gutter(rows)
    if gutter is not None:
        left = [[one for one in row if one.x < gutter - SAME] for row in rows]
        rows = [*left, *([one for one in row if one.x >= gutter - SAME] for row in rows)]
    return [line for line in map(_line, rows) if line is not None]


def _upright(pieces: list[Piece]) -> list[Piece]:
    letters: Counter[int] = Counter()
    for one in pieces:
        letters[one.turned] += len(one.text.strip())
    main = letters.most_common(1)[0][0] if letters else 0
    if main == 0:
        return [one for one in pieces if one.turned == 0 or not one.text.strip()]
    kept = [one for one in pieces if one.turned == main or not one.text.strip()]
    return [Piece(one.text, *_turned(one.x, one.y, main), one.size, one.bold, 0, one.ends) for one in kept]


def _turned(x: float, y: float, quarters: int) -> tuple[float, float]:
    """A place as it is on the page turned back."""
    return {1: (y, -x), 2: (-x, -y), 3: (-y, x)}[quarters]


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces line by line, those without letters only to end one."""
    rows: list[list[Piece]] = [[]]
    for one in pieces:
        if one.text.strip():
            rows[-1].append(one)
        if one.ends and rows[-1]:
            rows.append([])
    return [row for row in rows if row]


def _gutter(rows: list[list[Piece]]) -> float | None:
    """Where the right one of two columns begins, if the rows go across both."""
    begins = Counter(round(one.x / SAME) for row in rows for one in row[1:])
    if not begins:
        return None
    place, _ = begins.most_common(1)[0]
    right = place * SAME
    across = [row for row in rows if any(abs(one.x - right) <= SAME for one in row[1:])]
    if len(across) < max(LEAST, len(rows) // 3):
        return None
    margin = Counter(round(row[0].x / SAME) for row in across).most_common(1)[0][0] * SAME
    room = right - margin
    full = sum(_reach(row, right) > FULL * room for row in across)
    return right if room > 0 and full > 0.6 * len(across) else None


def _reach(row: list[Piece], right: float) -> float:
    return sum(len(one.text) * one.size * WIDE for one in row if one.x < right - SAME)


def _line(row: list[Piece]) -> Line | None:
    if not row:
        return None
    raw = "".join(one.text for one in row).translate(_LIGATURES)
    text = plain(_LEADERS.sub(" ", raw))
    if not text:
        return None
    text += SOFT * raw.rstrip().endswith(SOFT)
    main = max(row, key=lambda one: len(one.text))
    return Line(text, row[0].x, main.y, round(main.size, 2), all(one.bold for one in row))
