from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from core.errors import AtelierError, BadSetting, ModelMissing
from core.settings import ROOT, Settings, read_settings
from generators.chat import verdict
from generators.chat.errors import (
    AskingStopped,
    ProviderBroken,
    ProviderBusy,
    ProviderFailed,
    ProviderRefuses,
    ProviderSilent,
    RequestImpossible,
)
from generators.chat.model import EXTRAS, described, open_chat_model, package_of
from generators.chat.pace import Pace
from generators.chat.provider import Provider
from tests.chat_server import ChatServer, Reply, Seen, as_json, needs, wait_until
from tests.openai_server import KEY, OpenAIServer
from tests.test_process import free_port

HELLO = [HumanMessage("Say hello.")]
GPT = "openai:gpt-4o-mini"
KEYS = {
    **{"anthropic": "ANTHROPIC_API_KEY", "google_genai": "GOOGLE_API_KEY", "groq": "GROQ_API_KEY"},
    **{"openai": "OPENAI_API_KEY"},
}
Opener = Callable[..., Provider]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opener:
    """A provider that asks a server of ours, with short pauses."""
    needs("openai")

    def open_(server: OpenAIServer, name: str = GPT, **values: object) -> Provider:
        server.lend(monkeypatch)
        return Provider(name, read_settings(**values), pause=0.01)

    return open_


def test_an_answer_has_text_end_and_cost(opened: Opener) -> None:
    with OpenAIServer() as server:
        provider = opened(server)
        answer = provider.ask(HELLO, Event())
        assert (answer.text, answer.finish, answer.refusal) == ("Hello.", "stop", None)
        assert answer.usage.requests == 1 and answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0
        assert server.seen[0].texts == ("Say hello.",) and server.seen[0].key == KEY


@pytest.mark.parametrize(
    ("fault", "kind", "requests", "remedy"),
    [
        ("wrong key", ProviderRefuses, 1, "OPENAI_API_KEY"),
        ("no money", ProviderRefuses, 1, "pay"),
        ("pay", ProviderRefuses, 1, "pay"),
        ("no model", ProviderRefuses, 1, "model's name"),
        ("impossible", RequestImpossible, 1, "model"),
        ("busy", ProviderBusy, 3, "PROVIDER_ATTEMPTS"),
        ("overloaded", ProviderBusy, 3, "later"),
        ("server error", ProviderBroken, 3, "later"),
        ("html", ProviderBroken, 3, "later"),
        ("closes", ProviderSilent, 3, "later"),
        ("broken off", ProviderSilent, 3, "later"),
        ("no choices", ProviderBroken, 3, "address"),
        ("no http json", ProviderBroken, 3, "address"),
    ],
)
def test_a_failure_is_what_it_is(
    opened: Opener, fault: str, kind: type[ProviderFailed], requests: int, remedy: str
) -> None:
    with OpenAIServer(faults=lambda number: fault) as server, pytest.raises(ProviderFailed) as caught:
        opened(server, provider_attempts=3).ask(HELLO, Event())
    error = caught.value
    assert type(error) is kind and server.requests == requests and remedy in error.remedy
    assert GPT in error.message and error.data["provider"] == "openai" and error.data["model"] == "gpt-4o-mini"
    assert KEY not in str(error) + repr(error) + str(error.as_dict())
    assert error.__cause__ is None and error.__context__ is None  # a log would print what they hold


@pytest.mark.parametrize(
    "fault", ["busy", "busy: 0", "overloaded", "server error", "closes", "broken off", "no http json"]
)
def test_what_passes_is_outlasted(opened: Opener, fault: str) -> None:
    with OpenAIServer(faults=[fault, fault]) as server:
        assert opened(server).ask(HELLO, Event()).text == "Hello."
        assert server.requests == 3


def test_silence_has_an_end(opened: Opener) -> None:
    with OpenAIServer(faults=["hang"]) as server:
        provider = opened(server, provider_timeout_seconds=1, provider_attempts=1)
        with pytest.raises(ProviderSilent, match="says nothing for 1 s") as caught:
            provider.ask(HELLO, Event())
        assert caught.value.data["reached"] and "PROVIDER_TIMEOUT_SECONDS" in caught.value.remedy
        assert provider.ask(HELLO, Event()).text == "Hello."


