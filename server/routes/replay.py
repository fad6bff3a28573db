"""Replay: POST /replay, a picture that was made here is made again and compared."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chains.replay import replay
from core import images
from server.forms import StrictForm
from server.reply import wants_picture
from server.state import state_of

router = APIRouter(tags=["design"])


class ReplayForm(StrictForm):
    """A picture with its recipe."""

    file: UploadFile = Field(description="a PNG as it came from here")
    sketch: UploadFile | None = Field(None, description="where it was too large to travel with the picture")


@router.post("/replay", responses={200: {"content": {"image/png": {}, "application/json": {}}}})
def replay_picture(request: Request, form: Annotated[ReplayForm, Form()]) -> Response:
    """Says `identical`, `close` or `different`, and what has changed; with `Accept: image/png` the picture as it is
    made now."""
    state = state_of(request)
    sketch = None if form.sketch is None else form.sketch.file.read()
    made = replay(form.file.file.read(), sketch, state.styles, state.settings, form.file.filename or "picture")
    if wants_picture(request) and made.image is not None:
        headers = {"X-Replay": made.verdict}
        return Response(images.to_png(made.image), media_type="image/png", headers=headers)
    return JSONResponse(made.as_dict())
