from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.settings import Settings
from tests.conftest import serving, settings_over
from tests.redises import Redis, redis_binary
from tests.servers import HOUSE, Chroma, Server
from tests.test_workers import until


def warmed(client: httpx.Client) -> dict[str, Any]:
    until(lambda: client.get("/readyz").json().get("reason") != "warming up", 30)
    told: dict[str, Any] = client.get("/readyz").json()
    return told


def test_it_says_what_is_loaded_and_what_answers(settings: Settings) -> None:
    with Server(settings.data_dir) as server:  # a process of its own: models are loaded once for all of one
        client = server.http
        told = warmed(client)
        assert told["ready"] and not told["warnings"] and "error" not in told
        engines = told["engines"]
        assert engines["painting"] == {"engine": "painter 1.2", "loaded": True}
        assert engines["embedding"]["loaded"] and engines["embedding"]["engine"].startswith("words-and-palette")
        assert not engines["describing"]["loaded"] and not engines["writing"]["loaded"]
        assert told["stores"] == {
            "vectors": {"kind": "chroma", "reachable": True},
            "jobs": {"kind": "sqlite", "reachable": True},
        }
        assert told["queues"]["image"] == {"queued": 0, "running": 0} and len(told["workers"]) == 1
        assert told["disk"]["free_bytes"] > told["disk"]["wanted_bytes"] == 500_000_000
        made = client.post("/generate-story", files={"file": ("house.png", HOUSE)}).json()
        until(lambda: client.get(f"/job/{made['job_id']}").json()["status"] == "completed", 30)
        again = client.get("/readyz").json()["engines"]
        assert again["describing"]["loaded"] and again["writing"]["loaded"]


def test_a_disk_that_is_nearly_full_is_no_place_to_work(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models, min_free_bytes=10**18)) as client:
        told = warmed(client)
        assert client.get("/readyz").status_code == 503 and not told["ready"]
        assert told["error"]["type"] == "disk_short" and str(tmp_path) in told["error"]["message"]
        assert "MIN_FREE_BYTES" in told["error"]["remedy"] and told["styles"] == 7
        assert client.get("/healthz").status_code == 200


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis_binary()
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


def test_stores_that_are_down_are_named_and_so_are_queues_without_workers(
    redis: Redis, tmp_path: Path, models: Path
) -> None:
    from server.jobs.redis_store import RedisStore

    with Chroma(tmp_path / "chroma") as chroma:
        url = redis.fresh()
        with serving(settings_over(tmp_path / "data", models, redis_url=url, chroma_url=chroma.url)) as client:
            told = warmed(client)
            assert told["ready"] and told["stores"]["jobs"] == {"kind": "redis", "reachable": True}
            missing = {warning["queue"]: warning for warning in told["warnings"]}
            assert set(missing) == {"image", "story"} and missing["image"]["type"] == "no_worker"
            assert "atelier worker --queues image" in missing["image"]["remedy"]

            store = RedisStore(url)
            store.announce("one", {"queues": ["image"], "threads": 1}, 1.0)
            assert [each["queue"] for each in client.get("/readyz").json()["warnings"]] == ["story"]
            time.sleep(1.1)  # it has said nothing for longer than it meant to
            assert {each["queue"] for each in client.get("/readyz").json()["warnings"]} == {"image", "story"}
            store.close()

            redis.kill()
            down = client.get("/readyz")
            told = down.json()
            assert down.status_code == 503 and "REDIS_URL" in told["error"]["message"] and told["error"]["remedy"]
            assert not told["stores"]["jobs"]["reachable"] and told["stores"]["vectors"]["reachable"]
            redis.start()
            until(lambda: client.get("/readyz").status_code == 200, 10)

            chroma.__exit__()
            down = client.get("/readyz")
            told = down.json()
            assert down.status_code == 503 and "CHROMA_URL" in told["error"]["message"] and told["error"]["remedy"]
            assert told["stores"]["jobs"]["reachable"] and not told["stores"]["vectors"]["reachable"]
