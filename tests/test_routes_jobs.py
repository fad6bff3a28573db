"""Jobs over HTTP, in one process."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from core import images
from core.settings import Settings
from tests.conftest import drawing, noise, serving, settings_over
from tests.servers import HOUSE
from tests.test_app import JSON, post, refusal
from tests.test_images import encoded

ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[TestClient]:
    with serving(settings_over(tmp_path_factory.mktemp("jobs"), models)) as client:
        yield client


def submit(client: TestClient, headers: dict[str, str] | None = None, sketch: bytes = HOUSE, **form: object) -> str:
    response = post(client, sketch, "/generate", {**ASYNC, **(headers or {})}, **{"mode": "preview", **form})
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def ended(client: TestClient, job_id: str, seconds: float = 30) -> dict[str, object]:
    end = time.monotonic() + seconds
    while (job := client.get(f"/jobs/{job_id}").json())["state"] in ("queued", "running"):
        assert time.monotonic() < end
        time.sleep(0.02)
    return job


def events(text: str) -> list[tuple[int, str, dict[str, object]]]:
    """(id, event, data) of every server-sent event."""
    found = []
    for block in text.replace("\r", "").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return found


def described(client: TestClient, path: str) -> set[str]:
    """The kinds of content that the description of the API names for an answer of this door."""
    kinds: dict[str, object] = client.get("/openapi.json").json()["paths"][path]["get"]["responses"]["200"]["content"]
    return set(kinds)


def test_what_a_job_has_made_comes_as_a_kind_that_is_described(client: TestClient) -> None:
    job_id = post(client, path="/generate", mode="preview").headers["x-job-id"]
    result, files = "/jobs/{job_id}/result", "/jobs/{job_id}/files/{name}"
    for asked in ("image/png", "application/json"):
        told = client.get(f"/jobs/{job_id}/result", headers={"Accept": asked})
        assert told.status_code == 200 and told.headers["content-type"] == asked
        assert asked in described(client, result)
    for name in ("image-0.png", "sketch", "sketch?size=64"):
        told = client.get(f"/jobs/{job_id}/files/{name}")
        assert told.status_code == 200 and told.headers["content-type"] in described(client, files)


def test_a_picture_names_its_job_and_the_job_has_the_picture(client: TestClient) -> None:
    response = post(client, path="/generate", mode="preview", seed=3)
    job_id = response.headers["x-job-id"]
    job = client.get(f"/jobs/{job_id}").json()
    assert (job["state"], job["kind"], job["queue"], job["owner"]) == ("done", "design", "image", "local")
    assert job["result"]["seeds"] == [3] and job["result"]["engine"] == "painter 1.2" and job["attempts"] == 1
    assert job["created"] <= job["started"] <= job["finished"] and job["finished"].endswith("Z")
    assert job["progress"]["step"] == job["progress"]["total"] == 4
    again = client.get(job["links"]["result"])
    assert again.content == response.content and again.headers["x-retrieved-style"] == "Cyberpunk"
    assert client.get(f"/jobs/{job_id}/files/image-0.png").content == response.content
    assert client.get(f"/jobs/{job_id}/files/sketch").content == HOUSE
    assert client.get(f"/jobs/{job_id}/files/style-0").status_code == 404  # needed no more
    for name in ("image-0.png", "sketch"):
        small = client.get(f"/jobs/{job_id}/files/{name}?size=64")
        assert small.headers["content-type"] == "image/jpeg" and max(images.decode(small.content).size) == 64, name
    assert refusal(client.get(f"/jobs/{job_id}/files/image-0.png?size=9000"))["type"] == "bad_value"
    timing = response.headers["server-timing"]
    assert "queue;dur=" in timing and "chain;dur=" in timing


def test_respond_async_answers_at_once_and_the_same_job_goes_on(client: TestClient) -> None:
    response = post(client, path="/generate", headers={**ASYNC, **JSON}, n=2, mode="preview")
    assert response.status_code == 202 and response.headers["preference-applied"] == "respond-async"
    job = response.json()
    assert response.headers["location"] == f"/jobs/{job['id']}" and job["state"] in ("queued", "running")
    ended(client, job["id"])
    told = client.get(f"/jobs/{job['id']}/result", headers=JSON).json()
    assert [Image.open(io.BytesIO(base64.b64decode(image))).size for image in told["images"]] == [(512, 384)] * 2
    refused = client.get(f"/jobs/{job['id']}/result")
    assert refused.status_code == 422 and refusal(refused)["field"] == "n"
    assert client.get(f"/jobs/{job['id']}/files/image-1.png").headers["content-type"] == "image/png"


def test_a_wait_that_is_too_short_answers_202_and_computes_nothing_twice(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models, sync_wait_seconds=0.05)) as client:
        response = post(client, path="/generate")
        assert response.status_code == 202 and response.headers["retry-after"]
        job_id = response.headers["x-job-id"]
        assert ended(client, job_id)["attempts"] == 1 and len(client.get("/jobs").json()["jobs"]) == 1
        assert client.get(f"/jobs/{job_id}/result").status_code == 200


@pytest.mark.parametrize(
    ("prefer", "status", "applied"),
    [
        ("respond-async, wait=60", 200, "wait=60"),
        ("wait=0", 202, "wait=0"),
        ('respond-async; foo="1"', 202, "respond-async"),
        ("return=minimal", 200, None),
        ("wait=nonsense", 200, None),
    ],
)
def test_prefer(client: TestClient, prefer: str, status: int, applied: str | None) -> None:
    response = post(client, path="/generate", headers={"Prefer": prefer}, mode="preview")
    assert (response.status_code, response.headers.get("preference-applied")) == (status, applied)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("application/json;q=0, image/png", "image/png"),
        ("image/png, application/json;q=0.5", "image/png"),
        ("application/json, */*", "application/json"),
        ("*/*", "image/png"),
    ],
)
def test_what_is_accepted_is_sent(client: TestClient, accept: str, kind: str) -> None:
    assert post(client, headers={"Accept": accept}).headers["content-type"] == kind


def test_events_of_a_job_from_any_point(client: TestClient) -> None:
    job_id = submit(client)
    everything = events(client.get(f"/jobs/{job_id}/events").text)
    kinds = [kind for _, kind, _ in everything]
    assert kinds[:2] == ["queued", "started"] and kinds[-1] == "done" and set(kinds[2:-1]) == {"progress"}
    assert [number for number, _, _ in everything] == list(range(1, len(everything) + 1))
    assert everything[-1][2]["result"]["images"] == ["image-0.png"]  # type: ignore[index]
    for after in (len(everything), len(everything) + 9):  # 204 tells a browser to stop asking
        assert client.get(f"/jobs/{job_id}/events", headers={"Last-Event-ID": str(after)}).status_code == 204
    for after in (1, 3, len(everything) - 1):
        resumed = client.get(f"/jobs/{job_id}/events", headers={"Last-Event-ID": str(after)})
        assert resumed.headers["content-type"].startswith("text/event-stream")
        assert events(resumed.text) == everything[after:]


def test_a_bad_last_event_id_is_named(client: TestClient) -> None:
    job_id = submit(client)
    for wrong in ("x", "-1"):
        response = client.get(f"/jobs/{job_id}/events", headers={"Last-Event-ID": wrong})
        assert (response.status_code, refusal(response)["type"]) == (422, "bad_value")


def test_a_job_that_never_was(client: TestClient) -> None:
    for response in (
        client.get("/jobs/nope"),
        client.delete("/jobs/nope"),
        client.post("/jobs/nope/retry"),
        client.get("/jobs/nope/events"),
        client.get("/jobs/nope/result"),
        client.get("/jobs/nope/files/sketch"),
        client.get("/job/nope"),
    ):
        assert (response.status_code, refusal(response)["type"]) == (404, "unknown_job")
    missing = client.get(f"/jobs/{submit(client)}/files/..%2Fjobs.db")
    assert missing.status_code == 404 and refusal(missing)["remedy"]


def test_cancel_is_idempotent_and_a_cancelled_job_can_be_retried(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models, job_threads=1)) as client:
        blocker, waits = submit(client, n=8, mode="quality", headers=JSON), submit(client)
        assert client.get(f"/jobs/{waits}").json()["position"] == 1
        for _ in range(2):
            cancelled = client.delete(f"/jobs/{waits}")
            assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
        assert client.delete(f"/jobs/{blocker}").status_code == 200
        assert ended(client, blocker, 5)["state"] == "cancelled"
        gone = client.get(f"/jobs/{waits}/result")
        assert (gone.status_code, refusal(gone)["type"]) == (409, "cancelled")
        again = client.post(f"/jobs/{waits}/retry")
        assert (again.status_code, again.json()["state"]) == (202, "queued")
        assert ended(client, waits)["state"] == "done"
        refused = client.post(f"/jobs/{waits}/retry")
        assert (refused.status_code, refusal(refused)["type"]) == (409, "not_retryable")
        assert client.delete(f"/jobs/{waits}").json()["state"] == "done"


def test_what_a_job_cannot_do_is_answered_as_without_it(client: TestClient) -> None:
    blank = images.to_png(drawing(ink=255))
    response = post(client, blank, "/generate")
    assert (response.status_code, refusal(response)["type"]) == (422, "nothing_to_trace")
    job_id = response.headers["x-job-id"]
    job = client.get(f"/jobs/{job_id}").json()
    assert job["state"] == "failed" and job["error"]["type"] == "nothing_to_trace"
    assert client.get(f"/jobs/{job_id}/result").json() == response.json()
    assert events(client.get(f"/jobs/{job_id}/events").text)[-1][1] == "failed"


def test_what_cannot_be_a_job_never_becomes_one(client: TestClient) -> None:
    before = client.get("/jobs").json()["jobs"]
    for form, type_ in (
        ({"style": "nope"}, "unknown_style"),
        ({"width": 500}, "bad_value"),
        ({"engine": "magic"}, "bad_value"),
        ({"low_threshold": 300}, "bad_value"),
        ({"prompt": ""}, "bad_value"),
        ({"priority": 11}, "bad_value"),
        ({"colour": "red"}, "unknown_field"),
    ):
        assert refusal(post(client, path="/generate", headers=ASYNC, **form))["type"] == type_
    for sketch, type_ in ((b"", "unreadable_picture"), (b"hello", "unreadable_picture")):
        assert refusal(post(client, sketch, "/generate", ASYNC))["type"] == type_
    assert client.get("/jobs").json()["jobs"] == before


def test_a_sketch_that_is_cut_off_is_found_out_by_its_job(client: TestClient) -> None:
    cut = encoded(noise(300, 200), "JPEG")[:-4000]
    assert ended(client, submit(client, sketch=cut))["error"]["type"] == "unreadable_picture"  # type: ignore[index]


def test_the_same_idempotency_key_is_the_same_job(client: TestClient) -> None:
    key = {"Idempotency-Key": "order-66"}
    first = post(client, path="/generate", headers=key, mode="preview", seed=5)
    second = post(client, path="/generate", headers=key, mode="preview", seed=5)
    assert first.headers["x-job-id"] == second.headers["x-job-id"] and first.content == second.content
    with ThreadPoolExecutor(6) as pool:
        other = {"Idempotency-Key": "order-67"}
        ids = set(pool.map(lambda _: submit(client, other, seed=6), range(12)))
    assert len(ids) == 1
    changed = post(client, path="/generate", headers=key, mode="preview", seed=6)
    assert (changed.status_code, refusal(changed)["type"]) == (422, "key_reused")
    assert first.headers["x-job-id"] in str(refusal(changed)["message"])
    for wrong in ("", "x" * 300):
        assert refusal(post(client, path="/generate", headers={"Idempotency-Key": wrong}))["type"] == "bad_value"


def test_a_full_queue_says_when_to_come_back(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models, job_threads=1, max_queued_jobs=2)) as client:
        ids = [submit(client, n=4, mode="quality", headers=JSON)]
        while client.get(f"/jobs/{ids[0]}").json()["state"] == "queued":
            time.sleep(0.01)
        ids += [submit(client) for _ in range(2)]
        for headers in ({}, ASYNC):
            full = post(client, path="/generate", headers=headers, mode="preview")
            assert (full.status_code, refusal(full)["type"]) == (503, "queue_full")
            assert int(full.headers["retry-after"]) >= 1
        assert post(client).status_code == 200  # a preview needs no place
        ready = client.get("/readyz").json()
        assert ready["queues"]["image"] == {"queued": 2, "running": 1}
        assert [(worker["threads"], worker["queues"]) for worker in ready["workers"]] == [
            (1, ["image", "story", "library", "descriptions"])
        ]
        client.delete(f"/jobs/{ids[0]}")
        assert [ended(client, job_id)["state"] for job_id in ids] == ["cancelled", "done", "done"]


def test_pages_and_filters(client: TestClient) -> None:
    ids = [submit(client, seed=seed) for seed in range(5)]
    for job_id in ids:
        ended(client, job_id)
    found, page = [], client.get("/jobs?limit=2&state=done").json()
    while True:
        assert len(page["jobs"]) <= 2
        found += [job["id"] for job in page["jobs"]]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    assert found[:5] == ids[::-1] and len(found) == len(set(found))
    assert client.get("/jobs?kind=nothing").json() == {"jobs": [], "next": None}
    for wrong in ("state=ended", "limit=0", "limit=201"):
        assert refusal(client.get(f"/jobs?{wrong}"))["type"] == "bad_value"
    assert refusal(client.get("/jobs?offset=3"))["type"] == "unknown_field"
    assert refusal(client.get("/jobs?before=never-was"))["type"] == "unknown_job"


def test_ended_jobs_are_forgotten_on_demand(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models)) as client:
        done, failed = submit(client), submit(client, sketch=images.to_png(drawing(ink=255)))
        ended(client, done), ended(client, failed)
        assert refusal(client.delete("/jobs"))["type"] == "missing_field"
        assert refusal(client.delete("/jobs?state=queued"))["type"] == "bad_value"
        assert client.delete("/jobs?state=failed").json() == {"forgotten": 1}
        assert client.get(f"/jobs/{failed}").status_code == 404
        assert client.delete("/jobs?state=finished").json() == {"forgotten": 1}


def test_the_form_that_existing_clients_know(client: TestClient) -> None:
    job_id = submit(client)
    assert client.get(f"/job/{job_id}").json()["status"] in ("pending", "running", "completed")
    ended(client, job_id)
    told = client.get(f"/job/{job_id}").json()
    assert set(told) == {"job_id", "status", "result"} and told["status"] == "completed"
    head, _, picture = told["result"]["image"].partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(picture) == client.get(f"/jobs/{job_id}/result").content
    failed = submit(client, sketch=images.to_png(drawing(ink=255)))
    ended(client, failed)
    assert client.get(f"/job/{failed}").json() == {
        "job_id": failed,
        "status": "failed",
        "error": "the sketch is blank: Canny finds no edge at low_threshold=50, high_threshold=150",
    }


def test_a_key_sees_its_own_jobs_and_no_others(tmp_path: Path, models: Path) -> None:
    keys = ("alice:long-random-words-of-alice", "long-random-words-of-nobody")
    with serving(settings_over(tmp_path, models, api_keys=keys)) as client:
        alice = {"X-API-Key": "long-random-words-of-alice"}
        nobody = {"Authorization": "Bearer long-random-words-of-nobody"}
        private = {"X-API-Key": client.app.state.atelier.private_key}  # type: ignore[attr-defined]
        job_id = submit(client, alice)
        job = client.get(f"/jobs/{job_id}", headers=alice).json()
        assert job["owner"] == "alice"
        for response in (
            client.get(f"/jobs/{job_id}", headers=nobody),
            client.delete(f"/jobs/{job_id}", headers=nobody),
            client.get(f"/jobs/{job_id}/events", headers=nobody),
            client.get(f"/jobs/{job_id}/files/sketch", headers=nobody),
        ):
            assert (response.status_code, refusal(response)["type"]) == (404, "unknown_job")
        assert client.get("/jobs", headers=nobody).json()["jobs"] == []
        other = client.get(f"/jobs/{submit(client, nobody)}", headers=nobody).json()["owner"]
        assert other.startswith("key-") and "nobody" not in other
        assert {job["owner"] for job in client.get("/jobs", headers=private).json()["jobs"]} == {"alice", other}
        assert client.get(f"/jobs/{job_id}").status_code == 401
        assert client.get("/jobs", headers={"X-API-Key": "alice"}).status_code == 401
        assert client.get("/jobs", headers={"X-API-Key": keys[0]}).status_code == 401  # the name is not the key
        same = {"Idempotency-Key": "k"}
        assert submit(client, {**alice, **same}) != submit(client, {**nobody, **same})


def test_a_style_that_goes_away_does_not_spoil_a_job_that_carries_it(settings: Settings) -> None:
    with serving(settings.model_copy(update={"job_threads": 1})) as client:
        form = {"name": "Mine", "words": "Bauhaus"}
        client.post("/styles", data=form, files={"file": ("s.png", images.to_png(noise(200, 200)))})
        blocker = submit(client, mode="quality")
        job_id = submit(client, style="mine")
        assert client.delete("/styles/mine").status_code == 204
        assert ended(client, job_id)["result"]["style"]["name"] == "Mine"  # type: ignore[index]
        assert ended(client, blocker)["state"] == "done"


def test_a_job_says_what_was_asked_and_which_files_came(client: TestClient) -> None:
    job_id = submit(client, seed=7, style="impasto")
    job = client.get(f"/jobs/{job_id}").json()
    assert {"seed": 7, "style": "impasto", "mode": "preview"}.items() <= job["asked"].items()
    assert job["inputs"] == ["sketch"]
    assert client.get(f"/jobs/{job_id}/files/sketch").content == HOUSE
    ended(client, job_id)
    assert client.get(f"/jobs/{job_id}/files/sketch").content == HOUSE


def test_one_job_is_forgotten_when_it_has_ended(client: TestClient) -> None:
    kept, gone = submit(client, seed=1), submit(client, seed=2)
    ended(client, kept), ended(client, gone)
    assert client.delete(f"/jobs/{gone}?forget=true").status_code == 200
    assert client.get(f"/jobs/{gone}").status_code == 404
    assert client.get(f"/jobs/{kept}").status_code == 200


def test_a_job_that_lives_is_not_forgotten(client: TestClient) -> None:
    job_id = submit(client, mode="quality", n=8)
    refused = client.delete(f"/jobs/{job_id}?forget=true")
    assert refused.status_code == 409 and "cancel it first" in refused.json()["error"]["remedy"]
    client.delete(f"/jobs/{job_id}")
    assert ended(client, job_id)["state"] == "cancelled"
