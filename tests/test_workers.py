"""Workers as processes that are killed, stopped, poisoned and ended: nothing is lost, nothing ends twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis as RedisClient

from core.settings import ROOT, read_settings
from server.jobs import steps
from server.jobs.job import Job
from server.jobs.keeper import Keeper
from tests.redises import Redis, redis_binary
from tests.workers import jobs_at

LEASE = 1.0  # s


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis_binary()
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


class Yard:
    """A store, its jobs, and worker processes that come and go."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder, self.log = address, folder, folder / "log"
        self.log.touch()
        self.jobs = jobs_at(address)
        self.shared = self.jobs.store.shared
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self, **values: object) -> subprocess.Popen[bytes]:
        """A worker process, when it is ready. The file of SQLite has one at a time, as its owner's lock has it."""
        assert self.shared or not [worker for worker in self.workers if worker.poll() is None]
        told = [f"{name}={value}" for name, value in {"job_lease_seconds": LEASE, **values}.items()]
        command = [sys.executable, "-m", "tests.workers", self.address, str(self.log), *told]
        worker = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        self.workers.append(worker)
        until(lambda: (self.folder / f"log.{worker.pid}").exists() or worker.poll() is not None, 30)
        return worker

    def submit(
        self,
        kind: str,
        count: int = 1,
        *,
        name: str = "",
        queue: str = "image",
        priority: int = 0,
        **parameters: object,
    ) -> list[str]:
        names = [name] if name else [f"{kind}-{number}" for number in range(count)]
        asked = [{"name": name, **parameters} for name in names]
        sketch = {"sketch": b"x"}
        return [self.jobs.submit(kind, queue, told, sketch, priority=priority).id for told in asked]

    def job(self, job_id: str) -> Job:
        return self.jobs.get(job_id)

    def states(self, ids: list[str]) -> Counter[str]:
        return Counter(self.job(job_id).state for job_id in ids)

    def wait(self, ids: list[str], seconds: float = 40) -> None:
        until(lambda: all(self.job(job_id).ended for job_id in ids), seconds)

    def types(self, job_id: str) -> list[str]:
        events = self.jobs.events(job_id)
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        return [event.type for event in events if event.type != "progress"]

    def lines(self) -> Counter[str]:
        return Counter(self.log.read_text().splitlines())

    def end(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait(10)
        self.jobs.store.close()


def until(fact: Callable[[], bool], seconds: float, what: str = "it") -> None:
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.02)


@pytest.fixture(params=["sqlite", "redis"])
def yard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Yard]:
    sqlite = request.param == "sqlite"
    address = str(tmp_path / "jobs.db") if sqlite else str(request.getfixturevalue("redis").fresh())
    yard = Yard(address, tmp_path)
    yield yard
    yard.end()


@pytest.fixture
def shared(redis: Redis, tmp_path: Path) -> Iterator[Yard]:
    yard = Yard(redis.fresh(), tmp_path)
    yield yard
    yard.end()


def test_a_killed_worker_loses_nothing_and_nothing_ends_twice(yard: Yard) -> None:
    ids = yard.submit("sleep", 6, seconds=0.4)
    worker = yard.start()
    until(lambda: yard.states(ids)["done"] == 2 and yard.states(ids)["running"] == 1, 20)
    (struck,) = [job_id for job_id in ids if yard.job(job_id).state == "running"]
    worker.kill()
    worker.wait()
    yard.start()
    yard.wait(ids)
    assert yard.states(ids) == {"done": 6}
    assert yard.types(struck) == ["queued", "started", "again", "started", "done"]
    assert all(yard.lines()[f"end sleep-{number}"] == 1 for number in range(6))
    if not yard.shared:  # it did not have to wait behind the others again; over Redis a lease goes by first
        assert sorted(ids, key=lambda job_id: yard.job(job_id).started or 0).index(struck) == 2


def test_another_worker_takes_over_from_one_that_never_comes_back(shared: Yard) -> None:
    first = shared.start()
    (struck,) = shared.submit("sleep", seconds=1.0)
    until(lambda: shared.job(struck).state == "running", 10)
    shared.start()
    first.kill()
    shared.wait([struck])
    assert shared.types(struck) == ["queued", "started", "again", "started", "done"]


@pytest.mark.parametrize("kind", ["sleep", "deaf"])
def test_a_worker_that_was_stopped_and_comes_back_is_fenced(shared: Yard, kind: str) -> None:
    first = shared.start()
    (job_id,) = shared.submit(kind, seconds=1.0)
    until(lambda: shared.job(job_id).state == "running", 10)
    owner = shared.job(job_id).worker
    first.send_signal(signal.SIGSTOP)
    shared.start()
    until(lambda: shared.job(job_id).attempt == 2, 10)
    first.send_signal(signal.SIGCONT)
    shared.wait([job_id])
    time.sleep(1.5)  # the first has had time to write its end, if anything let it
    job = shared.job(job_id)
    assert (job.state, job.attempt) == ("done", 2) and job.worker != owner
    assert shared.types(job_id) == ["queued", "started", "again", "started", "done"]
    (next_,) = shared.submit("sleep", name="next", seconds=0.1)
    shared.wait([next_])  # and it works on


