"""Account: what is there when everything runs again, held against what was acknowledged."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import httpx

from tests.faults.fleet import Fleet
from tests.faults.load import Load
from tests.test_workers import until


def settle(fleet: Fleet, load: Load, seconds: float = 180) -> None:
    """Until all that was acknowledged has ended."""
    fleet.revive()
    with fleet.client() as client:
        for key, job_id in load.jobs.items():
            until(partial(_ended, client, job_id), seconds, f"the end of {key}")


def check(fleet: Fleet, load: Load) -> None:
    """Every job has ended once and well, and every picture, description, document and style is there once."""
    assert not load.wrong, load.wrong[:5]
    assert len(set(load.jobs.values())) == len(load.jobs)
    with fleet.client() as client:
        for key, job_id in load.jobs.items():
            job = _job(client, job_id)
            assert job["state"] == "done", (key, job["error"])
            kinds = Counter(kind for _, kind in _events(client, job_id))
            assert kinds["done"] == 1 and not kinds["failed"] and not kinds["cancelled"], (key, kinds)
        listed = _listed(client)
        assert all(listed[job_id] == 1 for job_id in load.jobs.values()) and max(listed.values()) == 1
        _check_designs(client, load)
        _check_library(client, load)
        documents = Counter(document["name"] for document in client.get("/documents").json()["documents"])
        assert all(documents[name] == 1 for name in load.documents), load.documents - documents.keys()
        styles = Counter(style["id"] for style in client.get("/styles").json()["styles"])
        assert all(styles[style] == 1 for style in load.styles), load.styles - styles.keys()
        assert client.get("/readyz").status_code == 200


def _check_designs(client: httpx.Client, load: Load) -> None:
    """Each has its own seed's picture."""
    for key, job_id in load.jobs.items():
        if key.startswith("design-"):
            answer = client.get(f"/jobs/{job_id}/result")
            assert answer.status_code == 200 and answer.headers["content-type"] == "image/png", answer.text[:300]
            assert answer.headers["x-seed"] == key.removeprefix("design-")


def _check_library(client: httpx.Client, load: Load) -> None:
    page = client.get("/pictures", params={"limit": 1_000}).json()
    assert page["total"] == len(page["pictures"]) and not page["problems"]
    told: list[dict[str, Any]] = page["pictures"]
    names = Counter(picture["name"] for picture in told)
    assert all(names[name] == 1 for name in load.pictures), load.pictures - names.keys()
    assert max(names.values(), default=0) <= 1
    described = client.post("/generate_description", headers={"Prefer": "wait=80"})
    assert described.status_code == 200, described.text
    told = client.get("/pictures", params={"limit": 1_000}).json()["pictures"]
    assert all(picture["description"] for picture in told)
    found = client.post("/search", json={"text": "a picture", "k": 1_000, "min_confidence": 0, "group": False})
    assert found.status_code == 200, found.text


def _listed(client: httpx.Client) -> Counter[str]:
    """Every id that the list of jobs has."""
    found: Counter[str] = Counter()
    path: str | None = "/jobs?limit=200"
    while path:
        page = client.get(path).json()
        found.update(job["id"] for job in page["jobs"])
        path = page["next"]
    return found


def _ended(client: httpx.Client, job_id: str) -> bool:
    try:
        return bool(_job(client, job_id)["finished"])
    except httpx.TransportError:  # a server that is away for a moment says nothing about it
        return False


def _job(client: httpx.Client, job_id: str) -> dict[str, Any]:
    answer = client.get(f"/jobs/{job_id}")
    assert answer.status_code in (200, 503), f"{job_id}: {answer.status_code} {answer.text[:300]}"
    told: dict[str, Any] = answer.json()
    return told if answer.status_code == 200 else {"finished": None}


def _events(client: httpx.Client, job_id: str) -> list[tuple[int, str]]:
    from httpx_sse import connect_sse

    with connect_sse(client, "GET", f"/jobs/{job_id}/events") as source:
        found = [(int(event.id), event.event) for event in source.iter_sse()]
    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    return found
