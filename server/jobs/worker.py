"""Worker: runs jobs on threads of this process, and is fenced where it lost one."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from secrets import token_hex
from threading import Event as Flag
from threading import Lock, Timer

from huey.consumer import Consumer
from huey.consumer import Worker as HueyWorker

from core.errors import AtelierError, BadSetting, StoreError
from core.settings import Settings
from server.jobs import steps
from server.jobs.errors import Cancelled, LeaseLost
from server.jobs.job import Job
from server.jobs.keeper import Keeper
from server.jobs.queue import Queue
from server.jobs.run import Outcome, Run, Work
from server.jobs.steps import Step
from server.jobs.store import OF_WORKERS, Store
from server.trail import Trail, following

log = logging.getLogger("atelier")

POLL = 0.5  # s; the bell wakes a worker of the submitting process at once
OF_THE_STORE = ("DATA_DIR", "REDIS_URL", "CHROMA_URL")  # settings that may be right again without a new start
PAUSE, LONGEST_PAUSE = 2.0, 60.0  # s before what failed for no known reason is begun again; twice as long each time


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
        polling = {"initial_delay": POLL, "max_delay": POLL, "backoff": 1.0, "scheduler_interval": 60}
        super().__init__(queue.huey, workers=threads, periodic=False, **polling)

    def _create_worker(self) -> _Thread:
        worker: _Thread = super()._create_worker()
        worker.bell = self._queue.bell()
        return worker

    def _set_signal_handlers(self) -> None:
        pass

    @property
    def working(self) -> bool:
        return any(thread.is_alive() for _, thread in self.worker_threads)


class Worker:
    """`threads` jobs at a time from each of `queues`. `works`: what to do, by the kind of a job."""

    def __init__(self, store: Store, works: Mapping[str, Work], settings: Settings, queues: Iterable[str]) -> None:
        logging.getLogger("huey").setLevel(logging.CRITICAL)  # it logs an outage at every poll; the keeper, once
        self.name = f"{socket.gethostname()}-{os.getpid()}-{token_hex(2)}"
        self.queues = tuple(queues)
        usual = settings.max_batch_rows if settings.diffusion_model else os.cpu_count() or 1
        self.threads = settings.job_threads or usual  # jobs of each queue at a time; diffusion batches them
        self._store, self._works = store, works
        self._limit, self._lease = settings.job_attempts, settings.job_lease_seconds
        self._runs: dict[str, Run] = {}
        self._lock = Lock()
        self._resting, self._stopping = Flag(), Flag()
        self._keeper = Keeper(store, settings, self._held, self._announce)
        self._threads: list[_Threads] = []
        for name in self.queues:
            queue = store.queues()[name]
            queue.bind(self._take)
            self._threads.append(_Threads(queue, self.threads if name in OF_WORKERS else 1))

    def recover(self) -> None:
        """Once, before `start`: what a former process left goes on."""
        self._keeper.recover()

    def start(self) -> None:
        self._keeper.start()
        self._announce(self._lease)
        for threads in self._threads:
            threads.start()

    def rest(self) -> None:
        """Begin nothing more."""
        self._resting.set()
        for threads in self._threads:
            threads.stop_flag.set()
        for queue in self._store.queues().values():
            queue.ring()

    def stop(self, wait: float, at_once: Flag | None = None) -> bool:
        """Begin nothing more, give running jobs `wait` seconds to end, or until `at_once` is set, and give back those
        that did not; whether every thread has ended."""
        self.rest()
        hurry, end = at_once or Flag(), time.monotonic() + wait
        while self._working() and time.monotonic() < end and not hurry.wait(0.02):
            pass
        self._stopping.set()
        with self._lock:
            left = list(self._runs.values())
        for run in left:
            self._give_back(run, "its worker was told to end", blameless=True)
        end = time.monotonic() + 2.0  # a job that was given back ends at its next report
        while self._working() and time.monotonic() < end:
            time.sleep(0.02)
        self._keeper.stop()
        try:
            self._announce(0)
        except (StoreError, BadSetting) as error:
            log.debug("jobs: %s leaves without a word (%s)", self.name, error)
        return not self._working()

    def _working(self) -> bool:
        return any(threads.working for threads in self._threads)

    def _announce(self, seconds: float) -> None:
        self._store.announce(self.name, {"queues": self.queues, "threads": self.threads}, seconds)

    def _held(self) -> list[tuple[str, int]]:
        with self._lock:
            return [(run.job.id, run.job.attempt) for run in self._runs.values()]

    def _take(self, job_id: str) -> None:
        """What a thread does with an id from its queue."""
        try:
            if self._resting.is_set():  # it was taken while the worker was told to end
                return self._store.enqueue(job_id)
            job, begun = self._store.change(job_id, lambda job, now: steps.begin(job, self.name, now))
        except (StoreError, BadSetting):
            raise  # a keeper says so, and puts it into its queue again
        except Exception:
            log.exception("jobs: %s cannot be begun", job_id)
            raise
        if job is None or not begun:
            return  # cancelled, ended or begun already
        run = Run(self._store, job)
        with self._lock:
            self._runs[job_id] = run
        try:
            with following(Trail(job.request_id, job.id, job.owner)):
                self._work(run)
        except Exception as error:  # what it left cannot be written, for example
            log.exception("jobs: %s %s cannot end", job.kind, job.id)
            self._give_back(run, type(error).__name__)
        finally:
            with self._lock:
                del self._runs[job_id]

    def _work(self, run: Run) -> None:
        job = run.job
        try:
            outcome = self._works[job.kind](run)
        except Cancelled:
            self._write_end(run, lambda job_, now: steps.stop(job_, job.attempt, now))
        except LeaseLost:
            log.warning("jobs: %s %s runs elsewhere, its work here is dropped", job.kind, job.id)
        except AtelierError as error:
            if _passes(error):
                return self._give_back(run, error.message, blameless=True, delay=PAUSE)
            told = error.as_dict()
            self._write_end(run, lambda job_, now: steps.fail(job_, job.attempt, told, now))
        except BaseException as error:  # whatever it is, neither the job nor the thread may be lost to it
            log.exception("jobs: %s %s failed", job.kind, job.id)
            delay = min(LONGEST_PAUSE, PAUSE * 2.0 ** min(job.tries - 1, 10))
            self._give_back(run, type(error).__name__, delay=delay)
        else:
            self._write_end(run, lambda job_, now: steps.end(job_, job.attempt, outcome.result, now), outcome)

    def _write_end(self, run: Run, step: Callable[[Job, float], Step | None], outcome: Outcome | None = None) -> None:
        """Write how it ended, however long the store is away; what was painted is not thrown away."""
        pause = 0.1
        while True:
            try:
                ended = run.change(step, outcome).job
                if ended is not None:
                    _tell(ended)
                return
            except LeaseLost:
                log.warning("jobs: %s %s runs elsewhere, its end here is dropped", run.job.kind, run.job.id)
                return
            except (StoreError, BadSetting) as error:
                if self._stopping.wait(pause):
                    log.error("jobs: the end of %s %s is lost (%s)", run.job.kind, run.job.id, error)
                    return
                pause = min(2 * pause, 5.0)

    def _give_back(self, run: Run, why: str, delay: float = 0.0, blameless: bool = False) -> None:
        attempt = run.job.attempt
        try:
            job, _ = run.change(lambda job, now: steps.give_back(job, attempt, why, self._limit, now, blameless, delay))
        except (LeaseLost, StoreError, BadSetting) as error:
            log.warning("jobs: %s %s is left to the others (%s)", run.job.kind, run.job.id, error)
            return
        if delay and job is not None and job.state == "queued":
            timer = Timer(delay, self._enqueue, (job.id,))  # should this process end before, a keeper does it
            timer.daemon = True
            timer.start()

    def _enqueue(self, job_id: str) -> None:
        try:
            self._store.enqueue(job_id)
        except (StoreError, BadSetting) as error:
            log.debug("jobs: %s is left to the keepers (%s)", job_id, error)


def _tell(job: Job) -> None:
    seconds = (job.finished or 0.0) - (job.started or 0.0)
    told = {"kind": job.kind, "state": job.state, "ms": round(seconds * 1000, 1)}
    if job.error is not None:
        told["error"] = job.error["type"]
    log.info("jobs: %s %s %s, %.2f s", job.kind, job.id, job.state, seconds, extra={"told": told})


def _passes(error: AtelierError) -> bool:
    """Whether it is no fault of the request and may pass: trouble of the store. A DEVICE that is not there stays so
    until a new start, and whoever waits for the job is to hear of it."""
    return isinstance(error, StoreError) or (isinstance(error, BadSetting) and error.data.get("name") in OF_THE_STORE)
