"""Every door of the API, by its own description: whose things it shows, what it takes in, and where it never goes."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.settings import ROOT
from tests.conftest import serving, settings_over

HOUSE = (ROOT / "samples/house.png").read_bytes()
URI = f"data:image/png;base64,{base64.b64encode(HOUSE).decode()}"
ALICE, BOB = {"X-API-Key": "long-random-words-of-alice"}, {"X-API-Key": "long-random-words-of-bob"}
WORD = "zanzibar"  # in all that alice asks for
Door = tuple[str, str]  # method and path

LISTED = {  # own things, in a list
    *(("GET", path) for path in ("/jobs", "/memories")),
    *(("DELETE", path) for path in ("/jobs", "/memories")),
}
SHARED = {  # the libraries, which all keys read and write; and what tells of the service
    *(("GET", path) for path in ("/pictures", "/pictures/{picture_id}", "/pictures/{picture_id}/thumbnail")),
    *(("GET", path) for path in ("/pictures/{picture_id}/image", "/search", "/documents", "/documents/search")),
    *(("GET", path) for path in ("/documents/{document_id}", "/styles", "/styles/search", "/styles/{style_id}")),
    *(("GET", path) for path in ("/styles/{style_id}/image", "/samples", "/samples/{name}", "/readyz", "/metrics")),
    *(("DELETE", path) for path in ("/pictures/{picture_id}", "/documents/{document_id}", "/styles/{style_id}")),
    *(("POST", path) for path in ("/search", "/get_image", "/illustrate/prompt", "/preview", "/styles")),
}
MAKING = {  # what makes a job, for the key that asks
    *(("POST", path) for path in ("/generate", "/replay", "/illustrate", "/generate-story", "/generate-image")),
    *(("POST", path) for path in ("/pictures", "/pictures/folder", "/documents", "/documents/folder")),
    *(("POST", path) for path in ("/generate_description", "/generate_description_embeddings")),
}
OPEN = {("GET", "/healthz")}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "data"


@pytest.fixture(scope="module")
def client(data: Path, models: Path) -> Iterator[TestClient]:
    keys = (f"alice:{ALICE['X-API-Key']}", f"bob:{BOB['X-API-Key']}")
    with serving(settings_over(data, models, api_keys=keys, requests_per_minute=100_000)) as client:
        yield client


@pytest.fixture(scope="module")
def doors(client: TestClient) -> dict[Door, dict[str, Any]]:
    """Every operation of the API, with references followed."""
    told = client.get("/openapi.json", headers=ALICE).json()
    return {
        (method.upper(), path): _followed(operation, told["components"]["schemas"])
        for path, operations in told["paths"].items()
        for method, operation in operations.items()
    }


def _followed(part: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_followed(one, schemas) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _followed(schemas[part["$ref"].rpartition("/")[2]], schemas)
    return {name: _followed(one, schemas) for name, one in part.items() if name != "responses"}


def ended(client: TestClient, job_id: str, who: dict[str, str]) -> dict[str, Any]:
    end = time.monotonic() + 60
    while not (job := client.get(f"/jobs/{job_id}", headers=who).json())["finished"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    found: dict[str, Any] = job
    return found


@pytest.fixture(scope="module")
def own(client: TestClient) -> dict[str, str]:
    """A job and a memory of alice's, by the names that paths give them."""
    painted = client.post("/generate", data={"prompt": WORD, "mode": "preview"}, headers=ALICE)
    assert painted.status_code == 200, painted.text
    told = client.post("/generate-story", json={"image": URI, "theme": WORD}, headers=ALICE)
    if told.status_code == 422:  # the form has no theme
        told = client.post("/generate-story", json={"image": URI}, headers=ALICE)
    memory = told.json()["job_id"]
    assert ended(client, memory, ALICE)["state"] == "done"
    end = time.monotonic() + 30
    while client.get(f"/memories/{memory}", headers=ALICE).status_code == 404:
        assert time.monotonic() < end
        time.sleep(0.05)
    return {"job_id": painted.headers["X-Job-Id"], "memory_id": memory, "name": "image-0.png"}


def belongs(door: Door) -> bool:
    return "{job_id}" in door[1] or "{memory_id}" in door[1]


def test_every_door_is_known_to_be_of_one_kind(doors: dict[Door, dict[str, Any]]) -> None:
    """A route that is new is put into one of these, and with that into the tests below."""
    kinds = (LISTED, SHARED, MAKING, OPEN, {door for door in doors if belongs(door)})
    for door in doors:
        assert sum(door in kind for kind in kinds) == 1, f"{door}: whose things does it show?"
    assert set().union(*kinds) == set(doors)


