"""Feeds: the events of jobs for any number of clients of one process, each from the point where it stopped reading.

A store tells of every event once, from whatever thread. Here it reaches the event loop, and a job that is followed is
read from the store once, not once per client. One reader looks after all of them: what was lost on the way is found,
and a store that does not answer holds up nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from core.errors import BadSetting, StoreError
from server.jobs.job import Event
from server.jobs.jobs import Jobs

log = logging.getLogger("atelier")

LOOK = 2.0  # s between two looks at everything that is followed


class _Feed:
    """The events of one job, without a gap from the first."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.followers = 0
        self.read = False  # from the store, at least once
        self.gone = False  # there is no such job any more
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
        return self.gone or (bool(self.events) and self.events[-1].final)

    @property
    def running(self) -> bool:
        moves = [event.type for event in self.events if event.type in ("queued", "started", "again")]
        return moves[-1:] == ["started"]


class Feeds:
    """To be made and used within one event loop."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs, self._feeds = jobs, dict[str, _Feed]()
        self._loop = asyncio.get_running_loop()
        self._reader = ThreadPoolExecutor(1, "jobs-feeds")
        self._wanted: set[str] = set()  # to be read soon
        self._call = asyncio.Event()
        self.draining = False
        jobs.store.listen(self._heard)
        self._looking = self._loop.create_task(self._look())

    def _heard(self, job_id: str | None, event: Event | None) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody follows any more
            self._loop.call_soon_threadsafe(self._arrived, job_id, event)

    def _arrived(self, job_id: str | None, event: Event | None) -> None:
        if job_id is None or event is None:
            self._read_soon(*self._feeds)
        elif (feed := self._feeds.get(job_id)) is not None and not feed.take(event):
            self._read_soon(job_id)

    def _read_soon(self, *job_ids: str) -> None:
        self._wanted.update(job_ids)
        self._call.set()

    async def _look(self) -> None:
        """Read what is asked for at once, and everything now and then."""
        while True:
            asked = await _within(LOOK, self._call)
            self._call.clear()
            wanted = list(self._wanted) if asked else list(self._feeds)
            self._wanted.clear()
            for job_id in wanted:
                feed = self._feeds.get(job_id)
                if feed is None:
                    continue
                try:
                    found, gone = await self._loop.run_in_executor(self._reader, self._fetch, job_id, len(feed.events))
                except (StoreError, BadSetting):  # those who ask for the job itself are told; the rest waits with it
                    break
                except Exception:
                    log.exception("jobs: %s cannot be followed", job_id)
                    continue
                self._fill(feed, found, gone)

    def _fetch(self, job_id: str, known: int) -> tuple[list[Event], bool]:
        events = self._jobs.events(job_id, known)
        return events, not events and self._jobs.store.read(job_id) is None

    def _fill(self, feed: _Feed, events: list[Event], gone: bool) -> None:
        for event in events:
            feed.take(event)
        if gone or not feed.read:
            feed.gone, feed.read = gone, True
            feed.ring()

    def drain(self) -> None:
        """The server ends: whoever waits for a job that does not run is let go, and may ask the next one."""
        self.draining = True
        for feed in self._feeds.values():
            feed.ring()

    def close(self) -> None:
        self._looking.cancel()
        self._reader.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def _feed(self, job_id: str) -> Iterator[_Feed]:
        feed = self._feeds.setdefault(job_id, _Feed())
        feed.followers += 1
        if not feed.read:
            self._read_soon(job_id)
        try:
            yield feed
        finally:
            feed.followers -= 1
            if not feed.followers:
                del self._feeds[job_id]

    async def follow(self, job_id: str, after: int = 0) -> AsyncIterator[Event]:
        """Every event after that number, as it comes, to the one that ends the job; less where the server ends."""
        with self._feed(job_id) as feed:
            while True:
                news = feed.news
                while after < len(feed.events):
                    after += 1
                    yield feed.events[after - 1]
                if (feed.read and feed.over) or self.draining:
                    return
                await news.wait()

    async def ended(self, job_id: str, seconds: float) -> bool:
        """Wait until the job has ended or is forgotten, so long at most; where the server ends, only while it runs
        here."""
        end = self._loop.time() + seconds
        with self._feed(job_id) as feed:
            while not (feed.read and feed.over):
                if self.draining and (self._jobs.store.shared or not feed.running):
                    return False
                left = end - self._loop.time()
                if left <= 0 or not await _within(left, feed.news):
                    return False
            return True


async def _within(seconds: float, news: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return False
    return True
