"""Gate: readers together, a writer alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Gate:
    """Any number of threads inside of `shared()`, or one inside of `alone()`; who waits to be alone goes first.

    Not reentrant: a thread that is inside does not enter again.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = self._waiting = 0
        self._taken = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        with self._changed:
            while self._taken or self._waiting:
                self._changed.wait()
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                if not self._inside:
                    self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._waiting += 1
            try:
                while self._taken or self._inside:
                    self._changed.wait()
                self._taken = True
            finally:
                self._waiting -= 1
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._changed.notify_all()
