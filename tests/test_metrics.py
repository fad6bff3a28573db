from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from core.settings import ROOT, Settings
from server.jobs import steps
from server.jobs.job import Event, Job
from server.jobs.sqlite_store import SqliteStore
from server.jobs.watch import Watch
from server.metrics import Metrics
from server.readings import Readings
from tests.conftest import serving, settings_over
from tests.redises import Redis, redis_binary
from tests.scraped import Series, labels, scraped, value
from tests.workers import jobs_at

HOUSE = (ROOT / "samples/house.png").read_bytes()
KEY = "a-long-random-word-1"


@pytest.fixture(scope="module")
def client(shared_settings: Settings) -> Iterator[TestClient]:
    with serving(shared_settings) as client:
        yield client


def now(client: TestClient) -> Series:
    answer = client.get("/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return scraped(answer.text)


def grows(client: TestClient, use: Callable[[], object], seconds: float = 5) -> Callable[..., float]:
    """How much a series has grown by a use, waiting a moment for what another thread counts."""
    before = now(client)
    use()
    end = time.monotonic() + seconds

    def grown(name: str, **told: Any) -> float:
        while True:
            difference = value(now(client), name, **told) - value(before, name, **told)
            if difference or time.monotonic() > end:
                return difference
            time.sleep(0.05)

    return grown


def generate(client: TestClient, **form: object) -> Any:
    data = {"prompt": "a stormy sea", "mode": "preview", **form}
    return client.post("/generate", data=data, files={"file": ("sketch.png", HOUSE)})


def test_requests_are_counted_by_template_method_and_status(client: TestClient) -> None:
    def ask() -> None:
        for number in range(50):
            client.get(f"/jobs/{number:024}")
            client.get(f"/nowhere/{number}")
            client.get(f"/js/{number}.js")
        client.request("BREW", "/styles")
        client.get("/styles/impasto")
        client.get("/")

    grown = grows(client, ask)
    assert grown("atelier_requests_total", method="GET", route="/jobs/{job_id}", status=404) == 50
    assert grown("atelier_requests_total", method="GET", route="(none)", status=404) == 50
    assert grown("atelier_requests_total", method="GET", route="/js/*", status=404) == 50
    assert grown("atelier_requests_total", method="other", route="/styles", status=405) == 1
    assert grown("atelier_requests_total", method="GET", route="/styles/{style_id}", status=200) == 1
    assert grown("atelier_requests_total", method="GET", route="/", status=200) == 1
    assert grown("atelier_request_seconds_count", method="GET", route="/jobs/{job_id}") == 50
    assert grown("atelier_errors_total", type="unknown_job") == 50
    routes = labels(now(client), "atelier_requests_total", "route")
    assert not [route for route in routes if any(letter.isdigit() for letter in route)], routes
    assert labels(now(client), "atelier_requests_total", "method") <= {"GET", "POST", "other", "HEAD"}


def test_jobs_their_waiting_and_their_errors_are_counted(client: TestClient) -> None:
    grown = grows(client, lambda: generate(client, seed=4))
    assert grown("atelier_jobs_ended_total", kind="design", state="done") == 1
    assert grown("atelier_job_seconds_count", kind="design") == 1
    assert grown("atelier_queue_wait_seconds_count", queue="image") == 1
    blank = io.BytesIO()
    Image.new("L", (300, 200), 255).save(blank, "PNG")
    form, files = {"prompt": "a sea", "mode": "preview"}, {"file": ("blank.png", blank.getvalue())}
    grown = grows(client, lambda: client.post("/generate", data=form, files=files))
    assert grown("atelier_job_errors_total", kind="design", type="nothing_to_trace") == 1
    assert grown("atelier_jobs_ended_total", kind="design", state="failed") == 1
    assert grown("atelier_errors_total", type="nothing_to_trace") == 1


def test_embedding_and_caches_are_counted(client: TestClient) -> None:
    client.get("/styles/search", params={"q": "warm up"})
    before = now(client)
    client.get("/styles/search", params={"q": "a quiet harbour at noon"})
    after = now(client)
    (model,) = {  # a process counts for all its models, and other tests of this one have used others
        name
        for name in labels(after, "atelier_embedded_total", "model")
        if value(after, "atelier_embedded_total", what="text", model=name)
        > value(before, "atelier_embedded_total", what="text", model=name)
    }
    assert model.startswith("all-MiniLM")

    def grown_by(name: str) -> float:
        return value(after, name, what="text", model=model) - value(before, name, what="text", model=model)

    assert grown_by("atelier_embedded_total") == 1
    assert 0 < grown_by("atelier_embedding_seconds_total") < 5
    generate(client, style="impasto")
    grown = grows(client, lambda: generate(client, style="impasto", seed=9))
    assert grown("atelier_cache_hits_total", cache="painter_styles") == 1


def test_what_stands_is_read_when_it_is_asked_for(client: TestClient) -> None:
    series = now(client)
    assert value(series, "atelier_jobs_store_up") == 1
    assert labels(series, "atelier_queue_depth", "queue") == {"image", "story", "library", "descriptions"}
    assert value(series, "atelier_workers", queue="image") == 1
    assert value(series, "process_resident_memory_bytes") > 50e6 and value(series, "process_cpu_seconds_total") > 0
    assert value(series, "atelier_requests_in_flight") == 1  # this one
    assert ("atelier_denoising_steps_total", frozenset()) in series


def test_applications_count_for_themselves(client: TestClient, tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models)) as other:
        for _ in range(3):
            other.get("/healthz")
        assert value(now(other), "atelier_requests_total", method="GET", route="/healthz", status=200) == 3
    assert value(now(client), "atelier_requests_total", method="GET", route="/healthz", status=200) == 0


