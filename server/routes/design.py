"""Design: POST /generate and POST /preview, a sketch and a prompt for a picture, or a prompt alone."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from typing import Annotated, Any, cast

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import Response
from pydantic import Field

from chains.design import to_files
from chains.options import DesignOptions, DesignRequest
from core.errors import BadValue
from server.forms import StrictForm
from server.jobs.design import KIND, QUEUE, as_json, pack
from server.jobs.job import HIGHEST, LOWEST
from server.renders import answer_pictures, check_single, render_design
from server.reply import Wish, reply, submit, wants_json
from server.state import config_of, state_of

router = APIRouter(tags=["design"])

PICTURES: dict[str, Any] = {"content": {"image/png": {}, "application/json": {}}}


class PreviewForm(StrictForm, DesignOptions):
    """The sketch, and the options of the chain."""

    file: UploadFile | None = Field(
        None, description="the sketch: PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC; default: composed from the prompt"
    )


class DesignForm(PreviewForm):
    """The same, and what its job needs to know."""

    priority: int = Field(0, ge=LOWEST, le=HIGHEST, description="higher is begun first")


@router.post("/generate", responses={200: PICTURES, 202: {"description": "the job, still under way"}})
async def generate(request: Request, form: Annotated[DesignForm, Form()]) -> Response:
    """A PNG whose headers name the style, its score, the seed, the engine and the job; with `Accept: application/json`
    everything as JSON, all `n` pictures in base64. With `Prefer: respond-async`, or where it takes longer than
    SYNC_WAIT_SECONDS, 202 and the job, which goes on. The same `Idempotency-Key` and form are the same job."""
    if not wants_json(request) and Wish(request).seconds > 0:
        check_single(form.n)
    sketch, state = None if form.file is None else await form.file.read(), state_of(request)
    options = form.model_dump(exclude={"file", "priority"})
    asked = [options, form.priority, None if sketch is None else hashlib.sha256(sketch).hexdigest()]

    def make() -> tuple[dict[str, Any], dict[str, bytes]]:
        return pack(options, sketch, state.styles, state.settings)

    return await reply(request, partial(submit, request, KIND, QUEUE, asked, make, form.priority), render_design)


@router.post("/preview", responses={200: PICTURES})
async def preview(request: Request, form: Annotated[PreviewForm, Form()]) -> Response:
    """The same form, painted in preview mode at once: a fifth of a second, no job, and nothing is kept. Where very many
    ask at once, some are told to come back in a second."""
    return await state_of(request).previews.take(partial(_preview, request, form), request.is_disconnected)


def _preview(request: Request, form: PreviewForm) -> Response:
    if "mode" in form.model_fields_set and form.mode != "preview":
        raise BadValue("mode", form.mode, "preview here; POST /generate takes both")
    if form.engine not in (None, "painter"):
        raise BadValue("engine", form.engine, "painter here; POST /generate takes others")
    if not wants_json(request):
        check_single(form.n)
    sketch = None if form.file is None else form.file.file.read()
    own = {"mode": "preview", "engine": "painter", "sketch": sketch}
    asked = cast(DesignRequest, {**form.model_dump(exclude={"file"}), **own})
    start = time.perf_counter()
    made = state_of(request).design.invoke(asked, config_of(request, "preview"))
    took = (time.perf_counter() - start) * 1000
    response = answer_pictures(as_json(made), to_files(made), wants_json(request))
    response.headers["Server-Timing"] = f"chain;dur={took:.1f}"
    return response
