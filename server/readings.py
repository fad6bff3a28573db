"""Readings: what stands when somebody asks for the metrics: queues, workers, stores, caches, models and the card.

Everything is read where it is kept as plain numbers; nothing is opened, loaded or imported for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.errors import AtelierError
from core.once import COUNTS
from generators import card
from generators.denoised import DENOISED
from retrievers.tally import EMBEDDED
from server.jobs.jobs import Jobs


class Readings(Collector):
    """`jobs` is None in a process that answers for no jobs of others."""

    def __init__(self, jobs: Jobs | None) -> None:
        self._jobs = jobs

    def describe(self) -> list[Metric]:
        """Nothing: a store must not be asked before anybody wants to know."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from _denoising()
        yield from _embedding()
        yield from _caches()
        yield from _card()
        if self._jobs is not None:
            yield from _queues(self._jobs)


def _queues(jobs: Jobs) -> Iterator[Metric]:
    up = GaugeMetricFamily("atelier_jobs_store_up", "Whether the store of the jobs answers")
    depth = GaugeMetricFamily("atelier_queue_depth", "Jobs that wait", labels=["queue"])
    running = GaugeMetricFamily("atelier_jobs_running", "Jobs that run", labels=["queue"])
    workers = GaugeMetricFamily("atelier_workers", "Live workers", labels=["queue"])
    try:
        there = jobs.store.workers()
        for queue, counts in jobs.depth().items():
            depth.add_metric([queue], counts["queued"])
            running.add_metric([queue], counts["running"])
            workers.add_metric([queue], sum(queue in worker["queues"] for worker in there))
    except AtelierError:  # the rest of the metrics is wanted all the more
        up.add_metric([], 0)
        yield up
        return
    up.add_metric([], 1)
    yield from (up, depth, running, workers)


def _denoising() -> Iterator[Metric]:
    done = DENOISED.total()
    told = {
        "atelier_denoising_steps": ("Steps of single pictures", done.steps),
        "atelier_denoising_passes": ("Forward passes of the networks", done.passes),
        "atelier_denoising_branches": ("Branches in those passes; a picture with guidance has two", done.branches),
        "atelier_denoising_room": ("Branches that those passes might have had (MAX_BATCH_ROWS)", done.room),
        "atelier_denoising_seconds": ("Of the denoising thread at work", done.seconds),
    }
    for name, (what, value) in told.items():
        yield CounterMetricFamily(name, what, value=value)


def _embedding() -> Iterator[Metric]:
    labels = ["what", "model"]
    items = CounterMetricFamily("atelier_embedded", "Pictures and texts embedded", labels=labels)
    seconds = CounterMetricFamily("atelier_embedding_seconds", "Spent on that, over all threads", labels=labels)
    for key, total in EMBEDDED.totals().items():
        items.add_metric(list(key), total.items)
        seconds.add_metric(list(key), total.seconds)
    yield from (items, seconds)


def _caches() -> Iterator[Metric]:
    hits = CounterMetricFamily("atelier_cache_hits", "Values that were there", labels=["cache"])
    misses = CounterMetricFamily("atelier_cache_misses", "Values that had to be made", labels=["cache"])
    for name, counts in dict(COUNTS).items():
        hits.add_metric([name], counts.hits)
        misses.add_metric([name], counts.misses)
    yield from (hits, misses)


def _card() -> Iterator[Metric]:
    memory = card.memory()
    if not memory:
        return
    family = GaugeMetricFamily("atelier_gpu_memory_bytes", "By card: of torch, and free of all", labels=["gpu", "what"])
    for number, told in memory.items():
        for what, value in told.items():
            family.add_metric([number, what], value)
    yield family
