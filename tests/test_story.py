"""Stories: a picture becomes a story and a story a picture, with the earlier ones, as chains and by every door."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from langchain_core.callbacks import BaseCallbackHandler
from PIL import Image

from chains import story as chain
from core import images
from core.errors import BadValue, StoreBusy, UnknownField, UnreadablePicture
from core.settings import ROOT, Settings, get_settings
from retrievers.catalog import open_memories
from server.cli.main import main
from tests.chat_server import needs
from tests.conftest import serving, settings_over
from tests.gallery import picture
from tests.openai_server import OpenAIServer
from tests.servers import Server

BOAT = ROOT / "samples/boat.png"
TALE = (
    "The old lighthouse keeper carried his lamp up the stairs. Outside the storm tore at the sea,"
    " and a small red boat fought the waves below the cliff. By morning the sea was calm."
)


def png(colour: str = "blue", number: int = 0) -> bytes:
    return images.to_png(picture("fish", colour, number))


def uri(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@pytest.fixture
def settings(tmp_path: Path, models: Path) -> Settings:
    return settings_over(tmp_path / "data", models)


def test_a_picture_becomes_a_story_and_is_remembered(settings: Settings) -> None:
    tell = chain.build(settings=settings)
    first = tell.invoke({"image": BOAT, "seed": 1})
    story = first["story"]
    assert story.text.count("\n\n") == 2 and len(story.text.split()) > 120 and story.title
    assert story.engine.startswith("storyteller") and first["describer"].startswith("describer")
    assert first["memories"] == [] and first["id"] is not None
    again = tell.invoke({"image": BOAT, "seed": 1, "remember": False, "top_k": 0})
    assert again["story"].text == story.text and again["id"] is None
    second = tell.invoke({"image": png("red"), "seed": 2, "known": "a red fish"})
    assert [one.memory.id for one in second["memories"]] == [first["id"]]
    alone = tell.invoke({"image": png("red"), "seed": 2, "known": "a red fish", "top_k": 0, "remember": False})
    assert second["story"].used and alone["story"].text != second["story"].text
    past = open_memories(settings)
    assert past.chronicle.count() == 2 and past.clear() == 2
    assert tell.invoke({"image": png("red"), "seed": 2, "known": "a red fish"})["story"].text == alone["story"].text


def test_a_story_becomes_a_picture_that_takes_up_earlier_ones(settings: Settings) -> None:
    paint = chain.build_picture(settings=settings)
    made = paint.invoke({"story": TALE, "mode": "preview", "seed": 3})
    assert "lighthouse" in made["scene"].prompt and "embedded composition" in made["design"]["engine"]
    assert made["image"].size == (512, 512) and made["id"] is not None
    kept = open_memories(settings).chronicle.get(made["id"])
    assert kept.kind == "picture" and kept.story == TALE and images.decode(kept.read()).size == (512, 512)
    later = paint.invoke({"story": "The lighthouse keeper is old and the boat is lost in fog.", "mode": "preview"})
    assert [one.memory.id for one in later["memories"]] == [made["id"]]
    told = chain.build(settings=settings).invoke({"image": made["image"], "seed": 4})
    assert made["id"] in [one.memory.id for one in told["memories"]]


class Hearing(BaseCallbackHandler):
    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []

    def on_custom_event(self, name: str, data: Any, **_: Any) -> None:
        self.events.append((name, data))


def test_a_story_is_heard_as_it_is_written(settings: Settings) -> None:
    hearing = Hearing()
    made = chain.build(settings=settings).invoke({"image": png()}, {"callbacks": [hearing]})
    tokens = [data for name, data in hearing.events if name == "token"]
    assert tokens[0]["at"] == 0 and "".join(token["text"] for token in tokens) == made["story"].text


def test_a_chat_model_tells_the_story(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("openai")
    named = settings.model_copy(update={"language_model": "openai:a-model-that-writes"})
    with OpenAIServer() as server:
        server.lend(monkeypatch)
        made = chain.build(settings=named).invoke({"image": png("red"), "wish": "about a lighthouse"})
        assert made["story"].engine == "openai:a-model-that-writes" and made["story"].usage.requests >= 1
        assert any("lighthouse" in text for text in server.seen[0].texts)


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({}, BadValue, "image"),
        ({"image": b"no picture"}, UnreadablePicture, "image"),
        ({"image": png(), "words": 5}, BadValue, "words"),
        ({"image": png(), "top_k": 99}, BadValue, "top_k"),
        ({"image": png(), "colour": "red"}, UnknownField, "colour"),
        ({"image": png(), "wish": "x" * 10_001}, BadValue, "wish"),
        ("x", BadValue, "request"),
    ],
)
def test_what_no_story_can_be_told_of_is_named(shared_settings: Settings, asked: Any, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        chain.build(settings=shared_settings).invoke(asked)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "story"),
        ({"story": "  "}, "story"),
        ({"story": "x" * 200_001}, "story"),
        ({"story": TALE, "top_k": -1}, "top_k"),
    ],
)
def test_what_no_picture_can_be_painted_of_is_named(shared_settings: Settings, asked: Any, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        chain.build_picture(settings=shared_settings).invoke(asked)


@pytest.mark.parametrize("tale", ["🌊🚢🌙" * 50, "灯台守は階段を上がった。嵐が海を裂いた。", f"{TALE} " * 1_000])
def test_any_story_becomes_a_picture(settings: Settings, tale: str) -> None:
    made = chain.build_picture(settings=settings).invoke(
        {"story": tale[:200_000], "mode": "preview", "remember": False}
    )
    assert made["image"].size == (512, 512)
    assert "lighthouse" in made["scene"].prompt or any("English" in note for note in made["notes"])


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[TestClient]:
    with serving(settings_over(tmp_path_factory.mktemp("served"), models)) as client:
        yield client


def ended(client: Any, job: str) -> dict[str, Any]:
    """The short form of a job that has ended."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        told: dict[str, Any] = client.get(f"/job/{job}").json()
        if told["status"] not in ("pending", "running"):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def remembered(client: Any, count: int) -> list[dict[str, Any]]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        told = client.get("/memories").json()
        if told["total"] == count:
            return list(told["memories"])
        time.sleep(0.05)
    raise AssertionError(told)