def test_nobody_at_home_is_named_with_the_address(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAIServer() as server:
        server.lend(monkeypatch)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{(port := free_port())}/v1")
    with pytest.raises(ProviderSilent, match=f"cannot be reached.*127.0.0.1:{port}") as caught:
        Provider(GPT, read_settings(provider_attempts=2), pause=0.01).ask(HELLO, Event())
    assert not caught.value.data["reached"] and caught.value.data["attempts"] == 2


@pytest.mark.parametrize("when", ["1", "date 2"])
def test_a_named_moment_is_waited_for_by_everybody(opened: Opener, when: str) -> None:
    with OpenAIServer(faults=[f"busy: {when}"]) as server, ThreadPoolExecutor(4) as threads:
        provider = opened(server)
        first = threads.submit(provider.ask, HELLO, Event())
        assert wait_until(lambda: server.requests == 1 and server.under_way == 0)
        time.sleep(0.2)  # until the refusal has been read
        others = [threads.submit(provider.ask, HELLO, Event()) for _ in range(3)]
        assert all(asked.result().text == "Hello." for asked in (first, *others))
        assert server.requests == 5
        assert all(seen.at - server.seen[0].at > 0.95 for seen in server.seen[1:])  # a date has whole seconds


def test_an_hour_is_not_waited_for_and_nobody_asks_meanwhile(opened: Opener) -> None:
    with OpenAIServer(faults=["busy: 3600"]) as server:
        provider = opened(server)
        for _ in range(3):
            with pytest.raises(ProviderBusy, match=r"is busy until \d\d:\d\d on .*Rate limit") as caught:
                provider.ask(HELLO, Event())
            assert 3590 <= caught.value.data["retry_after"] <= 3600
        assert server.requests == 1


def test_so_many_are_under_way_and_no_more(opened: Opener) -> None:
    with OpenAIServer(seconds=0.02) as server, ThreadPoolExecutor(12) as threads:
        provider = opened(server, provider_requests=3)
        assert all(threads.map(lambda _: provider.ask(HELLO, Event()).text, range(24)))
        assert server.most_at_once <= 3 and server.requests == 24


def test_a_limit_on_requests_costs_waiting_and_no_answer(opened: Opener) -> None:
    moments: list[float] = []
    lock = threading.Lock()

    def limit(number: int) -> str | None:
        with lock:
            if moments and time.monotonic() - moments[-1] < 0.1:
                return "busy: 0.1"
            moments.append(time.monotonic())
            return None

    with OpenAIServer(faults=limit) as server, ThreadPoolExecutor(8) as threads:
        provider = opened(server, provider_requests=8)
        assert all(threads.map(lambda _: provider.ask(HELLO, Event()).text, range(16)))
        assert server.requests > 16


def test_a_pace_narrows_once_for_those_that_were_under_way_and_widens_again() -> None:
    pace, stop = Pace(4), Event()
    begun = []
    for _ in range(3):
        with pace.turn(pace.number(), stop) as moment:
            begun.append(moment)
    for moment in begun:
        pace.slow_down(moment, None)
    assert pace.width == 2
    with pace.turn(pace.number(), stop) as moment:
        pace.slow_down(moment, None)
    assert pace.width == 1
    for _ in range(100):
        pace.go_on()
    assert pace.width == 4


def test_who_waits_is_stopped(opened: Opener) -> None:
    with OpenAIServer(faults=["busy: 60"]) as server:
        provider, stop = opened(server), Event()
        threads = ThreadPoolExecutor(2)
        asked = threads.submit(provider.ask, HELLO, stop)
        assert wait_until(lambda: server.requests == 1)
        stop.set()
        with pytest.raises(AskingStopped):
            asked.result(10)
        with pytest.raises(AskingStopped):
            provider.ask(HELLO, stop)
        assert server.requests == 1


class Bare(ChatServer):
    """Takes whatever comes, and answers nothing, or that it is overloaded."""

    def __init__(self, hang: bool) -> None:
        super().__init__()
        self._hang = hang

    def read(self, number: int, path: str, headers: Mapping[str, str], body: Any) -> Seen:
        return Seen(number, path, (), (), "", body)

    def answer(self, seen: Seen) -> Reply:
        return Reply(200, b"", hang=True) if self._hang else as_json(503, {"error": {"message": "overloaded"}})


@pytest.mark.parametrize("hang", [False, True])
def test_every_package_leaves_retries_and_patience_to_us(monkeypatch: pytest.MonkeyPatch, hang: bool) -> None:
    needs("openai")
    installed = [provider for provider in EXTRAS if find_spec(package_of(provider))]
    with Bare(hang) as server, ThreadPoolExecutor(len(installed)) as threads:
        for name in ("OPENAI_BASE_URL", "GROQ_API_BASE", "ANTHROPIC_BASE_URL", "OLLAMA_HOST", "GOOGLE_GEMINI_BASE_URL"):
            monkeypatch.setenv(name, server.root)
        for name in KEYS.values():
            monkeypatch.setenv(name, KEY)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        settings = read_settings(provider_attempts=1, provider_timeout_seconds=1)
        providers = [Provider(f"{provider}:some-model", settings) for provider in installed]
        for asked in [threads.submit(provider.ask, HELLO, Event()) for provider in providers]:
            with pytest.raises(ProviderSilent if hang else ProviderBusy):
                asked.result()
        assert server.requests == len(installed)


@pytest.mark.parametrize(("provider", "key"), KEYS.items())
def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch, provider: str, key: str) -> None:
    needs(provider)
    for name in (*KEYS.values(), "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ProviderRefuses, match=key) as caught:
        Provider(f"{provider}:some-model", read_settings())
    assert ".env" in caught.value.remedy and caught.value.data["key"] == key


def test_a_key_of_the_env_file_reaches_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    needs("groq")
    with OpenAIServer() as server:
        for name in ("GROQ_API_KEY", "GROQ_API_BASE"):
            monkeypatch.setenv(name, "")  # so that both are gone again after the test
            monkeypatch.delenv(name)
        (tmp_path / ".env").write_text(f"IMAGE_SIZE=256\nGROQ_API_KEY={KEY}\nGROQ_API_BASE={server.root}\n")
        monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert Provider("groq:llama", read_settings()).ask(HELLO, Event()).text == "Hello."
        assert server.seen[0].key == KEY


def test_a_missing_package_is_named_with_its_remedy() -> None:
    missing = ("langchain_anthropic", "langchain_ollama", "langchain_google_genai")
    script = f"""
import sys
sys.modules.update(dict.fromkeys({missing!r}))
from core.errors import ModelMissing
from core.settings import read_settings
from generators.chat.model import open_chat_model
for name in ("anthropic:x", "ollama:x", "google_genai:x", "mistralai:x"):
    try:
        open_chat_model(name, read_settings())
    except ModelMissing as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    told = done.stdout.splitlines()
    extras = ["-e .[anthropic]", "-e .[ollama]", "-e .[google]", "langchain-mistralai"]
    assert [line.rpartition("pip install ")[2] for line in told] == extras
    assert "ollama:x cannot be loaded (the package langchain-ollama is not installed)" in told[1]


@pytest.mark.parametrize("name", ["nobody:gpt", "gpt-4o-mini", "openai:", ":x", "gpt-4:o"])
def test_a_name_that_is_none_is_the_settings(name: str) -> None:
    with pytest.raises(BadSetting, match="VISION_LANGUAGE_MODEL"):
        open_chat_model(name, read_settings(vision_language_model=name))
    with pytest.raises(BadSetting, match=r"^LANGUAGE_MODEL"):
        open_chat_model(name, read_settings(language_model=name))


def test_what_is_set_up_is_told_without_the_key(opened: Opener) -> None:
    with OpenAIServer() as server:
        opened(server)
        told = described(GPT)
    assert "langchain-openai" in told and "OPENAI_API_KEY is set" in told and KEY not in told and not server.requests


def test_no_key_is_ever_logged_or_shown(opened: Opener, caplog: pytest.LogCaptureFixture) -> None:
    faults = ["busy", "server error", "closes", "no http json", "wrong key", "no money", "no model", "impossible", None]
    with caplog.at_level(logging.DEBUG), OpenAIServer(faults=faults) as server:
        provider = opened(server)
        for _ in range(5):
            try:
                provider.ask(HELLO, Event())
            except AtelierError as error:
                logging.getLogger("atelier").warning("%s %r %s", error, error, error.as_dict(), exc_info=error)
        assert server.requests == len(faults)
    assert {"openai", "httpcore2", "atelier"} <= {record.name.partition(".")[0] for record in caplog.records}
    assert "does not know the key" in caplog.text and "***" in caplog.text
    assert KEY not in caplog.text and KEY not in repr(provider) + repr(vars(provider))


def test_a_retry_after_is_read_however_it_is_written() -> None:
    now = "Thu, 26 Nov 2026 10:00:00 GMT"
    assert verdict.delay("7", None, 1.0) == 7
    assert verdict.delay("1500", None, 0.001) == 1.5
    assert verdict.delay("Thu, 26 Nov 2026 10:00:30 GMT", now, 1.0) == 30
    assert verdict.delay("Thu, 26 Nov 2026 09:59:30 GMT", now, 1.0) == -30
    for nonsense in ("soon", "", None, "-1", "Thu, 99 Nov", "1e400"):
        assert verdict.delay(nonsense, now, 1.0) is None


def test_the_errors_of_google_are_known_by_what_they_carry() -> None:
    needs("google_genai")
    from google.genai.errors import ClientError
    from langchain_google_genai.chat_models import ChatGoogleGenerativeAIError

    def judged(code: int, message: str, status: str, details: list[Any] | None = None) -> verdict.Verdict:
        body = {"error": {"code": code, "message": message, "status": status, "details": details or []}}
        try:
            raise ChatGoogleGenerativeAIError("Error calling model") from ClientError(code, body)
        except ChatGoogleGenerativeAIError as error:
            return verdict.judge(error, "google_genai:gemini", "GOOGLE_API_KEY", 1)

    delay = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}]
    busy = judged(429, "You exceeded your current quota, please check your plan.", "RESOURCE_EXHAUSTED", delay)
    assert busy.kind is ProviderBusy and busy.seconds == 34
    key = judged(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT")
    assert key.kind is ProviderRefuses and "GOOGLE_API_KEY" in key.remedy
    assert judged(400, "Unable to process input image.", "INVALID_ARGUMENT").kind is RequestImpossible


def test_model_missing_is_no_failure_of_a_provider() -> None:
    assert not issubclass(ModelMissing, ProviderFailed)
