"""Watch: hears what becomes of every job, wherever it runs, and has it counted; on a thread of its own, so that no
job waits for that."""

from __future__ import annotations

import logging
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Protocol

from core.errors import AtelierError
from server.jobs.job import FINAL, Event, Job
from server.jobs.jobs import Jobs

log = logging.getLogger("atelier")


class Counting(Protocol):
    def job_begun(self, queue: str, waited: float) -> None: ...

    def job_ended(self, job: Job) -> None: ...


class Watch:
    def __init__(self, jobs: Jobs, counting: Counting) -> None:
        self._jobs, self._counting = jobs, counting
        self._heard: SimpleQueue[tuple[str, Event] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="jobs-watch", daemon=True)

    def start(self) -> None:
        self._jobs.store.listen(self._hear)
        self._thread.start()

    def stop(self) -> None:
        """What was heard of until now is counted still."""
        self._heard.put(None)
        self._thread.join(5)

    def _hear(self, job_id: str | None, event: Event | None) -> None:
        if job_id is not None and event is not None and (event.final or event.type == "started"):
            self._heard.put((job_id, event))

    def _run(self) -> None:
        while (heard := self._heard.get()) is not None:
            with suppress(AtelierError):  # forgotten already, or the store is away: one job less is counted
                self._count(self._jobs.get(heard[0]), heard[1])

    def _count(self, job: Job, event: Event) -> None:
        if event.type == "started" and event.data.get("attempt") == 1:
            self._counting.job_begun(job.queue, event.at - job.created)
        elif event.type in FINAL and job.state == event.type:
            self._counting.job_ended(job)