def test_existing_clients_calls(client: TestClient) -> None:
    answer = client.post("/generate-story", json={"image": uri(png())})
    assert answer.status_code == 202 and answer.json().keys() == {"job_id", "status"}
    assert answer.json()["status"] == "pending" and answer.headers["Location"] == f"/jobs/{answer.json()['job_id']}"
    told = ended(client, answer.json()["job_id"])
    assert told["status"] == "completed" and len(told["result"]["story"]) > 400
    (memory,) = remembered(client, 1)
    assert memory["id"] == answer.json()["job_id"] and memory["story"] == told["result"]["story"]

    painted = client.post("/generate-image", json={"story": told["result"]["story"], "mode": "preview"})
    assert painted.status_code == 202 and painted.json()["status"] == "pending"
    shown = ended(client, painted.json()["job_id"])
    head, _, data = shown["result"]["image"].partition(",")
    assert head == "data:image/png;base64" and Image.open(io.BytesIO(base64.b64decode(data))).size == (512, 512)
    whole = client.get(f"/jobs/{painted.json()['job_id']}/result", headers={"Accept": "application/json"}).json()
    assert whole["memories"][0]["id"] == memory["id"] and whole["scene"]["prompt"]
    newest, _ = remembered(client, 2)
    assert newest["kind"] == "picture" and client.get(newest["image"]).headers["content-type"] == "image/png"

    form = client.post(
        "/generate-story", files={"file": ("fish.png", png("green"))}, data={"seed": "5", "remember": "no"}
    )
    job = form.json()["job_id"]
    assert ended(client, job)["status"] == "completed"
    events = client.get(f"/jobs/{job}/events").text
    assert "event: token" in events and "event: done" in events
    assert client.get(f"/jobs/{job}/result").json()["memories"] and client.get("/memories").json()["total"] == 2
    assert client.delete(f"/memories/{newest['id']}").status_code == 204
    assert client.get(f"/memories/{newest['id']}").status_code == 404
    assert client.delete("/memories").json() == {"forgotten": 1}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 422, "image"),
        ({"image": ""}, 422, "image"),
        ({"image": 7}, 422, "image"),
        ({"image": "data:text/plain;base64,aGVsbG8="}, 422, "text/plain"),
        ({"image": "data:image/png,abc"}, 422, "image"),
        ({"image": "data:image/png;base64,???"}, 422, "image"),
        ({"image": uri(b"no picture at all")}, 415, "image"),
        ({"image": uri(png()), "words": 3}, 422, "words"),
        ({"image": uri(png()), "sketch": 3}, 422, "sketch"),
    ],
)
def test_bad_pictures_are_answered_with_their_name(client: TestClient, body: object, status: int, said: str) -> None:
    answer = client.post("/generate-story", json=body)
    assert answer.status_code == status and said in answer.json()["error"]["message"], answer.text


