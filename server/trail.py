"""Trail: which request, job and key belong to what happens now; lines of the log carry it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

LONGEST = 128  # characters of a request's id


@dataclass
class Trail:
    request_id: str
    job_id: str = ""
    owner: str = ""  # of the job
    error: str = ""  # type of the error that the request was answered with
    state: Mapping[str, Any] = field(default_factory=dict)  # of the request; its gate writes there who asks

    @property
    def key(self) -> str:
        """The name of the key, never the key itself."""
        caller = self.state.get("caller")
        return self.owner if caller is None else str(caller.name)

    def fields(self) -> dict[str, str]:
        """What is known of it, for a line of the log."""
        told = {"request_id": self.request_id, "job_id": self.job_id, "key": self.key}
        return {name: value for name, value in told.items() if value}


_current: ContextVar[Trail | None] = ContextVar("trail", default=None)


def current() -> Trail | None:
    """None outside of requests and jobs, and on threads that those start without their context."""
    return _current.get()


def begin(trail: Trail) -> None:
    """For the rest of this task, which is the request's own."""
    _current.set(trail)


@contextmanager
def following(trail: Trail) -> Iterator[None]:
    """For as long as this lasts, on a thread that has more to do."""
    token = _current.set(trail)
    try:
        yield
    finally:
        _current.reset(token)


def request_id(sent: str) -> str:
    """The id that a client sent, where it is fit for logs and headers; otherwise a new one."""
    return sent if re.fullmatch(rf"[!-~]{{1,{LONGEST}}}", sent) else secrets.token_hex(8)