def test_a_stopped_worker_that_nobody_replaced_goes_on(yard: Yard) -> None:
    worker = yard.start()
    (job_id,) = yard.submit("sleep", seconds=0.6)
    until(lambda: yard.job(job_id).state == "running", 10)
    worker.send_signal(signal.SIGSTOP)
    time.sleep(2 * LEASE)
    worker.send_signal(signal.SIGCONT)
    yard.wait([job_id])
    assert yard.types(job_id) == ["queued", "started", "done"]


def test_a_job_that_kills_its_workers_is_dead_after_three_and_can_be_retried(yard: Yard) -> None:
    (poison,), others = yard.submit("poison", priority=1), yard.submit("sleep", 3, seconds=0.05)
    for _ in range(3):
        worker = yard.start()
        worker.wait(20)
    yard.start()
    yard.wait([poison, *others])
    assert yard.job(poison).state == "dead" and yard.states(others) == {"done": 3}
    error = yard.job(poison).error
    assert error is not None and error["type"] == "job_failed" and "3 times" in error["message"]
    assert yard.lines()["start poison-0"] == 3
    yard.jobs.retry(poison)
    until(lambda: yard.lines()["start poison-0"] == 4, 20)


def test_cancel(yard: Yard) -> None:
    yard.start()
    (runs,) = yard.submit("sleep", name="runs", seconds=20)
    until(lambda: yard.job(runs).state == "running", 10)
    (waits,) = yard.submit("sleep", name="waits", seconds=0.1)
    assert yard.jobs.cancel(waits).state == "cancelled"
    assert yard.jobs.cancel(runs).cancelling
    yard.wait([runs], 5)
    (after,) = yard.submit("sleep", name="after", seconds=0.1)
    yard.wait([after])
    assert yard.types(runs) == ["queued", "started", "cancelling", "cancelled"]
    assert yard.types(waits) == ["queued", "cancelled"]
    assert yard.jobs.cancel(waits) == yard.job(waits) and yard.jobs.cancel(after).state == "done"
    assert yard.lines()["start waits"] == 0 == yard.lines()["end runs"]


def test_a_job_is_cancelled_though_its_worker_died(shared: Yard) -> None:
    worker = shared.start()
    (job_id,) = shared.submit("deaf", seconds=20)
    until(lambda: shared.job(job_id).state == "running", 10)
    shared.jobs.cancel(job_id)
    worker.kill()
    shared.start()
    shared.wait([job_id], 10)
    assert shared.types(job_id) == ["queued", "started", "cancelling", "cancelled"]


def test_priority(yard: Yard) -> None:
    yard.submit("sleep", name="low", seconds=0.05, priority=-5)
    yard.submit("sleep", name="first", seconds=0.05)
    yard.submit("sleep", name="second", seconds=0.05)
    ids = yard.submit("sleep", name="high", seconds=0.05, priority=5)
    yard.start()
    until(lambda: yard.lines()["end low"] == 1, 20)
    started = [line.split()[1] for line in yard.log.read_text().splitlines() if line.startswith("start")]
    assert started == ["high", "first", "second", "low"] and yard.states(ids) == {"done": 1}


def test_a_refusal_fails_at_once_and_a_stumble_is_tried_again(yard: Yard) -> None:
    yard.start()
    (refused,), (stumbles,) = yard.submit("refuse"), yard.submit("stumble", times=2)
    yard.wait([refused, stumbles])
    error = yard.job(refused).error
    assert yard.types(refused) == ["queued", "started", "failed"]
    assert error is not None and (error["type"], error["field"]) == ("bad_value", "colour")
    assert yard.types(stumbles) == ["queued", "started", "again", "started", "done"]
    (again,) = (event for event in yard.jobs.events(stumbles) if event.type == "again")
    assert again.data == {"why": "RuntimeError", "delay": 2.0}  # the rest is for the log alone


def test_a_setting_that_stays_wrong_is_told_and_not_tried_for_ever(yard: Yard) -> None:
    yard.start()
    (job_id,) = yard.submit("misset")
    yard.wait([job_id])
    error = yard.job(job_id).error
    assert yard.types(job_id) == ["queued", "started", "failed"]
    assert error is not None and (error["type"], error["name"]) == ("bad_setting", "DEVICE")


