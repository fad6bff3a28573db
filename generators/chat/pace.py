"""Pace: how fast a provider is asked by all threads together.

So many requests are under way together at most. A provider that says it is busy is asked by fewer at a time, down to
one, and by nobody before the moment that it named; then those go first that came first. Every few answers it is asked
by one more. So a limit on requests per minute costs waiting, where threads that all come back at that moment would
mostly be refused again, and some of them each time.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event

from generators.chat.errors import AskingStopped

LONGEST = 120.0  # s; a moment that is further away is not waited for
LOOKING = 0.1  # s between two looks at whether anybody still wants the answer
WIDENING = 8  # answers in a row after which one more request may be under way


class TooFarAway(Exception):
    """The provider wants to be left alone for longer than anybody waits; `seconds` of it are left."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


class Pace:
    """Thread-safe."""

    def __init__(self, most: int) -> None:
        self.most = self.width = most
        self._under_way = self._answers = 0
        self._numbers, self._waiting = itertools.count(), set[int]()
        self._moment = self._narrowed = -math.inf  # of time.monotonic()
        self._changed = Condition()

    def number(self) -> int:
        """A place in the queue; whoever is refused keeps it."""
        return next(self._numbers)

    @contextmanager
    def turn(self, number: int, stop: Event) -> Iterator[float]:
        """One request, begun at that time. Raises `AskingStopped`, and `TooFarAway` where the wait is too long."""
        with self._changed:
            self._waiting.add(number)
            try:
                self._wait(number, stop)
                self._under_way += 1
            finally:
                self._waiting.discard(number)
                self._changed.notify_all()
        try:
            yield time.monotonic()
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _wait(self, number: int, stop: Event) -> None:
        while True:
            if stop.is_set():
                raise AskingStopped
            left = self._moment - time.monotonic()
            if left > LONGEST:
                raise TooFarAway(left)
            if left <= 0 and self._under_way < self.width and number == min(self._waiting):
                return
            self._changed.wait(min(LOOKING, left) if left > 0 else LOOKING)

    def slow_down(self, begun: float, seconds: float | None) -> None:
        """The request that was begun then was refused; the provider wants no other for `seconds`, where it said so."""
        with self._changed:
            self._answers = 0
            if seconds is not None:
                self._moment = max(self._moment, time.monotonic() + seconds)
            if begun > self._narrowed:  # those that were under way together are one refusal
                self._narrowed = time.monotonic()
                self.width = max(1, self.width // 2)

    def go_on(self) -> None:
        """An answer came."""
        with self._changed:
            self._answers += 1
            if self._answers >= WIDENING and self.width < self.most:
                self._answers, self.width = 0, self.width + 1
                self._changed.notify_all()


def pause(seconds: float, stop: Event) -> None:
    """Wait, without holding a place. Raises `AskingStopped`."""
    if stop.wait(seconds):
        raise AskingStopped
