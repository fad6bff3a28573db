"""Errors over HTTP: which refusal is which status, and one body for all of them."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from core import errors
from core.errors import AtelierError, revive
from generators.chat.errors import ProviderFailed
from generators.orders import Diverged, OutOfMemory
from generators.vision.description import DescribingFailed
from generators.writing import MemoryShort, WritingFailed
from server import trail
from server.headers import told_to_browsers
from server.jobs.errors import JobFailed, QueueFull
from server.refusals import BodyTooSlow, Busy, ClientLeft, TooOften

log = logging.getLogger("atelier")

__all__ = ["answer", "body", "install", "revive", "status_of"]

STATUS: dict[type[AtelierError], int] = {
    errors.BadInput: 422,
    errors.UnreadablePicture: 415,
    errors.PictureTooLarge: 413,
    errors.BodyTooLarge: 413,
    BodyTooSlow: 408,
    errors.NotFound: 404,
    errors.Refused: 409,
    errors.StyleProtected: 403,
    errors.MissingKey: 401,
    errors.ForeignOrigin: 403,
    TooOften: 429,
    errors.LibraryBroken: 503,
    errors.StoreError: 503,
    errors.StoreFull: 507,
    errors.ModelMissing: 503,
    errors.BadSetting: 503,
    Diverged: 422,  # guidance_scale=100 and the like
    OutOfMemory: 507,
    ProviderFailed: 502,
    DescribingFailed: 502,
    WritingFailed: 502,
    MemoryShort: 507,
    QueueFull: 503,
    Busy: 503,
    ClientLeft: 499,  # as nginx has it; nobody reads it but the log
    JobFailed: 500,
}
RETRY_AFTER = 5  # s, where an error does not say


def status_of(error: AtelierError) -> int:
    """The status of the error's nearest relative in the table; 500 where none is."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def _note(type_: str) -> None:
    """Have the request's line of the log and the metrics name the error."""
    if (mine := trail.current()) is not None:
        mine.error = type_


def body(type_: str, message: str, remedy: str = "", **data: Any) -> dict[str, Any]:
    _note(type_)
    return {"error": {"type": type_, "message": message, "remedy": remedy, **data}}


def answer(error: AtelierError) -> JSONResponse:
    _note(error.type)
    headers = {}
    if isinstance(error, errors.MissingKey):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooOften) or (
        isinstance(error, (QueueFull, Busy, errors.StoreError)) and status_of(error) == 503
    ):
        headers["Retry-After"] = str(error.data.get("retry_after", RETRY_AFTER))
    return JSONResponse({"error": error.as_dict()}, status_of(error), headers)


def _form(request: Request, kind: str) -> str:
    """As what a body is to be sent, where it was sent as something else."""
    field = getattr(request.scope.get("route"), "body_field", None)
    is_form = "form" in str(getattr(getattr(field, "field_info", None), "media_type", "form"))
    wanted = "multipart/form-data" if is_form else "application/json"
    return "" if is_form == ("form" in kind) else f", as {wanted} and not as {kind}"


def install(app: FastAPI) -> None:
    """Have every error of the application answered in that body."""

    @app.exception_handler(AtelierError)
    def refused(request: Request, error: AtelierError) -> JSONResponse:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
        field = ".".join(place) or "body"
        kind = request.headers.get("content-type", "nothing").partition(";")[0]
        if first["type"] == "missing":
            form = _form(request, kind) if first["loc"][0] == "body" else ""
            remedy = f"send {'what /docs names' if field == 'body' else field}{form}"
            return JSONResponse(body("missing_field", f"{field} is missing", remedy, field=field), 422)
        if first["type"] == "json_invalid":
            message = f"the body is no JSON ({first.get('ctx', {}).get('error', 'it cannot be parsed')})"
            return JSONResponse(body("bad_value", message, "send a JSON object, as /docs names it", field="body"), 422)
        if field == "body" and first["type"] in ("model_attributes_type", "dict_type"):
            message = f"the body is no JSON object, and was sent as {kind}"
            remedy = "send one, with Content-Type: application/json"
            return JSONResponse(body("bad_value", message, remedy, field="body"), 422)
        given = first.get("input")
        shown = "a file" if isinstance(given, UploadFile) else repr(str(given)[:80])
        message = f"{field}={shown} is not possible"
        remedy = str(first["msg"]).replace("Input should", f"{field} must").removeprefix("Value error, ")
        if "Expected UploadFile" in remedy:
            remedy = f"{field} must be a file, sent as one: -F {field}=@sketch.png"
        return JSONResponse(body("bad_value", message, remedy, field=field), 422)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 204:
            return Response(status_code=204, headers=error.headers)
        phrase = HTTPStatus(error.status_code).phrase
        message = f"{request.method} {request.url.path}: {error.detail}"
        type_ = phrase.lower().replace(" ", "_").replace("-", "_")
        return JSONResponse(body(type_, message, "/docs lists what there is"), error.status_code, error.headers)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        message = "the server made a mistake; its log says which"
        told = body("internal_error", message, "try again, and report it if it stays")
        headers = {"X-Request-Id": request.state.trail.request_id, **told_to_browsers(request.url.path)}
        return JSONResponse(told, 500, headers)  # no middleware comes after this
