"""Job: what is known of one, and every step that it can take.

    queued ── begin ──> running ── end ──> done
      ^  ^                │ │ └── fail ──> failed        the request's own fault
      │  └── give_back ───┘ └─── stop ───> cancelled
    retry                        give_back, fail, too often ──> dead

A step is a pure function from a job to the next one and the event that tells of it; a store makes it atomic. A running
job belongs to one `attempt`, a number that only grows: a worker that lost its job holds an older one, and every step of
its is refused (a fencing token: Kleppmann, How to do distributed locking, 2016).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, NamedTuple

from server.jobs.errors import Cancelled, JobFailed, LeaseLost, NotRetryable

State = Literal["queued", "running", "done", "failed", "cancelled", "dead"]
FINAL: tuple[State, ...] = ("done", "failed", "cancelled", "dead")
STATES: tuple[State, ...] = ("queued", "running", *FINAL)
OURS = ("queued", "started", "again", "cancelling", *FINAL)  # types of events that the steps give
LOWEST, HIGHEST = -10, 10  # priority


@dataclass(frozen=True)
class Job:
    """A piece of work and what became of it; times are seconds since 1970."""

    id: str
    kind: str
    queue: str
    owner: str  # the name of the key that asked for it
    parameters: Mapping[str, Any]
    created: float
    priority: int = 0  # higher first
    fingerprint: str = ""  # of the request, where it had an Idempotency-Key
    state: State = "queued"
    attempt: int = 0  # which start this is; never set back
    tries: int = 0  # starts that count against the limit
    worker: str | None = None
    cancelling: bool = False
    started: float | None = None
    finished: float | None = None
    progress: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    last_event: int = 0

    @property
    def ended(self) -> bool:
        return self.state in FINAL

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Job:
        told = json.loads(text)
        return cls(**{name: told[name] for name in _FIELDS if name in told})  # a later version may tell more


_FIELDS = tuple(field.name for field in fields(Job))


@dataclass(frozen=True)
class Event:
    """Something that happened to a job; `number` counts from 1 without a gap."""

    number: int
    type: str
    at: float
    data: Mapping[str, Any]

    @property
    def final(self) -> bool:
        return self.type in FINAL

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Event:
        return cls(**json.loads(text))


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
    changes = {"attempt": job.attempt + 1, "tries": job.tries + 1, "started": now, "worker": worker}
    return _step(job, "started", now, {"attempt": job.attempt + 1, "worker": worker}, state="running", **changes)


def _check(job: Job, attempt: int) -> None:
    if job.state != "running" or job.attempt != attempt:
        raise LeaseLost(job.id)


def check(job: Job, attempt: int) -> None:
    """Raise `LeaseLost` where this attempt no longer runs, and `Cancelled` where nobody wants it any more."""
    _check(job, attempt)
    if job.cancelling:
        raise Cancelled(job.id)


def report(job: Job, attempt: int, type_: str, data: Mapping[str, Any], now: float) -> Step:
    """The work says how far it is; raises what `check` does."""
    check(job, attempt)
    if type_ in OURS:
        raise ValueError(f"{type_!r} is told of a job by its steps, not by its work")
    changes = {"progress": {key: data[key] for key in ("stage", "step", "total", "done") if key in data}}
    return _step(job, type_, now, data, **(changes if type_ == "progress" else {}))


def end(job: Job, attempt: int, result: Mapping[str, Any], now: float) -> Step:
    _check(job, attempt)
    if job.cancelling:  # whoever cancelled was told so
        return stop(job, attempt, now)
    return _step(job, "done", now, {"result": result}, state="done", finished=now, result=result)


def stop(job: Job, attempt: int, now: float) -> Step:
    """A running job ends because it was cancelled."""
    _check(job, attempt)
    return _step(job, "cancelled", now, state="cancelled", finished=now)


def fail(job: Job, attempt: int, error: Mapping[str, Any], now: float) -> Step:
    """It can never succeed as it was asked for."""
    _check(job, attempt)
    return _step(job, "failed", now, {"error": error}, state="failed", finished=now, error=error)


def give_back(job: Job, attempt: int, why: str, limit: int, now: float, blameless: bool = False) -> Step | None:
    """A running job waits again, or is dead where it was begun `limit` times; None where that attempt no longer runs.

    `blameless`: the worker had to go, which says nothing about the job.
    """
    if job.state != "running" or job.attempt != attempt:
        return None
    if job.cancelling:
        return stop(job, attempt, now)
    if blameless:
        return _step(job, "again", now, {"why": why}, state="queued", worker=None, tries=job.tries - 1)
    if job.tries < limit:
        return _step(job, "again", now, {"why": why}, state="queued", worker=None)
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
