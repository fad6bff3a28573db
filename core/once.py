"""Make a heavy thing one time and hand it to everybody, whatever thread asks first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Counts:
    """How often a value was there, and how often it had to be made. Thread-safe."""

    def __init__(self) -> None:
        self.hits = self.misses = 0
        self._lock = Lock()

    def add(self, hit: bool) -> None:
        with self._lock:
            self.hits += hit
            self.misses += not hit


COUNTS: dict[str, Counts] = {}  # of every `Once` that has a name, by that name; several of one name share theirs


class Once(Generic[Key, Value]):
    """`once(key)` calls `make(key)` a single time per key and keeps the most recently used values.

    They may weigh `keep` together, by `weigh(key)`; each weighs 1 by default. One with a `name` counts in COUNTS.

    Threads that ask while the value is being made wait for it; `functools.lru_cache` would let each of them make
    its own. A `make` that raises leaves nothing behind: the waiting threads see its error, the next call tries again.
    """

    def __init__(
        self,
        make: Callable[[Key], Value],
        keep: int = 16,
        weigh: Callable[[Key], int] = lambda key: 1,
        name: str = "",
    ) -> None:
        self._make, self._keep, self._weigh = make, keep, weigh
        self._counts = COUNTS.setdefault(name, Counts()) if name else Counts()
        self._futures: OrderedDict[Key, Future[Value]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, key: Key) -> Value:
        with self._lock:
            future = self._futures.get(key)
            mine = future is None
            if future is None:
                future = self._futures[key] = Future()
            self._futures.move_to_end(key)
            if mine:
                self._make_room()
        self._counts.add(not mine)
        if mine:
            self._fill(key, future)
        return future.result()

    def _make_room(self) -> None:
        weight = sum(map(self._weigh, self._futures))
        while weight > self._keep and len(self._futures) > 1:
            weight -= self._weigh(self._futures.popitem(last=False)[0])

    def _fill(self, key: Key, future: Future[Value]) -> None:
        try:
            future.set_result(self._make(key))
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            with self._lock:
                if self._futures.get(key) is future:
                    del self._futures[key]
            future.set_exception(error)

    def peek(self, key: Key) -> Value | None:
        """The value, where it has been made; nothing is made for that."""
        with self._lock:
            future = self._futures.get(key)
        return future.result() if future is not None and future.done() and future.exception() is None else None

    def clear(self) -> None:
        """Forget every value; a value that is being made still reaches those who wait for it."""
        with self._lock:
            self._futures.clear()
