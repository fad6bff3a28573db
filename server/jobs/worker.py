"""Worker: runs jobs on threads of this process, and is fenced where it lost one."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from threading import Event as Flag
from threading import Lock
from typing import Any

from huey.consumer import Consumer
from huey.consumer import Worker as HueyWorker

from core.errors import AtelierError, NotFound, StoreError, StoreFull, StoreUnreachable
from core.settings import Settings
from server.jobs import job as steps
from server.jobs.errors import Cancelled, LeaseLost
from server.jobs.job import Job, Step
from server.jobs.keeper import Keeper
from server.jobs.store import Queue, Store

log = logging.getLogger("atelier")

POLL = 0.5  # s; the bell wakes a worker of the submitting process at once
PAUSE = 2.0  # s before a job that failed for no known reason is begun again; twice as long each time


@dataclass(frozen=True)
class Outcome:
    """What a job leaves: words and numbers as JSON, pictures as files."""

    result: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


class Run:
    """One attempt at a job, as the work sees it: what was asked, and whom to tell."""

    def __init__(self, store: Store, job: Job) -> None:
        self._store, self.job = store, job

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.job.parameters

    def file(self, name: str) -> bytes:
        """A file that came with the job."""
        data = self._store.file(self.job.id, name)
        if data is None:
            raise NotFound(
                f"job {self.job.id} came without its file {name!r}", "ask again, with the file", job=self.job.id
            )
        return data

    def report(self, type_: str, data: Mapping[str, Any]) -> None:
        """Say how far the work is. Raises `Cancelled` and `LeaseLost`, which the work lets pass."""
        try:
            self.change(lambda job: steps.report(job, self.job.attempt, type_, data, time.time()))
        except (StoreUnreachable, StoreFull) as error:  # the work goes on; only this word of it is lost
            log.debug("jobs: %s of %s is not kept (%s)", type_, self.job.id, error)

    def check(self) -> None:
        """`report` without a word. Raises `Cancelled` and `LeaseLost`."""
        try:
            job = self._store.read(self.job.id)
        except (StoreUnreachable, StoreFull):
            return
        if job is None:
            raise LeaseLost(self.job.id)
        steps.check(job, self.job.attempt)

    def change(self, change: Callable[[Job], Step | None], files: Mapping[str, bytes] | None = None) -> Job:
        changed = self._store.change(self.job.id, change, files)
        if changed is None:  # forgotten while it ran
            raise LeaseLost(self.job.id)
        return changed


Work = Callable[[Run], Outcome]


class _Thread(HueyWorker):  # type: ignore[misc]  # huey has no types
    """huey's worker, woken by a bell; its own sleep would add half of its poll to every job."""

    bell: Flag

    def sleep(self) -> None:
        self.bell.wait(self.delay)
        self.bell.clear()


class _Threads(Consumer):  # type: ignore[misc]
    """huey's consumer without its signal handlers: signals are the process's."""

    worker_class = _Thread

    def __init__(self, queue: Queue, threads: int) -> None:
        self._queue = queue
        super().__init__(queue.huey, workers=threads, periodic=False, initial_delay=POLL, max_delay=POLL, backoff=1.0)

    def _create_worker(self) -> _Thread:
        worker: _Thread = super()._create_worker()
        worker.bell = self._queue.bell()
        return worker

    def _set_signal_handlers(self) -> None:
        pass


