"""Turns: work that is answered at once, so much of it at a time; some more may wait, and what comes then is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from core.errors import AtelierError

Value = TypeVar("Value")


class Busy(AtelierError):
    """As many wait for their turn as may."""

    def __init__(self, what: str, waiting: int) -> None:
        super().__init__(
            f"{waiting:,} {what} wait for their turn already",
            "ask again in a second, and for one at a time",
            waiting=waiting,
            retry_after=1,
        )


class ClientLeft(AtelierError):
    """Nobody is there any more who could be answered."""

    def __init__(self) -> None:
        super().__init__("the client left before its turn came")


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
            return await to_thread.run_sync(work, limiter=CapacityLimiter(1))