def test_without_a_key_every_door_but_one_is_closed(client: TestClient, doors: dict[Door, dict[str, Any]]) -> None:
    for method, path in doors:
        answer = client.request(method, path.replace("{", "").replace("}", ""))
        assert answer.status_code == (200 if (method, path) in OPEN else 401), (method, path)


def test_what_one_key_made_does_not_exist_for_another(
    client: TestClient, doors: dict[Door, dict[str, Any]], own: dict[str, str]
) -> None:
    tried = 0
    for method, path in sorted(door for door in doors if belongs(door)):
        place = path.format(**own)
        answer = client.request(method, place, headers=BOB)
        assert answer.status_code == 404 and WORD not in answer.text, (method, path, answer.text)
        tried += 1
    assert tried >= 10
    for method, path in sorted(LISTED):
        answer = client.request(method, path, headers=BOB, params={"state": "finished"} if path == "/jobs" else {})
        assert answer.status_code in (200, 422), answer.text
        assert not any(id_ in answer.text for id_ in (own["job_id"], own["memory_id"])) and WORD not in answer.text
    deleted = client.delete("/jobs", params={"state": "finished"}, headers=BOB)
    assert deleted.json() == {"forgotten": 0} == client.delete("/memories", headers=BOB).json()
    for method, path in sorted(door for door in doors if belongs(door) and door[0] == "GET"):
        answer = client.request(method, path.format(**own), headers=ALICE)
        assert answer.status_code == 200, (path, answer.text)  # all of it is still there, for alice


def test_an_idempotency_key_of_one_key_is_not_anothers(client: TestClient) -> None:
    asked = {"data": {"prompt": "a tower", "mode": "preview"}}
    ids = [
        client.post("/generate", **asked, headers={**who, "Idempotency-Key": "once"}).headers["X-Job-Id"]
        for who in (ALICE, BOB, ALICE)
    ]
    assert ids[0] == ids[2] != ids[1]
    assert client.get(f"/jobs/{ids[0]}", headers=BOB).status_code == 404


# --- where it never goes

NEEDED: dict[str, Any] = {
    **{"prompt": "a boat", "q": "a boat", "query": "a boat", "text": "a boat", "question": "what is it made of?"},
    **{
        "story": "A boat goes out to sea at dawn.",
        "image": URI,
        "path": "pictures",
        "name": "a name",
        "mode": "preview",
    },
}


