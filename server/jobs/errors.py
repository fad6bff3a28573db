"""What jobs refuse, as a branch of the tree in core/errors.py.

AtelierError
├── NotFound
│   └── UnknownJob        no job has that id, or it is another key's, or it was forgotten
├── BadInput
│   └── KeyReused         the same Idempotency-Key with another request
├── Refused
│   ├── NotRetryable      it runs, waits, or is done
│   └── Cancelled         somebody asked it to end; ends the work of a running job from within
├── StoreError
│   └── JobsDamaged       what was kept of jobs cannot be read
├── QueueFull             as many jobs wait as may
├── JobFailed             an unforeseen error, or a worker that was lost too often
└── LeaseLost             the job was given to another worker; ends the work of this one from within
"""

from __future__ import annotations

from core.errors import AtelierError, BadInput, NotFound, Refused, StoreError


class UnknownJob(NotFound):
    def __init__(self, job_id: str) -> None:
        shown = job_id[:80]
        super().__init__(
            f"there is no job {shown!r}", "list yours; those that ended are forgotten after a while", job=shown
        )


class KeyReused(BadInput):
    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"this Idempotency-Key came with another request before, which is job {job_id}",
            "send a new key with a new request, or the same request again",
            job=job_id,
        )


class NotRetryable(Refused):
    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(
            f"job {job_id} is {state}", "only a failed, cancelled or dead job runs again", job=job_id, state=state
        )


class StillLive(Refused):
    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(f"job {job_id} is {state}", "cancel it first, and forget it when it has ended", job=job_id)


class Cancelled(Refused):
    def __init__(self, job_id: str) -> None:
        remedy = "`retry` runs it again; a new request needs a new Idempotency-Key, if it has one"
        super().__init__(f"job {job_id} was cancelled", remedy, job=job_id)


class JobsDamaged(StoreError):
    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"{place} cannot be read ({reason})",
            "restore it, or move it away: jobs and their pictures are lost then, styles are not",
            place=place,
            reason=reason,
        )


class QueueFull(AtelierError):
    def __init__(self, queue: str, limit: int, retry_after: int = 10) -> None:
        super().__init__(
            f"{limit} jobs wait in queue {queue!r} already",
            f"try again in {retry_after} s, or raise MAX_QUEUED_JOBS",
            queue=queue,
            limit=limit,
            retry_after=retry_after,
        )


class JobFailed(AtelierError):
    def __init__(self, job_id: str, reason: str, attempts: int) -> None:
        times = "once" if attempts == 1 else f"{attempts} times"
        super().__init__(
            f"job {job_id} was begun {times} and failed ({reason})",
            "the log of the process that ran it says more; `retry` runs it again",
            job=job_id,
            reason=reason,
            attempts=attempts,
        )


class LeaseLost(AtelierError):
    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} was given to another worker", job=job_id)
