from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chains import design, tracing
from chains.redaction import told
from core import images
from core.errors import BadSetting
from core.settings import ROOT, Settings, read_settings
from tests.conftest import noise, serving, settings_over
from tests.langfuse_server import Langfuse, Span, basic
from tests.servers import HOUSE, Server
from tests.test_process import free_port
from tests.test_workers import until

SECRET = "sk-lf-0123456789"
REQUEST: Any = {"prompt": "a stormy sea", "mode": "preview", "sketch": HOUSE}


@pytest.fixture
def collector() -> Iterator[Langfuse]:
    with Langfuse() as server:
        yield server


def traced(folder: Path, models: Path, host: str, public: str) -> Settings:
    keys = {"langfuse_public_key": public, "langfuse_secret_key": SECRET}
    return settings_over(folder, models, enable_langfuse=True, langfuse_host=host, **keys)


def one(spans: list[Span], name: str) -> Span:
    (found,) = [span for span in spans if span.name == name]
    return found


def test_nothing_is_traced_unless_it_is_wanted(settings: Settings) -> None:
    assert tracing.callbacks("design", settings) == []


@pytest.mark.parametrize("set_", [(), ("LANGFUSE_PUBLIC_KEY",), ("LANGFUSE_SECRET_KEY",)])
def test_missing_keys_are_named_at_the_start(monkeypatch: pytest.MonkeyPatch, set_: tuple[str, ...]) -> None:
    monkeypatch.setenv("ENABLE_LANGFUSE", "true")
    for name in set_:
        monkeypatch.setenv(name, "pk-lf-1")
    with pytest.raises(BadSetting, match="ENABLE_LANGFUSE") as caught:
        read_settings()
    missing = {"LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY"} - set(set_)
    assert all(name in str(caught.value) for name in missing) and not [n for n in set_ if n in caught.value.message]


def test_a_design_is_one_trace_with_what_was_found_and_made(collector: Langfuse, tmp_path: Path, models: Path) -> None:
    settings = traced(tmp_path, models, collector.url, "pk-lf-design")
    callbacks = tracing.callbacks("design", settings, request_id="mine-1", job_id="")
    made = design.build(settings=settings).invoke(REQUEST, {"callbacks": callbacks})
    spans = collector.wait({"design", "find_style", "paint"})
    assert len({span.trace for span in spans}) == 1
    root, found, painted = (one(spans, name) for name in ("design", "find_style", "paint"))
    assert root.kind == "chain" and root.parent == "" and found.parent == painted.parent == root.id
    assert root.told("metadata.request_id") == "mine-1" and root.told("metadata.engine") == "painter 1.2"
    assert root.told("input")["prompt"] == "a stormy sea" and "metadata.job_id" not in str(root.attributes)
    digest = hashlib.sha256(HOUSE).hexdigest()[:16]
    assert root.told("input")["sketch"] == f"{len(HOUSE):,} bytes, sha256 {digest}"
    assert found.kind == "retriever" and found.told("input")["options"]["prompt"] == "a stormy sea"
    assert found.told("output")["chosen"][0]["style"]["id"] == made["style"].id
    assert painted.kind == "generation" and painted.told("model.name") == "painter 1.2"
    assert 0.01 < painted.seconds < root.seconds < 60
    assert root.told("output")["image"].startswith("picture, 512x384 RGB, sha256 ")
    assert not [span.name for span in spans if span.name.startswith("Runnable")]
    assert sum(map(len, collector.bodies)) < 200_000  # the sketch and the style alone have more
    (sent, *_) = collector.headers
    assert sent["authorization"] == basic("pk-lf-design", SECRET) and sent["path"] == "/api/public/otel/v1/traces"


def test_what_fails_says_so(collector: Langfuse, tmp_path: Path, models: Path) -> None:
    settings = traced(tmp_path, models, collector.url, "pk-lf-fails")
    asked: Any = {**REQUEST, "style": "nope"}
    with pytest.raises(Exception, match="nope"):
        design.build(settings=settings).invoke(asked, {"callbacks": tracing.callbacks("design", settings)})
    spans = collector.wait({"design", "find_style"})
    for span in (one(spans, "design"), one(spans, "find_style")):
        assert span.told("level") == "ERROR" and "UnknownStyle" in span.told("status_message")


