"""One suite for both stores of jobs."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis as RedisClient

from core.errors import StoreError, StoreUnreachable
from core.settings import read_settings
from server.jobs import steps
from server.jobs.errors import JobsDamaged, KeyReused, NotRetryable, QueueFull, UnknownJob
from server.jobs.job import Event, Job
from server.jobs.jobs import Jobs, open_store
from server.jobs.keeper import Keeper
from server.jobs.store import Store
from tests.redises import Redis, redis_binary
from tests.workers import store_at


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis_binary()
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["sqlite", "redis"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "jobs.db")
    return str(request.getfixturevalue("redis").fresh())


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    store = store_at(address)
    yield store
    store.close()


def make(store: Store, job_id: str = "1", created: float | None = None, files: dict[str, bytes] | None = None) -> Job:
    job = Job(job_id, "sleep", "image", "local", {"n": 1}, created=created or time.time())
    kept = store.create(job, files or {}, 1_000).job
    assert kept is not None
    return kept


def begin(job: Job, now: float) -> steps.Step | None:
    return steps.begin(job, "w", now)


def test_a_job_its_events_and_its_files_are_kept_whole(store: Store) -> None:
    picture = bytes(range(256)) * 1_000
    job = make(store, files={"sketch": picture})
    assert store.read("1") == job and store.file("1", "sketch") == picture
    assert store.read("2") is None and store.file("1", "other") is None and store.file("2", "sketch") is None
    store.change("1", begin)
    after = store.change("1", lambda job, now: steps.end(job, 1, {"name": "北斎"}, 9.0), {"image": b"\x00\xff"}).job
    assert after == store.read("1") and after is not None and after.result == {"name": "北斎"}
    assert store.file("1", "image") == b"\x00\xff"
    assert [event.type for event in store.events("1")] == ["queued", "started", "done"]
    assert [event.number for event in store.events("1", after=1)] == [2, 3]
    assert store.events("1", after=3) == store.events("1", after=99) == store.events("never-was") == []


def test_the_same_id_twice_is_one_job(store: Store) -> None:
    first = make(store, created=1.0)
    assert make(store, created=2.0) == first and len(store.recent(9)) == 1


def test_a_refused_step_changes_nothing(store: Store) -> None:
    job = make(store)

    def refuse(job: Job, now: float) -> steps.Step:
        raise ValueError

    with pytest.raises(ValueError):
        store.change("1", refuse, {"image": b"x"})
    assert store.change("1", lambda job, now: None) == (job, False)
    assert store.change("never-was", begin) == (None, False)
    assert store.read("1") == job and store.file("1", "image") is None and len(store.events("1")) == 1


def test_many_threads_change_one_job_without_losing_a_step(store: Store) -> None:
    make(store)
    assert store.change("1", begin).stepped

    def report(number: int) -> None:
        store.change("1", lambda job, now: steps.report(job, 1, "progress", {"step": number}, 1.0))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(report, range(200)))
    events = store.events("1")
    assert [event.number for event in events] == list(range(1, 203))
    assert sorted(event.data["step"] for event in events[2:]) == list(range(200))


def test_one_of_many_begins_it(store: Store) -> None:
    make(store)
    begun: list[str] = []

    def take(name: str) -> None:
        if store.change("1", lambda job, now: steps.begin(job, name, now)).stepped:
            begun.append(name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, map(str, range(40))))
    assert len(begun) == 1 and store.read("1").worker == begun[0]  # type: ignore[union-attr]


def test_a_queue_takes_as_many_as_it_may_and_not_one_more(store: Store) -> None:
    jobs, refused = Jobs(store, max_queued=10), []

    def submit(number: int) -> None:
        try:
            jobs.submit("sleep", "image", {"n": number}, {"sketch": b"x" * 1_000})
        except QueueFull as full:
            refused.append(full)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(submit, range(40)))
    assert len(refused) == 30 and jobs.depth()["image"]["queued"] == 10 == len(jobs.list())
    assert refused[0].data["retry_after"] > 0
    jobs.submit("tell", "story", {})  # another queue has places of its own
    job = jobs.list(kind="sleep")[0]
    jobs.cancel(job.id)
    jobs.submit("sleep", "image", {})  # there is a place again


def test_order_is_by_priority_then_by_age(store: Store) -> None:
    jobs = Jobs(store)
    ids = [jobs.submit("sleep", "image", {}, priority=priority).id for priority in (0, 0, 5, -5, 0)]
    assert store.waiting("image") == [ids[2], ids[0], ids[1], ids[4], ids[3]]
    assert [jobs.position(jobs.get(job_id)) for job_id in ids] == [2, 3, 1, 5, 4]


def test_pages_newest_first_and_narrowed(store: Store) -> None:
    jobs = Jobs(store)
    for number in range(450):
        owner = "bob" if number % 150 == 0 else "alice"
        store.create(Job(f"j{number:03}", "sleep", "image", owner, {}, created=float(number)), {}, 9_999)
    assert [job.id for job in jobs.list(limit=3)] == ["j449", "j448", "j447"]
    assert [job.id for job in jobs.list(limit=3, before="j447")] == ["j446", "j445", "j444"]
    assert [job.id for job in jobs.list(owner="bob")] == ["j300", "j150", "j000"]
    assert len(jobs.list(limit=500)) == 450 and jobs.list(state="done") == [] == jobs.list(kind="other")
    with pytest.raises(UnknownJob):
        jobs.list(before="never-was")


def test_forgetting_leaves_nothing_behind(store: Store) -> None:
    make(store, files={"sketch": b"x"})
    store.change("1", begin)
    store.beat("1", 1, "1")
    store.change("1", lambda job, now: steps.end(job, 1, {}, 5.0), {"image": b"y"})
    make(store, "2")
    assert store.ended() == [("1", 5.0)] and [sign.id for sign in store.live()] == ["2"]
    store.forget(["1", "never-was"])
    assert store.read("1") is None and store.events("1") == [] and store.file("1", "sketch") is None
    assert store.ended() == [] and [job.id for job in store.recent(9)] == ["2"]


def test_signs_of_life(store: Store) -> None:
    make(store)
    store.change("1", begin)
    (sign,) = store.live()
    assert (sign.state, sign.attempt, sign.beat) == ("running", 1, "")
    store.beat("1", 1, "7")
    assert store.live()[0].beat == "1 7"


def test_workers_are_known_while_they_give_signs(store: Store) -> None:
    store.announce("one", {"queues": ["image"], "threads": 2}, 30)
    store.announce("two", {"queues": ["story"], "threads": 1}, 30)
    assert store.workers() == [
        {"name": "one", "queues": ["image"], "threads": 2},
        {"name": "two", "queues": ["story"], "threads": 1},
    ]
    store.announce("one", {"queues": ["image"], "threads": 2}, 0)
    assert [worker["name"] for worker in store.workers()] == ["two"]
    if store.shared:
        store.announce("two", {"queues": ["story"], "threads": 1}, 0.05)
        time.sleep(0.2)
        assert store.workers() == []


def test_listeners_hear_every_event_once_and_in_order(store: Store) -> None:
    heard: list[Event] = []
    ready = threading.Event()

    def listen(job_id: str | None, event: Event | None) -> None:
        if event is None:
            ready.set()
        elif job_id == "1":
            heard.append(event)

    store.listen(listen)
    if store.shared:
        assert ready.wait(5)
    make(store)
    store.change("1", begin)
    for _ in range(20):
        store.change("1", lambda job, now: steps.report(job, 1, "progress", {}, 1.0))
    end = time.monotonic() + 5
    while len(heard) < 22 and time.monotonic() < end:
        time.sleep(0.01)
    assert [event.number for event in heard] == list(range(1, 23))


def test_what_lies_in_a_queue_is_the_id_and_no_code(store: Store) -> None:
    job = Jobs(store).submit("sleep", "image", {})
    assert [bytes(data) for data in store.queues()["image"].huey.storage.enqueued_items()] == [job.id.encode()]


def test_a_cancelled_job_leaves_its_queue_and_a_place_for_others(store: Store) -> None:
    jobs = Jobs(store, max_queued=3)
    for _ in range(20):
        jobs.cancel(jobs.submit("sleep", "image", {}).id)
    last = jobs.submit("sleep", "image", {})
    assert store.waiting("image") == [last.id] and jobs.position(last) == 1
    store.enqueue(last.id)
    store.enqueue("never-was")
    assert store.waiting("image") == [last.id]


def test_retry_takes_no_place_that_is_not_there(store: Store) -> None:
    jobs = Jobs(store, max_queued=2)
    ended = [jobs.cancel(jobs.submit("sleep", "image", {}).id).id for _ in range(3)]
    jobs.retry(ended[0])
    jobs.retry(ended[1])
    with pytest.raises(QueueFull):
        jobs.retry(ended[2])
    with pytest.raises(NotRetryable):
        jobs.retry(ended[0])
    assert store.waiting("image") == ended[:2]


def test_a_job_that_was_retried_meanwhile_is_not_forgotten(store: Store) -> None:
    jobs = Jobs(store)
    job_id = jobs.cancel(jobs.submit("sleep", "image", {}, {"sketch": b"x"}).id).id
    condemned = [job_id for job_id, _ in store.ended()]
    jobs.retry(job_id)
    assert store.forget(condemned) == 0
    assert jobs.get(job_id).state == "queued" and store.file(job_id, "sketch") == b"x"


def test_an_upload_that_comes_to_nothing_touches_no_other_and_stays_nowhere(address: str, store: Store) -> None:
    jobs = Jobs(store, max_queued=1)

    def ask(number: int) -> str:
        try:
            return jobs.submit("sleep", "image", {}, {"sketch": b"%d" % number}, job_id="k", fingerprint=str(number)).id
        except (KeyReused, QueueFull) as refused:
            return refused.type

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(ask, range(40)))
    assert answers == {"k": 1, "key_reused": 39}
    assert store.file("k", "sketch") == jobs.get("k").fingerprint.encode()
    with pytest.raises(QueueFull):
        jobs.submit("sleep", "image", {}, {"sketch": b"x"})
    if store.shared:
        client = RedisClient.from_url(address)
        assert [key.decode() for key in client.keys("atelier:files:*")] == ["atelier:files:k"]
        assert client.ttl("atelier:files:k") == -1


def test_a_record_that_cannot_be_read_hides_no_other(address: str, store: Store, tmp_path: Path) -> None:
    jobs = Jobs(store)
    good, bad = jobs.submit("sleep", "image", {}), jobs.submit("sleep", "image", {})
    if store.shared:
        RedisClient.from_url(address).set(f"atelier:job:{bad.id}", '{"id": 1}')
    else:
        with sqlite3.connect(address) as other:
            other.execute("update job set record = '{\"id\": 1}' where id = ?", (bad.id,))
    assert [job.id for job in jobs.list()] == [good.id] == [job.id for job in store.live()]
    with pytest.raises(JobsDamaged, match=bad.id):
        jobs.get(bad.id)
    Keeper(store, read_settings()).look()


def test_jobs_are_there_when_the_store_is_opened_again(address: str, store: Store) -> None:
    make(store, files={"sketch": b"x"})
    other = store_at(address)
    assert other.read("1") == store.read("1") and other.file("1", "sketch") == b"x"
    other.close()


def test_a_redis_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(StoreUnreachable, match=r"127\.0\.0\.1:1") as caught:
        store_at("redis://:secret@127.0.0.1:1/0")
    assert "secret" not in str(caught.value) and "REDIS_URL" in str(caught.value)


def test_a_redis_that_wants_another_password_says_so(redis: Redis) -> None:
    client = RedisClient(port=redis.port)
    client.config_set("requirepass", "right")
    try:
        with pytest.raises(StoreError, match="password in REDIS_URL") as caught:
            store_at(redis.url.replace("://", "://:wrong@"))
        assert "wrong@" not in str(caught.value)
    finally:
        RedisClient(port=redis.port, password="right").config_set("requirepass", "")


def test_news_that_nobody_understands_stop_no_others(address: str, store: Store) -> None:
    heard: list[str | None] = []
    store.listen(lambda job_id, event: heard.append(job_id))
    if store.shared:
        client, end = RedisClient.from_url(address), time.monotonic() + 5
        while heard != [None, None] and time.monotonic() < end:
            if heard == [None]:
                client.publish(f"atelier:news:{address.rpartition('/')[2]}", "junk")
            time.sleep(0.05)
    make(store)
    end = time.monotonic() + 5
    while "1" not in heard and time.monotonic() < end:
        time.sleep(0.01)
    assert "1" in heard


def test_a_file_that_is_no_store_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_bytes(b"not a database" * 100)
    with pytest.raises(Exception, match=r"jobs\.db cannot be read"):
        store_at(str(tmp_path / "jobs.db"))


def test_a_redis_that_keeps_nothing_is_told_of(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    settings = read_settings(redis_url=redis.fresh(), chroma_url="http://127.0.0.1:1")
    open_store(settings).close()
    assert not caplog.records
    client = RedisClient(port=redis.port)
    try:
        client.config_set("appendonly", "no")
        open_store(settings).close()
        assert "appendonly" in caplog.text
    finally:
        client.config_set("appendonly", "yes")
