"""Jobs: ask for work, see how far it is, cancel it, run it again, forget it. What servers and command lines use."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from core.errors import BadValue, NotFound
from core.settings import Settings
from server.jobs import job as steps
from server.jobs.errors import KeyReused, QueueFull, UnknownJob
from server.jobs.job import FINAL, HIGHEST, LOWEST, Event, Job
from server.jobs.store import Store

log = logging.getLogger("atelier")

PAGE = 200
PATIENCE = 600  # s; the longest Retry-After


def open_store(settings: Settings) -> Store:
    """Redis where the settings name one; otherwise a file, whose folder this process must own."""
    if settings.shared_jobs is not None:
        from server.jobs.redis import RedisStore

        shared = RedisStore(settings.shared_jobs)
        if weakness := shared.persistence():
            log.warning("REDIS_URL=%s: %s", shared.address, weakness)
        return shared
    from server.jobs.sqlite import SqliteStore

    return SqliteStore(settings.data_dir / "jobs.db")


def open_jobs(settings: Settings) -> Jobs:
    return Jobs(open_store(settings), settings.max_queued_jobs)


class Jobs:
    """Thread-safe. `owner` narrows a call to the jobs of one key; others' are unknown to it."""

    def __init__(self, store: Store, max_queued: int = 256) -> None:
        self.store, self._max_queued = store, max_queued

    def submit(
        self,
        kind: str,
        queue: str,
        parameters: Mapping[str, Any],
        files: Mapping[str, bytes] | None = None,
        *,
        owner: str = "local",
        priority: int = 0,
        job_id: str | None = None,
        fingerprint: str = "",
    ) -> Job:
        """A job that is on disk when this returns. The same `job_id` twice is one job; raises `QueueFull`, and
        `KeyReused` where that id was another request's."""
        if not LOWEST <= priority <= HIGHEST:
            raise BadValue("priority", priority, f"a whole number from {LOWEST} to {HIGHEST}, higher first")
        wanted = Job(
            id=job_id or new_id(),
            kind=kind,
            queue=queue,
            owner=owner,
            parameters=parameters,
            created=time.time(),
            priority=priority,
            fingerprint=fingerprint,
        )
        try:
            kept = self.store.create(steps.create(wanted), files or {}, self._max_queued)
        except QueueFull as full:
            raise QueueFull(queue, self._max_queued, self._retry_after(queue)) from full
        if kept.fingerprint != fingerprint:
            raise KeyReused(kept.id)
        if kept is wanted or kept.last_event == 1:  # an enqueued id twice is begun once
            self.store.enqueue(kept)
        return kept

    def _retry_after(self, queue: str) -> int:
        """Seconds until about half of those that wait will have begun, by what the latest took."""
        latest = [job for job in self.store.recent(PAGE) if job.queue == queue]
        took = [job.finished - job.started for job in latest if job.state == "done" and job.finished and job.started]
        running = sum(sign.state == "running" for sign in self.store.live()) or 1
        mean = sum(took) / len(took) if took else 5.0
        return round(min(PATIENCE, max(1.0, mean * self._max_queued / 2 / running)))

    def get(self, job_id: str, owner: str | None = None) -> Job:
        return self._mine(self.store.read(job_id), job_id, owner)

    @staticmethod
    def _mine(job: Job | None, job_id: str, owner: str | None) -> Job:
        if job is None or owner not in (None, job.owner):
            raise UnknownJob(job_id)
        return job

    def position(self, job: Job) -> int | None:
        """Its place among those that wait, 1 is next; None where it does not wait."""
        return self.positions([job]).get(job.id)

    def positions(self, jobs: Iterable[Job]) -> dict[str, int]:
        """The places of those among these jobs that wait."""
        places: dict[str, int] = {}
        queued = [job for job in jobs if job.state == "queued"]
        for queue in {job.queue for job in queued}:
            places |= {job_id: place for place, job_id in enumerate(self.store.waiting(queue), 1)}
        return {job.id: places.get(job.id, 1) for job in queued}  # one that is just being taken is next

    def events(self, job_id: str, after: int = 0) -> list[Event]:
        return self.store.events(job_id, after)

    def file(self, job_id: str, name: str, owner: str | None = None) -> bytes:
        self.get(job_id, owner)
        data = self.store.file(job_id, name)
        if data is None:
            raise NotFound(f"job {job_id} has no file {name[:80]!r}", "its result names those it has", job=job_id)
        return data

    def cancel(self, job_id: str, owner: str | None = None) -> Job:
        """One that waits is cancelled when this returns, one that runs at its next report. Idempotent."""
        self.get(job_id, owner)
        return self._change(job_id, lambda job: steps.cancel(job, time.time()))

    def retry(self, job_id: str, owner: str | None = None) -> Job:
        """Run a failed, cancelled or dead job again; raises `NotRetryable`."""
        self.get(job_id, owner)
        job = self._change(job_id, lambda job: steps.retry(job, time.time()))
        self.store.enqueue(job)
        return job

    def _change(self, job_id: str, change: Callable[[Job], steps.Step | None]) -> Job:
        return self._mine(self.store.change(job_id, change), job_id, None)

    def purge(self, states: Collection[str] = FINAL, owner: str | None = None) -> int:
        """Forget the ended jobs of these states, with their pictures."""
        if not set(states) <= set(FINAL):
            raise BadValue("state", ", ".join(states), f"one that a job ends in: {', '.join(FINAL)}")
        ids = [job_id for job_id, _ in self.store.ended()]
        jobs = [job for job_id in ids if (job := self.store.read(job_id)) is not None]
        gone = [job.id for job in jobs if job.state in states and owner in (None, job.owner)]
        self.store.forget(gone)
        return len(gone)

    def depth(self) -> dict[str, dict[str, int]]:
        """How many wait and run in each queue."""
        counts = {queue: {"queued": 0, "running": 0} for queue in self.store.queues()}
        for sign in self.store.live():
            counts[sign.queue][sign.state] += 1
        return counts

    def list(
        self,
        state: str | None = None,
        kind: str | None = None,
        limit: int = 50,
        before: str | None = None,
        owner: str | None = None,
    ) -> list[Job]:
        """The newest first; `before`: what is older than that job."""
        wanted = {"state": state, "kind": kind, "owner": owner}
        found: list[Job] = []
        while len(found) < limit:
            page = self.store.recent(PAGE, before)
            found += [job for job in page if all(v in (None, getattr(job, name)) for name, v in wanted.items())]
            if len(page) < PAGE:
                break
            before = page[-1].id
        return found[:limit]


def new_id() -> str:
    """Not to be guessed, and safe in a path."""
    return secrets.token_hex(12)