def test_a_chat_model_tells_its_tokens_and_its_pictures_stay_here(
    collector: Langfuse, tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage, HumanMessage
    from langchain_core.runnables import RunnableLambda

    monkeypatch.setenv("SOME_API_KEY", "gsk_0123456789")
    settings = traced(tmp_path, models, collector.url, "pk-lf-chat")
    usage: Any = {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}
    model = GenericFakeChatModel(messages=iter([AIMessage("Once upon a time", usage_metadata=usage)]))
    picture = f"data:image/png;base64,{base64.b64encode(HOUSE).decode()}"
    content: Any = [{"type": "text", "text": "gsk_0123456789"}, {"type": "image_url", "image_url": {"url": picture}}]

    def write(_: str) -> str:
        return str(model.invoke([HumanMessage(content)]).text)

    chain = RunnableLambda(lambda text: text) | RunnableLambda(write)
    chain.invoke("a picture", {"callbacks": tracing.callbacks("story", settings)})
    spans = collector.wait({"story", "write", "GenericFakeChatModel"})
    asked = one(spans, "GenericFakeChatModel")
    assert asked.kind == "generation" and asked.parent == one(spans, "write").id
    assert asked.told("usage_details") == {"input": 11, "output": 7, "total": 18}
    assert asked.told("output") == "Once upon a time"
    assert "characters of base64, sha256" in str(asked.told("input")) and "***" in str(asked.told("input"))
    assert not any(b"gsk_0123456789" in body or picture[100:400].encode() in body for body in collector.bodies)


@pytest.mark.parametrize("mood", ["hang", "500", "refused"])
def test_a_langfuse_that_is_slow_or_gone_slows_and_fails_nothing(mood: str, tmp_path: Path, models: Path) -> None:
    with Langfuse(mood) as server:
        host = f"http://127.0.0.1:{free_port()}" if mood == "refused" else server.url
        settings = traced(tmp_path, models, host, f"pk-lf-{mood}")
        chain = design.build(settings=settings)
        chain.invoke(REQUEST)

        def quickest(config: Any) -> float:
            took = []
            for _ in range(5):
                start = time.perf_counter()
                assert chain.invoke(REQUEST, config() if config else None)["engine"] == "painter 1.2"
                took.append(time.perf_counter() - start)
            return min(took)

        plain = quickest(None)
        watched = quickest(lambda: {"callbacks": tracing.callbacks("design", settings)})
        if mood != "refused":
            until(lambda: bool(server.headers), 10)  # something was sent, and met with that
        again = quickest(lambda: {"callbacks": tracing.callbacks("design", settings)})
        assert min(watched, again) < 1.5 * plain + 0.05, (plain, watched, again)
        start = time.perf_counter()
        tracing.flush(settings, 0.5)
        assert time.perf_counter() - start < 1.5


def test_a_server_traces_requests_and_jobs_and_ends_though_nobody_answers(
    collector: Langfuse, tmp_path: Path, models: Path
) -> None:
    data = settings_over(tmp_path / "data", models).data_dir
    keys = {"LANGFUSE_PUBLIC_KEY": "pk-lf-server", "LANGFUSE_SECRET_KEY": SECRET}
    with Server(data, ENABLE_LANGFUSE="true", LANGFUSE_HOST=collector.url, **keys) as server:
        form, file = {"prompt": "a sea"}, {"file": ("s.png", HOUSE)}
        assert server.http.post("/preview", data=form, files=file, headers={"X-Request-Id": "p-1"}).status_code == 200
        made = server.generate(headers={"X-Request-Id": "g-1"}, mode="preview")
        spans = collector.wait({"preview", "design"})
        assert one(spans, "preview").told("metadata.request_id") == "p-1"
        job = one(spans, "design")
        assert job.told("metadata.request_id") == "g-1" and job.told("metadata.job_id") == made.headers["x-job-id"]
        collector.mood = "hang"
        assert server.generate(mode="preview").status_code == 200
        start = time.monotonic()
        server.end()
        assert time.monotonic() - start < 15
    assert SECRET not in server.log.read_text()


def test_without_keys_a_server_does_not_start(tmp_path: Path, models: Path) -> None:
    data = settings_over(tmp_path / "data", models).data_dir
    with pytest.raises(AssertionError, match="LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"):
        Server(data, ENABLE_LANGFUSE="true")


def test_its_import_asks_nobody_and_a_server_without_it_imports_nothing_of_it() -> None:
    script = (
        "import sys\n"
        "def refuse(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.sendto'): raise OSError('closed')\n"
        "sys.addaudithook(refuse)\n"
        "import server.app\n"
        "assert 'langfuse' not in sys.modules\n"
        "from chains import tracing\n"
        "from core.settings import read_settings\n"
        "keys = dict(langfuse_public_key='pk-lf-1', langfuse_secret_key='sk-lf-1')\n"
        "settings = read_settings(enable_langfuse=True, langfuse_host='http://nowhere.invalid', **keys)\n"
        "assert tracing.callbacks('design', settings)\n"
        "print('opened')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "opened\n" and done.returncode == 0, done.stderr


def test_pictures_are_told_by_size_and_hash_and_words_whole() -> None:
    picture = noise(40, 30)
    told_ = told({"words": "a sea", "picture": picture, "file": HOUSE, "where": Path("a/b"), "deep": [[[[[[[1]]]]]]]})
    assert told_["words"] == "a sea" and told_["where"] == "a/b" and told_["deep"] == [[[[["list"]]]]]
    assert told_["picture"] == f"picture, 40x30 RGB, sha256 {hashlib.sha256(picture.tobytes()).hexdigest()[:16]}"
    uri = f"see data:image/png;base64,{base64.b64encode(images.to_png(picture)).decode()} there"
    assert told(uri).startswith("see [") and told(uri).endswith("] there") and len(told(uri)) < 100
    assert len(told("word " * 5_000)) < 10_100
    assert told(object()) == "object"


def test_an_application_whose_langfuse_is_gone_answers(tmp_path: Path, models: Path) -> None:
    settings = traced(tmp_path, models, f"http://127.0.0.1:{free_port()}", "pk-lf-gone")
    with serving(settings) as client:
        answer = client.get("/search", params={"q": "a sea"})
        assert answer.status_code in (200, 404, 409), answer.text
