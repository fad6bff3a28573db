"""Keeper: gives back the jobs of workers that are gone, puts lost ids into their queue again, forgets old jobs.

Every process has one. A running job whose sign of life did not change for a whole lease, by the clock of the keeper
that looks, has no worker any more: clocks of different machines are never compared. Two keepers may see that at once;
the step that gives a job back succeeds once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from threading import Event as Flag
from threading import Thread

from core.errors import AtelierError, StoreError
from core.settings import Settings
from server.jobs import job as steps
from server.jobs.job import Job
from server.jobs.store import Sign, Store

log = logging.getLogger("atelier")

CLEAN_EVERY = 60.0  # s


class Keeper:
    """`held` names the jobs that this process runs, with their attempts; `prove` says that its worker is there, and
    for how many seconds that holds."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        held: Callable[[], Iterable[tuple[str, int]]] = tuple,
        prove: Callable[[float], None] | None = None,
    ) -> None:
        self._store, self._held, self._prove = store, held, prove
        self._lease, self._limit = settings.job_lease_seconds, settings.job_attempts
        self._ttl, self._keep = settings.result_ttl_seconds, settings.max_finished_jobs
        self._seen: dict[str, tuple[Sign, float]] = {}
        self._beats, self._cleaned, self._quiet = 0, float("-inf"), True
        self._stop = Flag()
        self._thread = Thread(target=self._loop, name="jobs-keeper", daemon=True)

    def start(self) -> None:
        if not self._store.shared:  # this process alone may run jobs of this file, and it has begun none yet
            waiting = self._waiting()
            for sign in self._store.live():
                if sign.id not in waiting:
                    self._put_back(sign, "the process that ran it ended")
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _loop(self) -> None:
        while not self._stop.wait(min(self._lease / 5, 5.0)):
            try:
                self.look()
                if not self._quiet:
                    log.info("jobs: the store answers again")
                    self._quiet = True
            except StoreError as error:
                self._seen.clear()  # nobody could give signs meanwhile
                if self._quiet:
                    log.error("jobs: %s", error)
                    self._quiet = False
            except AtelierError as error:
                log.error("jobs: %s", error)

    def look(self) -> None:
        """One round: signs of life, lost jobs, old jobs."""
        if self._prove is not None:
            self._prove(self._lease)
        held, waiting, now = set(self._held()), self._waiting(), time.monotonic()
        self._beats += 1
        seen: dict[str, tuple[Sign, float]] = {}
        for sign in self._store.live():
            if (sign.id, sign.attempt) in held:
                self._store.beat(sign.id, sign.attempt, str(self._beats))
                continue
            if sign.state == "queued" and sign.id in waiting:
                continue
            before, since = self._seen.get(sign.id, (None, now))
            seen[sign.id] = (sign, since if before == sign else now)
            if now - seen[sign.id][1] >= self._lease:
                self._put_back(sign, "its worker was lost")
                del seen[sign.id]
        self._seen = seen
        if now - self._cleaned >= CLEAN_EVERY:
            self._clean()
            self._cleaned = now

    def _waiting(self) -> set[str]:
        return {job_id for queue in self._store.queues() for job_id in self._store.waiting(queue)}

    def _put_back(self, sign: Sign, why: str) -> None:
        if sign.state == "queued":  # whoever was to put it into its queue ended in between
            job = self._store.read(sign.id)
            if job is not None and job.state == "queued":
                self._store.enqueue(job)
            return

        def given_back(job: Job) -> steps.Step | None:
            return steps.give_back(job, sign.attempt, why, self._limit, time.time())

        job = self._store.change(sign.id, given_back)
        if job is not None and job.state == "queued" and job.attempt == sign.attempt:
            log.warning("jobs: %s %s: %s, it waits again", job.kind, job.id, why)
            self._store.enqueue(job, bump=0.5)  # it has waited once already

    def _clean(self) -> None:
        ended = self._store.ended()
        too_many = max(0, len(ended) - self._keep)
        old = time.time() - self._ttl
        self._store.forget([job_id for i, (job_id, at) in enumerate(ended) if i < too_many or at < old])
