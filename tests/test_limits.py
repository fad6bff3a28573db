from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.app import create_app
from tests.conftest import settings_over


@pytest.fixture
def client(tmp_path: Path, models: Path) -> Iterator[TestClient]:
    with TestClient(create_app(settings_over(tmp_path, models, max_upload_bytes=10_000))) as client:
        yield client


def test_an_announced_length_is_refused_before_anything_is_read(client: TestClient) -> None:
    def body() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    response = client.post("/generate", content=body(), headers={"Content-Length": "10001"})
    assert response.status_code == 413
    assert "10,001 bytes; the limit is 10,000 bytes" in response.json()["error"]["message"]


def test_a_body_that_grows_too_long_is_cut_off(client: TestClient) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(1_000):
            yield b"0" * 1_000

    response = client.post("/generate", content=body(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert response.status_code == 413
    assert response.json()["error"]["type"] == "body_too_large"


def test_a_body_within_the_limit_passes(client: TestClient) -> None:
    response = client.post("/generate", files={"file": ("a.png", b"0" * 5_000)}, data={"prompt": "x"})
    assert response.status_code == 415
