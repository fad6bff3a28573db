"""Jobs: ask for work, see how far it is, cancel it, run it again, forget it. What servers and command lines use."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from core.errors import AtelierError, BadValue, NotFound
from core.settings import Settings
from server.jobs import steps
from server.jobs.errors import KeyReused, QueueFull, StillLive, UnknownJob
from server.jobs.job import FINAL, HIGHEST, LOWEST, Event, Job
from server.jobs.store import Change, Store

log = logging.getLogger("atelier")

PAGE = 200
LATEST = 20  # jobs by which the next are judged
PATIENCE = 600  # s; the longest Retry-After
GUESS = 5.0  # s that a job takes where none has been done yet


def open_store(settings: Settings) -> Store:
    """Redis where the settings name one; otherwise a file, whose folder this process must own."""
    if settings.shared_jobs is not None:
        from server.jobs.redis_store import RedisStore

        shared = RedisStore(settings.shared_jobs)
        if weakness := shared.server.persistence():
            log.warning("REDIS_URL=%s: %s", shared.server.address, weakness)
        return shared
    from server.jobs.sqlite_store import SqliteStore

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
        request_id: str = "",
    ) -> Job:
        """A job that is on disk and in its queue when this returns. The same `job_id` twice is one job; raises
        `QueueFull`, and `KeyReused` where that id was another request's."""
        if not LOWEST <= priority <= HIGHEST:
            raise BadValue("priority", priority, f"a whole number from {LOWEST} to {HIGHEST}, higher first")
        wanted = Job(
            id=job_id or new_id(),
            kind=kind,
            queue=queue,
            owner=owner,
            parameters=parameters,
            created=self.store.now(),
            priority=priority,
            fingerprint=fingerprint,
            request_id=request_id,
        )
        try:
            job, _ = self.store.create(wanted, files or {}, self._max_queued)
        except QueueFull as full:
            raise self._full(queue) from full
        assert job is not None
        if job.fingerprint != fingerprint:
            raise KeyReused(job.id)
        return job

    def check_room(self, queue: str) -> None:
        """Raise `QueueFull` where `submit` would, before anything is made ready for it."""
        if len(self.store.waiting(queue)) >= self._max_queued:
            raise self._full(queue)

    def _full(self, queue: str) -> QueueFull:
        """With the seconds until about half of those that wait will have begun, by what the latest took."""
        try:
            latest = [job for job in self.store.recent(LATEST) if job.queue == queue and job.state == "done"]
            took = [job.finished - job.started for job in latest if job.finished and job.started]
            running = sum(job.state == "running" for job in self.store.live()) or 1
        except AtelierError:
            took, running = [], 1
        mean = sum(took) / len(took) if took else GUESS
        seconds = round(min(PATIENCE, max(1.0, mean * self._max_queued / 2 / running)))
        return QueueFull(queue, self._max_queued, seconds)

    def get(self, job_id: str, owner: str | None = None) -> Job:
        job = self.store.read(job_id)
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
        return self._change(job_id, owner, steps.cancel)

    def retry(self, job_id: str, owner: str | None = None) -> Job:
        """Run a failed, cancelled or dead job again; raises `NotRetryable`, `QueueFull`."""
        job = self.get(job_id, owner)
        try:
            return self._change(job_id, owner, steps.retry, self._max_queued)
        except QueueFull as full:
            raise self._full(job.queue) from full

    def _change(self, job_id: str, owner: str | None, change: Change, limit: int | None = None) -> Job:
        self.get(job_id, owner)
        job, _ = self.store.change(job_id, change, limit=limit)
        if job is None:
            raise UnknownJob(job_id)
        return job

    def purge(self, states: Collection[str] = FINAL, owner: str | None = None) -> int:
        """Forget the ended jobs of these states, with their pictures."""
        if not set(states) <= set(FINAL):
            raise BadValue("state", ", ".join(states), f"one that a job ends in: {', '.join(FINAL)}")
        ids = [job_id for job_id, _ in self.store.ended()]
        jobs = [job for job_id in ids if (job := self.store.read(job_id)) is not None]
        return self.store.forget([job.id for job in jobs if job.state in states and owner in (None, job.owner)])

    def forget(self, job_id: str, owner: str | None = None) -> None:
        """Forget a job that has ended, with its pictures; raises `StillLive`."""
        job = self.get(job_id, owner)
        if not job.ended:
            raise StillLive(job_id, job.state)
        self.store.forget([job_id])

    def depth(self) -> dict[str, dict[str, int]]:
        """How many wait and run in each queue."""
        counts = {queue: {"queued": 0, "running": 0} for queue in self.store.queues()}
        for job in self.store.live():
            counts[job.queue][job.state] += 1
        return counts

    def list(
        self,
        state: str | None = None,
        kind: str | None = None,
        limit: int = 50,
        before: str | None = None,
        owner: str | None = None,
    ) -> list[Job]:
        """The newest first; `before`: what is older than that job. Raises `UnknownJob` where that is forgotten."""
        wanted = {"state": state, "kind": kind, "owner": owner}
        if before is not None:
            self.get(before, owner)
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
