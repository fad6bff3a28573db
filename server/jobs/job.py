"""Job: what is known of a piece of work, and of everything that happened to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

JobState = Literal["queued", "running", "done", "failed", "cancelled", "dead"]
FINAL: tuple[JobState, ...] = ("done", "failed", "cancelled", "dead")
LOWEST, HIGHEST = -10, 10  # priority


@dataclass(frozen=True)
class Job:
    """A piece of work and what became of it; times are seconds since 1970 by the clock of its store."""

    id: str
    kind: str
    queue: str
    owner: str  # the name of the key that asked for it
    parameters: Mapping[str, Any]
    created: float
    priority: int = 0  # higher first
    fingerprint: str = ""  # of the request, where it had an Idempotency-Key
    request_id: str = ""  # of the request that asked for it
    state: JobState = "queued"
    attempt: int = 0  # which start this is; never set back
    tries: int = 0  # starts that count against the limit
    worker: str | None = None
    cancelling: bool = False
    started: float | None = None
    finished: float | None = None
    progress: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    last_event: int = 0

    @property
    def ended(self) -> bool:
        return self.state in FINAL

    @property
    def rank(self) -> float:
        """Its place in a queue, higher first: what was begun before has waited once already."""
        return self.priority + (0.5 if self.attempt else 0.0)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Job:
        """Raises `ValueError` or `TypeError` where that is no job."""
        told = json.loads(text)
        return cls(**{name: told[name] for name in _FIELDS if name in told})  # a later version may tell more


_FIELDS = tuple(field.name for field in fields(Job))


@dataclass(frozen=True)
class Event:
    """Something that happened to a job; `number` counts from 1 without a gap."""

    number: int
    type: str
    at: float
    data: Mapping[str, Any]

    @property
    def final(self) -> bool:
        return self.type in FINAL

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Event:
        return cls(**json.loads(text))
