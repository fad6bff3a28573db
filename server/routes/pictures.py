"""Pictures: the picture library over HTTP: taken in, listed, shown, taken out."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from core import images
from server.auth import caller_of
from server.forms import StrictForm
from server.jobs.pictures import KIND, QUEUE, pack_files, pack_folder
from server.renders import render_report
from server.reply import reply, submit
from server.state import state_of
from server.views import pictures_json

router = APIRouter(prefix="/pictures", tags=["pictures"])

LAST = 2**31  # place of a picture in the list; SQLite counts no farther than 2**63
DAY = "private, max-age=86400, immutable"  # an id is its content


class PicturesForm(StrictForm):
    """Pictures to take in."""

    files: list[UploadFile] = Field(description="PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC; many are one job")
    tags: str = Field("", description="words for all of them, separated by commas")


class Folder(BaseModel):
    """A folder of the server's machine."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="below the data directory; links are followed first")
    force: bool = False


@router.post("", responses={202: {"description": "the job, still under way"}})
async def add_pictures(request: Request, form: Annotated[PicturesForm, Form()]) -> Response:
    """Take pictures in: what became of each file, by its name. One that cannot be read stops no other."""
    files = [(file.filename or "picture", await file.read()) for file in form.files]
    tags = [tag.strip() for tag in form.tags.split(",") if tag.strip()]
    asked = [tags, [(name, hashlib.sha256(data).hexdigest()) for name, data in files]]
    pack = partial(pack_files, files, tags, state_of(request).settings)
    return await reply(request, partial(submit, request, KIND, QUEUE, asked, pack), render_report)


@router.post("/folder", responses={202: {"description": "the job, still under way"}})
async def add_folder(request: Request, folder: Folder) -> Response:
    """Take in a folder below the data directory, with all below it; for the server's own command line any folder."""
    pack = partial(pack_folder, folder.path, folder.force, state_of(request).settings, caller_of(request).here)
    return await reply(request, partial(submit, request, KIND, QUEUE, [folder.path, folder.force], pack), render_report)


@router.get("")
def list_pictures(
    request: Request,
    offset: Annotated[int, Query(ge=0, le=LAST)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> dict[str, Any]:
    """The pictures of the library, the newest first, and the files that could not be taken in."""
    library, caller = state_of(request).pictures, caller_of(request)
    ledger = library.ledger
    problems = [problem.error for problem in ledger.problems()] if caller.everything else []
    return {
        "total": ledger.count(),
        "offset": offset,
        "pictures": pictures_json(library, ledger.page(offset, limit), caller),
        "problems": problems,
    }


@router.get("/{picture_id}")
def get_picture(request: Request, picture_id: str) -> dict[str, Any]:
    library = state_of(request).pictures
    return pictures_json(library, [library.ledger.get(picture_id)], caller_of(request))[0]


@router.get("/{picture_id}/thumbnail", responses={200: {"content": {"image/jpeg": {}}}})
def get_thumbnail(
    request: Request, picture_id: str, size: Annotated[int, Query(ge=16, le=1024, description="px, long side")] = 256
) -> Response:
    """The picture as JPEG, at most `size` px long."""
    picture = state_of(request).pictures.ledger.get(picture_id)
    opened = images.decode(picture.read(), picture.name, None, wanted=2 * size)
    return Response(images.to_jpeg(images.fit(opened, size)), media_type="image/jpeg", headers={"Cache-Control": DAY})


@router.get("/{picture_id}/image", responses={200: {"content": {"image/*": {}}}})
def get_image(request: Request, picture_id: str) -> Response:
    """The picture's file as it is."""
    picture = state_of(request).pictures.ledger.get(picture_id)
    data = picture.read()
    name = f"inline; filename*=UTF-8''{quote(picture.name)}"
    headers = {"Cache-Control": DAY, "Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type=images.media_type(data), headers=headers)


@router.delete("/{picture_id}", status_code=204)
def remove_picture(request: Request, picture_id: str) -> None:
    """Take a picture out of the library; a file that was not sent here stays where it is."""
    state_of(request).intake.remove(picture_id)
