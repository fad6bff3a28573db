"""Queue: the ids of jobs that wait, as huey's tasks, and a bell for the workers of this process.

What lies in a queue is the id alone, so that a store can put it in and take it out beside the job's own record, and so
that nothing there can run code, as huey's own pickled messages could.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event as Flag
from threading import Lock
from typing import Any

from huey.api import Huey
from huey.registry import Message
from huey.serializer import Serializer

TASK = "run"


class _Ids(Serializer):  # type: ignore[misc]  # huey has no types
    def _serialize(self, data: Message) -> bytes:
        return str(data.id).encode()

    def _deserialize(self, data: Any) -> Message:
        job_id = bytes(data).decode()
        return Message(job_id, f"{__name__}.{TASK}", args=[job_id], kwargs={})


class Queue:
    """A huey queue; the stores write to it, huey's workers take from it."""

    def __init__(self, name: str, storage_class: type, **options: Any) -> None:
        storage = {"storage_class": storage_class, **options}
        self.huey = Huey(f"atelier_{name}", results=False, serializer=_Ids(), **storage)
        self.huey.task(name=TASK)(self._execute)
        self._run: Callable[[str], None] | None = None
        self._bells: list[Flag] = []
        self._lock = Lock()

    def bind(self, run: Callable[[str], None]) -> None:
        """What a worker of this process does with an id."""
        self._run = run

    def _execute(self, job_id: str) -> None:
        assert self._run is not None, "only workers take from a queue"
        self._run(job_id)

    def bell(self) -> Flag:
        """A flag that is set whenever this process put something in."""
        bell = Flag()
        with self._lock:
            self._bells.append(bell)
        return bell

    def ring(self) -> None:
        for bell in self._bells:
            bell.set()
