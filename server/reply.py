"""Reply: how a request that makes a job is answered: with what the job makes, or with the job where it takes longer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from core.errors import BadValue, StoreError
from server.auth import caller_of
from server.errors import answer, revive
from server.jobs.errors import Cancelled, KeyReused
from server.jobs.job import Job
from server.jobs.jobs import Jobs
from server.jobs.view import view
from server.state import State, state_of


class Render(Protocol):
    """Makes the answer of a job that is done, in the form that the request wants."""

    def __call__(self, jobs: Jobs, job: Job, request: Request) -> Response: ...


class Pack(Protocol):
    """Makes the parameters and files of a job, or raises what makes the request impossible."""

    def __call__(self) -> tuple[dict[str, Any], dict[str, bytes]]: ...


def wants_json(request: Request) -> bool:
    """Whether JSON is asked for, and not less than a picture is."""
    wanted = _accepted_kinds(request)
    return wanted.get("application/json", 0.0) > 0 and wanted["application/json"] >= wanted.get("image/png", 0.0)


def wants_picture(request: Request) -> bool:
    """Whether a picture is asked for by name, and more than JSON is."""
    wanted = _accepted_kinds(request)
    return wanted.get("image/png", 0.0) > wanted.get("application/json", 0.0)


def _accepted_kinds(request: Request) -> dict[str, float]:
    """The media types of the Accept header with their qualities."""
    wanted: dict[str, float] = {}
    for part in request.headers.get("accept", "").lower().split(","):
        kind, _, parameters = part.strip().partition(";")
        quality = re.search(r"q\s*=\s*(\d*\.?\d+)", parameters)
        wanted[kind.strip()] = float(quality[1]) if quality else 1.0
    return wanted


def idempotent_id(request: Request) -> str | None:
    """The id that every request of this caller with this Idempotency-Key means; None without one."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= 255:
        raise BadValue("Idempotency-Key", key, "1 to 255 characters")
    return hashlib.sha256(f"{caller_of(request).name}\0{key}".encode()).hexdigest()[:24]


def submit(request: Request, kind: str, queue: str, asked: list[Any], pack: Pack, priority: int = 0) -> Job:
    """The job of a request, or the one that the same Idempotency-Key and `asked` made before.

    Raises `KeyReused`, `QueueFull`, and what `pack` does.
    """
    state, job_id, fingerprint = state_of(request), idempotent_id(request), ""
    if job_id is not None:
        fingerprint = hashlib.sha256(json.dumps([kind, *asked], sort_keys=True).encode()).hexdigest()
        present = state.jobs.store.read(job_id)
        if present is not None and present.fingerprint == fingerprint:
            return present
        if present is not None:
            raise KeyReused(present.id)
    state.check()
    state.jobs.check_room(queue)
    parameters, files = pack()
    wishes: dict[str, Any] = {"owner": caller_of(request).name, "priority": priority, "fingerprint": fingerprint}
    wishes["request_id"] = request.state.trail.request_id
    return state.jobs.submit(kind, queue, parameters, files, job_id=job_id, **wishes)


async def reply(request: Request, submit: Callable[[], Job], render: Render) -> Response:
    """Ask for the job, and wait for it as long as the client and SYNC_WAIT_SECONDS allow; no thread waits.

    A client that leaves cancels its job, unless it had an Idempotency-Key and so can ask for the same job again.
    """
    state = state_of(request)
    wish = Wish(request)
    job = await run_in_threadpool(submit)
    try:
        if wish.seconds > 0 and await _waited(request, state, job.id, wish.seconds) == "left":
            await run_in_threadpool(state.jobs.cancel, job.id)
        if wish.seconds > 0:
            response = await run_in_threadpool(answer_of, request, job.id, render)
        else:  # the job itself, also where it was so quick that it has ended
            response = await run_in_threadpool(lambda: _accepted(job, state.jobs.position(job)))
    except StoreError:  # the job is kept, whatever the store says now
        response = _accepted(job, None)
    if wish.obeyed:
        response.headers["Preference-Applied"] = wish.obeyed
    return response


async def _waited(request: Request, state: State, job_id: str, seconds: float) -> str:
    """Wait for the job, and say how that came to its end."""
    waiting = asyncio.ensure_future(state.feeds.ended(job_id, seconds))
    leaving = asyncio.ensure_future(_leaves(request))
    try:
        await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return "ended" if waiting.result() else "late"
        return "left" if leaving.exception() is None and "idempotency-key" not in request.headers else "late"
    finally:
        waiting.cancel()
        leaving.cancel()


def answer_of(request: Request, job_id: str, render: Render) -> Response:
    """The answer of a job as it is now: what it made, why it could not, or 202 and where to ask again."""
    state = state_of(request)
    job = state.jobs.get(job_id)
    if job.state == "done":
        response = render(state.jobs, job, request)
        response.headers["Server-Timing"] = ", ".join(f"{name};dur={ms:.1f}" for name, ms in _timing(job).items())
    elif job.error is not None:
        response = answer(revive(job.error))
    elif job.state == "cancelled":
        response = answer(Cancelled(job.id))
    else:
        return _accepted(job, state.jobs.position(job))
    response.headers["X-Job-Id"] = job.id
    return response


def _accepted(job: Job, position: int | None) -> Response:
    headers = {"Location": f"/jobs/{job.id}", "Retry-After": "1", "X-Job-Id": job.id}
    return JSONResponse(view(job, position), 202, headers)


def _timing(job: Job) -> dict[str, float]:
    """Where the time went, in ms: waiting for a worker, and in the chain."""
    assert job.started is not None and job.result is not None
    timing = {"queue": (job.started - job.created) * 1000}
    if "seconds" in job.result:
        timing["chain"] = float(job.result["seconds"]) * 1000
    return timing


class Wish:
    """What Prefer headers ask for (RFC 7240): `respond-async` alone is not to wait, `wait=10` not to wait longer."""

    def __init__(self, request: Request) -> None:
        prefer = ",".join(request.headers.getlist("prefer")).lower()
        wishes = [wish.partition(";")[0].strip() for wish in prefer.split(",")]
        waits = [float(found[1]) for wish in wishes if (found := re.fullmatch(r'wait\s*=\s*"?(\d{1,9})"?', wish))]
        self.seconds, self.obeyed = state_of(request).settings.sync_wait_seconds, ""
        if waits:
            self.seconds, self.obeyed = min(self.seconds, *waits), f"wait={min(waits):.0f}"
        elif "respond-async" in wishes:
            self.seconds, self.obeyed = 0.0, "respond-async"


async def _leaves(request: Request) -> None:
    """Returns when the client has left."""
    message: Any = {}
    while message.get("type") != "http.disconnect":
        message = await request.receive()
