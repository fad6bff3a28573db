from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from PIL import Image, ImageDraw
from PIL.ExifTags import Base

from core.settings import read_settings
from generators.chat.errors import ProviderRefuses, ProviderSilent
from generators.usage import Usage
from generators.vision.answer import AnswerInAnotherLanguage, AnswerUnreadable, DescriptionRefused
from generators.vision.chat import ChatDescriber, DescribingUnavailable, ModelBlind
from generators.vision.check import check, check_setup
from generators.vision.description import (
    MOST_WORDS,
    Described,
    Describer,
    DescribingFailed,
    DescribingStopped,
    Description,
)
from tests.chat_server import ChatServer, Reply, Seen, as_json, look, needs
from tests.ollama_server import KNOWN, OllamaServer
from tests.openai_server import KEY, OpenAIServer
from tests.test_process import free_port

GPT = "openai:gpt-4o-mini"
Opener = Callable[..., ChatDescriber]


def square(width: int = 800, height: int = 600, colour: str = "red", ground: str = "white") -> Image.Image:
    """A square of one colour in the middle of another."""
    picture = Image.new("RGB", (width, height), ground)
    half = min(width, height) // 4
    middle = (width // 2 - half, height // 2 - half, width // 2 + half, height // 2 + half)
    ImageDraw.Draw(picture).rectangle(middle, fill=colour)
    return picture


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opener:
    needs("openai")

    def open_(server: OpenAIServer, name: str = GPT, **values: object) -> ChatDescriber:
        server.lend(monkeypatch)
        return ChatDescriber(name, read_settings(**values), pause=0.01)

    return open_


def described(describer: ChatDescriber, picture: Image.Image | None = None) -> Described:
    (found,) = describer.describe([square() if picture is None else picture], Event())
    return found


def caption(found: Described) -> str:
    assert found.description is not None, found.error
    return found.description.caption


def test_it_says_what_the_picture_shows(opened: Opener) -> None:
    with OpenAIServer() as server:
        describer: Describer = opened(server)
        pictures = [square(), square(colour="blue", ground="yellow"), square(300, 900, "green", "black")]
        red, blue, green = describer.describe(pictures, Event())
        assert (describer.engine, describer.batch, describer.at_once, describer.wanted) == (GPT, 1, 4, 1024)
    assert [caption(red), caption(blue), caption(green)] == [
        *("A red shape on white.", "A blue shape on yellow.", "A green shape on black."),
    ]
    assert red.description is not None and red.description.colours == ("white", "red")
    assert red.error is None and not red.notes
    assert red.usage.requests == 1 and red.usage.input_tokens > 85 and red.usage.output_tokens > 20


def test_what_is_asked(opened: Opener) -> None:
    with OpenAIServer() as server:
        picture = square(3000, 2000)
        picture.info["comment"] = b"Holiday with Ada"
        described(opened(server), picture)
        described(opened(server), square(40, 30))
        large, small = server.seen
    assert large.pictures[0].size == (1024, 683) and small.pictures[0].size == (40, 30)
    assert large.pictures[0].format == "JPEG" and not large.pictures[0].info.get("comment")
    (instruction,) = large.texts
    assert all(f'"{name}"' in instruction for name in Description.model_fields) and "English" in instruction


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        ("no json", AnswerUnreadable, "one JSON object"),
        ("half", AnswerUnreadable, "Shorter, please"),
        ("empty caption", AnswerUnreadable, "caption is empty"),
        ("german", AnswerInAnotherLanguage, "not in English"),
        ("japanese", AnswerInAnotherLanguage, "not in English"),
    ],
)
def test_an_answer_of_no_use_is_asked_for_once_more(
    opened: Opener, fault: str, kind: type[DescribingFailed], told: str
) -> None:
    with OpenAIServer(faults=[fault, None, fault, fault]) as server:
        describer = opened(server)
        better, worse = described(describer), described(describer)
        assert server.requests == 4
        assert told in server.seen[1].texts[-1] and len(server.seen[1].pictures) == 1
    assert caption(better) == "A red shape on white." and "asked once more" in better.notes[0]
    assert type(worse.error) is kind and not worse.error.again and worse.description is None
    assert better.usage.requests == worse.usage.requests == 2 and worse.usage.output_tokens > 0


@pytest.mark.parametrize("fault", ["refusal", "refusal text", "content filter", "filtered"])
def test_a_refusal_is_taken_as_it_is(opened: Opener, fault: str) -> None:
    with OpenAIServer(faults=[fault]) as server:
        found = described(opened(server))
        assert server.requests == 1
    assert type(found.error) is DescriptionRefused and not found.error.again
    assert found.usage.requests == (0 if fault == "filtered" else 1)


