"""Styles: the style library over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import Field

from core import images
from retrievers.shelf import Style
from server.forms import StrictForm
from server.jobs.design import style_json
from server.state import state_of

router = APIRouter(prefix="/styles", tags=["styles"])

SMALL, SMALL_QUALITY, QUALITY = 160, 82, 90  # px of a picture to choose by, and JPEG qualities


class StyleForm(StrictForm):
    """A style to add."""

    file: UploadFile
    name: str
    words: str = Field("", description="medium, palette, light, mood, era, use: what a person might search by")
    licence: str = "unknown"


@router.get("")
def list_styles(request: Request) -> dict[str, Any]:
    """All styles, and those that cannot be used with the reason."""
    shelf = state_of(request).styles.shelf()
    problems = {style: problem.as_dict() for style, problem in shelf.problems.items()}
    return {"styles": [_as_json(style) for style in shelf.styles.values()], "problems": problems}


@router.get("/search")
def search_styles(request: Request, q: Annotated[str, Query(description="a prompt")]) -> dict[str, Any]:
    """All styles with their scores for a prompt, best first."""
    return {"query": q, "styles": [style_json(found) for found in state_of(request).styles.search(q)]}


@router.post("", status_code=201)
def add_style(request: Request, form: Annotated[StyleForm, Form()], response: Response) -> dict[str, Any]:
    """Keep a picture as a style; it is searchable when this returns."""
    state = state_of(request)
    data = form.file.file.read()
    style = state.styles.add(data, form.name, form.words, form.licence)
    response.headers["Location"] = f"/styles/{quote(style.id)}"
    return _as_json(style)


@router.get("/{style_id}")
def get_style(request: Request, style_id: str) -> dict[str, Any]:
    return _as_json(state_of(request).styles.get(style_id))


@router.get("/{style_id}/image", responses={200: {"content": {"image/jpeg": {}}}})
def get_image(
    request: Request, style_id: str, size: Annotated[int, Query(ge=16, le=1024, description="px, long side")] = 512
) -> Response:
    """The style's picture as JPEG, at most `size` px long."""
    style = state_of(request).styles.get(style_id)
    picture = images.fit(images.decode(style.read(), style_id, None, wanted=size), size)
    quality = SMALL_QUALITY if size <= SMALL else QUALITY
    return Response(images.to_jpeg(picture, quality), media_type="image/jpeg", headers={"Cache-Control": "no-cache"})


@router.delete("/{style_id}", status_code=204)
def remove_style(request: Request, style_id: str) -> None:
    """Take an added style away; shipped ones stay."""
    state_of(request).styles.remove(style_id)


def _as_json(style: Style) -> dict[str, Any]:
    return {
        "id": style.id,
        "name": style.name,
        "words": style.words,
        "licence": style.licence,
        "shipped": style.shipped,
        "image": f"/styles/{quote(style.id)}/image",
    }