def test_what_never_stops_stumbling_is_dead(yard: Yard) -> None:
    yard.start(job_attempts=2)
    (job_id,) = yard.submit("stumble", times=99)
    yard.wait([job_id])
    error = yard.job(job_id).error
    assert yard.job(job_id).state == "dead" and yard.lines()["start stumble-0"] == 2
    assert error is not None and "RuntimeError" in error["message"] and "stumbled" not in error["message"]


def test_files_travel_whole(yard: Yard) -> None:
    yard.start()
    sketch = os.urandom(5_000_000)
    job = yard.jobs.submit("echo", "story", {}, {"sketch": sketch})
    yard.wait([job.id])
    assert yard.job(job.id).result == {"size": len(sketch)} and yard.jobs.file(job.id, "back") == sketch[::-1]


def test_sigterm_lets_a_short_job_end_and_gives_a_long_one_back(yard: Yard) -> None:
    worker = yard.start(job_threads=2)
    (short,), (long,) = yard.submit("sleep", name="short", seconds=0.6), yard.submit("sleep", name="long", seconds=3.0)
    (waits,) = yard.submit("sleep", name="waits", seconds=0.1)
    until(lambda: yard.states([short, long])["running"] == 2, 10)
    worker.send_signal(signal.SIGTERM)  # it gives them 2 s
    assert worker.wait(10) == 0
    assert yard.states([short, long, waits]) == {"done": 1, "queued": 2}
    assert yard.job(long).tries == 0  # not its fault
    yard.start()
    yard.wait([long, waits])
    assert yard.states([short, long, waits]) == {"done": 3} and yard.lines()["end short"] == 1
    assert yard.types(long) == ["queued", "started", "again", "started", "done"]


@pytest.mark.parametrize(("count", "most"), [(24, 6), pytest.param(60, 20, marks=pytest.mark.slow)])
def test_jobs_end_once_under_many_kills(yard: Yard, count: int, most: int) -> None:
    ids = yard.submit("sleep", count, seconds=0.15)
    rng, kills = random.Random(7), 0
    workers = [yard.start(job_attempts=50) for _ in range(2 if yard.shared else 1)]
    while kills < most:
        time.sleep(rng.uniform(0.05, 0.5))
        victim = rng.randrange(len(workers))
        workers[victim].kill()
        workers[victim].wait()
        kills += 1
        workers[victim] = yard.start(job_attempts=50)
    yard.wait(ids, 60)
    assert yard.states(ids) == {"done": count}
    for number, job_id in enumerate(ids):
        types = yard.types(job_id)
        assert types[-1] == "done" and types.count("done") == 1
        assert yard.lines()[f"end sleep-{number}"] >= 1


@pytest.mark.parametrize("kind", ["spoil", "exit"])
def test_a_work_that_breaks_in_odd_ways_costs_its_job_and_no_thread(yard: Yard, kind: str) -> None:
    yard.start(job_attempts=1)
    broken, (after,) = yard.submit(kind, 3), yard.submit("sleep", name="after", seconds=0.05)
    yard.wait([*broken, after], 10)
    assert yard.states(broken) == {"dead": 3} and yard.job(after).state == "done"


def test_an_idle_worker_that_is_told_to_end_takes_nothing_along(yard: Yard) -> None:
    for pause in (0.0, 0.1, 0.4):
        worker = yard.start()
        time.sleep(0.3)
        worker.send_signal(signal.SIGTERM)
        time.sleep(pause)
        (job_id,) = yard.submit("deaf", seconds=0.1)
        assert worker.wait(10) == 0
        job = yard.job(job_id)
        assert job.state == "done" or (job.state, job.tries) == ("queued", 0)
        assert job.state == "done" or yard.jobs.store.waiting("image") == [job_id]
        yard.jobs.cancel(job_id)


def test_a_worker_with_many_threads_does_not_starve(shared: Yard) -> None:
    shared.start(job_threads=60)
    ids = shared.submit("sleep", 30, seconds=3 * LEASE)
    shared.wait(ids)
    assert {shared.job(job_id).attempt for job_id in ids} == {1} and shared.states(ids) == {"done": 30}


def test_a_redis_that_refuses_writes_for_a_while_fails_no_job(redis: Redis, tmp_path: Path) -> None:
    yard, client = Yard(redis.fresh(), tmp_path), RedisClient(port=redis.port)
    try:
        yard.start()
        (job_id,) = yard.submit("deaf", seconds=0.5)
        until(lambda: yard.job(job_id).state == "running", 10)
        client.config_set("min-replicas-to-write", 1)
        time.sleep(1.0)  # it wants to end now
        client.config_set("min-replicas-to-write", 0)
        yard.wait([job_id], 15)
        assert yard.types(job_id) == ["queued", "started", "done"]
    finally:
        client.config_set("min-replicas-to-write", 0)
        yard.end()


