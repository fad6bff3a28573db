"""Jobs over HTTP: what waits, runs and has ended; cancel, run again, forget; follow as it goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field

from core import images
from server.auth import caller_of
from server.forms import StrictForm
from server.jobs.job import FINAL, Job, JobState
from server.jobs.stories import STORY
from server.jobs.view import view, view_event
from server.renders import RENDERS, as_data_uri
from server.reply import answer_of
from server.state import state_of

router = APIRouter(tags=["jobs"])

FILES: dict[str, Any] = {"image/png": {}, "image/jpeg": {}, "application/octet-stream": {}}
DAY = "private, max-age=86400"  # what a job has made does not change

STATUS: dict[JobState, str] = {
    "queued": "pending",
    "running": "running",
    "done": "completed",
    "failed": "failed",
    "dead": "failed",
    "cancelled": "cancelled",
}


def own_job(request: Request, job_id: str) -> Job:
    """The job of that id, if it is the caller's; raises `UnknownJob`."""
    return state_of(request).jobs.get(job_id, caller_of(request).only)


Own = Annotated[Job, Depends(own_job)]


class JobsWanted(StrictForm):
    """Which jobs to list."""

    state: JobState | None = None
    kind: str | None = None
    limit: int = Field(50, ge=1, le=200)
    before: str | None = Field(None, description="the last id of the page before")


@router.get("/jobs")
def list_jobs(request: Request, wanted: Annotated[JobsWanted, Query()]) -> dict[str, Any]:
    """The caller's jobs, newest first."""
    jobs = state_of(request).jobs
    asked = wanted.model_dump(exclude_none=True)
    found = jobs.list(**asked, owner=caller_of(request).only)
    places = jobs.positions(found)
    more = len(found) == wanted.limit and f"/jobs?{urlencode({**asked, 'before': found[-1].id})}"
    return {"jobs": [view(job, places.get(job.id)) for job in found], "next": more or None}


@router.delete("/jobs")
def forget_jobs(
    request: Request,
    state: Annotated[
        Literal["finished", "done", "failed", "cancelled", "dead"], Query(description="finished: all of them")
    ],
) -> dict[str, int]:
    """Forget the caller's jobs that have ended so, with their pictures."""
    states = FINAL if state == "finished" else (state,)
    return {"forgotten": state_of(request).jobs.purge(states, caller_of(request).only)}


@router.get("/jobs/{job_id}")
def get_job(request: Request, job: Own) -> dict[str, Any]:
    return view(job, state_of(request).jobs.position(job))


@router.delete("/jobs/{job_id}")
def cancel_job(
    request: Request,
    job: Own,
    forget: Annotated[bool, Query(description="one that has ended, with its pictures")] = False,
) -> dict[str, Any]:
    """Cancel. One that waits ends at once, one that runs at its next step; one that has ended stays as it is. With
    `forget` one that has ended is forgotten, and one that has not is refused."""
    jobs = state_of(request).jobs
    if forget:
        jobs.forget(job.id)
        return view(job)
    return view(jobs.cancel(job.id))


@router.post("/jobs/{job_id}/retry", status_code=202)
def retry_job(request: Request, job: Own) -> dict[str, Any]:
    """Run a failed, cancelled or dead job again."""
    jobs = state_of(request).jobs
    again = jobs.retry(job.id)
    return view(again, jobs.position(again))


def unread(job: Own, last_event_id: Annotated[int, Header(ge=0)] = 0) -> int:
    """The number of the last event that was read; 204, which tells a browser to stop asking, where that was the end."""
    if job.ended and last_event_id >= job.last_event:
        raise HTTPException(204)
    return last_event_id


@router.get("/jobs/{job_id}/events", response_class=EventSourceResponse)
async def follow_job(
    request: Request, job: Own, after: Annotated[int, Depends(unread)]
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events from the first, or from after `Last-Event-ID`, to the one that ends the job."""
    async for event in state_of(request).feeds.follow(job.id, after):
        yield ServerSentEvent(data=view_event(event), event=event.type, id=str(event.number))


@router.get(
    "/jobs/{job_id}/result",
    responses={200: {"content": {"image/png": {}}}, 202: {"description": "it has not ended"}},
)
def get_result(request: Request, job: Own) -> Response:
    """The answer that the request would have had, if it had waited."""
    return answer_of(request, job.id, RENDERS[job.kind])


@router.get("/jobs/{job_id}/files/{name}", responses={200: {"content": FILES}}, response_class=Response)
def get_file(
    request: Request,
    job: Own,
    name: str,
    size: Annotated[int | None, Query(ge=16, le=1024, description="px, long side: a small JPEG of it")] = None,
) -> Response:
    """A picture that came with the job, or that it made."""
    data = state_of(request).jobs.file(job.id, name)
    if size is not None:
        small = images.fit(images.decode(data, name, None, wanted=size), size)
        return Response(images.to_jpeg(small), media_type="image/jpeg", headers={"Cache-Control": DAY})
    media_type = "image/png" if name.endswith(".png") else "application/octet-stream"
    return Response(data, media_type=media_type, headers={"X-Content-Type-Options": "nosniff"})


@router.get("/job/{job_id}")
def get_job_of_old(request: Request, job: Own) -> dict[str, Any]:
    """The short form that existing clients know."""
    told: dict[str, Any] = {"job_id": job.id, "status": STATUS[job.state]}
    if job.state == "done" and "images" in (job.result or {}):
        told["result"] = as_data_uri(state_of(request).jobs, job)
    if job.state == "done" and job.kind == STORY:
        told["result"] = {"story": (job.result or {})["story"]}
    if job.error is not None:
        told["error"] = job.error["message"]
    return told
