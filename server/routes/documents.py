"""Documents over HTTP: taken in, listed, asked, taken out; and POST /illustrate, a picture of what they say."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from chains import illustrate
from chains.illustrate_options import IllustrateOptions, IllustrateRequest
from retrievers.documents.document import Document
from server.auth import Caller, caller_of
from server.forms import StrictForm
from server.jobs import documents as documents_job
from server.jobs import illustrate as illustrate_job
from server.jobs.design import style_json
from server.renders import check_single, render_illustration, render_report
from server.reply import Wish, reply, submit, wants_json
from server.state import config_of, state_of

router = APIRouter(tags=["documents"])

LATER: dict[int | str, dict[str, Any]] = {202: {"description": "the job, still under way"}}
PICTURES: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}, "application/json": {}}}, **LATER}


class DocumentsForm(StrictForm):
    """Documents to take in."""

    files: list[UploadFile] = Field(description="PDF, plain text, Markdown or HTML; many are one job")


class Folder(BaseModel):
    """A folder of the server's machine."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="below the data directory; links are followed first")


class Question(StrictForm):
    """What is asked of the documents."""

    q: str = Field(description="a question, or words")
    k: int = Field(5, description="passages")
    document: str | None = Field(None, description="id of the one document to look in")


class IllustrateBody(IllustrateOptions, StrictForm):
    """A question, and the options of the picture."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@router.post("/documents", responses=LATER)
async def add_documents(request: Request, form: Annotated[DocumentsForm, Form()]) -> Response:
    """Take documents in: what became of each file, by its name. One that cannot be read stops no other."""
    files = [(file.filename or "document", await file.read()) for file in form.files]
    asked = [[(name, hashlib.sha256(data).hexdigest()) for name, data in files]]
    pack = partial(documents_job.pack_files, files, state_of(request).settings)
    kind, queue = documents_job.KIND, documents_job.QUEUE
    return await reply(request, partial(submit, request, kind, queue, asked, pack), render_report)


@router.post("/documents/folder", responses=LATER)
async def add_folder(request: Request, folder: Folder) -> Response:
    """Take in a folder below the data directory, with all below it; for the server's own command line any folder."""
    pack = partial(documents_job.pack_folder, folder.path, state_of(request).settings, caller_of(request).here)
    kind, queue = documents_job.KIND, documents_job.QUEUE
    return await reply(request, partial(submit, request, kind, queue, [folder.path], pack), render_report)


@router.get("/documents")
def list_documents(request: Request) -> dict[str, Any]:
    """The documents, the newest first; those that could not be read too, with the reason."""
    found = state_of(request).passages.list()
    return {"documents": [_shown(document, caller_of(request)) for document in found]}


@router.get("/documents/search")
def search_documents(request: Request, asked: Annotated[Question, Query()]) -> dict[str, Any]:
    """The passages that answer a question best, with document, page and score; `weak` ones hardly answer it."""
    library = state_of(request).passages
    found = library.search(asked.q, asked.k, asked.document)
    return {"passages": [passage.as_dict() for passage in found], "engine": library.embeddings.identity}


@router.get("/documents/{document_id}")
def get_document(request: Request, document_id: str) -> dict[str, Any]:
    return _shown(state_of(request).passages.get(document_id), caller_of(request))


@router.delete("/documents/{document_id}", status_code=204)
def remove_document(request: Request, document_id: str) -> None:
    """Take a document out of the library; a file that was not sent here stays where it is."""
    state_of(request).passages.remove(document_id)


@router.post("/illustrate/prompt")
def draft_illustration(request: Request, body: IllustrateBody) -> dict[str, Any]:
    """What `POST /illustrate` would paint: passages, prompt and style, to be read and changed before. A `prompt` that
    is sent to it then is painted as it is."""
    asked = cast(IllustrateRequest, body.model_dump(exclude_defaults=True))
    draft = state_of(request).draft.invoke(asked, config_of(request, "prompt"))
    found = draft["found"]
    return {**illustrate.draft_as_dict(draft), "styles": [style_json(style) for style in found.chosen]}


@router.post("/illustrate", responses=PICTURES)
async def illustrate_question(request: Request, body: IllustrateBody) -> Response:
    """A picture of what the documents say on a question, as PNG; with `Accept: application/json` everything: passages,
    prompt, style, and all `n` pictures in base64. A `prompt` that is given is painted as it is."""
    if not wants_json(request) and Wish(request).seconds > 0:
        check_single(body.n)
    state, asked = state_of(request), body.model_dump(exclude_defaults=True)

    def make() -> tuple[dict[str, Any], dict[str, bytes]]:
        return illustrate_job.pack(asked, state.passages, state.styles, state.settings)

    kind, queue = illustrate_job.KIND, illustrate_job.QUEUE
    return await reply(request, partial(submit, request, kind, queue, [asked], make), render_illustration)


def _shown(document: Document, caller: Caller) -> dict[str, Any]:
    """Where files lie is for this machine; whether it is one of the shipped texts is for everybody."""
    sample = any(Path(place).is_relative_to(illustrate.KNOWLEDGE) for place in document.places)
    told = {**document.as_dict(), "sample": sample}
    return told if caller.everything else {key: value for key, value in told.items() if key != "places"}