def text_fields(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Fields that take a text, or several, by their names."""
    return {
        name: one
        for name, one in schema.get("properties", {}).items()
        if any('"string"' in json.dumps(kind) for kind in one.get("anyOf", [one]))
    }


def requests(door: Door, told: dict[str, Any], text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A request for every field that takes a text, with this text in it."""
    for parameter in told.get("parameters", []):
        if parameter["in"] == "query" and '"string"' in json.dumps(parameter["schema"]):
            yield parameter["name"], {"params": {parameter["name"]: text}}
    for kind, body in told.get("requestBody", {}).get("content", {}).items():
        schema = body["schema"]
        schema = next((one for one in schema.get("anyOf", []) if "properties" in one), schema)
        own_fields = schema.get("properties", {})
        needed = {name: value for name, value in NEEDED.items() if name in own_fields}
        for name, field in text_fields(schema).items():
            several = '"array"' in json.dumps(field) and kind == "application/json"
            filled = {**needed, name: [text] if several else text}
            if kind == "application/json":
                yield name, {"json": filled}
            else:
                filled = {key: value for key, value in filled.items() if key != "image" or name == "image"}
                files = {} if name == "file" or "file" not in own_fields else {"file": ("a.png", HOUSE)}
                yield name, {"data": filled, "files": files}


@pytest.fixture
def trap() -> Iterator[tuple[str, list[Any]]]:
    """An address of this machine, and who came there."""
    came: list[Any] = []

    class Trap(BaseRequestHandler):
        def handle(self) -> None:
            came.append(self.request.recv(1_000))

    with ThreadingTCPServer(("127.0.0.1", 0), Trap) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", came
        server.shutdown()


@pytest.mark.timeout(300)
def test_no_address_in_a_text_is_fetched(
    client: TestClient, doors: dict[Door, dict[str, Any]], trap: tuple[str, list[Any]]
) -> None:
    address, came = trap
    tried = []
    for door, told in doors.items():
        if door[0] == "POST":
            for name, request in requests(door, told, f"{address}/a.png"):
                answer = client.post(door[1], **request, headers={**BOB, "Prefer": "respond-async"})
                assert answer.status_code < 500, (door, name, answer.text)
                tried.append((door[1], name))
        elif door[0] == "GET" and "{" not in door[1]:
            for name, request in requests(door, told, f"{address}/a.png"):
                assert client.get(door[1], **request, headers=BOB).status_code < 500
                tried.append((door[1], name))
    for expected in (("/generate", "prompt"), ("/generate", "style"), ("/generate-story", "image"), ("/search", "q")):
        assert expected in tried
    assert {path for path, _ in tried} >= {"/search", "/illustrate", "/generate-image", "/pictures/folder", "/styles"}
    for job in client.get("/jobs", params={"limit": 200}, headers=BOB).json()["jobs"]:
        ended(client, job["id"], BOB)
    assert not came


# --- what it takes in

JSON_DOORS = ("/search", "/generate_description", "/get_image", "/illustrate", "/generate-story", "/generate-image")
DEEP = "[" * 100_000


@pytest.mark.parametrize("path", [*JSON_DOORS, "/pictures/folder", "/documents/folder", "/illustrate/prompt"])
@pytest.mark.parametrize("body", [DEEP, DEEP + "]" * 100_000, '{"a":' * 900 + "1" + "}" * 900])
def test_deep_json_is_a_refusal(client: TestClient, path: str, body: str) -> None:
    answer = client.post(path, content=body, headers={**BOB, "Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500 and answer.json()["error"]["message"], answer.text[:300]


@pytest.mark.parametrize("path", ["/pictures", "/documents", "/generate", "/styles", "/replay", "/search"])
def test_a_form_of_too_many_parts_is_refused(client: TestClient, path: str) -> None:
    many = [("files", (f"{number}.png", b"x")) for number in range(1_001)]
    for request in ({"files": many}, {"data": {f"field-{number}": "x" for number in range(1_001)}}):
        answer = client.post(path, **request, headers=BOB)  # type: ignore[arg-type]
        assert 400 <= answer.status_code < 500 and answer.json()["error"]["message"], answer.text[:300]


NAMES = ("../../../escaped.png", "/tmp/escaped.png", "..\\..\\escaped.png", "a/../../escaped.png", ".hidden.png", "..")


def test_a_name_of_a_file_is_never_a_path(client: TestClient, data: Path) -> None:
    before = set(data.parent.parent.rglob("*escaped*"))
    told = (ROOT / "samples/knowledge/colosseum.md").read_bytes()
    for name in NAMES:
        assert client.post("/pictures", files={"files": (name, HOUSE)}, headers=BOB).status_code == 200
        document = {"files": (name.replace(".png", ".md"), told)}
        assert client.post("/documents", files=document, headers=BOB).status_code == 200
        sent = {"files": {"file": (name, HOUSE)}, "data": {"name": name}}
        assert client.post("/styles", **sent, headers=BOB).status_code in (201, 409, 422)
        assert client.post("/replay", files={"file": (name, HOUSE)}, headers=BOB).status_code < 500
    came = set(data.parent.parent.rglob("*escaped*")) - before
    assert came and all(path.is_relative_to(data) for path in came)
    assert not Path("/tmp/escaped.png").exists() and not (ROOT / "escaped.png").exists()
    for path in ("/styles/..%2F..%2Fkeys.json", "/samples/..%2F..%2Fpyproject.toml", "/js/..%2F..%2Fapp.py"):
        assert client.get(path, headers=BOB).status_code == 404
    job_id = client.post("/generate", data={"prompt": "x", "mode": "preview"}, headers=BOB).headers["X-Job-Id"]
    assert client.get(f"/jobs/{job_id}/files/..%2F..%2Fjobs.db", headers=BOB).status_code == 404


@pytest.mark.parametrize("path", ["/pictures/folder", "/documents/folder", "/generate_description"])
def test_a_folder_lies_below_the_data_links_followed(client: TestClient, data: Path, path: str) -> None:
    (elsewhere := data.parent / "elsewhere").mkdir(exist_ok=True)
    (inside := data / "inside").mkdir(exist_ok=True)
    (inside / "still-life.jpg").write_bytes((ROOT / "samples/still-life.jpg").read_bytes())
    if not (data / "link").exists():
        (data / "link").symlink_to(elsewhere)
        (data / "own").symlink_to(data / "library")
    field = "folder" if path == "/generate_description" else "path"
    for folder in (str(elsewhere), "../elsewhere", "link", "own", ".", "library", "models", "/etc", "inside/../.."):
        refused = client.post(path, json={field: folder}, headers=BOB)
        assert (refused.status_code, refused.json()["error"]["type"]) == (409, "outside_the_data"), (
            folder,
            refused.text,
        )
    assert client.post(path, json={field: "inside"}, headers=BOB).status_code == 200
