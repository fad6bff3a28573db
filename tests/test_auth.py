from __future__ import annotations

from pathlib import Path

import pytest

from server.auth import OpenToTheWorld, check_exposure
from server.keys import KeyFile, KeyRing, configured, digest, make_key
from tests.conftest import private, serving, settings_over
from tests.servers import Server

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


def test_what_the_command_line_sends_is_known_also_without_keys(tmp_path: Path, models: Path) -> None:
    """It may name any folder of the machine; others there, who have not read its file, may not."""
    (elsewhere := tmp_path / "elsewhere").mkdir()
    with serving(settings_over(tmp_path / "data", models)) as client:
        for path in ("/pictures/folder", "/documents/folder"):
            refused = client.post(path, json={"path": str(elsewhere)})
            assert (refused.status_code, refused.json()["error"]["type"]) == (409, "outside_the_data")
            assert client.post(path, json={"path": str(elsewhere)}, headers=private(client)).status_code == 200


def test_an_origin_of_the_list_may_write_without_keys_and_no_other(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models, cors_origins=("https://studio.example",))) as client:
        mine = {"Origin": "https://studio.example", "Sec-Fetch-Site": "cross-site"}
        assert client.delete("/styles/nope", headers=mine).status_code == 404
        assert client.delete("/styles/nope", headers={"Origin": "https://studio.example.evil"}).status_code == 403


def test_a_hash_in_the_settings_lets_its_key_in_under_the_same_name(tmp_path: Path, models: Path) -> None:
    named, nameless = f"alice:sha256:{digest(KEYS[0])}", f"sha256:{digest(KEYS[1])}"
    plain = configured(settings_over(tmp_path, models, api_keys=(f"alice:{KEYS[0]}", KEYS[1])))
    hashed = settings_over(tmp_path, models, api_keys=(named, nameless))
    assert configured(hashed) == plain and plain[0].name == "alice"
    with serving(hashed) as client:
        for key in KEYS:
            assert client.get("/styles", headers={"X-API-Key": key}).status_code == 200
        for stolen in (digest(KEYS[0]), f"sha256:{digest(KEYS[0])}"):
            assert client.get("/styles", headers={"X-API-Key": stolen}).status_code == 401


def test_an_address_that_guesses_is_not_listened_to_but_who_is_in_stays_in(
    tmp_path: Path, models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(settings_over(tmp_path, models, api_keys=KEYS)) as client:

        def ask(key: str) -> int:
            return client.get("/styles", headers={"X-API-Key": key}).status_code

        assert ask(KEYS[0]) == 200
        assert [ask(f"a-wrong-key-{number:04}") for number in range(12)] == [401] * 10 + [429] * 2
        assert ask(KEYS[1]) == 429 and ask(KEYS[0]) == 200
        refused = client.get("/styles", headers={"X-API-Key": "a-wrong-key-0099"})
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.json()["error"]["type"] == "too_often"
        assert client.get("/styles").status_code == 401  # without a key nothing is guessed
    told = [record.getMessage() for record in caplog.records if "a key that nobody has" in record.getMessage()]
    assert len(told) == 10 and digest("a-wrong-key-0003")[:12] in told[3] and "a-wrong-key" not in "".join(told)


@pytest.fixture
def ring(tmp_path: Path, models: Path) -> KeyRing:
    return KeyRing(settings_over(tmp_path, models))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.9.1"])
def test_loopback_needs_no_key(host: str, ring: KeyRing) -> None:
    check_exposure(host, ring)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_beyond_loopback_does(host: str, ring: KeyRing, tmp_path: Path, models: Path) -> None:
    with pytest.raises(OpenToTheWorld, match="API_KEYS"):
        check_exposure(host, ring)
    check_exposure(host, KeyRing(settings_over(tmp_path, models, api_keys=KEYS)))
    KeyFile(tmp_path).add(make_key()[1])
    check_exposure(host, ring)


@pytest.mark.parametrize("trusted", [True, False])
def test_only_a_trusted_proxy_says_who_asks(tmp_path: Path, trusted: bool) -> None:
    """As wrong keys are counted by address; nobody is trusted by default."""
    with Server(tmp_path, API_KEYS=KEYS[0], **({"TRUSTED_PROXIES": "127.0.0.0/8"} if trusted else {})) as server:

        def ask(address: str) -> int:
            headers = {"X-API-Key": "a-wrong-key-of-somebody", "X-Forwarded-For": f"198.51.100.9, {address}"}
            return server.http.get("/jobs", headers=headers).status_code

        assert [ask("203.0.113.7") for _ in range(11)] == [401] * 10 + [429]
        assert ask("203.0.113.8") == (401 if trusted else 429)
        assert ("203.0.113.7" in server.log.read_text()) is trusted
