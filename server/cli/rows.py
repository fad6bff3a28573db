"""Rows: jobs as people read them, a table of many or all about one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from core.errors import AtelierError

ID = 8  # characters of an id in a table
ERROR = 60  # and of what went wrong
HEAD = ("ID", "KIND", "STATE", "PROGRESS", "AGE", "TOOK", "ERROR")
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def table(jobs: Iterable[dict[str, Any]], now: datetime | None = None) -> list[str]:
    """A line for each job below a line of headings, in columns."""
    told = datetime.now(UTC) if now is None else now
    rows = [HEAD, *(_row(job, told) for job in jobs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(job: dict[str, Any], now: datetime) -> tuple[str, ...]:
    age, took = _span(job["created"], None, now), _span(job["started"], job["finished"], now)
    error = job["error"]["message"] if job["error"] else ""
    short = error if len(error) <= ERROR else error[: ERROR - 1].rstrip() + "…"
    return job["id"][:ID], job["kind"], _state(job), how_far(job), age, took, short


def _state(job: dict[str, Any]) -> str:
    return "cancelling" if job["cancelling"] else str(job["state"])


def how_far(job: dict[str, Any]) -> str:
    """Its place in the queue, or the share that is done and the stage."""
    if job["state"] == "queued":
        return f"place {job['position']}" if job["position"] else ""
    progress = job["progress"] or {}
    if job["state"] != "running" or progress.get("done") is None:
        return ""
    return f"{progress['done']:.0%} {progress.get('stage') or ''}".rstrip()


def all_about(job: dict[str, Any]) -> list[str]:
    """What is known of a job, a line for each fact."""
    facts = {name: job[name] for name in ("id", "kind", "queue", "state", "priority", "owner", "attempts", "worker")}
    facts["state"] = _state(job)
    facts |= {"progress": how_far(job), **{name: job[name] for name in ("created", "started", "finished")}}
    facts["took"] = _span(job["started"], job["finished"], datetime.now(UTC))
    if job["error"]:
        facts["error"] = AtelierError(job["error"]["message"], job["error"].get("remedy", ""))
    for name, value in (job["result"] or {}).items():
        if isinstance(value, (str, int, float)):
            facts[name] = value
    return [f"{name:<9} {value}" for name, value in facts.items() if value not in (None, "")]


def _span(start: str | None, end: str | None, now: datetime) -> str:
    """The time between two moments, to now where the later one is not yet known."""
    if start is None:
        return ""
    last = now if end is None else datetime.fromisoformat(end)
    seconds = max(0.0, (last - datetime.fromisoformat(start)).total_seconds())  # two clocks may differ
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), (1, "s"))
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds / size:.0f} {unit}"
