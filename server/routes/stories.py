"""Stories over HTTP: a picture for a story, a story for a picture, as jobs; and the memories that both leave."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from chains.story_options import PictureOptions, StoryOptions
from core import images
from core.errors import BadValue, UnknownField
from retrievers.memories.catalog import open_chronicle
from retrievers.memories.memory import Memory, UnknownMemory
from server.auth import caller_of
from server.data_uri import read_picture
from server.forms import StrictForm
from server.jobs import stories
from server.jobs.job import Job
from server.reply import submit
from server.state import state_of

router = APIRouter(tags=["stories"])

LISTED = 2_000  # characters of a story in the list

LATER: dict[int | str, dict[str, Any]] = {202: {"description": "the job's id; GET /job/{id} and /jobs/{id} say more"}}
_STORY = StoryOptions.model_json_schema()
_BODY: dict[str, Any] = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {
                    **_STORY,
                    "properties": {"image": {"type": "string", "description": "a data URI"}, **_STORY["properties"]},
                }
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **{name: {"type": "string"} for name in StoryOptions.model_fields},
                    },
                }
            },
        }
    }
}


class StoryBody(PictureOptions, StrictForm):
    """A story, and the options of its picture."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@router.post("/generate-story", status_code=202, responses=LATER, openapi_extra=_BODY)
async def generate_story(request: Request) -> Response:
    """A story of a picture, a data URI in JSON or a form's `file`, as a job of the story queue."""
    asked, picture = await _read(request)
    state = state_of(request)

    def make() -> tuple[dict[str, Any], dict[str, bytes]]:
        return stories.pack_story(asked, picture, state.memories, state.settings, caller_of(request).only)

    key = [asked, hashlib.sha256(picture).hexdigest()]
    return _accepted(await run_in_threadpool(partial(submit, request, stories.STORY, stories.STORY_QUEUE, key, make)))


@router.post("/generate-image", status_code=202, responses=LATER)
async def generate_image(request: Request, body: StoryBody) -> Response:
    """A picture of a story, as a job of the image queue."""
    state, asked = state_of(request), body.model_dump(exclude_defaults=True)

    def make() -> tuple[dict[str, Any], dict[str, bytes]]:
        return stories.pack_picture(asked, state.memories, state.styles, state.settings, caller_of(request).only)

    return _accepted(
        await run_in_threadpool(partial(submit, request, stories.PICTURE, stories.PICTURE_QUEUE, [asked], make))
    )


@router.get("/memories")
def list_memories(
    request: Request,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    kind: Literal["story", "picture"] | None = None,
) -> dict[str, Any]:
    """What was made before for this key, the newest first; of long stories the beginning."""
    chronicle, owner = open_chronicle(state_of(request).settings), caller_of(request).only
    found = [_shown(memory) for memory in chronicle.page(offset, limit, kind, owner)]
    told = [{**one, "story": one["story"][:LISTED]} for one in found]
    return {"total": chronicle.count(owner), "offset": offset, "memories": told}


@router.get("/memories/{memory_id}")
def get_memory(request: Request, memory_id: str) -> dict[str, Any]:
    return _shown(_own(request, memory_id))


@router.get("/memories/{memory_id}/image", responses={200: {"content": {"image/png": {}, "image/jpeg": {}}}})
def get_memory_image(
    request: Request, memory_id: str, size: Annotated[int | None, Query(ge=16, le=1024, description="px")] = None
) -> Response:
    """Its picture as PNG, or as JPEG at most `size` px long."""
    data = _own(request, memory_id).read()
    if size is None:
        return Response(data, media_type="image/png")
    opened = images.fit(images.decode(data, memory_id, None, wanted=2 * size), size)
    return Response(images.to_jpeg(opened), media_type="image/jpeg")


@router.delete("/memories/{memory_id}", status_code=204)
def forget_memory(request: Request, memory_id: str) -> None:
    """Forget it; it comes back neither by itself nor by its job."""
    state_of(request).memories.forget([_own(request, memory_id).id])


@router.delete("/memories")
def forget_all(request: Request) -> dict[str, int]:
    """Forget everything that was made for this key."""
    return {"forgotten": state_of(request).memories.clear(caller_of(request).only)}


def _own(request: Request, memory_id: str) -> Memory:
    """A memory of the caller's; those of others are unknown to it."""
    memory, owner = open_chronicle(state_of(request).settings).get(memory_id), caller_of(request).only
    if owner is not None and memory.owner != owner:
        raise UnknownMemory(memory_id)
    return memory


async def _read(request: Request) -> tuple[dict[str, Any], bytes]:
    """The options and the picture of a JSON body or a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _read_form(request)
    try:
        told = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadValue("body", kind or "nothing", f"JSON, or multipart/form-data ({error})") from None
    if not isinstance(told, dict):
        raise BadValue("body", str(told)[:80], "a JSON object with an image")
    picture = read_picture("image", told.pop("image", None))
    return told, picture


async def _read_form(request: Request) -> tuple[dict[str, Any], bytes]:
    told: dict[str, Any] = {}
    picture = b""
    async with request.form(max_files=1) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if name not in ("file", "image"):
                    raise UnknownField(name, ["file", *StoryOptions.model_fields])
                picture = await value.read()
            elif value != "":  # a browser sends every empty field
                told[name] = value
    if not picture:
        raise BadValue("file", "nothing", "a picture, sent as a file: -F file=@picture.jpg")
    return told, picture


def _accepted(job: Job) -> Response:
    """As existing clients know it."""
    headers = {"Location": f"/jobs/{job.id}", "X-Job-Id": job.id}
    return JSONResponse({"job_id": job.id, "status": "pending"}, 202, headers)


def _shown(memory: Memory) -> dict[str, Any]:
    return {**memory.as_dict(), "image": f"/memories/{memory.id}/image"}
