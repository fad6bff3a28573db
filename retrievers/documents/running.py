"""Running heads: what stands at the head and the foot of page after page, and is no part of the text.

They say the same at the same height on several pages, or count the pages there. Where they are found so, whatever
stands on other pages at that height at the edge is one too, as the name of a short chapter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from retrievers.documents.page import SAME, Line

EDGE = 3  # lines at either end of a page that may be running heads
OFTEN = 3  # pages that have the same one; of two pages, both
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)

Place = tuple[str, int]  # what is said, numbers all the same, and where


class RunningHeads:
    """Learns them from some pages at a time and remembers them for those that follow."""

    def __init__(self) -> None:
        self._known: set[Place] = set()
        self._pages: Counter[int] = Counter()  # by height, with a running head there

    def without(self, pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
        """The pages without their running heads and page numbers."""
        edges = [_edges(lines) for lines in pages]
        seen = Counter(place for found in edges for place in dict.fromkeys(found.values()))
        often = len(pages) if len(pages) == 2 else OFTEN
        self._known |= {place for place, count in seen.items() if count >= often}
        self._known |= set(_counting(pages, edges))
        self._pages.update(place[1] for found in edges for place in set(found.values()) & self._known)
        return [self._rest(lines, found) for lines, found in zip(pages, edges, strict=True)]

    def _rest(self, lines: Sequence[Line], edges: dict[int, Place]) -> list[Line]:
        outermost = {max(edges, key=lambda i: lines[i].y), min(edges, key=lambda i: lines[i].y)} if edges else set()
        gone = {
            i
            for i, place in edges.items()
            if place in self._known or (i in outermost and self._pages[place[1]] >= OFTEN and len(lines) > 2)
        }
        return [line for i, line in enumerate(lines) if i not in gone]


def _edges(lines: Sequence[Line]) -> dict[int, Place]:
    """The first and last lines of a page, by their height."""
    order = sorted(range(len(lines)), key=lambda i: -lines[i].y)
    chosen = {*order[:EDGE], *order[-EDGE:]} if len(order) > 2 * EDGE else set(order[:1] + order[-1:])
    return {i: (_NUMBER.sub("#", lines[i].text.lower()), round(lines[i].y / SAME)) for i in chosen}


def _counting(pages: Sequence[Sequence[Line]], edges: Sequence[dict[int, Place]]) -> Iterator[Place]:
    """Places whose number grows by one from each page to the next."""
    first: dict[tuple[Place, int], int] = {}  # with the number that page 0 would have there
    for page, found in enumerate(edges):
        for i, place in found.items():
            for number in re.findall(r"\d{1,4}", pages[page][i].text):
                seen = first.setdefault((place, int(number) - page), page)
                if seen != page:
                    yield place