def test_a_refusal_behind_an_answer_of_no_use_counts_both(opened: Opener) -> None:
    with OpenAIServer(faults=["no json", "refusal"]) as server:
        found = described(opened(server))
    assert type(found.error) is DescriptionRefused and found.usage.requests == 2


def test_a_description_without_end_is_cut(opened: Opener) -> None:
    with OpenAIServer(faults=["long"]) as server:
        found = described(opened(server))
    assert 1_000 < len(caption(found)) <= MOST_WORDS and "is cut" in found.notes[0]
    assert found.usage.output_tokens > 20_000


@pytest.mark.parametrize("fault", ["too large: 300", "too large, 400: 300"])
def test_a_picture_that_is_too_large_is_sent_smaller(opened: Opener, fault: str) -> None:
    with OpenAIServer(faults=lambda number: fault) as server:
        found = described(opened(server), square(1600, 1200))
        assert [seen.side for seen in server.seen] == [1024, 512, 256]
    assert caption(found) == "A red shape on white."
    assert found.notes[-1] == "sent at 256 px, since the provider did not take 512 px" and found.usage.requests == 1


def test_a_picture_that_is_too_large_at_any_size_is_an_error_of_its_own(opened: Opener) -> None:
    with OpenAIServer(faults=lambda number: "too large: 10") as server:
        found = described(opened(server))
        assert [seen.side for seen in server.seen] == [800, 400]
    assert isinstance(found.error, DescribingUnavailable) and found.error.data["reason"] == "request_impossible"


@pytest.mark.parametrize(
    ("fault", "reason", "requests"),
    [
        ("busy", "provider_busy", 2),
        ("busy: 3600", "provider_busy", 1),
        ("overloaded", "provider_busy", 2),
        ("server error", "provider_broken", 2),
        ("closes", "provider_silent", 2),
        ("broken off", "provider_silent", 2),
        ("no choices", "provider_broken", 2),
        ("no http json", "provider_broken", 2),
        ("impossible", "request_impossible", 1),
    ],
)
def test_trouble_that_lasts_is_that_pictures_error(opened: Opener, fault: str, reason: str, requests: int) -> None:
    with OpenAIServer(faults=lambda number: fault) as server:
        found = described(opened(server, provider_attempts=2))
        assert server.requests == requests
    assert isinstance(found.error, DescribingUnavailable) and found.error.again
    assert found.error.data["reason"] == reason and found.error.remedy and not found.usage.requests


def test_trouble_behind_an_answer_keeps_what_that_cost(opened: Opener) -> None:
    with OpenAIServer(faults=["no json", "server error", "server error"]) as server:
        found = described(opened(server, provider_attempts=2))
    assert isinstance(found.error, DescribingUnavailable) and found.usage.requests == 1


@pytest.mark.parametrize("fault", ["wrong key", "no money", "pay", "no model"])
def test_what_every_picture_would_meet_is_raised(opened: Opener, fault: str) -> None:
    with OpenAIServer(faults=[fault]) as server, pytest.raises(ProviderRefuses) as caught:
        described(opened(server))
    assert KEY not in str(caught.value) and server.requests == 1


def test_a_model_that_takes_no_pictures_is_raised(opened: Opener) -> None:
    with OpenAIServer(faults=["blind"]) as server, pytest.raises(ModelBlind, match="VISION_LANGUAGE_MODEL"):
        described(opened(server))
    assert server.requests == 1


