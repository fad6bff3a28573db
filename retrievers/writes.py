"""Writes: how often this process has written to a place, for all who hold rows of it."""

from __future__ import annotations

from collections import Counter
from threading import Lock


class Writes:
    """One holder's knowledge of a place: `current` until another holder in this process writes there."""

    def __init__(self, *place: str) -> None:
        self._place = place
        self._seen = -1

    @property
    def current(self) -> bool:
        return self._seen == _counts[self._place]

    def catch_up(self) -> None:
        """Before the place is read: what is written from now on is not known."""
        self._seen = _counts[self._place]

    def forget(self) -> None:
        """What this holder has may not be what is there: it is not current until it catches up."""
        self._seen = -1

    def tell(self) -> bool:
        """Before a write and after it, since who read meanwhile may have missed it; -> whether this holder knows of
        all the writes before."""
        with _lock:
            current = self.current
            _counts[self._place] += 1
            if current:
                self._seen = _counts[self._place]
        return current


_counts: Counter[tuple[str, ...]] = Counter()
_lock = Lock()
