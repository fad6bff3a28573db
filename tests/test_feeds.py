"""What followers of a job hear: everything, once, in order, and never for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import StoreUnreachable
from server.jobs import steps
from server.jobs.feeds import LOOK, Feeds
from server.jobs.job import Event, Job
from server.jobs.jobs import Jobs
from server.jobs.sqlite_store import SqliteStore
from server.jobs.store import Listener


class Deaf(SqliteStore):
    """A store whose news are lost on the way, as those of a broken connection are, and that may be away."""

    away = False

    def listen(self, listener: Listener) -> None:
        pass

    def events(self, job_id: str, after: int = 0) -> list[Event]:
        if self.away:
            raise StoreUnreachable("REDIS_URL", "redis://nowhere", "it is away")
        return super().events(job_id, after)


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(SqliteStore(tmp_path / "jobs.db"))


def begin(jobs: Jobs, job_id: str) -> None:
    jobs.store.change(job_id, lambda job, now: steps.begin(job, "w", now))


def report(jobs: Jobs, job_id: str) -> None:
    def step(job: Job, now: float) -> steps.Step:
        return steps.report(job, job.attempt, "progress", {}, now)

    jobs.store.change(job_id, step)


def end(jobs: Jobs, job_id: str) -> None:
    jobs.store.change(job_id, lambda job, now: steps.end(job, job.attempt, {}, now))


async def collect(feeds: Feeds, job_id: str, after: int = 0) -> list[str]:
    heard = [event async for event in feeds.follow(job_id, after)]
    assert [event.number for event in heard] == list(range(after + 1, after + 1 + len(heard)))
    return [event.type for event in heard]


def run(jobs: Jobs, story: Callable[[Feeds], object]) -> None:
    async def told() -> None:
        feeds = Feeds(jobs)
        try:
            await asyncio.wait_for(story(feeds), 20)  # type: ignore[arg-type]
        finally:
            feeds.close()
            assert feeds._feeds == {}  # whoever leaves takes everything along

    asyncio.run(told())


def test_many_followers_hear_the_same_from_wherever_they_begin(jobs: Jobs) -> None:
    job_id = jobs.submit("sleep", "image", {}).id

    async def story(feeds: Feeds) -> None:
        begin(jobs, job_id)
        listening = [asyncio.create_task(collect(feeds, job_id, after)) for after in (0, 0, 1, 2, 3)]
        for _ in range(5):
            await asyncio.to_thread(report, jobs, job_id)
            await asyncio.sleep(0.01)
        late = asyncio.create_task(collect(feeds, job_id))
        await asyncio.to_thread(end, jobs, job_id)
        everything = ["queued", "started", *["progress"] * 5, "done"]
        heard = await asyncio.gather(*listening, late)
        assert heard == [everything, everything, everything[1:], everything[2:], everything[3:], everything]

    run(jobs, story)


def test_news_that_are_lost_are_found(tmp_path: Path) -> None:
    store = Deaf(tmp_path / "jobs.db")
    jobs = Jobs(store)
    job_id = jobs.submit("sleep", "image", {}).id

    async def story(feeds: Feeds) -> None:
        listening = asyncio.create_task(collect(feeds, job_id))
        waiting = asyncio.create_task(feeds.ended(job_id, 15))
        await asyncio.sleep(0.2)
        store.away = True
        begin(jobs, job_id)
        end(jobs, job_id)
        await asyncio.sleep(1.5 * LOOK)
        assert not listening.done() and not waiting.done()
        store.away = False
        assert await listening == ["queued", "started", "done"] and await waiting

    run(jobs, story)


def test_a_wait_ends_when_it_was_to_end_though_the_store_is_away(tmp_path: Path) -> None:
    store = Deaf(tmp_path / "jobs.db")
    jobs = Jobs(store)
    job_id = jobs.submit("sleep", "image", {}).id
    store.away = True

    async def story(feeds: Feeds) -> None:
        start = asyncio.get_running_loop().time()
        assert not await feeds.ended(job_id, 0.3)
        assert asyncio.get_running_loop().time() - start < 3

    run(jobs, story)


def test_a_job_that_is_forgotten_lets_its_followers_go(jobs: Jobs) -> None:
    async def story(feeds: Feeds) -> None:
        assert await collect(feeds, "never-was") == []
        assert await feeds.ended("never-was", 10)

    run(jobs, story)


def test_a_job_that_runs_again_is_followed_to_its_second_end(jobs: Jobs) -> None:
    job_id = jobs.submit("sleep", "image", {}).id
    jobs.cancel(job_id)
    jobs.retry(job_id)

    async def story(feeds: Feeds) -> None:
        listening = asyncio.create_task(collect(feeds, job_id))
        await asyncio.sleep(0.1)
        begin(jobs, job_id)
        end(jobs, job_id)
        assert await listening == ["queued", "cancelled", "queued", "started", "done"]

    run(jobs, story)


def test_a_server_that_ends_waits_for_what_runs_and_lets_the_rest_go(jobs: Jobs) -> None:
    waits, runs = (jobs.submit("sleep", "image", {}).id for _ in range(2))
    begin(jobs, runs)

    async def story(feeds: Feeds) -> None:
        stream = asyncio.create_task(collect(feeds, waits))
        for_waiting, for_running = (asyncio.create_task(feeds.ended(job_id, 15)) for job_id in (waits, runs))
        await asyncio.sleep(0.2)
        feeds.drain()
        assert await stream == ["queued"] and not await for_waiting
        assert not for_running.done()
        end(jobs, runs)
        assert await for_running

    run(jobs, story)
