"""Many pictures described by a chat model behind HTTP, which fails as they do, and a server that is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.settings import ROOT
from tests.chat_server import COLOURS, needs, wait_until
from tests.conftest import settings_over
from tests.openai_server import KEY, OpenAIServer
from tests.servers import Server

AT_ONCE = 4
PASSING = (
    "busy: 0.05",
    "busy",
    "overloaded",
    "server error",
    "closes",
    "broken off",
    "no http json",
    "html",
    "busy: date 1",
)
ANSWERED = ("no json", "half", "german", "japanese", "long", "empty caption", "no choices")
REFUSED = ("refusal", "refusal text", "content filter", "filtered")
GROUND = ("white", "grey", "black")


def fault(number: int) -> str | None:
    """One request of six goes wrong, in every way in turn."""
    ways = (*PASSING, *ANSWERED, *REFUSED)
    return ways[number // 6 % len(ways)] if number % 6 == 5 else None


def draw(folder: Path, count: int) -> None:
    """So many different pictures: a shape on a ground, each a little elsewhere."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    shades = [name for name in COLOURS if name not in GROUND]
    for number in range(count):
        picture = np.full((24, 24, 3), COLOURS[GROUND[number % 3]], np.uint8)
        picture[7:17, 7:17] = COLOURS[shades[number % len(shades)]]
        picture[0, :2] = rng.integers(0, 255, (2, 3))
        Image.fromarray(picture).save(folder / f"{number:04}.png")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    needs("openai")
    with OpenAIServer(fault, seconds=0.01) as server:
        server.lend(monkeypatch)
        yield server


def atelier(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "DATA_DIR": str(data), "VISION_LANGUAGE_MODEL": "openai:a-model-that-sees"}
    command = [sys.executable, "-m", "server", *arguments]
    return subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("count", [132, pytest.param(300, marks=pytest.mark.slow)])  # of 120 each meets every fault
def test_many_pictures_through_faults_and_a_kill(
    tmp_path: Path, models: Path, provider: OpenAIServer, count: int
) -> None:
    data = settings_over(tmp_path / "data", models).data_dir
    draw(data / "pictures", count)
    named = {"VISION_LANGUAGE_MODEL": "openai:a-model-that-sees", "PROVIDER_REQUESTS": AT_ONCE}
    with Server(data, **named) as server:
        answer = server.http.post(
            "/generate_description", json={"folder": "pictures"}, headers={"Prefer": "respond-async"}
        )
        job = answer.headers["X-Job-Id"]
        assert wait_until(lambda: provider.requests > count // 3, 60)
        server.kill()
        wait_until(lambda: provider.under_way == 0)
        asked = len(provider.seen)
        server.start()
        assert "event: done" in server.http.get(f"/jobs/{job}/events", timeout=120).text
        made = server.http.get(f"/jobs/{job}/result").json()
        assert made["left"] == 0 and made["engine"] == "openai:a-model-that-sees"
        paid_in_vain = {"description_refused", "answer_unreadable", "answer_in_another_language"}  # wrong twice running
        assert {failure["error"]["type"] for failure in made["failures"]} <= paid_in_vain, made["failures"]
        listed = server.http.get("/pictures", params={"limit": count}).json()["pictures"]
        described = [picture for picture in listed if picture["description"]]
        refused = count - len(described)
        assert len(listed) == count and 0 < refused < 20 and made["failed"] <= refused
        for picture in described:
            number = int(picture["name"][:4])
            shade = [name for name in COLOURS if name not in GROUND][number % (len(COLOURS) - 3)]
            assert picture["description"]["caption"].startswith(f"A {shade} shape on {GROUND[number % 3]}")
        assert made["usage"]["requests"] <= len(provider.seen) - asked and made["usage"]["input_tokens"] > 33 * count
        assert provider.most_at_once <= AT_ONCE

        found = server.http.post("/get_image", json={"query": "a purple shape on a black ground"}).json()
        first = found["hits"][0]
        assert first["description"]["caption"] == "A purple shape on black." and "described" in first["why"][0]
        before = len(provider.seen)
        again = server.http.post("/generate_description").json()
        assert (again["described"], again["failed"], len(provider.seen)) == (0, 0, before)  # refusals too
        server.end()
    logs = (data / "server.log").read_text()
    assert KEY not in logs and "Traceback" not in logs
    good = Counter(paid(seen) for seen in provider.seen if seen.fault is None and len(seen.texts) == 1)
    assert sum(times - 1 for times in good.values()) <= AT_ONCE  # those that were under way at the kill


def paid(seen: object) -> str:
    from tests.chat_server import Seen

    assert isinstance(seen, Seen)
    return seen.pictures[0].tobytes().hex()


def test_what_every_picture_would_meet_is_told_once(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("openai")
    data = settings_over(tmp_path / "data", models).data_dir
    draw(data / "pictures", 40)
    with OpenAIServer(lambda number: "wrong key") as provider:
        provider.lend(monkeypatch)
        refused = atelier(data, "describe", str(data / "pictures"))
        assert refused.returncode == 1 and "OPENAI_API_KEY" in refused.stderr and KEY not in refused.stderr
        assert provider.requests <= 2 * AT_ONCE
        looked = atelier(data, "doctor", "--online", "--json")
        (finding,) = [one for one in json.loads(looked.stdout) if one["what"] == "describer"]
        assert not finding["ok"] and KEY not in looked.stdout
    with OpenAIServer() as provider:
        provider.lend(monkeypatch)
        looked = atelier(data, "doctor", "--online", "--json")
        (finding,) = [one for one in json.loads(looked.stdout) if one["what"] == "describer"]
        assert finding["ok"] and "A plain red surface." in finding["found"] and provider.requests == 1
        made = atelier(data, "describe", "--limit", "7")
        assert made.returncode == 0 and "7 described, 33 left" in made.stdout and "tokens in" in made.stdout