class Worker:
    """`threads` jobs at a time from each of `queues`. `works`: what to do, by the kind of a job."""

    def __init__(
        self,
        store: Store,
        works: Mapping[str, Work],
        settings: Settings,
        queues: Iterable[str],
        name: str | None = None,
    ) -> None:
        logging.getLogger("huey").setLevel(logging.CRITICAL)  # it logs an outage at every poll; the keeper, once
        self.name = name or f"{socket.gethostname()}-{os.getpid()}-{token_hex(2)}"
        self._store, self._works, self._limit = store, works, settings.job_attempts
        self._runs: dict[str, Run] = {}
        self._lock = Lock()
        self._stopping, self._lease = False, settings.job_lease_seconds
        self._keeper = Keeper(store, settings, self._held, self._greet)
        self.threads = settings.job_threads or os.cpu_count() or 1  # jobs of each queue at a time
        self.queues = tuple(queues)
        self._threads = []
        for queue in (store.queues()[name] for name in self.queues):
            queue.bind(self._run)
            self._threads.append(_Threads(queue, self.threads))

    def start(self) -> None:
        self._keeper.start()
        self._greet(self._lease)
        for threads in self._threads:
            threads.start()

    def rest(self) -> None:
        """Begin nothing more."""
        for threads in self._threads:
            threads.stop_flag.set()

    def stop(self, wait: float, at_once: Flag | None = None) -> bool:
        """Begin nothing more, give running jobs `wait` seconds to end, or until `at_once` is set, and give back those
        that did not; whether every one has ended."""
        self.rest()
        hurry, end = at_once or Flag(), time.monotonic() + wait
        while self._held() and time.monotonic() < end and not hurry.wait(0.02):
            pass
        self._stopping = True
        with self._lock:
            left = list(self._runs.values())
        for run in left:
            self._give_back(run, "its worker was told to end", blameless=True)
        for queue in self._store.queues().values():
            queue.ring()
        for threads in self._threads:
            threads.shutdown_timeout = 2.0  # a job that was given back ends at its next report
            threads.stop(graceful=True)
        self._keeper.stop()
        try:
            self._greet(0)
        except StoreError as error:
            log.debug("jobs: %s leaves without a word (%s)", self.name, error)
        return not self._held()

    def _greet(self, seconds: float) -> None:
        self._store.greet(self.name, {"queues": self.queues, "threads": self.threads}, seconds)

    def _held(self) -> list[tuple[str, int]]:
        with self._lock:
            return [(run.job.id, run.job.attempt) for run in self._runs.values()]

    def _run(self, job_id: str) -> None:
        begun: list[Job] = []

        def begin(job: Job) -> Step | None:
            step = steps.begin(job, self.name, time.time())
            begun[:] = [step.job] if step else []
            return step

        self._store.change(job_id, begin)
        if not begun:
            return  # cancelled, ended or begun already: an id may be in its queue twice
        run = Run(self._store, begun[0])
        with self._lock:
            self._runs[job_id] = run
        try:
            self._work(run)
        finally:
            with self._lock:
                del self._runs[job_id]

    def _work(self, run: Run) -> None:
        job = run.job
        try:
            outcome = self._works[job.kind](run)
            self._finish(run, lambda now: lambda job_: steps.end(job_, job.attempt, outcome.result, now), outcome.files)
        except Cancelled:
            self._finish(run, lambda now: lambda job_: steps.stop(job_, job.attempt, now))
        except LeaseLost:
            log.warning("jobs: %s %s runs elsewhere, its work here is dropped", job.kind, job.id)
        except AtelierError as error:
            told = error.as_dict()
            self._finish(run, lambda now: lambda job_: steps.fail(job_, job.attempt, told, now))
        except Exception as error:
            log.exception("jobs: %s %s failed", job.kind, job.id)
            self._give_back(run, f"{type(error).__name__}: {error}", delay=PAUSE * 2 ** (job.tries - 1))

    def _finish(
        self, run: Run, step: Callable[[float], Callable[[Job], Step | None]], files: Mapping[str, bytes] | None = None
    ) -> None:
        """Write how it ended, however long the store is away; what was painted is not thrown away."""
        pause = 0.1
        while True:
            try:
                run.change(step(time.time()), files)
                return
            except LeaseLost:
                log.warning(
                    "jobs: %s %s was given to another worker, its end here is dropped", run.job.kind, run.job.id
                )
                return
            except (StoreUnreachable, StoreFull):
                if self._stopping:
                    raise
                time.sleep(pause)
                pause = min(2 * pause, 5.0)

    def _give_back(self, run: Run, why: str, delay: float = 0.0, blameless: bool = False) -> None:
        attempt, limit = run.job.attempt, self._limit
        try:
            job = run.change(lambda job_: steps.give_back(job_, attempt, why, limit, time.time(), blameless))
            if job.state == "queued" and job.attempt == attempt:
                self._store.enqueue(job, bump=0.5, delay=delay)
        except (LeaseLost, StoreUnreachable, StoreFull) as error:
            log.warning("jobs: %s %s is left to the others (%s)", run.job.kind, run.job.id, error)
