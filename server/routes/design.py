"""Design: POST /generate and POST /preview, a sketch and a prompt for a picture."""

from __future__ import annotations

import base64
import time
from typing import Annotated, Any, cast
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chains.design import Design, DesignOptions, DesignRequest
from core import images
from core.errors import BadValue
from retrievers.styles import FoundStyle
from server.forms import StrictForm
from server.state import state_of

router = APIRouter(tags=["design"])


class DesignForm(StrictForm, DesignOptions):
    """The sketch, and the options of the chain."""

    file: UploadFile = Field(description="the sketch: PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC")


@router.post("/generate", responses={200: {"content": {"image/png": {}, "application/json": {}}}})
def generate(request: Request, form: Annotated[DesignForm, Form()]) -> Response:
    """A PNG whose headers name the style, its score, the seed and the engine; with `Accept: application/json`
    everything as JSON, all `n` pictures in base64."""
    return _design(request, form)


@router.post("/preview", responses={200: {"content": {"image/png": {}, "application/json": {}}}})
def preview(request: Request, form: Annotated[DesignForm, Form()]) -> Response:
    """The same form, painted in preview mode: a fifth of a second, and nothing is kept."""
    if "mode" in form.model_fields_set and form.mode != "preview":
        raise BadValue("mode", form.mode, "preview here; POST /generate takes both")
    return _design(request, form.model_copy(update={"mode": "preview"}))


def _design(request: Request, form: DesignForm) -> Response:
    as_json = "application/json" in request.headers.get("accept", "").lower()
    if form.n > 1 and not as_json:
        raise BadValue("n", form.n, "1 where one PNG is the answer; send Accept: application/json for several")
    asked = cast(DesignRequest, {**form.model_dump(exclude={"file"}), "sketch": form.file.file.read()})
    start = time.perf_counter()
    design = state_of(request).design.invoke(asked)
    took = (time.perf_counter() - start) * 1000
    response = JSONResponse(_as_json(design)) if as_json else _as_png(design)
    response.headers["Server-Timing"] = f"chain;dur={took:.1f}"
    return response


def _as_png(design: Design) -> Response:
    headers = {
        "X-Retrieved-Style": quote(design["style"].name),  # a name may be in any script, a header may not
        "X-Style-Id": quote(design["style"].id),
        "X-Seed": str(design["seeds"][0]),
        "X-Engine": design["engine"],
    }
    if design["style"].score is not None:
        headers["X-Style-Score"] = f"{design['style'].score:.4f}"
    if design["notes"]:
        headers["X-Note"] = quote("; ".join(design["notes"]))
    return Response(images.to_png(design["image"]), media_type="image/png", headers=headers)


def _as_json(design: Design) -> dict[str, Any]:
    return {
        "images": [base64.b64encode(images.to_png(image)).decode() for image in design["images"]],
        "seeds": design["seeds"],
        "engine": design["engine"],
        "style": style_json(design["style"]),
        "styles": [style_json(style) for style in design["styles"]],
        "runners_up": [style_json(style) for style in design["runners_up"]],
        "margin": design["margin"],
        "recipe": design["recipe"],
        "notes": design["notes"],
    }


def style_json(found: FoundStyle) -> dict[str, Any]:
    """A found style with its score."""
    return {"id": found.id, "name": found.name, "score": found.score, "weight": found.weight}
