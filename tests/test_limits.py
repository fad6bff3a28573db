from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from server.limits import BodyLimit
from tests.conftest import serving, settings_over


@pytest.fixture
def client(tmp_path: Path, models: Path) -> Iterator[TestClient]:
    with serving(settings_over(tmp_path, models, max_upload_bytes=10_000)) as client:
        yield client


def test_an_announced_length_is_refused_before_anything_is_read(client: TestClient) -> None:
    def body() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    response = client.post("/generate", content=body(), headers={"Content-Length": "10001"})
    assert response.status_code == 413
    assert "10,001 bytes; the limit is 10,000 bytes" in response.json()["error"]["message"]


def test_a_body_that_grows_too_long_is_cut_off() -> None:
    """Announced nowhere, it is read piece by piece, and no further than the limit."""
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 1_000
        return {"type": "http.request", "body": b"0" * 1_000, "more_body": True}

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        await send({"type": "http.response.start", "status": 400, "headers": []})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/generate", "headers": []}
    asyncio.run(BodyLimit(application, 10_000)(scope, receive, send))
    assert read == 11_000
    assert [message.get("status") for message in sent if message["type"] == "http.response.start"] == [413]
    assert b"body_too_large" in sent[-1]["body"]


def test_a_body_within_the_limit_passes(client: TestClient) -> None:
    response = client.post("/generate", files={"file": ("a.png", b"0" * 5_000)}, data={"prompt": "x"})
    assert response.status_code == 415
