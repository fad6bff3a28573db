"""Redis: a `Store` that API processes and workers on any machine share."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress
from secrets import token_hex
from typing import Any

from huey.storage import PriorityRedisStorage
from redis.client import Pipeline
from redis.exceptions import RedisError

from server.jobs import steps
from server.jobs.errors import JobsDamaged, QueueFull
from server.jobs.job import Event, Job
from server.jobs.queue import Queue
from server.jobs.redis_server import RedisServer
from server.jobs.steps import Step
from server.jobs.store import QUEUES, Change, Changed, Listener, LiveJob, enters, leaves, readable

PREFIX = "atelier:"
ALL, ENDED, LIVE, BEATS, WORKERS = (f"{PREFIX}{name}" for name in ("jobs", "ended", "live", "beats", "workers"))
ORPHAN = 3_600  # s; files of a job that was never kept go away by themselves


def _job(job_id: str) -> str:
    return f"{PREFIX}job:{job_id}"


def _events(job_id: str) -> str:
    return f"{PREFIX}events:{job_id}"


def _files(job_id: str) -> str:
    return f"{PREFIX}files:{job_id}"


def _queued(queue: str) -> str:
    return f"{PREFIX}queued:{queue}"


class RedisStore:
    """Every change is one MULTI/EXEC that fails where somebody else changed the job meanwhile, and is tried again."""

    shared = True

    def __init__(self, url: str) -> None:
        self.server = RedisServer(url, f"{PREFIX}news")
        self._redis = self.server.redis
        self._queues = {name: Queue(name, PriorityRedisStorage, connection_pool=self.server.pool) for name in QUEUES}

    def now(self) -> float:
        with self.server.translated():
            return self.server.now()

    def create(self, job: Job, files: Mapping[str, bytes], limit: int) -> Changed:
        step = steps.create(job)
        upload = _files(f"upload:{token_hex(8)}")

        def kept_or_room(redis: Any) -> Job | None:
            full = redis.scard(_queued(job.queue)) >= limit  # first, since what fills the queue may be this very job
            present = self._record(redis, job.id)
            if present is None and full:
                raise QueueFull(job.queue, limit)
            return present

        def unless_present(pipe: Pipeline) -> Changed:
            present = kept_or_room(pipe)
            pipe.multi()
            if present is not None:
                ours = present.to_json() == step.job.to_json()  # where the answer to an earlier EXEC was lost
                return Changed(present, ours)
            if files:
                pipe.rename(upload, _files(job.id))
                pipe.persist(_files(job.id))
            self._write(pipe, step, {}, ())
            return Changed(step.job, True)

        with self.server.translated():
            if (present := kept_or_room(self._redis)) is not None:
                return Changed(present, False)
            if files:  # before and apart, since a large sketch would be sent again with every attempt at the rest
                with self._redis.pipeline() as pipe:
                    pipe.hset(upload, mapping=_hash(files))
                    pipe.expire(upload, ORPHAN)
                    pipe.execute()
            try:
                return self.server.atomically(unless_present, _job(job.id), _queued(job.queue))
            finally:
                with suppress(RedisError):  # it goes away by itself
                    self._redis.delete(upload)

    def _record(self, redis: Any, job_id: str) -> Job | None:
        found: Any = redis.get(_job(job_id))
        try:
            return None if found is None else Job.from_json(found)
        except (ValueError, TypeError) as error:
            raise JobsDamaged(f"{self.server.address}, job {job_id},", str(error)) from error

    def read(self, job_id: str) -> Job | None:
        with self.server.translated():
            return self._record(self._redis, job_id)

    def change(
        self,
        job_id: str,
        change: Change,
        files: Mapping[str, bytes] | None = None,
        spent: Iterable[str] = (),
        limit: int | None = None,
    ) -> Changed:
        tried: list[Step] = []

        def changed(pipe: Pipeline) -> Changed:
            job = self._record(pipe, job_id)
            if tried and job is not None and job.to_json() == tried[-1].job.to_json():  # the answer to EXEC was lost
                pipe.multi()
                return Changed(job, True)
            step = None if job is None else change(job, self.server.now(pipe))
            if step is not None and limit is not None and pipe.scard(_queued(step.job.queue)) >= limit:
                raise QueueFull(step.job.queue, limit)
            pipe.multi()
            if step is None:
                return Changed(job, False)
            tried.append(step)
            self._write(pipe, step, files or {}, spent)
            return Changed(step.job, True)

        with self.server.translated():
            return self.server.atomically(changed, _job(job_id))

    def _write(self, pipe: Pipeline, step: Step, files: Mapping[str, bytes], spent: Iterable[str]) -> None:
        job, event = step
        told = event.to_json()
        pipe.set(_job(job.id), job.to_json())
        pipe.rpush(_events(job.id), told)
        pipe.zadd(ALL, {job.id: job.created})
        if files:
            pipe.hset(_files(job.id), mapping=_hash(files))
        if gone := list(spent):
            pipe.hdel(_files(job.id), *gone)
        key, member = self._place(job)
        if enters(step):
            pipe.zadd(key, {member: -job.rank})
        elif leaves(step):
            pipe.zrem(key, member)
        (pipe.sadd if job.state == "queued" else pipe.srem)(_queued(job.queue), job.id)
        if job.ended:
            pipe.srem(LIVE, job.id)
            pipe.hdel(BEATS, job.id)
            pipe.zadd(ENDED, {job.id: job.finished or 0.0})
        else:
            pipe.sadd(LIVE, job.id)
            pipe.zrem(ENDED, job.id)
        pipe.publish(self.server.news, f"{job.id} {told}")

    def _place(self, job: Job) -> tuple[str, bytes]:
        """The sorted set of a job's queue, and what lies there for it: as huey has it, the time and the task."""
        key: str = self._queues[job.queue].huey.storage.queue_key
        return key, struct.pack(">Q", int(job.created * 1e6)) + job.id.encode()

    def events(self, job_id: str, after: int = 0) -> list[Event]:
        with self.server.translated():
            found: Any = self._redis.lrange(_events(job_id), after, -1)
        return [Event.from_json(record) for record in found]

    def file(self, job_id: str, name: str) -> bytes | None:
        with self.server.translated():
            found: Any = self._redis.hget(_files(job_id), name)
        return found if found is None else bytes(found)

    def recent(self, limit: int, before: str | None = None) -> list[Job]:
        with self.server.translated():
            rank: Any = None if before is None else self._redis.zrevrank(ALL, before)
            if before is not None and rank is None:
                return []
            start = 0 if rank is None else rank + 1
            ids: Any = self._redis.zrevrange(ALL, start, start + limit - 1)
            found: Any = self._redis.mget([_job(job_id.decode()) for job_id in ids]) if ids else []
        return [job for record in found if record is not None and (job := readable(record)) is not None]

    def ended(self) -> list[tuple[str, float]]:
        with self.server.translated():
            found: Any = self._redis.zrange(ENDED, 0, -1, withscores=True)
        return [(job_id.decode(), finished) for job_id, finished in found]

    def forget(self, job_ids: Iterable[str]) -> int:
        def forgotten(pipe: Pipeline) -> bool:
            found: Any = pipe.get(_job(job_id))
            job = None if found is None else readable(found)
            pipe.multi()
            if job is not None and not job.ended:
                return False
            pipe.delete(_job(job_id), _events(job_id), _files(job_id))
            for key in (ALL, ENDED):
                pipe.zrem(key, job_id)
            return job is not None

        count = 0
        with self.server.translated():
            for job_id in job_ids:
                count += self.server.atomically(forgotten, _job(job_id))
        return count

    def live(self) -> list[LiveJob]:
        with self.server.translated():
            members: Any = self._redis.smembers(LIVE)
            ids = sorted(job_id.decode() for job_id in members)
            if not ids:
                return []
            records: Any = self._redis.mget([_job(job_id) for job_id in ids])
            marks: Any = self._redis.hmget(BEATS, ids)
        found = [
            (readable(record), (mark or b"").decode()) for record, mark in zip(records, marks, strict=True) if record
        ]
        return [LiveJob(job.id, job.queue, job.state, job.attempt, mark) for job, mark in found if job is not None]

    def beat(self, job_id: str, attempt: int, mark: str) -> None:
        with self.server.translated():
            self._redis.hset(BEATS, job_id, f"{attempt} {mark}")

    def announce(self, worker: str, told: Mapping[str, Any], seconds: float) -> None:
        member = json.dumps({"name": worker, **told})
        with self.server.translated():
            if seconds:
                self._redis.zadd(WORKERS, {member: self.server.now() + seconds})
            else:
                self._redis.zrem(WORKERS, member)

    def workers(self) -> list[dict[str, Any]]:
        with self.server.translated():
            now = self.server.now()
            self._redis.zremrangebyscore(WORKERS, "-inf", now)
            found: Any = self._redis.zrange(WORKERS, 0, -1)
        return sorted((json.loads(told) for told in found), key=lambda worker: str(worker["name"]))

    def waiting(self, queue: str) -> list[str]:
        with self.server.translated():
            return [bytes(data).decode() for data in self._queues[queue].huey.storage.enqueued_items()]

    def enqueue(self, job_id: str) -> None:
        def placed(pipe: Pipeline) -> None:
            job = self._record(pipe, job_id)
            pipe.multi()
            if job is not None and job.state == "queued":
                key, member = self._place(job)
                pipe.zadd(key, {member: -job.rank})

        with self.server.translated():
            self.server.atomically(placed, _job(job_id))

    def queues(self) -> Mapping[str, Queue]:
        return self._queues

    def listen(self, listener: Listener) -> None:
        self.server.listen(listener)

    def close(self) -> None:
        self.server.close()


def _hash(files: Mapping[str, bytes]) -> Any:
    return dict(files)
