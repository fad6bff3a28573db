"""SQLite: a `Store` in one file, for the one process that owns its folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from huey.storage import SqliteStorage

from core.errors import BadSetting, StoreDamaged, StoreError, StoreFull
from server.jobs.errors import QueueFull
from server.jobs.job import Event, Job, Step
from server.jobs.store import QUEUES, Change, Listener, Queue, Sign

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
        options: dict[str, Any] = {"filename": str(path), "timeout": 30, "strict_fifo": True, "fsync": True}
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._storage = SqliteStorage("atelier", **options)
            with self._storage.db(commit=True) as cursor:
                for table in TABLES:
                    cursor.execute(table)
            self._queues = {name: Queue(name, SqliteStorage, **options) for name in QUEUES}

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            reason = str(error)
            if isinstance(error, sqlite3.OperationalError) and ("full" in reason or "disk I/O" in reason):
                raise StoreFull(str(self._path), reason) from error
            if "readonly" in reason or "unable to open" in reason:
                raise BadSetting("DATA_DIR", str(self._path.parent), reason) from error
            if isinstance(error, sqlite3.OperationalError) and "locked" in reason:
                raise StoreError(
                    f"{self._path} is busy ({reason})", "try again; nothing else may write to it"
                ) from error
            raise StoreDamaged(str(self._path), reason) from error
        except OSError as error:
            raise BadSetting("DATA_DIR", str(self._path.parent), error.strerror or str(error)) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        with self._translated(), self._storage.db(commit=True) as cursor:
            yield cursor

    def _select(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._translated():
            return list(self._storage.sql(query, values, results=True))

    def create(self, step: Step, files: Mapping[str, bytes], limit: int) -> Job:
        job = step.job
        with self._writing() as cursor:
            cursor.execute("select record from job where id = ?", (job.id,))
            if present := cursor.fetchone():
                return Job.from_json(present[0])
            cursor.execute("select count(*) from job where state = 'queued' and queue = ?", (job.queue,))
            if cursor.fetchone()[0] >= limit:
                raise QueueFull(job.queue, limit)
            self._write(cursor, step, files)
        self._tell(step)
        return job

    def read(self, job_id: str) -> Job | None:
        found = self._select("select record from job where id = ?", job_id)
        return Job.from_json(found[0][0]) if found else None

    def change(self, job_id: str, change: Change, files: Mapping[str, bytes] | None = None) -> Job | None:
        with self._writing() as cursor:
            cursor.execute("select record from job where id = ?", (job_id,))
            present = cursor.fetchone()
            if present is None:
                return None
            job = Job.from_json(present[0])
            step = change(job)
            if step is None:
                return job
            self._write(cursor, step, files or {})
        self._tell(step)
        return step.job

    @staticmethod
    def _write(cursor: sqlite3.Cursor, step: Step, files: Mapping[str, bytes]) -> None:
        job, event = step
        cursor.execute(
            "insert or replace into job values (?, ?, ?, ?, ?, ?)",
            (job.id, job.queue, job.state, job.created, job.finished, job.to_json()),
        )
        cursor.execute("insert into event values (?, ?, ?)", (job.id, event.number, event.to_json()))
        cursor.executemany(
            "insert or replace into file values (?, ?, ?)", [(job.id, name, data) for name, data in files.items()]
        )
        if job.ended:
            cursor.execute("delete from beat where job = ?", (job.id,))

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
        return [Job.from_json(record) for (record,) in found]

    def forget(self, job_ids: Iterable[str]) -> None:
        with self._writing() as cursor:
            for job_id in job_ids:
                cursor.execute("delete from job where id = ?", (job_id,))
                for table in ("event", "file", "beat"):
                    cursor.execute(f"delete from {table} where job = ?", (job_id,))

    def ended(self) -> list[tuple[str, float]]:
        query = "select id, finished from job where finished is not null order by finished, id"
        return [(job_id, finished) for job_id, finished in self._select(query)]

    def live(self) -> list[Sign]:
        query = (
            "select record, coalesce(mark, '') from job left join beat on job = id where state in ('queued', 'running')"
        )
        signs = []
        for record, mark in self._select(query):
            job = Job.from_json(record)
            signs.append(Sign(job.id, job.queue, job.state, job.attempt, mark))
        return signs

    def beat(self, job_id: str, attempt: int, mark: str) -> None:
        with self._writing() as cursor:
            cursor.execute("insert or replace into beat values (?, ?)", (job_id, f"{attempt} {mark}"))

    def greet(self, worker: str, told: Mapping[str, Any], seconds: float) -> None:
        with self._lock:
            self._workers = {name: known for name, known in self._workers.items() if name != worker}
            if seconds:
                self._workers[worker] = {"name": worker, **told}

    def workers(self) -> list[dict[str, Any]]:
        return list(self._workers.values())  # this process alone has any

    def enqueue(self, job: Job, bump: float = 0.0, delay: float = 0.0) -> None:
        with self._translated():
            self._queues[job.queue].put(job.id, job.priority + bump, delay)

    def waiting(self, queue: str) -> list[str]:
        with self._translated():
            return self._queues[queue].ids()

    def queues(self) -> Mapping[str, Queue]:
        return self._queues

    def listen(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.append(listener)

    def _tell(self, step: Step) -> None:
        for listener in tuple(self._listeners):
            listener(step.job.id, step.event)

    def close(self) -> None:
        self._storage.close()
        for queue in self._queues.values():
            queue.huey.storage.close()