def test_a_provider_that_was_never_reached_is_raised_and_one_that_has_gone_is_not(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OpenAIServer() as server:
        describer = opened(server, provider_attempts=1)
        assert caption(described(describer))
    gone = described(describer)
    assert isinstance(gone.error, DescribingUnavailable) and gone.error.again
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{free_port()}/v1")
    with pytest.raises(ProviderSilent, match="cannot be reached"):
        described(ChatDescriber(GPT, read_settings(provider_attempts=1)))


def test_nobody_wants_it_any_more(opened: Opener) -> None:
    with OpenAIServer() as server:
        stop = Event()
        stop.set()
        with pytest.raises(DescribingStopped):
            opened(server).describe([square()], stop)
        assert server.requests == 0


def test_many_threads_over_a_faulty_provider_get_their_own_pictures_and_leak_no_key(
    opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [
        "busy: 0.2",
        "server error",
        "closes",
        "no json",
        "half",
        "german",
        "refusal",
        "no http json",
        "impossible",
    ]
    colours = ["red", "green", "blue", "yellow", "orange", "purple", "black", "brown"]
    with (
        caplog.at_level(logging.DEBUG),
        OpenAIServer(faults=lambda number: faults[number] if number < len(faults) else None) as server,
        ThreadPoolExecutor(6) as threads,
    ):
        describer = opened(server, provider_requests=3)
        found = list(threads.map(lambda name: (name, described(describer, square(colour=name))), colours * 3))
        assert server.most_at_once <= 3
    errors = [one.error for _, one in found if one.error is not None]
    assert all(caption(one) == f"A {name} shape on white." for name, one in found if one.error is None)
    assert sorted(error.type for error in errors) == ["describing_unavailable", "description_refused"]
    assert all(KEY not in str(error) + repr(error) + str(error.as_dict()) for error in errors)
    assert caplog.records and KEY not in caplog.text and KEY not in repr(vars(describer))


def test_groq_is_asked_the_same(opened: Opener) -> None:
    needs("groq")
    with OpenAIServer(faults=["half"]) as server:
        found = described(opened(server, "groq:meta-llama/llama-4-scout-17b-16e-instruct"))
        assert server.seen[0].model == "meta-llama/llama-4-scout-17b-16e-instruct" and server.seen[0].side == 800
    assert caption(found) == "A red shape on white." and found.usage.requests == 2 and found.usage.input_tokens > 85


def test_ollama_is_given_the_form_as_a_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    needs("ollama")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with OllamaServer() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.root)
        found = described(ChatDescriber(f"ollama:{KNOWN}", read_settings()))
        body = server.seen[0].body
        with pytest.raises(ProviderRefuses, match="ollama pull llava:7b"):
            described(ChatDescriber("ollama:llava:7b", read_settings()))
    assert caption(found) == "A red shape on white." and server.seen[0].side == 800
    assert found.usage.input_tokens == 700 and found.usage.output_tokens > 20
    assert set(body["format"]["properties"]) == set(Description.model_fields) and body["options"]["num_predict"] > 500


class Canned(ChatServer):
    """The protocols of Anthropic and Google as far as one answer; it does not look, but keeps what was sent."""

    def read(self, number: int, path: str, headers: Mapping[str, str], body: Any) -> Seen:
        parts = body["contents"][0]["parts"] if "contents" in body else body["messages"][0]["content"]
        data = parts[1]["inlineData"]["data"] if "contents" in body else parts[1]["source"]["data"]
        picture = Image.open(io.BytesIO(base64.urlsafe_b64decode(data.translate(str.maketrans("+/", "-_")))))
        return Seen(number, path, (parts[0]["text"],), (picture,), "", body)

    def answer(self, seen: Seen) -> Reply:
        said, refuses = json.dumps(look(seen.pictures[0])), seen.number == 1
        if "contents" in seen.body:
            candidate = {"content": {"role": "model", "parts": [] if refuses else [{"text": said}]}}
            ended = {**candidate, "finishReason": "SAFETY" if refuses else "STOP"}
            counts = {"promptTokenCount": 300, "candidatesTokenCount": 40, "totalTokenCount": 340}
            return as_json(200, {"candidates": [ended], "usageMetadata": counts})
        told = {"id": "msg_1", "type": "message", "role": "assistant", "model": seen.model, "stop_sequence": None}
        content = [] if refuses else [{"type": "text", "text": said}]
        ended = {"content": content, "stop_reason": "refusal" if refuses else "end_turn"}
        return as_json(200, {**told, **ended, "usage": {"input_tokens": 300, "output_tokens": 40}})


@pytest.mark.parametrize("provider", ["anthropic", "google_genai"])
def test_anthropic_and_google_are_asked_the_same(monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    needs(provider)
    with Canned() as server:
        for name in ("ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
            monkeypatch.setenv(name, server.root)
        for name, value in {"ANTHROPIC_API_KEY": KEY, "GOOGLE_API_KEY": KEY, "NO_PROXY": "127.0.0.1"}.items():
            monkeypatch.setenv(name, value)
        describer = ChatDescriber(f"{provider}:some-model", read_settings())
        found, refused = described(describer), described(describer)
        assert server.requests == 2 and server.seen[0].side == 800
    assert caption(found) == "A red shape on white." and found.usage == Usage(1, 300, 40)
    assert type(refused.error) is DescriptionRefused and refused.usage.requests == 1


def test_the_check_asks_once_and_tells(opened: Opener) -> None:
    with OpenAIServer(faults=[None, "refusal"]) as server:
        opened(server)
        settings = read_settings(vision_language_model=GPT)
        assert "langchain-openai" in check_setup(settings) and server.requests == 0
        told = check(settings)
        assert server.requests == 1 and server.seen[0].side == 64
        assert "'A plain red surface.'" in told and "tokens in" in told and KEY not in told
        with pytest.raises(DescriptionRefused):
            check(settings)


def test_what_is_sent_is_a_jpeg_of_the_pixels(opened: Opener) -> None:
    data, exif = io.BytesIO(), Image.Exif()
    exif[Base.ImageDescription] = "secret"
    square().save(data, "JPEG", comment=b"secret", exif=exif, icc_profile=b"x" * 200)
    with OpenAIServer() as server:
        described(opened(server), Image.open(data))
        assert not {"comment", "exif", "icc_profile"} & set(server.seen[0].pictures[0].info)
