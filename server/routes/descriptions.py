"""Descriptions over HTTP: pictures are described, what is said of them is embedded, and they are found by it."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool

from chains.describe import DescribeOptions
from chains.search_options import SearchRequest
from core.errors import BadValue
from server.auth import caller_of
from server.forms import StrictForm
from server.jobs.descriptions import EMBED, KIND, QUEUE, pack, pack_embedding
from server.renders import render_report
from server.reply import reply, submit
from server.state import state_of
from server.views import search_json

router = APIRouter(tags=["descriptions"])

LATER: dict[int | str, dict[str, Any]] = {202: {"description": "the job, still under way"}}


class DescribeBody(DescribeOptions, StrictForm):
    """Which pictures; without a body all that have no description yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _name_a_folder_or_none(cls, told: Any) -> Any:
        """An empty name is no wish for all pictures, each of which may cost money."""
        if isinstance(told, dict) and told.get("folder") == "":
            raise BadValue("folder", "", "the name of a folder, or is left out for all pictures")
        return told


class Nothing(StrictForm):
    """A body without fields."""


class GetImage(StrictForm):
    """A search by what descriptions say."""

    query: str = Field(description="what the pictures show")
    k: int | None = Field(None, description="hits; default: TOP_K_RETRIEVAL")
    min_confidence: float | None = Field(None, description="of the best hit, or there is no good match; 0 shows any")


@router.post("/generate_description", responses=LATER)
async def describe(request: Request, body: DescribeBody | None = None) -> Response:
    """Describe the pictures that have no description by the present describer. A folder lies below the data directory,
    and its pictures are taken in first."""
    asked = {} if body is None else body.model_dump(exclude_defaults=True)
    ready = partial(pack, asked, state_of(request).settings, caller_of(request).here)
    return await reply(request, partial(submit, request, KIND, QUEUE, [asked], ready), render_report)


@router.post("/generate_description_embeddings", responses=LATER)
async def embed(request: Request, body: Nothing | None = None) -> Response:
    """Embed the descriptions that are not embedded yet; `POST /generate_description` has done so with its own."""
    ready = partial(pack_embedding, state_of(request).settings)
    return await reply(request, partial(submit, request, EMBED, QUEUE, [], ready), render_report)


@router.post("/get_image")
async def get_image(request: Request, body: GetImage) -> dict[str, Any]:
    """The pictures whose descriptions fit, the best first; `no_good_match` where none does."""
    asked: dict[str, Any] = {"text": body.query, "channels": ["description"]}
    asked |= {name: value for name in ("k", "min_confidence") if (value := getattr(body, name)) is not None}
    found = await run_in_threadpool(state_of(request).search.invoke, cast(SearchRequest, asked))
    return {"query": body.query, **search_json(found, caller_of(request))}
