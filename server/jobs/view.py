"""View: a job as clients see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from server.jobs.job import Event, Job

OF_FILES = ("names", "tags", "name", "path")  # of the files that came, or of the folder that was named
TOLD_OF = "picture"  # the file that a story is told of


def view(job: Job, position: int | None = None) -> dict[str, Any]:
    """A job as JSON; `position` is its place in the queue, 1 is next."""
    path = f"/jobs/{job.id}"
    return {
        "id": job.id,
        "kind": job.kind,
        "queue": job.queue,
        "state": job.state,
        "position": position,
        "priority": job.priority,
        "owner": job.owner,
        "request_id": job.request_id,
        "cancelling": job.cancelling and not job.ended,
        "progress": job.progress,
        "created": _iso(job.created),
        "started": _iso(job.started),
        "finished": _iso(job.finished),
        "attempts": job.attempt,
        "worker": job.worker,
        "error": job.error,
        "result": job.result,
        "asked": asked(job.parameters),
        "inputs": inputs(job),
        "links": {"self": path, "events": f"{path}/events", "result": f"{path}/result"},
    }


def asked(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, as the request said it, without what it left open."""
    told = parameters.get("options") or parameters.get("asked") or {}
    told = {**told, **{name: parameters[name] for name in OF_FILES if name in parameters}}
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def inputs(job: Job) -> list[str]:
    """The files that came with it and stay as long as it does."""
    told = job.parameters
    return ["sketch"] if told.get("sketched") else [TOLD_OF] if job.kind == "story" else []


def view_event(event: Event) -> dict[str, Any]:
    return {**event.data, "at": _iso(event.at)}


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
