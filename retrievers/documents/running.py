"""Running heads: what stands at the head and the foot of page after page, and is no part of the text.

They say the same at the same height on several pages, or count the pages there. Where they are found so, whatever
stands on other pages at that height at the edge is one too, as the name of a short chapter. A gap parts them from the
text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from retrievers.documents.page import SAME, Line

EDGE = 3  # lines at either end of a page that may be running heads
OFTEN = 3  # pages that have the same one; of two pages, both
GAP = 1.6  # times the size of a running head or of the body, between the two
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
        self._known |= _counting(pages, edges)
        self._pages.update(place[1] for found in edges for place in set(found.values()) & self._known)
        return [self._rest(lines, found) for lines, found in zip(pages, edges, strict=True)]

    def _rest(self, lines: Sequence[Line], edges: dict[int, Place]) -> list[Line]:
        order = sorted(range(len(lines)), key=lambda i: -lines[i].y)
        gone = {i for each in (order, order[::-1]) for i in self._heads(lines, each, edges)}
        return [line for i, line in enumerate(lines) if i not in gone]

    def _heads(self, lines: Sequence[Line], order: list[int], edges: dict[int, Place]) -> list[int]:
        """The running heads at one end of a page, whose lines come in that order from its edge: with a gap behind."""
        found: list[int] = []
        apart = 0
        for at, i in enumerate(order[:EDGE]):
            place = edges.get(i)
            alone = not at and len(lines) > 2 and place is not None and self._pages[place[1]] >= OFTEN
            if place not in self._known and not alone:
                break
            found.append(i)
            below = lines[order[at + 1]] if at + 1 < len(order) else None
            if below is None or abs(lines[i].y - below.y) > GAP * max(lines[i].size, below.size):
                apart = len(found)
        return found[:apart]


def _edges(lines: Sequence[Line]) -> dict[int, Place]:
    """The first and last lines of a page, by their height."""
    order = sorted(range(len(lines)), key=lambda i: -lines[i].y)
    chosen = {*order[:EDGE], *order[-EDGE:]} if len(order) > 2 * EDGE else set(order[:1] + order[-1:])
    return {i: (_NUMBER.sub("#", lines[i].text.lower()), round(lines[i].y / SAME)) for i in chosen}


def _counting(pages: Sequence[Sequence[Line]], edges: Sequence[dict[int, Place]]) -> set[Place]:
    """Places where a number grows by one from page to page: with the same words on two, or with any on several."""
    seen: dict[tuple[int, int], dict[int, Place]] = {}  # by height, and by the number that page 0 would have there
    for page, found in enumerate(edges):
        for i, place in found.items():
            for number in re.findall(r"\d{1,4}", pages[page][i].text):
                seen.setdefault((place[1], int(number) - page), {})[page] = place
    counted: set[Place] = set()
    for places in seen.values():
        same = Counter(places.values())
        counted |= {place for place in same if len(places) >= OFTEN or same[place] > 1}
    return counted
