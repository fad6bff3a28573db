"""Hyphens: lines put together again, words that were parted at their ends whole."""

from __future__ import annotations

import re
from collections.abc import Iterable

SOFT = "\u00ad"
LONGEST = 60  # letters of a word
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+|[^\W\d_]+")
_LAST, _FIRST = re.compile(r"([^\W\d_]+)[-\u2010]$"), re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]")
# parts of words that keep their hyphen wherever a line ends
_KEEPING = "all cross ex half high ill low mid non post pre quasi self semi so twenty thirty forty well"
_KEPT = frozenset(_KEEPING.split())


class Vocabulary:
    """The words of some lines, whole ones and those with a hyphen inside."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._words: set[str] = set()
        for line in lines:
            self._words.update(_WORD.findall(line.lower()))

    def joined(self, lines: Iterable[str]) -> str:
        """The lines of a paragraph as one."""
        parts: list[str] = []
        for line in lines:
            self.add(parts, line)
        return "".join(parts)

    def add(self, parts: list[str], line: str) -> None:
        """Go on in a paragraph with a line. A word that was parted is what the vocabulary has: whole or hyphenated; one
        that it has not is whole."""
        if not line:
            return
        between = ""
        if parts:
            parts[-1], between = self._seam(parts[-1], line)
        parts.append(between + line)

    def _seam(self, left: str, right: str) -> tuple[str, str]:
        """The line before as it is kept, and what stands between it and the next."""
        if left.endswith(SOFT):
            return left[:-1], ""
        parted, goes_on = _LAST.search(left[-LONGEST:]), _FIRST.match(right)
        if parted and goes_on and goes_on[0][0].islower():
            first, second = parted[1].lower(), goes_on[0].lower()
            whole = first + second in self._words
            kept = f"{first}-{second}" in self._words or first in _KEPT
            return (left, "") if kept and not whole else (left[:-1], "")
        if left[-1] in "-\u2010" and len(left) > 1 and not left[-2].isspace():
            return left, ""  # a name or a span of numbers
        return left, "" if _UNSPACED.match(left[-1]) and _UNSPACED.match(right[0]) else " "
