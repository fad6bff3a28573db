"""Metrics: numbers of this process as Prometheus reads them. What happens is counted here; what stands is read by
readings.py when somebody asks.

A label never takes what a client may make up: routes are templates, methods and types of errors are few.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from server.jobs.job import Job

REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)  # s
JOB_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)  # s


disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each of the others, which nobody draws


class Metrics:
    """Thread-safe; each application has its own registry."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        ProcessCollector(registry=own)
        route = ["method", "route"]
        self.requests = Counter("atelier_requests", "Requests answered", [*route, "status"], registry=own)
        self.latency = Histogram(
            "atelier_request_seconds",
            "From a request's first byte to its answer's last; streams of events are left out",
            route,
            buckets=REQUEST_BUCKETS,
            registry=own,
        )
        self.in_flight = Gauge("atelier_requests_in_flight", "Requests under way", registry=own)
        self.errors = Counter(
            "atelier_errors", "Requests refused or failed, by the error's type", ["type"], registry=own
        )
        kinds = ["kind"]
        self.ended = Counter("atelier_jobs_ended", "Jobs that ended", [*kinds, "state"], registry=own)
        self.failures = Counter("atelier_job_errors", "Jobs that failed, by why", [*kinds, "type"], registry=own)
        self.took = Histogram(
            "atelier_job_seconds",
            "From the last begin of a job to its end",
            kinds,
            buckets=JOB_BUCKETS,
            registry=own,
        )
        self.waited = Histogram(
            "atelier_queue_wait_seconds",
            "From when a job was asked for to its first begin",
            ["queue"],
            buckets=JOB_BUCKETS,
            registry=own,
        )

    def answered(self, method: str, route: str, status: int, seconds: float | None, error: str) -> None:
        """A request is over; `seconds` is None where they say nothing, `error` empty where there was none."""
        self.requests.labels(method, route, status).inc()
        if seconds is not None:
            self.latency.labels(method, route).observe(seconds)
        if error:
            self.errors.labels(error).inc()

    def job_begun(self, queue: str, waited: float) -> None:
        """A job was begun for the first time, after so many seconds."""
        self.waited.labels(queue).observe(max(0.0, waited))

    def job_ended(self, job: Job) -> None:
        self.ended.labels(job.kind, job.state).inc()
        if job.error is not None:
            self.failures.labels(job.kind, _type_of(job.error)).inc()
        if job.started is not None and job.finished is not None:
            self.took.labels(job.kind).observe(max(0.0, job.finished - job.started))

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)


def _type_of(error: Mapping[str, Any]) -> str:
    return str(error.get("type", "unknown"))