def test_too_much_is_refused_before_it_is_read(client: TestClient) -> None:
    huge = '{"image": "data:image/png;base64,' + "A" * 50_000_000 + '"}'
    answer = client.post("/generate-story", content=huge, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413 and "MAX_UPLOAD_BYTES" in answer.json()["error"]["remedy"]
    for story in ("", "x" * 200_001):
        assert client.post("/generate-image", json={"story": story}).status_code == 422


def test_with_curl_through_a_kill(tmp_path: Path, models: Path) -> None:
    """The kept calls as they are written, and memories that a kill between a job's end and its memory does not lose."""
    settings = settings_over(tmp_path / "data", models)
    (tmp_path / "body.json").write_text(json.dumps({"image": uri(BOAT.read_bytes())}))
    assert shutil.which("curl")

    def curl(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(["curl", "-sS", *arguments], capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    with Server(settings.data_dir) as server:
        as_json = ("-H", "Content-Type: application/json", "-d", f"@{tmp_path / 'body.json'}")
        ids = [curl(*as_json, f"{server.url}/generate-story")["job_id"] for _ in range(3)]
        server.kill()
        server.start()
        for job in ids:
            assert ended(server.http, job)["status"] == "completed"
        assert {one["id"] for one in remembered(server.http, 3)} == set(ids)
        server.http.delete(f"/memories/{ids[0]}")
        server.kill()
        server.start()
        assert {one["id"] for one in remembered(server.http, 2)} == set(ids[1:])  # what was forgotten stays away


def test_on_the_command_line(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings_over(tmp_path / "data", models).data_dir))
    get_settings.cache_clear()

    def run(*arguments: object, code: int = 0) -> str:
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert done.exit_code == code, done.output
        return done.output

    told = run("story", BOAT, "--seed", 2, "-o", tmp_path / "boat.txt")
    assert "storyteller" in told and (tmp_path / "boat.txt").read_text().count("\n\n") == 3
    made = json.loads(run("picture", tmp_path / "boat.txt", "-o", tmp_path / "boat.png", "--mode", "preview", "--json"))
    assert Image.open(tmp_path / "boat.png").size == (512, 512) and made["memories"]
    assert json.loads(run("picture", TALE, "-o", tmp_path / "b.png", "--mode", "preview", "--json", "--forget"))[
        "scene"
    ]
    assert len(run("memories", "list").splitlines()) == 2
    assert "forgotten 2" in run("memories", "forget", "--all") and "no memories" in run("memories", "list")
    assert "text file" in run("picture", tmp_path / "missing.txt", code=1)
    run("memories", "forget", code=2)


def test_what_cannot_be_remembered_is_told_all_the_same(settings: Settings) -> None:
    class Forgetful:
        def recall_by_picture(self, picture: Image.Image, k: int) -> list[Any]:
            return []

        def recall_by_story(self, text: str, k: int) -> list[Any]:
            return []

        def remember(self, memory: object, picture: bytes) -> bool:
            raise StoreBusy("the folder", "another process")

    told = chain.build(Forgetful(), settings=settings).invoke({"image": png()})
    assert told["story"].text and told["id"] is None and "not remembered" in told["notes"][-1]
    made = chain.build_picture(Forgetful(), settings=settings).invoke({"story": TALE, "mode": "preview"})
    assert made["id"] is None and "owned by another process" in made["notes"][-1]


def test_a_key_sees_its_own_memories_alone(tmp_path: Path, models: Path) -> None:
    keys = {"alice": "alices-long-random-word", "bob": "bobs-long-random-words"}
    settings = settings_over(
        tmp_path / "data", models, api_keys=",".join(f"{name}:{key}" for name, key in keys.items())
    )
    with serving(settings) as client:
        client.headers["X-API-Key"] = keys["alice"]
        job = client.post("/generate-story", json={"image": uri(png())}).json()["job_id"]
        assert ended(client, job)["status"] == "completed"
        (mine,) = remembered(client, 1)
        client.headers["X-API-Key"] = keys["bob"]
        assert client.get("/memories").json()["memories"] == []
        for path in (f"/memories/{mine['id']}", mine["image"]):
            assert client.get(path).status_code == 404
        assert client.delete(f"/memories/{mine['id']}").status_code == 404
        assert client.delete("/memories").json() == {"forgotten": 0}
        other = client.post("/generate-story", json={"image": uri(png())}).json()["job_id"]
        assert ended(client, other)["status"] == "completed"
        assert client.get(f"/jobs/{other}/result").json()["memories"] == []
