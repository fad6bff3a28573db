"""Descriptions over HTTP, as existing clients ask: described, embedded, found; by the describer that measures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.conftest import private, serving, settings_over
from tests.gallery import fill, picture

COUNT = 24


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    return settings_over(tmp_path_factory.mktemp("served"), models).data_dir


@pytest.fixture(scope="module")
def client(data: Path, models: Path) -> Iterator[TestClient]:
    with serving(settings_over(data, models)) as client:
        yield client


def test_existing_clients_calls_one_after_the_other(client: TestClient, data: Path) -> None:
    nothing = client.post("/get_image", json={"query": "a cup"})
    assert nothing.status_code == 404 and nothing.json()["error"]["type"] == "no_pictures"
    fill(data / "pictures")
    made = client.post("/generate_description", json={"folder": "pictures"})
    assert made.status_code == 200, made.text
    told = made.json()
    assert (told["described"], told["failed"], told["left"]) == (COUNT, 0, 0) and "describer" in told["engine"]
    embedded = client.post("/generate_description_embeddings").json()
    assert embedded["total"] == COUNT and embedded["embedded"] == 0 and "MiniLM" in embedded["engine"]
    found = client.post("/get_image", json={"query": "something red on a grey ground", "k": 3}).json()
    assert len(found["hits"]) == 3 and found["query"] == "something red on a grey ground"
    for hit in found["hits"]:
        assert "red" in " ".join(hit["description"]["colours"]) and hit["description"]["engine"] == told["engine"]
        assert list(hit["channels"]) == ["description"] and client.get(hit["image"]).status_code == 200
    assert client.post("/generate_description").json()["described"] == 0
    assert client.post("/get_image", json={"query": "a steam locomotive"}).json()["no_good_match"]
    assert client.post("/get_image", json={"query": "a cup", "min_confidence": 0, "k": 2}).json()["hits"]


def test_what_is_known_by_name_is_never_said_to_be_seen(client: TestClient) -> None:
    for told in client.get("/pictures", params={"limit": COUNT}).json()["pictures"]:
        described = told["description"]
        assert not described["objects"] and told["labels"][0] not in str(described)
        assert client.get(f"/pictures/{told['id']}").json()["description"] == described
    found = client.post("/search", json={"text": "cup", "channels": ["description"]}).json()
    assert {hit["labels"][0] for hit in found["hits"]} == {"cup"}
    assert not any("described" in why for hit in found["hits"] for why in hit["why"])


def test_uploads_are_described_when_they_are_asked_for(client: TestClient) -> None:
    from tests.test_routes_search import png

    files = [("files", ("a walk.png", png(picture("kite", "yellow", 50))))]
    id_ = client.post("/pictures", files=files).json()["results"][0]["id"]
    assert client.get(f"/pictures/{id_}").json()["description"] is None
    assert client.post("/generate_description", json={"limit": 5}).json()["described"] == 1
    assert "yellow" in client.get(f"/pictures/{id_}").json()["description"]["caption"]
    client.delete(f"/pictures/{id_}")


def test_it_is_a_job_like_any_other(client: TestClient, data: Path) -> None:
    fill(data / "pictures")
    assert client.post("/generate_description", json={"folder": "pictures"}).status_code == 200
    answer = client.post("/generate_description", json={"anew": True}, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    job = answer.headers["X-Job-Id"]
    assert "event: done" in client.get(f"/jobs/{job}/events").text
    assert client.get(f"/jobs/{job}/result").json()["described"] == COUNT
    assert client.get(f"/job/{job}").json()["status"] == "completed"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"limit": 0}, 422, "limit"),
        ({"folders": "pictures"}, 422, "folders"),
        ({"folder": "missing"}, 422, "missing"),
        ({"folder": ""}, 422, "folder"),
        ({"folder": "zero\0byte"}, 422, "called that"),
        ({"folder": "library"}, 422, "library's own"),
    ],
)
def test_what_cannot_be_asked_is_answered_with_its_name(
    client: TestClient, data: Path, body: object, status: int, said: str
) -> None:
    (data / "library").mkdir(exist_ok=True)
    answer = client.post("/generate_description", json=body, headers=private(client))
    assert answer.status_code == status, answer.text
    assert said in answer.json()["error"]["message"] + answer.json()["error"]["remedy"]


def test_bad_searches_are_answered_with_their_name(client: TestClient) -> None:
    for body, said in (
        ({}, "body"),
        ({"query": ""}, "body"),
        ({"query": "x", "top": 3}, "top"),
        ({"query": "x", "k": 0}, "k=0"),
    ):
        answer = client.post("/get_image", json=body)
        assert answer.status_code == 422 and said in answer.json()["error"]["message"], answer.text


def test_a_caller_with_a_key_names_no_folder_outside_the_data(tmp_path: Path, models: Path) -> None:
    secret = "not-to-be-guessed-at-all"
    settings = settings_over(tmp_path / "data", models, api_keys=f"alice:{secret}")
    fill(tmp_path / "elsewhere")
    (settings.data_dir / "inside").mkdir()
    shutil.copy(tmp_path / "elsewhere/cup/0000.png", settings.data_dir / "inside")
    (settings.data_dir / "link").symlink_to(tmp_path / "elsewhere")
    with serving(settings) as client:
        client.headers["X-API-Key"] = secret
        for folder in (str(tmp_path / "elsewhere"), "../elsewhere", "link", ".", "library", "models"):
            refused = client.post("/generate_description", json={"folder": folder})
            assert refused.status_code == 409 and refused.json()["error"]["type"] == "outside_the_data", refused.text
        assert client.post("/generate_description", json={"folder": "inside"}).json()["described"] == 1
