"""Layout: from the lines of pages to headings and paragraphs.

What is set larger than the body, or in bold between two gaps, is a heading. A paragraph begins after a gap, with an
indent, with a bullet, or after a last line that is short; it goes on over the ends of columns and pages where its
sentence does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from retrievers.documents.hyphens import SOFT, Vocabulary
from retrievers.documents.page import Line
from retrievers.documents.reading import Block
from retrievers.documents.running import RunningHeads

WINDOW = 32  # pages that are looked at together
LARGER, BOLDER = 1.12, 80  # times the body's size; letters that a bold heading has at most
LONGEST = 160  # letters of a heading
GAP = 1.4  # times the usual distance of two lines
LEVELS = (1.9, 1.45, 1.2)  # times the body's size from which a heading is of the first, second, third level
_BULLET = re.compile(r"(?:[•‣◦·*–—]|-|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S")
_ENDED = re.compile(r"[.!?…:;][\"'”’)\]]*(?:\[?\d{1,3}\]?)?$")


def blocks_of(pages: Iterable[Sequence[Line]]) -> Iterator[Block]:
    """The blocks of pages that are numbered from 1."""
    flow, heads = _Flow(), RunningHeads()
    numbered = iter(pages)
    first = 1
    while window := list(islice(numbered, WINDOW)):
        kept = heads.without(window)
        flow.learn(kept)
        for number, lines in enumerate(kept, first):
            yield from flow.page(number, lines)
        first += len(window)
    yield from flow.end()


class _Flow:
    """The paragraph or heading that is being read, and the measures of what was read so far."""

    def __init__(self) -> None:
        self._sizes: Counter[float] = Counter()
        self._body, self._pitch, self._usual, self._bold_body = 11.0, 14.0, 80.0, False
        self._vocabulary = Vocabulary()
        self._parts: list[str] = []
        self._level = 0
        self._begun = self._ended = 0  # pages
        self._last: Line | None = None

    def learn(self, pages: Sequence[Sequence[Line]]) -> None:
        """The body's size, the distance of its lines and their length, from the next pages."""
        lines = [line for page in pages for line in page]
        for line in lines:
            self._sizes[round(line.size * 2) / 2] += len(line.text)
        if not lines:
            return
        self._body = self._sizes.most_common(1)[0][0]
        body = [line for line in lines if abs(line.size - self._body) < 0.6]
        bold = sum(len(line.text) for line in body if line.bold)
        self._bold_body = 2 * bold > sum(len(line.text) for line in body)
        steps = Counter(
            round((a.y - b.y) * 2) / 2
            for page in pages
            for a, b in pairwise(page)
            if 0 < a.y - b.y < 3 * self._body and max(a.size, b.size) < LARGER * self._body
        )
        self._pitch = steps.most_common(1)[0][0] if steps else 1.25 * self._body
        lengths = sorted(len(line.text) for line in body)
        self._usual = float(lengths[(2 * len(lengths)) // 3]) if lengths else self._usual
        self._vocabulary = Vocabulary(line.text for line in lines)

    def page(self, number: int, lines: Sequence[Line]) -> Iterator[Block]:
        initial = ""
        for at, line in enumerate(lines):
            if len(line.text) == 1 and line.text.isupper() and line.size > 1.6 * self._body:
                initial = line.text  # as tall as several lines, before the rest of its word
                continue
            before = lines[at - 1] if at else None
            after = lines[at + 1] if at + 1 < len(lines) else None
            level = self._level_of(line, before, after)
            if not self._goes_on(line, level, before is None):
                yield from self.end()
                self._begun, self._level = number, level
            self._vocabulary.add(self._parts, initial + line.text)
            self._ended, self._last, initial = number, line, ""

    def end(self) -> Iterator[Block]:
        """What was being read."""
        text, level = "".join(self._parts).replace(SOFT, ""), self._level
        if re.search(r"[^\W\d_]", text):
            too_long = len(text) > LONGEST or len(self._parts) > 3
            yield Block(text, 0 if too_long else level, self._begun, self._ended)
        self._parts, self._level = [], 0

    def _level_of(self, line: Line, before: Line | None, after: Line | None) -> int:
        ratio = line.size / self._body
        if ratio >= LARGER:
            return next((level for level, least in enumerate(LEVELS, 1) if ratio >= least), 4)
        if not line.bold or self._bold_body or len(line.text) > BOLDER or line.text[-1] in ".,;":
            return 0
        apart = before is None or before.bold or self._far(before, line)
        return 4 if apart and (after is None or not after.bold or self._far(line, after)) else 0

    def _far(self, above: Line, below: Line) -> bool:
        return not 0 <= above.y - below.y <= GAP * self._pitch * 0.9

    def _goes_on(self, line: Line, level: int, first: bool) -> bool:
        """Whether a line belongs to what is being read."""
        last = self._last
        if not self._parts or last is None or level != self._level:
            return False
        if level:
            return not first and abs(line.size - last.size) < 0.6 and 0 < last.y - line.y < 1.7 * line.size
        if abs(line.size - last.size) > 0.08 * last.size or _BULLET.match(line.text):
            return False
        ended = bool(_ENDED.search(self._parts[-1]))
        if first or line.y > last.y:
            return not ended  # on the next page, or in the next column
        if last.y - line.y > GAP * self._pitch:
            return False
        indented = line.x > last.x + 0.8 * line.size
        return not (ended and (indented or len(last.text) < 0.7 * self._usual))
