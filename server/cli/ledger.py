"""Ledger: the jobs that `atelier jobs` works on, a server's or those of the store itself."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import AtelierError, BadValue, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.client import Client
    from server.jobs.job import Job
    from server.jobs.jobs import Jobs

SHORTEST = 4  # characters of an id that are enough
PAGE = 100  # jobs that are looked through at a time


class Ledger(Protocol):
    """Jobs as JSON; `Client` is one too."""

    def jobs(
        self, state: str | None = None, kind: str | None = None, limit: int = 50, before: str | None = None
    ) -> list[dict[str, Any]]: ...

    def job(self, job_id: str) -> dict[str, Any]: ...

    def file(self, job_id: str, name: str) -> bytes: ...

    def cancel(self, job_id: str) -> dict[str, Any]: ...

    def retry(self, job_id: str) -> dict[str, Any]: ...

    def purge(self, state: str) -> int: ...


class OwnLedger:
    """The jobs of the store, where no server is asked."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def _view(self, job: Job) -> dict[str, Any]:
        from server.jobs.view import view

        return view(job, self._jobs.position(job))

    def jobs(
        self, state: str | None = None, kind: str | None = None, limit: int = 50, before: str | None = None
    ) -> list[dict[str, Any]]:
        return [self._view(job) for job in self._jobs.list(state, kind, limit, before)]

    def job(self, job_id: str) -> dict[str, Any]:
        return self._view(self._jobs.get(job_id))

    def file(self, job_id: str, name: str) -> bytes:
        return self._jobs.file(job_id, name)

    def cancel(self, job_id: str) -> dict[str, Any]:
        return self._view(self._jobs.cancel(job_id))

    def retry(self, job_id: str) -> dict[str, Any]:
        return self._view(self._jobs.retry(job_id))

    def purge(self, state: str) -> int:
        from server.jobs.job import FINAL

        return self._jobs.purge(FINAL if state == "finished" else (state,))


def open_ledger(client: Client | None) -> AbstractContextManager[Ledger]:
    """The server's jobs where there is one; otherwise those of the store, whose folder is owned meanwhile."""
    return _open_own() if client is None else nullcontext(client)


@contextmanager
def _open_own() -> Iterator[Ledger]:
    from core.owner import own
    from core.settings import get_settings
    from server.jobs.jobs import open_jobs

    settings = get_settings()
    owner = None if settings.shared_jobs else own(settings.data_dir, "atelier jobs")
    jobs = open_jobs(settings)
    try:
        yield OwnLedger(jobs)
    finally:
        jobs.store.close()
        if owner is not None:
            owner.release()


def find_job(ledger: Ledger, known: str) -> dict[str, Any]:
    """The job of an id, or of its first characters where no other begins with them."""
    if len(known) < SHORTEST:
        raise BadValue("id", known, f"at least {SHORTEST} characters of a job's id")
    try:
        return ledger.job(known)
    except NotFound as unknown:
        found = [job for job in all_jobs(ledger) if job["id"].startswith(known)]
        if not found:
            raise AtelierError(unknown.message, "`atelier jobs list` shows those that there are") from None
    if len(found) > 1:
        raise BadValue("id", known, f"more of its characters: {', '.join(job['id'] for job in found[:5])} begin so")
    return found[0]


def all_jobs(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Every job, newest first."""
    page = ledger.jobs(limit=PAGE)
    while page:
        yield from page
        page = ledger.jobs(limit=PAGE, before=page[-1]["id"]) if len(page) == PAGE else []
