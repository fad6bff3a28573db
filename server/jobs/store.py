"""Store: where jobs, their events and files are kept, and the queues of those that wait; one protocol, two engines.

A change reads a job, asks a pure step what becomes of it, and writes job, event, files and its place in the queue
together or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from server.jobs.job import Event, Job, JobState
from server.jobs.queue import Queue
from server.jobs.steps import Step

log = logging.getLogger("atelier")

OF_WORKERS = ("image", "story")  # run by workers elsewhere where jobs are shared
OF_THE_OWNER = ("library", "descriptions")  # run by its owner, one at a time each: they write
QUEUES = OF_WORKERS + OF_THE_OWNER

Change = Callable[[Job, float], Step | None]  # from the job and the store's clock
Listener = Callable[[str | None, Event | None], None]  # (None, None): something may have been missed


class Changed(NamedTuple):
    """The job as it is now, None where it is not known, and whether the step was made."""

    job: Job | None
    stepped: bool


@dataclass(frozen=True)
class LiveJob:
    """What a keeper sees of a job that has not ended. One that runs and of which this stays the same has no worker."""

    id: str
    queue: str
    state: JobState
    attempt: int
    beat: str = ""


class Store(Protocol):
    """Thread-safe. Every method raises a `StoreError` or `BadSetting` where it cannot do its part."""

    shared: bool  # other processes use it too

    def now(self) -> float:
        """Seconds since 1970 by the one clock that all times here are of."""
        ...

    def create(self, job: Job, files: Mapping[str, bytes], limit: int) -> Changed:
        """Keep a new job and its files, and queue it; one that is kept already under that id stays as it is. Raises
        `QueueFull` where `limit` jobs wait in its queue."""
        ...

    def read(self, job_id: str) -> Job | None: ...

    def change(
        self,
        job_id: str,
        change: Change,
        files: Mapping[str, bytes] | None = None,
        spent: Iterable[str] = (),
        limit: int | None = None,
    ) -> Changed:
        """Make a step; `files` come with it, and those that are `spent` go. `limit` as `create` has it, for a step
        after which the job waits."""
        ...

    def events(self, job_id: str, after: int = 0) -> list[Event]: ...

    def file(self, job_id: str, name: str) -> bytes | None: ...

    def recent(self, limit: int, before: str | None = None) -> list[Job]:
        """The newest jobs, newest first; `before`: older than the job of that id."""
        ...

    def ended(self) -> list[tuple[str, float]]:
        """Jobs that have ended with the times when they did, the oldest first."""
        ...

    def forget(self, job_ids: Iterable[str]) -> int:
        """Forget those of these jobs that have ended; how many they were."""
        ...

    def live(self) -> list[LiveJob]:
        """All jobs that have not ended."""
        ...

    def beat(self, job_id: str, attempt: int, mark: str) -> None:
        """A worker's sign that it still runs a job."""
        ...

    def announce(self, worker: str, told: Mapping[str, Any], seconds: float) -> None:
        """A worker is there, and will be for so long without another word; 0: it goes."""
        ...

    def workers(self) -> list[dict[str, Any]]:
        """What the workers that are there told of themselves."""
        ...

    def waiting(self, queue: str) -> list[str]:
        """Ids in the order in which they will be begun."""
        ...

    def enqueue(self, job_id: str) -> None:
        """See to it that a job that waits is in its queue."""
        ...

    def queues(self) -> Mapping[str, Queue]: ...

    def listen(self, listener: Listener) -> None:
        """Be told of every event, from any thread."""
        ...

    def close(self) -> None: ...


def readable(record: str | bytes) -> Job | None:
    """A job among others; one that cannot be read must not hide the rest."""
    try:
        return Job.from_json(record)
    except (ValueError, TypeError) as error:
        log.error("jobs: a record cannot be read (%s): %.80r", error, record)
        return None


def enters(step: Step) -> bool:
    """Whether the job enters its queue by this step."""
    return step.event.type in ("queued", "again") and not step.event.data.get("delay")


def leaves(step: Step) -> bool:
    return step.event.type in ("started", "cancelled")
