"""View: a job as clients see it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from server.jobs.job import Event, Job


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
        "cancelling": job.cancelling and not job.ended,
        "progress": job.progress,
        "created": _iso(job.created),
        "started": _iso(job.started),
        "finished": _iso(job.finished),
        "attempts": job.attempt,
        "worker": job.worker,
        "error": job.error,
        "result": job.result,
        "links": {"self": path, "events": f"{path}/events", "result": f"{path}/result"},
    }


def view_event(event: Event) -> dict[str, Any]:
    return {**event.data, "at": _iso(event.at)}


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
