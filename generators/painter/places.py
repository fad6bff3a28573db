"""Places: how many pictures are painted at a time, and whose turn is next."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

PATIENCE = 0.25  # s between two calls of `waiting`


class Places:
    """`count` places, given strictly in order of arrival.

    A place goes from hand to hand: whoever leaves gives it to the first of those who wait. A semaphore lets a thread
    that leaves and comes back at once pass all of them.
    """

    def __init__(self, count: int) -> None:
        self._free = count  # above 0 only while nobody waits
        self._queue: deque[Event] = deque()
        self._lock = Lock()

    @contextmanager
    def place(self, waiting: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold a place for the block; `waiting` is called again and again until there is one, and may raise."""
        turn = Event()
        with self._lock:
            if self._free:
                self._free -= 1
                turn.set()
            else:
                self._queue.append(turn)
        try:
            while not turn.wait(PATIENCE):
                if waiting is not None:
                    waiting()
            yield
        finally:
            with self._lock:
                if not turn.is_set():
                    self._queue.remove(turn)
                elif self._queue:
                    self._queue.popleft().set()
                else:
                    self._free += 1
