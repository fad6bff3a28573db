"""What every answer tells browsers, and whose pages may read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.settings import read_settings
from server.page import policy
from tests.conftest import private, serving, settings_over

STUDIO, SECRET = "https://studio.example", "a-long-random-word"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("served")
    with serving(settings_over(folder, models, api_keys=(f"alice:{SECRET}",), cors_origins=(STUDIO,))) as client:

        @client.app.get("/broken")  # type: ignore[attr-defined]
        def broken() -> None:
            raise RuntimeError("as no route should")

        yield client


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *[("GET", path, 200) for path in ("/styles", "/healthz", "/openapi.json", "/styles/ukiyo-e/image", "/jobs")],
        *[("GET", "/nowhere", 404), ("POST", "/styles", 422), ("PUT", "/styles", 405), ("GET", "/broken", 500)],
        *[("GET", path, 200) for path in ("/", "/js/main.js", "/docs")],
        ("GET", "/styles?no-key", 401),
    ],
)
def test_every_answer_has_them(client: TestClient, method: str, path: str, status: int) -> None:
    headers = {} if "no-key" in path else private(client)
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"] == "no-referrer"
    if path in ("/", "/js/main.js"):
        assert answer.headers["Content-Security-Policy"] == policy()
    elif path == "/docs":
        assert "Content-Security-Policy" not in answer.headers
    else:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"]


def test_a_preflight_of_a_known_origin_needs_no_key_and_any_other_does(client: TestClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key,content-type"}
    known = client.options("/generate", headers={"Origin": STUDIO, **asked})
    assert known.status_code == 200 and known.headers["Access-Control-Allow-Origin"] == STUDIO
    assert "x-api-key" in known.headers["Access-Control-Allow-Headers"].lower()
    for origin in ("https://evil.example", f"{STUDIO}.evil.example", "null", "http://studio.example"):
        other = client.options("/generate", headers={"Origin": origin, **asked})
        assert other.status_code == 401 and "Access-Control-Allow-Origin" not in other.headers


def test_answers_are_readable_for_a_known_origin_alone_refusals_too(client: TestClient) -> None:
    mine = client.get("/styles", headers={"Origin": STUDIO, "X-API-Key": SECRET})
    assert mine.status_code == 200 and mine.headers["Access-Control-Allow-Origin"] == STUDIO
    assert "X-Job-Id" in mine.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in mine.headers
    refused = client.get("/styles", headers={"Origin": STUDIO})
    assert refused.status_code == 401 and refused.headers["Access-Control-Allow-Origin"] == STUDIO
    other = client.get("/styles", headers={"Origin": "https://evil.example", "X-API-Key": SECRET})
    assert "Access-Control-Allow-Origin" not in other.headers


def test_there_is_no_cors_by_default(tmp_path: Path, models: Path) -> None:
    assert read_settings().cors_origins == ()
    with serving(settings_over(tmp_path, models)) as client:
        asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
        for answer in (client.options("/styles", headers=asked), client.get("/styles", headers=asked)):
            assert not [name for name in answer.headers if name.startswith("access-control")]