def test_metrics_need_a_key_where_there_are_keys(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models, api_keys=(KEY,))) as client:
        assert client.get("/metrics").status_code == 401
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
        assert answer.status_code == 200 and KEY not in answer.text
        told = scraped(answer.text)
        assert value(told, "atelier_requests_total", method="GET", route="(none)", status=401) == 1
        assert value(told, "atelier_errors_total", type="missing_key") == 1


def test_a_stream_of_events_is_no_slow_request(client: TestClient) -> None:
    job = generate(client, seed=5).headers["x-job-id"]
    grown = grows(client, lambda: client.get(f"/jobs/{job}/events"))
    route = "/jobs/{job_id}/events"
    assert grown("atelier_requests_total", method="GET", route=route, status=200) == 1
    assert value(now(client), "atelier_request_seconds_count", method="GET", route=route) == 0


def test_many_threads_lose_no_count() -> None:
    metrics = Metrics()

    def count() -> None:
        for _ in range(500):
            metrics.answered("GET", "/styles", 200, 0.01, "bad_value")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = scraped(metrics.text().decode())
    assert value(told, "atelier_requests_total", method="GET", route="/styles", status=200) == 4_000
    assert value(told, "atelier_request_seconds_count", method="GET", route="/styles") == 4_000
    assert value(told, "atelier_errors_total", type="bad_value") == 4_000


def test_a_store_that_is_away_hides_no_other_number(tmp_path: Path) -> None:
    redis_binary()
    with Redis(tmp_path) as server:
        jobs = jobs_at(server.fresh())
        metrics = Metrics()
        metrics.registry.register(Readings(jobs))
        jobs.submit("sleep", "image", {})
        told = scraped(metrics.text().decode())
        assert (
            value(told, "atelier_queue_depth", queue="image") == 1
            and value(told, "atelier_workers", queue="image") == 0
        )
        server.kill()
        told = scraped(metrics.text().decode())
        assert ("atelier_jobs_store_up", frozenset()) in told and value(told, "atelier_jobs_store_up") == 0
        assert "atelier_queue_depth" not in {name for name, _ in told}
        assert value(told, "process_resident_memory_bytes") > 0
        jobs.store.close()


def test_a_job_that_is_begun_again_has_waited_once(tmp_path: Path) -> None:
    class Heard:
        def __init__(self) -> None:
            self.waits: list[tuple[str, float]] = []
            self.ends: list[str] = []

        def job_begun(self, queue: str, waited: float) -> None:
            self.waits.append((queue, waited))

        def job_ended(self, job: Job) -> None:
            self.ends.append(job.state)

    jobs, heard = jobs_at(str(tmp_path / "jobs.db")), Heard()
    assert isinstance(jobs.store, SqliteStore)
    watch = Watch(jobs, heard)
    watch.start()
    job = jobs.submit("sleep", "image", {})
    for attempt in (1, 2):
        jobs.store.change(job.id, lambda job, now: steps.begin(job, "worker", job.created + 7))
        if attempt == 1:
            jobs.store.change(job.id, lambda job, now: steps.give_back(job, 1, "lost", 3, now))
    jobs.store.change(job.id, lambda job, now: steps.end(job, 2, {}, now))
    watch._hear("forgotten", Event(1, "done", 0.0, {}))
    watch.stop()
    assert heard.waits == [("image", 7.0)] and heard.ends == ["done"]
    jobs.store.close()
