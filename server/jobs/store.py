"""Store: where jobs, their events and files are kept, and the queues of those that wait; one protocol, two engines.

Queues and worker threads are huey's; its task is "run the job of this id", as JSON. Records are ours: a change reads a
job, asks a pure step of job.py what becomes of it, and writes job and event together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event as Flag
from threading import Lock
from typing import Any, Protocol

from huey.api import Huey, Task
from huey.registry import Message
from huey.serializer import Serializer
from huey.utils import normalize_time

from server.jobs.job import Event, Job, State, Step

QUEUES = ("image", "story")
TASK = "run"

Change = Callable[[Job], Step | None]
Listener = Callable[[str | None, Event | None], None]  # (None, None): something may have been missed


@dataclass(frozen=True)
class Sign:
    """What a keeper sees of a job that has not ended; a running one whose sign stays the same has no worker."""

    id: str
    queue: str
    state: State
    attempt: int
    beat: str = ""


class Store(Protocol):
    """Thread-safe. Every method raises `StoreUnreachable`, `StoreFull` or `StoreDamaged` where it cannot do it."""

    shared: bool  # other processes use it too

    def create(self, step: Step, files: Mapping[str, bytes], limit: int) -> Job:
        """Keep a new job and its files; one that is kept already under that id is handed back as it is. Raises
        `QueueFull` where `limit` jobs wait in its queue."""
        ...

    def read(self, job_id: str) -> Job | None: ...

    def change(self, job_id: str, change: Change, files: Mapping[str, bytes] | None = None) -> Job | None:
        """The job after a step, or as it is where the step was None; None where it is not known."""
        ...

    def events(self, job_id: str, after: int = 0) -> list[Event]: ...

    def file(self, job_id: str, name: str) -> bytes | None: ...

    def recent(self, limit: int, before: str | None = None) -> list[Job]:
        """The newest jobs, newest first; `before`: older than the job of that id."""
        ...

    def forget(self, job_ids: Iterable[str]) -> None: ...

    def ended(self) -> list[tuple[str, float]]:
        """Jobs that have ended with the times when they did, the oldest first."""
        ...

    def live(self) -> list[Sign]:
        """All jobs that have not ended."""
        ...

    def beat(self, job_id: str, attempt: int, mark: str) -> None:
        """A worker's sign of life."""
        ...

    def greet(self, worker: str, told: Mapping[str, Any], seconds: float) -> None:
        """A worker is there, and will be for so long without another word; 0: it goes."""
        ...

    def workers(self) -> list[dict[str, Any]]:
        """What the workers that are there told of themselves."""
        ...

    def enqueue(self, job: Job, bump: float = 0.0, delay: float = 0.0) -> None: ...

    def waiting(self, queue: str) -> list[str]:
        """Ids in the order in which they will be begun; those that wait for a time come last."""
        ...

    def queues(self) -> Mapping[str, Queue]: ...

    def listen(self, listener: Listener) -> None:
        """Be told of every event, from any thread."""
        ...

    def close(self) -> None: ...


class JsonMessages(Serializer):  # type: ignore[misc]  # huey has no types
    """huey's messages as JSON; its own are pickled, and a store that others can write to must not run code."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data, default=datetime.isoformat).encode()

    def _deserialize(self, data: Any) -> Message:
        message = Message(*json.loads(bytes(data)))
        return message if message.eta is None else message._replace(eta=datetime.fromisoformat(message.eta))


class Queue:
    """A huey queue of job ids, and a bell for the workers of this process."""

    def __init__(self, name: str, storage_class: type, **options: Any) -> None:
        self.name = name
        self.huey = Huey(
            f"atelier_{name}", results=False, serializer=JsonMessages(), storage_class=storage_class, **options
        )
        self._run: Callable[[str], None] | None = None
        self._task = self.huey.task(name=TASK)(self._execute)
        self._bells: list[Flag] = []
        self._lock = Lock()

    def bind(self, run: Callable[[str], None]) -> None:
        """What a worker of this process does with an id."""
        self._run = run

    def _execute(self, job_id: str) -> None:
        assert self._run is not None, "only workers take from a queue"
        self._run(job_id)

    def put(self, job_id: str, priority: float, delay: float = 0.0) -> None:
        task: Task = self._task.s(job_id, priority=priority)
        if delay:
            task.eta = normalize_time(delay=delay, utc=self.huey.utc)
            self.huey.add_schedule(task)
        else:
            self.huey.enqueue(task)
            self.ring()

    def ids(self) -> list[str]:
        tasks: Sequence[Task] = [*self.huey.pending(), *self.huey.scheduled()]
        return [str(task.args[0]) for task in tasks]

    def bell(self) -> Flag:
        """A flag that is set whenever something was put in by this process."""
        bell = Flag()
        with self._lock:
            self._bells.append(bell)
        return bell

    def ring(self) -> None:
        for bell in self._bells:
            bell.set()
