"""Search: GET and POST /search, words, a picture or both for the pictures of the library that fit."""

from __future__ import annotations

import json
from typing import Annotated, Any, cast

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from chains.search_options import SearchOptions, SearchRequest
from core.errors import BadValue, UnknownField
from server.auth import caller_of
from server.forms import StrictForm
from server.state import config_of, state_of
from server.views import search_json

router = APIRouter(tags=["search"])

AN_IMAGE = "a file, sent as multipart/form-data: -F image=@picture.jpg"
LISTS = ("channels",)  # with commas or as JSON, in a form
_SCHEMA = SearchOptions.model_json_schema()
_BODIES: dict[str, Any] = {
    "requestBody": {
        "content": {
            "application/json": {"schema": _SCHEMA},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        **{name: {"type": "string"} for name in SearchOptions.model_fields},
                        "filters": {"type": "string", "description": "as JSON"},
                        "image": {"type": "string", "format": "binary", "description": "a picture that they are like"},
                    },
                }
            },
        }
    }
}


class Words(StrictForm):
    """The simple search."""

    q: str = Field(description="what the pictures show")
    k: int | None = Field(None, description="hits; default: TOP_K_RETRIEVAL")
    offset: int = Field(0, description="hits that are left out first")


@router.get("/search")
def search_words(request: Request, words: Annotated[Words, Query()]) -> dict[str, Any]:
    """Pictures by words, the best first."""
    return _search(request, {"text": words.q, "offset": words.offset, **({} if words.k is None else {"k": words.k})})


@router.post("/search", openapi_extra=_BODIES)
async def search(request: Request) -> dict[str, Any]:
    """Pictures by words, by a picture (a form's file `image`, or `like`: one of the library), or by both; with what
    they shall not show, and filters. `no_good_match` where nothing stands out: `closest` then has what comes nearest.
    """
    asked = await _read(request)
    return await run_in_threadpool(_search, request, asked)


def _search(request: Request, asked: SearchRequest) -> dict[str, Any]:
    return search_json(state_of(request).search.invoke(asked, config_of(request, "search")), caller_of(request))


async def _read(request: Request) -> SearchRequest:
    """The request of a JSON body or a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return await _read_form(request)
    try:
        told = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadValue("body", kind or "nothing", f"JSON, or multipart/form-data ({error})") from None
    if not isinstance(told, dict):
        raise BadValue("body", str(told)[:80], "a JSON object with text, or like")
    if "image" in told:
        raise BadValue("image", "JSON", AN_IMAGE)
    return cast(SearchRequest, told)  # the chain checks it


async def _read_form(request: Request) -> SearchRequest:
    told: dict[str, Any] = {}
    async with request.form(max_files=1) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if name != "image":
                    raise UnknownField(name, ["image"])
                told[name] = await value.read()
            elif name == "image" and value != "":  # the chain would take it for a path of this machine
                raise BadValue(name, value, AN_IMAGE)
            elif value != "":  # a browser sends every empty field
                told[name] = _parsed(name, value)
    return cast(SearchRequest, told)


def _parsed(name: str, value: str) -> Any:
    if name in LISTS and not value.lstrip().startswith("["):
        return [part.strip() for part in value.split(",")]
    if name not in (*LISTS, "filters"):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise BadValue(name, value, f"JSON ({error})") from None
