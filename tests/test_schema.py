"""The OpenAPI description: one body for all errors, and no reference into nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from core.settings import Settings
from tests.conftest import serving


@pytest.fixture(scope="module")
def schema(shared_settings: Settings) -> dict[str, Any]:
    with serving(shared_settings) as client:
        found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def test_every_operation_tells_of_the_one_body_of_errors(schema: dict[str, Any]) -> None:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status in ("4XX", "5XX"):
                body = operation["responses"][status]["content"]["application/json"]["schema"]
                assert body == {"$ref": "#/components/schemas/Error"}, (method, path)
    assert "HTTPValidationError" not in json.dumps(schema)


def test_every_reference_means_something(schema: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(schema))):
        found: Any = schema
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        assert found, reference


def test_errors_have_the_body_that_is_told(schema: dict[str, Any], shared_settings: Settings) -> None:
    error = schema["components"]["schemas"]["Error"]["properties"]["error"]
    with serving(shared_settings) as client:
        for method, path in (("GET", "/nowhere"), ("PUT", "/generate"), ("GET", "/search"), ("POST", "/search")):
            told = client.request(method, path).json()["error"]
            assert set(error["required"]) <= set(told), path
            assert all(isinstance(told[name], str) for name in error["required"]), path
