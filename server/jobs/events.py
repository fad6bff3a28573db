"""Events: followed by any number of clients of one process, each from the point where it stopped reading.

A store tells of every event once, from whatever thread; here it reaches the event loop, and each job that somebody
follows is read from the store once, not once per client.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from core.errors import StoreError
from server.jobs.job import Event
from server.jobs.queue import Jobs

LOOK = 2.0  # s; news that were lost on the way are found by looking


class _Feed:
    """The events of one job that is followed, without a gap from the first."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.followers = 0
        self.news = asyncio.Event()

    def take(self, event: Event) -> bool:
        """Whether it was the next one, or known already."""
        if event.number == len(self.events) + 1:
            self.events.append(event)
            self.ring()
        return event.number <= len(self.events)

    def ring(self) -> None:
        news, self.news = self.news, asyncio.Event()
        news.set()

    @property
    def over(self) -> bool:
        return bool(self.events) and self.events[-1].final

    @property
    def running(self) -> bool:
        moves = [event.type for event in self.events if event.type in ("queued", "started", "again")]
        return moves[-1:] == ["started"]


class Events:
    """To be made and used within one event loop."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs, self._feeds = jobs, dict[str, _Feed]()
        self._loop = asyncio.get_running_loop()
        self._reading: set[asyncio.Task[None]] = set()
        self.draining = False
        jobs.store.listen(self._heard)

    def _heard(self, job_id: str | None, event: Event | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrived, job_id, event)

    def _arrived(self, job_id: str | None, event: Event | None) -> None:
        if job_id is None or event is None:
            for followed in self._feeds:
                self._read_soon(followed)
        elif (feed := self._feeds.get(job_id)) is not None and not feed.take(event):
            self._read_soon(job_id)

    def _read_soon(self, job_id: str) -> None:
        task = self._loop.create_task(self._read(job_id))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _read(self, job_id: str) -> None:
        feed = self._feeds.get(job_id)
        if feed is None:
            return
        try:
            found = await asyncio.to_thread(self._jobs.events, job_id, len(feed.events))
        except StoreError:  # looked at again in a moment; those who ask for the job itself are told
            return
        for event in found:
            feed.take(event)

    def drain(self) -> None:
        """The server ends: whoever waits for a job that has not begun is let go, and may ask the next one."""
        self.draining = True
        for feed in self._feeds.values():
            feed.ring()

    @contextmanager
    def _feed(self, job_id: str) -> Iterator[_Feed]:
        feed = self._feeds.setdefault(job_id, _Feed())
        feed.followers += 1
        try:
            yield feed
        finally:
            feed.followers -= 1
            if not feed.followers:
                del self._feeds[job_id]

    async def follow(self, job_id: str, after: int = 0) -> AsyncIterator[Event]:
        """Every event after that number, as it comes, to the one that ends the job; less where the server ends."""
        with self._feed(job_id) as feed:
            await self._read(job_id)
            while True:
                news = feed.news
                while after < len(feed.events):
                    after += 1
                    yield feed.events[after - 1]
                if (feed.over and after >= len(feed.events)) or self.draining:
                    return
                if not await _within(LOOK, news) and await self._look(job_id):
                    return

    async def ended(self, job_id: str, seconds: float) -> bool:
        """Wait until the job has ended or is forgotten, so long at most; where the server ends, only while it runs."""
        end = self._loop.time() + seconds
        with self._feed(job_id) as feed:
            await self._read(job_id)
            while not feed.over:
                left = end - self._loop.time()
                if left <= 0 or (self.draining and not feed.running):
                    return False
                if not await _within(min(left, LOOK), feed.news) and await self._look(job_id):
                    return True
            return True

    async def _look(self, job_id: str) -> bool:
        """Read what may have been missed; whether there is no such job any more."""
        await self._read(job_id)
        try:
            return await asyncio.to_thread(self._jobs.store.read, job_id) is None
        except StoreError:
            return False


async def _within(seconds: float, news: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return False
    return True
