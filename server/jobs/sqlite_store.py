"""SQLite: a `Store` in one file, for the one process that owns its folder."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from huey.storage import SqliteStorage

from core.errors import BadSetting, StoreError, StoreFull
from server.jobs import steps
from server.jobs.errors import JobsDamaged, QueueFull
from server.jobs.job import Event, Job
from server.jobs.queue import Queue
from server.jobs.steps import Step
from server.jobs.store import QUEUES, Change, Changed, Listener, LiveJob, enters, leaves, readable

TABLES = (
    "create table if not exists job (id text primary key, queue text not null, state text not null,"
    " created real not null, finished real, record text not null) without rowid",
    "create index if not exists job_state on job (state, queue)",
    "create index if not exists job_created on job (created)",
    "create table if not exists event (job text, number integer, record text not null,"
    " primary key (job, number)) without rowid",
    "create table if not exists file (job text, name text, data blob not null, primary key (job, name))",
    "create table if not exists beat (job text primary key, mark text not null) without rowid",
)


class SqliteStore:
    """Every change is one transaction, on disk before anybody is told of it."""

    shared = False

    def __init__(self, path: Path) -> None:
        self._path, self._listeners, self._lock = path, list[Listener](), Lock()
        self._workers: dict[str, dict[str, Any]] = {}
        self._closed = False
        options: dict[str, Any] = {"filename": str(path), "timeout": 30, "strict_fifo": True, "fsync": True}
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(path)) as first:
                first.execute("pragma auto_vacuum = incremental")  # works before the first table alone
                for table in TABLES:
                    first.execute(table)
            self._storage = SqliteStorage("atelier", **options)
            self._queues = {name: Queue(name, SqliteStorage, **options) for name in QUEUES}

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._closed:
            raise StoreError(f"{self._path} is closed", "this process ends")
        try:
            yield
        except sqlite3.Error as error:
            reason = str(error)
            if isinstance(error, sqlite3.OperationalError) and ("full" in reason or "disk I/O" in reason):
                raise StoreFull(str(self._path), reason) from error
            if "readonly" in reason or "unable to open" in reason:
                raise BadSetting("DATA_DIR", str(self._path.parent), f"{self._path.name}: {reason}") from error
            if isinstance(error, sqlite3.OperationalError) and "locked" in reason:
                raise StoreError(f"{self._path} is busy ({reason})", "try again") from error
            raise JobsDamaged(str(self._path), reason) from error
        except OSError as error:
            raise BadSetting("DATA_DIR", str(self._path.parent), error.strerror or str(error)) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        with self._translated(), self._storage.db(commit=True) as cursor:
            yield cursor

    def _select(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._translated():
            return list(self._storage.sql(query, values, results=True))

    def now(self) -> float:
        return time.time()

    def create(self, job: Job, files: Mapping[str, bytes], limit: int) -> Changed:
        step = steps.create(job)
        with self._writing() as cursor:
            present = self._record(cursor, job.id)
            if present is not None:
                return Changed(present, False)
            self._write(cursor, step, files, (), limit)
        self._tell(step)
        return Changed(step.job, True)

    def read(self, job_id: str) -> Job | None:
        with self._translated(), self._storage.db() as cursor:
            return self._record(cursor, job_id)

    def _record(self, cursor: sqlite3.Cursor, job_id: str) -> Job | None:
        cursor.execute("select record from job where id = ?", (job_id,))
        found = cursor.fetchone()
        try:
            return None if found is None else Job.from_json(found[0])
        except (ValueError, TypeError) as error:
            raise JobsDamaged(f"{self._path}, job {job_id},", str(error)) from error

    def change(
        self,
        job_id: str,
        change: Change,
        files: Mapping[str, bytes] | None = None,
        spent: Iterable[str] = (),
        limit: int | None = None,
    ) -> Changed:
        with self._writing() as cursor:
            job = self._record(cursor, job_id)
            step = None if job is None else change(job, self.now())
            if step is None:
                return Changed(job, False)
            self._write(cursor, step, files or {}, spent, limit)
        self._tell(step)
        return Changed(step.job, True)

    def _write(
        self, cursor: sqlite3.Cursor, step: Step, files: Mapping[str, bytes], spent: Iterable[str], limit: int | None
    ) -> None:
        job, event = step
        if limit is not None:
            cursor.execute("select count(*) from job where state = 'queued' and queue = ?", (job.queue,))
            if cursor.fetchone()[0] >= limit:
                raise QueueFull(job.queue, limit)
        cursor.execute(
            "insert or replace into job values (?, ?, ?, ?, ?, ?)",
            (job.id, job.queue, job.state, job.created, job.finished, job.to_json()),
        )
        cursor.execute("insert into event values (?, ?, ?)", (job.id, event.number, event.to_json()))
        cursor.executemany(
            "insert or replace into file values (?, ?, ?)", [(job.id, name, data) for name, data in files.items()]
        )
        cursor.executemany("delete from file where job = ? and name = ?", [(job.id, name) for name in spent])
        if leaves(step) or enters(step):
            self._take_out(cursor, job)
        if enters(step):
            self._put_in(cursor, job)
        if job.ended:
            cursor.execute("delete from beat where job = ?", (job.id,))

    def _take_out(self, cursor: sqlite3.Cursor, job: Job) -> None:
        queue = self._queues[job.queue].huey.storage.name
        cursor.execute("delete from task where queue = ? and data = ?", (queue, job.id.encode()))

    def _put_in(self, cursor: sqlite3.Cursor, job: Job) -> None:
        queue = self._queues[job.queue].huey.storage.name
        values = (queue, job.id.encode(), job.rank)
        cursor.execute("insert into task (queue, data, priority) values (?, ?, ?)", values)

    def events(self, job_id: str, after: int = 0) -> list[Event]:
        query = "select record from event where job = ? and number > ? order by number"
        return [Event.from_json(record) for (record,) in self._select(query, job_id, after)]

    def file(self, job_id: str, name: str) -> bytes | None:
        found = self._select("select data from file where job = ? and name = ?", job_id, name)
        return bytes(found[0][0]) if found else None

    def recent(self, limit: int, before: str | None = None) -> list[Job]:
        query = "select record from job {} order by created desc, id desc limit ?"
        if before is None:
            found = self._select(query.format(""), limit)
        else:
            older = "where (created, id) < (select created, id from job where id = ?)"
            found = self._select(query.format(older), before, limit)
        return [job for (record,) in found if (job := readable(record)) is not None]

    def ended(self) -> list[tuple[str, float]]:
        query = "select id, finished from job where finished is not null order by finished, id"
        return [(job_id, finished) for job_id, finished in self._select(query)]

    def forget(self, job_ids: Iterable[str]) -> int:
        count = 0
        with self._writing() as cursor:
            for job_id in job_ids:
                cursor.execute("delete from job where id = ? and finished is not null", (job_id,))
                if cursor.rowcount:
                    count += 1
                    for table in ("event", "file"):
                        cursor.execute(f"delete from {table} where job = ?", (job_id,))
        if count:
            self._give_space_back()
        return count

    def _give_space_back(self) -> None:
        with self._translated(), self._storage.db() as cursor:
            cursor.executescript("pragma incremental_vacuum")  # `execute` would free a single page
            cursor.execute("pragma wal_checkpoint(truncate)")

    def live(self) -> list[LiveJob]:
        query = (
            "select record, coalesce(mark, '') from job left join beat on job = id where state in ('queued', 'running')"
        )
        found = [(readable(record), mark) for record, mark in self._select(query)]
        return [LiveJob(job.id, job.queue, job.state, job.attempt, mark) for job, mark in found if job is not None]

    def beat(self, job_id: str, attempt: int, mark: str) -> None:
        with self._writing() as cursor:
            cursor.execute("insert or replace into beat values (?, ?)", (job_id, f"{attempt} {mark}"))

    def announce(self, worker: str, told: Mapping[str, Any], seconds: float) -> None:
        with self._lock:
            self._workers = {name: known for name, known in self._workers.items() if name != worker}
            if seconds:
                self._workers[worker] = {"name": worker, **told}

    def workers(self) -> list[dict[str, Any]]:
        return list(self._workers.values())  # this process alone has any

    def waiting(self, queue: str) -> list[str]:
        with self._translated():
            return [bytes(data).decode() for data in self._queues[queue].huey.storage.enqueued_items()]

    def enqueue(self, job_id: str) -> None:
        with self._writing() as cursor:
            job = self._record(cursor, job_id)
            if job is None or job.state != "queued":
                return
            self._take_out(cursor, job)
            self._put_in(cursor, job)
        self._queues[job.queue].ring()

    def queues(self) -> Mapping[str, Queue]:
        return self._queues

    def listen(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.append(listener)

    def _tell(self, step: Step) -> None:
        if enters(step):
            self._queues[step.job.queue].ring()
        for listener in tuple(self._listeners):
            listener(step.job.id, step.event)

    def close(self) -> None:
        self._closed = True
        self._storage.close()
        for queue in self._queues.values():
            queue.huey.storage.close()
