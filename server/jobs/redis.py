"""Redis: a `Store` that API processes and workers on any machine share."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from huey.storage import PriorityRedisStorage
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import ConnectionError, OutOfMemoryError, RedisError, ResponseError, TimeoutError, WatchError
from redis.retry import Retry

from core.errors import BadSetting, StoreError, StoreFull, StoreUnreachable
from server.jobs.errors import QueueFull
from server.jobs.job import Event, Job, Step
from server.jobs.store import QUEUES, Change, Listener, Queue, Sign

log = logging.getLogger("atelier")

PREFIX = "atelier:"
ALL, ENDED, LIVE, BEATS, NEWS = (f"{PREFIX}{name}" for name in ("jobs", "ended", "live", "beats", "news"))
WORKER = f"{PREFIX}worker:"
ORPHAN = 3_600  # s; files of a job that was never kept go away by themselves
PATIENCE = 5.0  # s; of a server that takes a connection and says nothing


def _job(job_id: str) -> str:
    return f"{PREFIX}job:{job_id}"


def _events(job_id: str) -> str:
    return f"{PREFIX}events:{job_id}"


def _files(job_id: str) -> str:
    return f"{PREFIX}files:{job_id}"


def _queued(queue: str) -> str:
    return f"{PREFIX}queued:{queue}"


def _hash(files: Mapping[str, bytes]) -> Any:
    return dict(files)


class RedisStore:
    """Every change is one MULTI/EXEC that fails where somebody else changed the job meanwhile, and is tried again."""

    shared = True

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        self.address = urlunsplit((parts.scheme, host, parts.path, "", ""))  # without the password
        try:
            pool = ConnectionPool.from_url(
                url,
                socket_timeout=PATIENCE,
                socket_connect_timeout=PATIENCE,
                health_check_interval=30,
                retry=Retry(NoBackoff(), 1),  # a connection that the server closed is opened anew, once
            )
        except ValueError as error:
            raise BadSetting("REDIS_URL", "...", str(error)) from error
        with self._translated():
            self._redis = Redis(connection_pool=pool)
            self._redis.ping()
            self._queues = {name: Queue(name, PriorityRedisStorage, connection_pool=pool) for name in QUEUES}
        self._listener: Thread | None = None
        self._listeners: list[Listener] = []
        self._closing = Flag()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (ConnectionError, TimeoutError) as error:
            raise StoreUnreachable("REDIS_URL", self.address, str(error)) from error
        except OutOfMemoryError as error:
            raise StoreFull(self.address, str(error)) from error
        except RedisError as error:
            raise StoreError(f"{self.address} refuses ({error})", "look into Redis's log") from error

    def persistence(self) -> str | None:
        """What is wrong with how this Redis keeps its data; None where nothing is, or where it does not say."""
        try:
            found: Any = self._redis.config_get("appendonly", "maxmemory-policy")
        except ResponseError:  # a hosted Redis may not tell
            return None
        if found.get("appendonly") == "no":
            return "it runs without --appendonly yes: jobs are lost when it ends"
        if found.get("maxmemory-policy", "noeviction") != "noeviction":
            return f"its maxmemory-policy is {found['maxmemory-policy']}: it may throw jobs away"
        return None

    def create(self, step: Step, files: Mapping[str, bytes], limit: int) -> Job:
        job = step.job
        queued = _queued(job.queue)

        def unless_present(pipe: Pipeline) -> Job:
            found: Any = pipe.get(_job(job.id))
            count: Any = pipe.scard(queued)
            pipe.multi()
            if found is not None:
                return Job.from_json(found)
            if count >= limit:
                raise QueueFull(job.queue, limit)
            self._write(pipe, step, {})
            pipe.persist(_files(job.id))
            return job

        with self._translated():
            present: Any = self._redis.get(_job(job.id))
            if present is not None:
                return Job.from_json(present)
            if files:  # before and apart, since a large sketch would be sent again with every attempt at the rest
                with self._redis.pipeline() as pipe:
                    pipe.hset(_files(job.id), mapping=_hash(files))
                    pipe.expire(_files(job.id), ORPHAN)
                    pipe.execute()
            kept: Job = self._atomically(unless_present, _job(job.id), queued)
            return kept

    def _atomically(self, work: Callable[[Pipeline], Any], *watched: str) -> Any:
        with self._redis.pipeline() as pipe:
            while True:
                try:
                    pipe.watch(*watched)  # type: ignore[no-untyped-call]
                    value = work(pipe)
                    pipe.execute()
                    return value
                except WatchError:
                    continue
                finally:
                    pipe.reset()

    def read(self, job_id: str) -> Job | None:
        with self._translated():
            found: Any = self._redis.get(_job(job_id))
        return None if found is None else Job.from_json(found)

    def change(self, job_id: str, change: Change, files: Mapping[str, bytes] | None = None) -> Job | None:
        def changed(pipe: Pipeline) -> Job | None:
            found: Any = pipe.get(_job(job_id))
            job = None if found is None else Job.from_json(found)
            step = None if job is None else change(job)
            pipe.multi()
            if step is None:
                return job
            self._write(pipe, step, files or {})
            return step.job

        with self._translated():
            job: Job | None = self._atomically(changed, _job(job_id))
            return job

    @staticmethod
    def _write(pipe: Pipeline, step: Step, files: Mapping[str, bytes]) -> None:
        job, event = step
        told = event.to_json()
        pipe.set(_job(job.id), job.to_json())
        pipe.rpush(_events(job.id), told)
        pipe.zadd(ALL, {job.id: job.created})
        if files:
            pipe.hset(_files(job.id), mapping=_hash(files))
        (pipe.sadd if job.state == "queued" else pipe.srem)(_queued(job.queue), job.id)
        if job.ended:
            pipe.srem(LIVE, job.id)
            pipe.hdel(BEATS, job.id)
            pipe.zadd(ENDED, {job.id: job.finished or 0.0})
        else:
            pipe.sadd(LIVE, job.id)
            pipe.zrem(ENDED, job.id)
        pipe.publish(NEWS, f"{job.id} {told}")

    def events(self, job_id: str, after: int = 0) -> list[Event]:
        with self._translated():
            found: Any = self._redis.lrange(_events(job_id), after, -1)
        return [Event.from_json(record) for record in found]

    def file(self, job_id: str, name: str) -> bytes | None:
        with self._translated():
            found: Any = self._redis.hget(_files(job_id), name)
        return found if found is None else bytes(found)

    def recent(self, limit: int, before: str | None = None) -> list[Job]:
        with self._translated():
            rank: Any = None if before is None else self._redis.zrevrank(ALL, before)
            if before is not None and rank is None:
                return []
            start = 0 if rank is None else rank + 1
            ids: Any = self._redis.zrevrange(ALL, start, start + limit - 1)
            found: Any = self._redis.mget([_job(job_id.decode()) for job_id in ids]) if ids else []
        return [Job.from_json(record) for record in found if record is not None]

    def forget(self, job_ids: Iterable[str]) -> None:
        with self._translated():
            for job_id in job_ids:
                with self._redis.pipeline() as pipe:
                    pipe.delete(_job(job_id), _events(job_id), _files(job_id))
                    pipe.zrem(ALL, job_id)
                    pipe.zrem(ENDED, job_id)
                    pipe.srem(LIVE, job_id)
                    pipe.hdel(BEATS, job_id)
                    for queue in QUEUES:
                        pipe.srem(_queued(queue), job_id)
                    pipe.execute()

    def ended(self) -> list[tuple[str, float]]:
        with self._translated():
            found: Any = self._redis.zrange(ENDED, 0, -1, withscores=True)
        return [(job_id.decode(), finished) for job_id, finished in found]

    def live(self) -> list[Sign]:
        with self._translated():
            ids: Any = sorted(job_id.decode() for job_id in self._redis.smembers(LIVE))  # type: ignore[union-attr]
            if not ids:
                return []
            records: Any = self._redis.mget([_job(job_id) for job_id in ids])
            marks: Any = self._redis.hmget(BEATS, ids)
        signs = []
        for record, mark in zip(records, marks, strict=True):
            if record is not None:
                job = Job.from_json(record)
                signs.append(Sign(job.id, job.queue, job.state, job.attempt, (mark or b"").decode()))
        return signs

    def beat(self, job_id: str, attempt: int, mark: str) -> None:
        with self._translated():
            self._redis.hset(BEATS, job_id, f"{attempt} {mark}")

    def greet(self, worker: str, told: Mapping[str, Any], seconds: float) -> None:
        with self._translated():
            if seconds:
                self._redis.set(f"{WORKER}{worker}", json.dumps({"name": worker, **told}), px=round(seconds * 1000))
            else:
                self._redis.delete(f"{WORKER}{worker}")

    def workers(self) -> list[dict[str, Any]]:
        with self._translated():
            keys: Any = sorted(self._redis.scan_iter(match=f"{WORKER}*", count=1_000))
            found: Any = self._redis.mget(keys) if keys else []
        return [json.loads(told) for told in found if told is not None]

    def enqueue(self, job: Job, bump: float = 0.0, delay: float = 0.0) -> None:
        with self._translated():
            self._queues[job.queue].put(job.id, job.priority + bump, delay)

    def waiting(self, queue: str) -> list[str]:
        with self._translated():
            return self._queues[queue].ids()

    def queues(self) -> Mapping[str, Queue]:
        return self._queues

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)
        if self._listener is None:
            self._listener = Thread(target=self._hear, name="jobs-news", daemon=True)
            self._listener.start()

    def _hear(self) -> None:
        while not self._closing.is_set():
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:  # type: ignore[no-untyped-call]
                    pubsub.subscribe(NEWS)
                    self._tell(None, None)  # what happened while nobody listened
                    while not self._closing.is_set():
                        message = pubsub.get_message(timeout=1.0)
                        if message is not None:
                            job_id, _, told = message["data"].decode().partition(" ")
                            self._tell(job_id, Event.from_json(told))
            except RedisError:  # it will be back; whoever asks it meanwhile is told
                time.sleep(0.5)

    def _tell(self, job_id: str | None, event: Event | None) -> None:
        for listener in tuple(self._listeners):
            listener(job_id, event)

    def close(self) -> None:
        self._closing.set()
        if self._listener is not None:
            self._listener.join(3)
        self._redis.connection_pool.disconnect()
