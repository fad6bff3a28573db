"""Keeper: gives back the jobs of workers that are gone, puts lost ids into their queue again, forgets old jobs.

Every process has one. A running job of which nothing changed for a whole lease, by the clock of the keeper that looks,
has no worker any more: clocks of different machines are never compared. Two keepers may see that at once; the step that
gives a job back succeeds once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from threading import Event as Flag
from threading import Thread

from core.errors import BadSetting, StoreError
from core.settings import Settings
from server.jobs import steps
from server.jobs.store import LiveJob, Store

log = logging.getLogger("atelier")

CLEAN_EVERY = 10.0  # s


class Keeper:
    """`held` names the jobs that this process runs, with their attempts; `announce` says that its worker is there, and
    for how many seconds that holds."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        held: Callable[[], Iterable[tuple[str, int]]] = tuple,
        announce: Callable[[float], None] | None = None,
    ) -> None:
        self._store, self._held, self._announce = store, held, announce
        self._lease, self._limit = settings.job_lease_seconds, settings.job_attempts
        self._ttl, self._keep = settings.result_ttl_seconds, settings.max_finished_jobs
        self._every = min(self._lease / 5, 5.0)
        self._seen: dict[str, tuple[LiveJob, float]] = {}
        self._beats, self._cleaned, self._looked, self._quiet = 0, float("-inf"), float("-inf"), True
        self._stop = Flag()
        self._thread = Thread(target=self._loop, name="jobs-keeper", daemon=True)

    def recover(self) -> None:
        """Before anything is begun: what a former process of this file left goes on."""
        if self._store.shared:
            return
        waiting = self._waiting()
        for job in self._store.live():
            if job.state == "running" or job.id not in waiting:
                self._put_back(job, "the process that ran it ended")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _loop(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.look()
                if not self._quiet:
                    log.info("jobs: the store answers again")
                    self._quiet = True
            except (StoreError, BadSetting) as error:
                self._seen.clear()  # nobody could give signs meanwhile
                if self._quiet:
                    log.error("jobs: %s", error)
                    self._quiet = False
            except Exception:  # without its keeper a process loses its jobs to others
                log.exception("jobs: the keeper stumbles")

    def look(self) -> None:
        """One round: signs of life, lost jobs, old jobs."""
        if self._announce is not None:
            self._announce(self._lease)
        now = time.monotonic()
        if now - self._looked > 3 * self._every:  # this process stood still, and so perhaps did all the others
            self._seen.clear()
        held, waiting = set(self._held()), self._waiting()
        self._beats += 1
        seen: dict[str, tuple[LiveJob, float]] = {}
        for job in self._store.live():
            if (job.id, job.attempt) in held:
                self._store.beat(job.id, job.attempt, str(self._beats))
                continue
            if job.state == "queued" and job.id in waiting:
                continue
            before, since = self._seen.get(job.id, (None, now))
            seen[job.id] = (job, since if before == job else now)
            if now - seen[job.id][1] >= self._lease:
                self._put_back(job, "its worker was lost")
                del seen[job.id]
        self._seen, self._looked = seen, now
        if now - self._cleaned >= CLEAN_EVERY:
            self._clean()
            self._cleaned = now

    def _waiting(self) -> set[str]:
        return {job_id for queue in self._store.queues() for job_id in self._store.waiting(queue)}

    def _put_back(self, live: LiveJob, why: str) -> None:
        if live.state == "queued":  # it was taken from its queue, and never begun
            self._store.enqueue(live.id)
            return
        _, stepped = self._store.change(
            live.id, lambda job, now: steps.give_back(job, live.attempt, why, self._limit, now)
        )
        if stepped:
            log.warning("jobs: %s: %s", live.id, why)

    def _clean(self) -> None:
        ended = self._store.ended()
        too_many = max(0, len(ended) - self._keep)
        old = self._store.now() - self._ttl
        self._store.forget([job_id for i, (job_id, at) in enumerate(ended) if i < too_many or at < old])
