"""Run: one attempt at a job, as the work sees it: what was asked, whom to tell, what it leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import BadSetting, NotFound, StoreError
from server.jobs import steps
from server.jobs.errors import LeaseLost
from server.jobs.job import Job
from server.jobs.store import Change, Changed, Store

log = logging.getLogger("atelier")


@dataclass(frozen=True)
class Outcome:
    """What a job leaves: words and numbers as JSON, pictures as files."""

    result: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)
    spent: Iterable[str] = ()  # files that came with it and that nobody needs any more


class Run:
    """Handed to the work. Its methods raise `Cancelled` and `LeaseLost`, which the work lets pass."""

    def __init__(self, store: Store, job: Job) -> None:
        self._store, self.job = store, job

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.job.parameters

    def file(self, name: str) -> bytes:
        """A file that came with the job."""
        data = self._store.file(self.job.id, name)
        if data is None:
            raise NotFound(f"job {self.job.id} came without its file {name!r}", "ask again, with the file")
        return data

    def report(self, type_: str, data: Mapping[str, Any]) -> None:
        """Say how far the work is."""
        try:
            self.change(lambda job, now: steps.report(job, self.job.attempt, type_, data, now))
        except (StoreError, BadSetting) as error:  # the work goes on; only this word of it is lost
            log.debug("jobs: %s of %s is not kept (%s)", type_, self.job.id, error)

    def check(self) -> None:
        """Say nothing, and hear whether the work is still wanted."""
        try:
            job = self._store.read(self.job.id)
        except (StoreError, BadSetting):
            return
        if job is None:
            raise LeaseLost(self.job.id)
        steps.check(job, self.job.attempt)

    def change(self, change: Change, outcome: Outcome | None = None) -> Changed:
        """Make a step of the job, with what it leaves."""
        files, spent = (outcome.files, outcome.spent) if outcome else ({}, ())
        changed = self._store.change(self.job.id, change, files, spent)
        if changed.job is None:  # forgotten while it ran
            raise LeaseLost(self.job.id)
        return changed


Work = Callable[[Run], Outcome]
