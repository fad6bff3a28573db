from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import OpenToTheWorld
from server.auth import check_exposure
from tests.conftest import serving, settings_over

KEYS = ("a-long-random-word-1", "a-long-random-word-2")


def test_with_keys_every_path_but_healthz_wants_one(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models, api_keys=KEYS)) as client:
        assert client.get("/healthz").status_code == 200
        for path in ("/styles", "/readyz", "/docs", "/openapi.json", "/nowhere", "/healthz/"):
            response = client.get(path, follow_redirects=False)
            assert (response.status_code, response.json()["error"]["type"]) == (401, "missing_key"), path
            assert response.headers["www-authenticate"] == "Bearer"
        assert client.post("/generate", content=b"x").status_code == 401
        for headers in (
            {"X-API-Key": KEYS[0]},
            {"X-API-Key": KEYS[1]},
            {"Authorization": f"Bearer {KEYS[1]}"},
            {"Authorization": f"bearer  {KEYS[0]}"},
        ):
            assert client.get("/styles", headers=headers).status_code == 200
        for headers in (
            {"X-API-Key": KEYS[0][:-1]},
            {"Authorization": f"Basic {KEYS[0]}"},
            {"X-API-Key": ""},
            {"X-API-Key": "café".encode()},
        ):
            assert client.get("/styles", headers=headers).status_code == 401


def test_without_keys_only_this_machine_under_its_own_name(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models)) as client:
        for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", ""):
            response = client.get("/styles", headers={"Host": host})
            assert (response.status_code, response.json()["error"]["type"]) == (403, "foreign_origin"), host
        for host in ("localhost:8000", "127.0.0.1", "[::1]:80"):
            assert client.get("/styles", headers={"Host": host}).status_code == 200
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            assert client.delete("/styles/nope", headers=headers).status_code == 403
            assert client.get("/styles", headers=headers).status_code == 200
        for headers in ({"Origin": "http://localhost:3000"}, {"Sec-Fetch-Site": "same-origin"}):
            assert client.delete("/styles/nope", headers=headers).status_code == 404
    with serving(settings_over(tmp_path, models, api_keys=KEYS)) as client:
        headers = {"Host": "atelier.example", "X-API-Key": KEYS[0], "Origin": "https://atelier.example"}
        assert client.delete("/styles/nope", headers=headers).status_code == 404


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.9.1"])
def test_loopback_needs_no_key(host: str) -> None:
    check_exposure(host, ())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_beyond_loopback_does(host: str) -> None:
    with pytest.raises(OpenToTheWorld, match="API_KEYS"):
        check_exposure(host, ())
    check_exposure(host, KEYS)
