"""Schema: the OpenAPI description, with the one body that every error has; hand-written parts go where they belong."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

ERROR: dict[str, Any] = {
    "title": "Error",
    "description": "What every refusal and failure is answered with; further fields are data of the error.",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["type", "message", "remedy"],
            "properties": {
                "type": {"type": "string", "description": "a name that stays the same"},
                "message": {"type": "string", "description": "what is wrong, with the value"},
                "remedy": {"type": "string", "description": "what to do about it; may be empty"},
            },
        }
    },
}
_BODY = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
REFUSED = {
    "description": "refused: 401 and 403 without a key that may, 404 unknown, 408 too slow, 409 not now, 413 too "
    "large, 415 no picture, 422 a value that cannot be, 429 too often",
    "content": _BODY,
}
FAILED = {
    "description": "failed: 502 a provider, 503 not ready or too busy (Retry-After says when), 507 no room",
    "content": _BODY,
}


def install(app: FastAPI) -> None:
    """Describe the application so at /openapi.json and /docs."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _finished(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    summary=app.summary,
                    routes=app.routes,
                    separate_input_output_schemas=app.separate_input_output_schemas,
                )
            )
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # as FastAPI's manual has it


def _finished(told: dict[str, Any]) -> dict[str, Any]:
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own body, which is never sent
        schemas.pop(name, None)
    for path in told["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"] |= {"4XX": REFUSED, "5XX": FAILED}
    _lift(told["paths"], schemas)
    schemas["Error"] = ERROR
    return told


def _lift(part: Any, schemas: dict[str, Any]) -> None:
    """Move the `$defs` of schemas that were written by hand to the components, which their references then mean."""
    if isinstance(part, list):
        for one in part:
            _lift(one, schemas)
    if not isinstance(part, dict):
        return
    for name, schema in part.pop("$defs", {}).items():
        schemas.setdefault(name, schema)
        _lift(schema, schemas)
    reference = part.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        part["$ref"] = reference.replace("#/$defs/", "#/components/schemas/")
    for one in part.values():
        _lift(one, schemas)
