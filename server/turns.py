"""Turns: work that is answered at once, so much of it at a time; some more may wait, and what comes then is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from server.refusals import Busy, ClientLeft

Value = TypeVar("Value")


class Turns:
    """Used on one event loop; the work is done on threads of its own, so that nothing else waits behind it."""

    def __init__(self, what: str, at_once: int, waiting: int) -> None:
        self._what, self._waiting = what, waiting
        self._limiter = CapacityLimiter(at_once)

    async def take(self, work: Callable[[], Value], left: Callable[[], Awaitable[bool]]) -> Value:
        """What the work returns. Raises `Busy`, `ClientLeft` where `left()` is true by then, and what the work does."""
        waiting = self._limiter.statistics().tasks_waiting
        if waiting >= self._waiting:
            raise Busy(self._what, waiting)
        async with self._limiter:
            if await left():
                raise ClientLeft
            own = CapacityLimiter(
                1
            )  # the turn is taken already; a thread of the common ones would be waited for as well
            return await to_thread.run_sync(work, limiter=own)
