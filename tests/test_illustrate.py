"""Illustrations: from a question over documents to a picture, as chain, over HTTP and on the command line."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from PIL import Image

from chains import illustrate
from core.errors import BadValue, UnknownField
from core.settings import Settings, get_settings
from retrievers.catalog import open_passages
from retrievers.passages import NoDocuments
from server.cli.main import main
from tests.chat_server import needs
from tests.conftest import serving, settings_over
from tests.openai_server import OpenAIServer
from tests.pdfs import prose

LIGHTHOUSE = (
    "The lighthouse of Brenn",
    "A white lighthouse with a red gallery stands on a black cliff above the sea. Waves break into white foam at its"
    " foot. At night its yellow lamp sweeps over the dark water and the roofs of the fishing village.",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Settings:
    return settings_over(tmp_path_factory.mktemp("library"), models)


@pytest.fixture(scope="module")
def made(library: Settings) -> illustrate.Illustration:
    return illustrate.build(settings=library).invoke({"question": "Describe the Colosseum in Rome", "mode": "preview"})


def test_a_question_becomes_a_picture_from_the_texts_that_are_shipped(
    library: Settings, made: illustrate.Illustration
) -> None:
    assert made["passages"][0].title == "Colosseum" and not made["passages"][0].weak
    prompt = made["prompt"]
    assert prompt["text"].startswith("A highly detailed digital painting of the Colosseum")
    assert prompt["engine"] == illustrate.EXTRACTED and prompt["made"] is not None and prompt["made"].tokens <= 75
    assert "embedded composition" in made["design"]["engine"] and any("colosseum" in note for note in made["notes"])
    assert made["image"].size == (512, 512) and made["design"]["recipe"]["prompt"] == prompt["text"]
    assert len(open_passages(library).list()) == 12


def test_a_prompt_that_is_given_is_painted_as_it_is(library: Settings) -> None:
    chain = illustrate.build(settings=library)
    given = chain.invoke({"prompt": "a red boat on a lake", "mode": "preview"})
    assert given["passages"] == [] and given["prompt"]["engine"] == illustrate.GIVEN
    edited = chain.invoke({"question": "the Colosseum", "prompt": "a red boat on a lake", "mode": "preview"})
    assert edited["passages"] and edited["image"].tobytes() == given["image"].tobytes()


def test_a_question_that_no_passage_answers_says_so(library: Settings) -> None:
    made = illustrate.build(settings=library).invoke({"question": "a bowl of strawberries", "mode": "preview"})
    assert all(passage.weak for passage in made["passages"]) and "strawberries" in made["prompt"]["text"]
    assert any("no passage has to do with the question" in note for note in made["notes"])


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({}, BadValue, "question"),
        ({"question": " "}, BadValue, "question"),
        ({"question": 3}, BadValue, "question"),
        ({"question": "x", "k": 0}, BadValue, "k=0"),
        ({"question": "x", "k": 21}, BadValue, "k=21"),
        ({"question": "x" * 10_001}, BadValue, "question"),
        ({"question": "x", "sketch": b""}, UnknownField, "sketch"),
        ({"question": "x", "seed": -1}, BadValue, "seed"),
        ("x", BadValue, "request"),
    ],
)
def test_what_cannot_be_asked_is_named(library: Settings, asked: object, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        illustrate.build(settings=library).invoke(asked)  # type: ignore[arg-type]


def test_a_language_model_rewrites_the_prompt_and_is_named_or_its_failure_is(
    tmp_path: Path, models: Path, library: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("openai")
    named = library.model_copy(update={"language_model": "openai:a-model-that-writes", "provider_attempts": 1})
    asked = {"question": "the Colosseum", "mode": "preview"}
    with OpenAIServer() as server:  # which says hello
        server.lend(monkeypatch)
        made = illustrate.build(settings=named).invoke(asked)  # type: ignore[arg-type]
        assert made["prompt"]["engine"] == "openai:a-model-that-writes" and "Hello" in made["prompt"]["text"]
        (sent,) = server.seen
        assert "Colosseum" in sent.texts[-1] and "white marble" in sent.texts[-1]
    with OpenAIServer(faults=["server error"]) as server:
        server.lend(monkeypatch)
        made = illustrate.build(settings=named).invoke(asked)  # type: ignore[arg-type]
        assert made["prompt"]["engine"] == illustrate.EXTRACTED and "white marble" in made["prompt"]["text"]
        assert any("did not rewrite the prompt" in note for note in made["notes"])


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[TestClient]:
    with serving(settings_over(tmp_path_factory.mktemp("served"), models)) as client:
        yield client


def test_documents_are_taken_in_asked_painted_and_taken_out(client: TestClient) -> None:
    assert client.get("/documents").json() == {"documents": []}
    title, text = LIGHTHOUSE
    files = [
        ("files", ("brenn.pdf", prose(text, title=title))),
        ("files", ("notes.md", b"# Kites\n\nA green kite flies over a yellow field of barley.\n")),
        ("files", ("broken.pdf", b"%PDF-1.7 cut short")),
        ("files", ("empty.txt", b"")),
    ]
    told = client.post("/documents", files=files).json()
    assert [result["outcome"] for result in told["results"]] == ["new", "new", "failed", "failed"], told
    assert "broken.pdf" in told["results"][2]["error"]["message"]
    again = client.post("/documents", files=files[:2]).json()
    assert again["unchanged"] == 2 and again["new"] == 0
    found = client.get("/documents/search", params={"q": "where does the lighthouse stand", "k": 2}).json()["passages"]
    assert found[0]["document"] == told["results"][0]["id"] and found[0]["page"] == 1 and not found[0]["weak"]

    answer = client.post("/illustrate", json={"question": "the lighthouse at night", "mode": "preview"})
    assert answer.headers["content-type"] == "image/png" and "lighthouse" in unquote(answer.headers["X-Prompt"])
    body = {"question": "the lighthouse at night", "mode": "preview", "n": 2, "document": told["results"][0]["id"]}
    whole = client.post("/illustrate", json=body, headers={"Accept": "application/json"}).json()
    assert len(whole["images"]) == 2 and whole["prompted_by"] == illustrate.EXTRACTED
    assert {passage["document"] for passage in whole["passages"]} == {told["results"][0]["id"]}
    assert Image.open(io.BytesIO(base64.b64decode(whole["images"][0]))).size == (512, 512)
    assert whole["images"][0] == base64.b64encode(answer.content).decode()  # the same order, the same picture

    id_ = told["results"][1]["id"]
    assert client.delete(f"/documents/{id_}").status_code == 204 and client.get(f"/documents/{id_}").status_code == 404
    left = [one for one in client.get("/documents").json()["documents"] if not one.get("error")]
    assert [(one["name"], one["sample"]) for one in left] == [("brenn.pdf", False)]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"question": ""}, 422, "question"),
        ({"question": "x", "flavour": 1}, 422, "flavour"),
        ({"question": "x", "document": "f" * 16}, 404, "f" * 16),
        ({"question": "x", "n": 2}, 422, "n=2"),
    ],
)
def test_bad_illustrations_are_answered_with_their_name(
    client: TestClient, body: object, status: int, said: str
) -> None:
    answer = client.post("/illustrate", json=body)
    assert answer.status_code == status and said in answer.json()["error"]["message"], answer.text


def test_an_empty_library_whose_texts_were_taken_out_says_so(tmp_path: Path, models: Path) -> None:
    settings = settings_over(tmp_path / "data", models)
    library = open_passages(settings)
    library.add_folder(illustrate.KNOWLEDGE)
    for document in library.list():
        library.remove(document.id)
    with pytest.raises(NoDocuments):
        illustrate.build(settings=settings).invoke({"question": "the Colosseum"})


def test_on_the_command_line(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings_over(tmp_path / "data", models).data_dir))
    get_settings.cache_clear()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/brenn.md").write_text(f"# {LIGHTHOUSE[0]}\n\n{LIGHTHOUSE[1]}\n")

    def run(*arguments: object) -> str:
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert done.exit_code == 0, done.output
        return done.output

    taken = run("ingest", tmp_path / "texts")
    assert "no pictures" in taken and "documents 1 new" in taken
    assert "documents 1 unchanged" in run("ingest", tmp_path / "texts")
    asked = run("documents", "ask", "a lighthouse", "-k", 1)
    assert "The lighthouse of Brenn" in asked and "white lighthouse" in asked
    picture = tmp_path / "out/brenn.png"
    told = json.loads(run("illustrate", "the lighthouse at night", "-o", picture, "--mode", "preview", "--json"))
    assert Image.open(picture).size == (512, 512) and told["files"] == [str(picture)] and "lighthouse" in told["prompt"]
    listed = json.loads(run("documents", "list", "--json"))["documents"]
    assert "removed" in run("documents", "remove", listed[0]["id"]) and "no documents" in run("documents", "list")


def test_what_would_be_painted_is_told_before_and_is_what_is_painted(client: TestClient) -> None:
    draft = client.post("/illustrate/prompt", json={"question": "the lighthouse at night"}).json()
    assert draft["prompt"] and draft["prompted_by"] == illustrate.EXTRACTED and draft["passages"] and draft["styles"]
    body = {"question": "the lighthouse at night", "mode": "preview"}
    whole = client.post("/illustrate", json=body, headers={"Accept": "application/json"}).json()
    assert whole["prompt"] == draft["prompt"] and whole["style"]["id"] == draft["styles"][0]["id"]
    assert [each["id"] for each in whole["passages"]] == [each["id"] for each in draft["passages"]]
    refused = client.post("/illustrate/prompt", json={"question": " "})
    assert refused.status_code == 422 and refused.json()["error"]["field"] == "question"
