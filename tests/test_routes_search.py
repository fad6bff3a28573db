"""The picture library over HTTP: taken in as a job, searched, shown, taken out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from PIL import Image

from tests.conftest import private, serving, settings_over
from tests.gallery import THINGS, fill, picture


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[TestClient]:
    with serving(settings_over(tmp_path_factory.mktemp("served"), models)) as client:
        yield client


@pytest.fixture(scope="module")
def filled(client: TestClient, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("gallery") / "pictures"
    fill(folder)
    answer = client.post("/pictures/folder", json={"path": str(folder)}, headers=private(client))
    assert answer.status_code == 200 and answer.json()["new"] == 24, answer.text
    return client


def test_uploads_are_a_job_with_a_result_for_each_file(client: TestClient) -> None:
    files = [
        ("files", ("purple cup.png", png(picture("cup", "red", 40)))),
        ("files", ("broken.jpg", b"\xff\xd8\xff\xe0 cut short")),
        ("files", ("empty.png", b"")),
        ("files", ("again.png", png(picture("cup", "red", 40)))),
    ]
    answer = client.post("/pictures", files=files, data={"tags": "holiday, kitchen"})
    assert answer.status_code == 200 and answer.headers["X-Job-Id"]
    told = answer.json()
    assert [result["path"] for result in told["results"]] == ["purple cup.png", "broken.jpg", "empty.png", "again.png"]
    assert [result["outcome"] for result in told["results"]] == ["new", "failed", "failed", "unchanged"]
    assert "broken.jpg" in told["results"][1]["error"]["message"]
    id_ = told["results"][0]["id"]
    known = client.get(f"/pictures/{id_}").json()
    assert known["tags"] == ["holiday", "kitchen"] and known["source"] == "upload"
    found = client.post("/search", json={"text": "holiday", "filters": {"source": ["upload"]}}).json()
    assert [hit["id"] for hit in found["hits"]] == [id_]
    assert client.delete(f"/pictures/{id_}").status_code == 204
    assert client.get(f"/pictures/{id_}").status_code == 404


def test_the_same_key_is_the_same_upload(client: TestClient) -> None:
    files = [("files", ("kite.png", png(picture("kite", "red", 41))))]
    answers = [client.post("/pictures", files=files, headers={"Idempotency-Key": "kite"}) for _ in range(2)]
    assert len({answer.headers["X-Job-Id"] for answer in answers}) == 1
    other = client.post("/pictures", files=files, data={"tags": "x"}, headers={"Idempotency-Key": "kite"})
    assert other.json()["error"]["type"] == "key_reused"
    client.delete(f"/pictures/{answers[0].json()['results'][0]['id']}")


def test_an_upload_can_be_waited_for(client: TestClient) -> None:
    files = [("files", ("fish.png", png(picture("fish", "blue", 42))))]
    answer = client.post("/pictures", files=files, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    job = answer.headers["X-Job-Id"]
    events = client.get(f"/jobs/{job}/events").text
    assert "event: done" in events
    told = client.get(f"/jobs/{job}/result").json()
    assert told["new"] == 1
    assert client.get(f"/job/{job}").json()["status"] == "completed"
    client.delete(f"/pictures/{told['results'][0]['id']}")


def test_search_by_words_json_and_form_say_the_same(filled: TestClient) -> None:
    short = filled.get("/search", params={"q": "a yellow kite", "k": 3}).json()
    as_json = filled.post("/search", json={"text": "a yellow kite", "k": 3}).json()
    assert [hit["id"] for hit in short["hits"]] == [hit["id"] for hit in as_json["hits"]]
    assert filled.get("/search", params={"q": "kite", "taste": "sweet"}).json()["error"]["type"] == "unknown_field"
    assert filled.post("/search", data={"text": "kite", "taste": "sweet"}).json()["error"]["type"] == "unknown_field"
    as_form = filled.post("/search", data={"text": "a yellow kite", "k": "3", "filters": '{"label": ["kite"]}'}).json()
    assert as_form["hits"][0]["id"] == short["hits"][0]["id"]
    hit = short["hits"][0]
    assert hit["labels"] == ["kite"]
    assert {"score", "confidence", "why", "channels", "caption", "thumbnail", "image", "same"} <= hit.keys()
    assert filled.get(hit["thumbnail"]).headers["content-type"] == "image/jpeg"


def test_search_by_a_picture(filled: TestClient) -> None:
    image = png(picture("fish", "green", 77))
    found = filled.post("/search", data={"k": "2"}, files={"image": ("fish.png", image)}).json()
    assert len(found["hits"]) == 2 and "likeness" in found["hits"][0]["channels"]
    both = filled.post("/search", data={"text": "cup", "k": "2"}, files={"image": ("fish.png", image)}).json()
    assert {label for hit in both["hits"] for label in hit["labels"]} == {"cup"}
    like = filled.post("/search", json={"like": found["hits"][0]["id"]}).json()
    assert found["hits"][0]["id"] not in [hit["id"] for hit in like["hits"]]


def test_nothing_of_the_kind_is_said(filled: TestClient) -> None:
    found = filled.get("/search", params={"q": "a steam locomotive"}).json()
    assert found["no_good_match"] and not found["hits"] and len(found["closest"]) == 3


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"text": ""}, 422, "text"),
        ({"text": "cup", "k": 0}, 422, "k=0"),
        ({"text": "cup", "colour": "red"}, 422, "colour"),
        ({"text": "cup", "filters": {"size": 3}}, 422, "size"),
        ({"text": "cup", "image": "data:..."}, 422, "multipart"),
        ({"like": "ffffffffffffffff"}, 404, "ffffffffffffffff"),
        (["cup"], 422, "body"),
    ],
)
def test_what_cannot_be_asked_is_answered_with_its_name(
    filled: TestClient, body: object, status: int, said: str
) -> None:
    answer = filled.post("/search", json=body)
    assert answer.status_code == status and said in answer.json()["error"]["message"] + answer.json()["error"]["remedy"]


def test_a_picture_that_is_none_and_a_body_that_is_none(filled: TestClient) -> None:
    no_picture = filled.post("/search", files={"image": ("x.png", b"no picture")})
    assert no_picture.status_code == 415
    assert filled.post("/search", content=b"{", headers={"Content-Type": "application/json"}).status_code == 422


def test_the_server_opens_no_path_that_a_form_names(filled: TestClient, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png(picture("kite", "red")))
    for path in (secret, tmp_path / "missing.png"):  # nor does it say which of them there is
        answer = filled.post("/search", data={"image": str(path)})
        assert answer.status_code == 422 and answer.json()["error"]["field"] == "image", answer.text
        assert "-F image=@" in answer.json()["error"]["remedy"]


def test_the_library_is_listed_and_shown(filled: TestClient) -> None:
    listed = filled.get("/pictures", params={"limit": 7, "offset": 2}).json()
    assert listed["total"] == 24 and len(listed["pictures"]) == 7 and listed["offset"] == 2
    one = listed["pictures"][0]
    assert one["paths"] and set(one["labels"]) <= set(THINGS)
    small = Image.open(io.BytesIO(filled.get(one["thumbnail"], params={"size": 64}).content))
    assert max(small.size) == 64 and small.format == "JPEG"
    whole = filled.get(one["image"])
    assert whole.headers["content-type"] == "image/png" and whole.content == Path(one["paths"][0]).read_bytes()
    Path(one["paths"][0]).write_bytes(b"something else")
    gone = filled.get(one["image"])
    assert gone.status_code == 404 and one["id"] in gone.json()["error"]["message"]


def test_a_key_of_somebody_else_sees_no_paths_and_takes_no_folder(tmp_path: Path, models: Path) -> None:
    secret = "not-to-be-guessed-at-all"
    settings = settings_over(tmp_path / "data", models, api_keys=f"alice:{secret}")
    with serving(settings) as client:
        client.headers["X-API-Key"] = secret
        files = [("files", ("kite.png", png(picture("kite", "red"))))]
        told = client.post("/pictures", files=files).json()
        assert told["new"] == 1 and "paths" not in client.get("/pictures").json()["pictures"][0]
        assert "paths" not in json.dumps(client.get("/search", params={"q": "kite"}).json())
        refused = client.post("/pictures/folder", json={"path": str(tmp_path)})
        assert refused.status_code == 409 and "POST /pictures" in refused.json()["error"]["remedy"]


def test_no_place_in_the_list_is_a_mistake_of_the_server(filled: TestClient) -> None:
    assert filled.get("/pictures", params={"offset": 2**31}).json()["pictures"] == []
    assert filled.get("/pictures", params={"offset": 10**20}).status_code == 422


def test_a_folder_that_is_none(client: TestClient, tmp_path: Path) -> None:
    def take_in(path: str) -> Response:
        return client.post("/pictures/folder", json={"path": path}, headers=private(client))

    nameless = take_in("/tmp/zero\0byte")
    assert nameless.status_code == 422 and nameless.json()["error"]["type"] == "no_such_file"
    assert take_in("pictures").status_code == 422
    missing = take_in(str(tmp_path / "missing"))
    assert missing.status_code == 422 and "missing" in missing.json()["error"]["message"]
