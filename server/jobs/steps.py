"""Steps: every way a job can go, as pure functions to the next job and the event that tells of it.

    queued ── begin ──> running ── end ──> done
      ^  ^                │ │ └── fail ──> failed        the request's own fault
      │  └── give_back ───┘ └─── stop ───> cancelled
    retry                        give_back, too often ──> dead

A running job belongs to one `attempt`, a number that only grows: a worker that lost its job holds an older one, and
every step of its is refused (a fencing token: Kleppmann, How to do distributed locking, 2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from server.jobs.errors import Cancelled, JobFailed, LeaseLost, NotRetryable
from server.jobs.job import FINAL, Event, Job

OURS = ("queued", "started", "again", "cancelling", *FINAL)  # types of events that no work may use
SHOWN = ("stage", "step", "total", "done")  # of an event of progress, on the job itself


class Step(NamedTuple):
    job: Job
    event: Event


def _step(job: Job, type_: str, now: float, data: Mapping[str, Any] | None = None, **changes: Any) -> Step:
    number = job.last_event + 1
    return Step(replace(job, last_event=number, **changes), Event(number, type_, now, data or {}))


def create(job: Job) -> Step:
    return _step(job, "queued", job.created)


def begin(job: Job, worker: str, now: float) -> Step | None:
    """A worker starts it; None where there is nothing to start."""
    if job.state != "queued":
        return None
    attempt = job.attempt + 1
    changes = {"attempt": attempt, "tries": job.tries + 1, "started": now, "worker": worker}
    return _step(job, "started", now, {"attempt": attempt, "worker": worker}, state="running", **changes)


def check_lease(job: Job, attempt: int) -> None:
    """Raise `LeaseLost` where this attempt no longer runs."""
    if job.state != "running" or job.attempt != attempt:
        raise LeaseLost(job.id)


def check(job: Job, attempt: int) -> None:
    """Raise `LeaseLost` where this attempt no longer runs, and `Cancelled` where nobody wants it any more."""
    check_lease(job, attempt)
    if job.cancelling:
        raise Cancelled(job.id)


def report(job: Job, attempt: int, type_: str, data: Mapping[str, Any], now: float) -> Step:
    """The work says how far it is; raises what `check` does."""
    check(job, attempt)
    if type_ in OURS:
        raise ValueError(f"{type_!r} is told of a job by its steps, not by its work")
    changes = {"progress": {key: data[key] for key in SHOWN if key in data}} if type_ == "progress" else {}
    return _step(job, type_, now, data, **changes)


def end(job: Job, attempt: int, result: Mapping[str, Any], now: float) -> Step:
    check_lease(job, attempt)
    if job.cancelling:  # whoever cancelled was told so
        return stop(job, attempt, now)
    shown = job.progress and {**job.progress, "step": job.progress.get("total"), "done": 1.0}  # reports may be lost
    return _step(job, "done", now, {"result": result}, state="done", finished=now, result=result, progress=shown)


def stop(job: Job, attempt: int, now: float) -> Step:
    """A running job ends because it was cancelled."""
    check_lease(job, attempt)
    return _step(job, "cancelled", now, state="cancelled", finished=now)


def fail(job: Job, attempt: int, error: Mapping[str, Any], now: float) -> Step:
    """It can never succeed as it was asked for."""
    check_lease(job, attempt)
    return _step(job, "failed", now, {"error": error}, state="failed", finished=now, error=error)


def give_back(
    job: Job, attempt: int, why: str, limit: int, now: float, blameless: bool = False, delay: float = 0.0
) -> Step | None:
    """A running job waits again, or is dead where it was begun `limit` times; None where that attempt no longer runs.

    `blameless`: the worker had to go, which says nothing about the job. `delay`: seconds before it enters its queue.
    """
    if job.state != "running" or job.attempt != attempt:
        return None
    if job.cancelling:
        return stop(job, attempt, now)
    told = {"why": why, **({"delay": delay} if delay else {})}
    if blameless:
        return _step(job, "again", now, told, state="queued", worker=None, tries=job.tries - 1)
    if job.tries < limit:
        return _step(job, "again", now, told, state="queued", worker=None)
    error = JobFailed(job.id, why, job.tries).as_dict()
    return _step(job, "dead", now, {"error": error}, state="dead", finished=now, error=error)


def cancel(job: Job, now: float) -> Step | None:
    """One that waits ends at once, one that runs at its next report; None where there is nothing left to cancel."""
    if job.state == "queued":
        return _step(job, "cancelled", now, state="cancelled", finished=now)
    if job.state == "running" and not job.cancelling:
        return _step(job, "cancelling", now, cancelling=True)
    return None


def retry(job: Job, now: float) -> Step:
    """One that did not succeed runs again; raises `NotRetryable`."""
    if job.state not in ("failed", "cancelled", "dead"):
        raise NotRetryable(job.id, job.state)
    changes: dict[str, Any] = {"tries": 0, "worker": None, "cancelling": False, "started": None, "finished": None}
    return _step(job, "queued", now, state="queued", progress=None, error=None, **changes)