def test_a_keeper_that_stood_still_accuses_nobody(yard: Yard) -> None:
    store = yard.jobs.store
    (job_id,) = yard.submit("sleep", seconds=1)
    store.change(job_id, lambda job, now: steps.begin(job, "a worker that stood still too", now))
    keeper = Keeper(store, read_settings(job_lease_seconds=LEASE))
    keeper.look()
    time.sleep(1.2 * LEASE)
    keeper.look()
    assert yard.job(job_id).state == "running"
    end = time.monotonic() + 1.2 * LEASE
    while time.monotonic() < end:  # but whoever gives no sign under its eyes is lost
        keeper.look()
        time.sleep(LEASE / 5)
    assert yard.job(job_id).state == "queued"


@pytest.mark.parametrize("kind", ["deaf", "late_echo"])
def test_a_redis_that_dies_and_comes_back_costs_nothing(redis: Redis, tmp_path: Path, kind: str) -> None:
    yard = Yard(redis.fresh(), tmp_path)
    try:
        yard.start()
        ids = yard.submit(kind, 3, seconds=0.8)
        until(lambda: yard.states(ids)["running"] == 1, 10)
        redis.kill()
        time.sleep(1.5)  # the running one ends meanwhile, and cannot say so yet
        redis.start()
        yard.wait(ids)
        assert yard.states(ids) == {"done": 3}
        assert yard.types(ids[0])[-1] == "done" and yard.types(ids[0]).count("done") == 1
    finally:
        yard.end()


def test_a_job_that_was_taken_and_never_begun_is_queued_again(yard: Yard) -> None:
    """Whoever takes an id from its queue may be killed before it has begun the job."""
    job = Job("lost", "sleep", "image", "local", {"name": "lost", "seconds": 0.05}, created=time.time())
    yard.jobs.store.create(job, {}, 10)
    assert yard.jobs.store.queues()["image"].huey.storage.dequeue() == b"lost"
    assert yard.jobs.store.waiting("image") == []
    yard.start()
    yard.wait(["lost"], 10)
    assert yard.job("lost").state == "done"


def test_old_jobs_and_too_many_are_forgotten(yard: Yard) -> None:
    def ended(job_id: str, at: float) -> None:
        store, job = yard.jobs.store, Job(job_id, "sleep", "image", "local", {}, created=at)
        store.create(job, {"sketch": b"x"}, 10)
        store.change(job_id, lambda job, now: steps.begin(job, "w", at))
        store.change(job_id, lambda job, now: steps.end(job, 1, {}, at))

    now = time.time()
    for number in range(5):
        ended(f"new-{number}", now - 5 + number)
    ended("old", now - 100)
    yard.submit("sleep", seconds=1)
    Keeper(yard.jobs.store, read_settings(result_ttl_seconds=50, max_finished_jobs=3)).look()
    assert [job.id for job in yard.jobs.list(state="done")] == ["new-4", "new-3", "new-2"]
    assert yard.jobs.store.file("old", "sketch") is None and len(yard.jobs.list(state="queued")) == 1


def test_purge_takes_what_ended_so_and_nothing_else(yard: Yard) -> None:
    yard.start()
    (done,), (refused,) = yard.submit("sleep", seconds=0.05), yard.submit("refuse")
    yard.wait([done, refused])
    assert yard.jobs.purge(["failed"]) == 1 and [job.id for job in yard.jobs.list()] == [done]
    (runs,) = yard.submit("sleep", name="runs", seconds=20)
    assert yard.jobs.purge() == 1 and [job.id for job in yard.jobs.list()] == [runs]


def test_two_workers_share_the_work(shared: Yard) -> None:
    shared.start()
    shared.start()
    ids = shared.submit("sleep", 8, seconds=0.4)
    shared.wait(ids)
    assert Counter(shared.job(job_id).worker for job_id in ids).most_common()[1][1] >= 3


def test_a_worker_takes_only_from_its_queues(yard: Yard) -> None:
    """Jobs of different queues do not wait for each other."""
    yard.start()
    yard.submit("deaf", name="slow", seconds=3)
    (told,) = yard.submit("sleep", queue="story", name="told", seconds=0.1)
    yard.wait([told], 2.5)


def test_many_jobs_of_one_client_do_not_lose_their_events(yard: Yard) -> None:
    yard.start(job_threads=4)
    ids = yard.submit("sleep", 20, seconds=0.2)
    yard.wait(ids)
    for job_id in ids:
        events = yard.jobs.events(job_id)
        assert [event.data["step"] for event in events if event.type == "progress"] == [0, 1, 2, 3]
        assert [event.number for event in events] == list(range(1, 8))
