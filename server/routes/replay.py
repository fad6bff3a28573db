"""Replay: POST /replay, a picture that was made here is made again and compared."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import Response
from pydantic import Field

from server.forms import StrictForm
from server.jobs.replay import KIND, QUEUE, pack
from server.renders import render_replay
from server.reply import reply, submit
from server.state import state_of

router = APIRouter(tags=["design"])


class ReplayForm(StrictForm):
    """A picture with its recipe."""

    file: UploadFile = Field(description="a PNG as it came from here")
    sketch: UploadFile | None = Field(None, description="where it was too large to travel with the picture")


@router.post(
    "/replay",
    responses={
        200: {"content": {"image/png": {}, "application/json": {}}},
        202: {"description": "the job, still under way"},
    },
)
async def replay_picture(request: Request, form: Annotated[ReplayForm, Form()]) -> Response:
    """Says `identical`, `close` or `different`, and what has changed; with `Accept: image/png` the picture as it is
    made now. It is a job as `POST /generate` makes one, with the same `Prefer` and `Idempotency-Key`."""
    state, name = state_of(request), form.file.filename or "picture"
    picture, sketch = await form.file.read(), None if form.sketch is None else await form.sketch.read()
    asked = [name, *(None if data is None else hashlib.sha256(data).hexdigest() for data in (picture, sketch))]

    def make() -> tuple[dict[str, Any], dict[str, bytes]]:
        return pack(picture, sketch, state.styles, state.settings, name)

    return await reply(request, partial(submit, request, KIND, QUEUE, asked, make), render_replay)
