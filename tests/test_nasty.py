"""Nasty files at every door: each is read or refused by name, nothing hangs or grows, and the server answers on."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from chains import search
from core import images
from core.errors import AtelierError
from core.settings import Settings
from tests import nasty, nasty_documents
from tests.conftest import data_over
from tests.servers import HOUSE, Server

MOST = 2_500_000_000  # bytes that the server may ever have held; 900 MB and more unfold in some of these files
BLANK = "nothing_to_trace"  # what a picture without a line is to those who want a drawing
NEARLY = 3  # levels of 255 by which a JPEG may differ on average
READ = {  # documents that have words, whatever else is wrong with them
    *("a length below zero.pdf", "every letter alone.pdf", "one word.pdf", "places that are none.pdf"),
    *("right to left.pdf", "a title of half a pair.pdf", "half of a pair.html", "scripts.html"),
    *("tags without end.html", "one word.txt", "right to left.md", "zero bytes.txt", "half a character.md"),
    "quotes in quotes.md",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Server]:
    settings = {"DECODE_SECONDS": 5, "DOCUMENT_SECONDS": 5}
    with Server(data_over(tmp_path_factory.mktemp("nasty"), models), **settings) as server:
        yield server
        log = server.log.read_text()
        assert "Traceback" not in log, log[-5_000:]
        (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.process.pid}/status").read_text())
        assert int(peak) * 1024 < MOST, f"{int(peak) / 1e6:.1f} GB"


def told(answer: httpx.Response, name: str) -> str:
    """The kind of a refusal, which has a remedy; "" for what was taken."""
    assert answer.status_code < 500, (name, answer.status_code, answer.text[:500])
    if answer.status_code < 400:
        return ""
    error = answer.json()["error"]
    assert error["message"] and error["remedy"] and error["type"] != "internal_error", (name, error)
    return str(error["type"])


def taken_in(answer: httpx.Response, name: str) -> dict[str, Any]:
    """What became of the first file."""
    assert told(answer, name) == "", (name, answer.text[:400])
    first: dict[str, Any] = answer.json()["results"][0]
    if first["outcome"] == "failed":
        assert first["error"]["message"] and first["error"]["remedy"], (name, first)
    return first


@pytest.mark.timeout(600)
@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])  # the chain below meets all of them
def test_pictures(server: Server, every: int) -> None:
    """What one door refuses, every door refuses, for the same reason."""
    jobs = []
    for name, data in list(nasty.pictures().items())[::every]:
        file, words = ("drawing.png", data), {"prompt": "a house"}
        refused = told(server.http.post("/search", data={"k": "1"}, files={"image": file}), name)
        for path, form in (("/preview", words), ("/generate", {**words, "mode": "preview"})):
            assert told(server.http.post(path, data=form, files={"file": file}), name) in (refused, refused or BLANK)
        added = server.http.post("/pictures", files=[("files", file), ("files", ("house.png", HOUSE))])
        assert taken_in(added, name).get("error", {}).get("type", "") == refused, name
        story = server.http.post("/generate-story", json={"image": f"data:image/png;base64,{b64encode(data).decode()}"})
        assert (told(story, name) == "") == (refused == ""), name
        if not refused:
            jobs.append(story.json()["job_id"])
        assert server.http.get("/healthz").status_code == 200
    server.wait(jobs)
    assert {server.job(job)["state"] for job in jobs} == {"done"}
    assert server.http.post("/preview", data={"prompt": "a house"}, files={"file": HOUSE}).status_code == 200


def test_odd_pictures_show_what_they_show() -> None:
    flag = nasty.flag()
    meant = [np.asarray(picture).astype(float) for picture in (flag, flag.convert("L").convert("RGB"))]
    for name, data in nasty.odd().items():
        pixels = np.asarray(images.decode(data, name))
        assert min(np.abs(pixels - each).mean() for each in meant) < NEARLY, name


def test_the_chain_of_search_refuses_them_with_errors_of_ours(shared_settings: Settings) -> None:
    chain, refused = search.build(settings=shared_settings), 0
    for name, data in nasty.pictures().items():
        try:
            chain.invoke({"image": data, "k": 1})
        except AtelierError as error:
            assert error.message and error.remedy, name
            refused += 1
    assert refused > 60


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("size", "every"), [(200_000, 6), pytest.param(10_000_000, 1, marks=pytest.mark.slow)])
def test_documents(server: Server, size: int, every: int) -> None:
    met: set[str] = set()
    good = {"files": ("house.md", b"# A house\n\nIt stands on a hill.\n")}
    assert server.http.post("/documents", files=good).status_code in (200, 202)
    made = {f"{name}.pdf": data for name, data in nasty_documents.documents().items()}
    for number, (name, data) in enumerate({**made, **nasty_documents.texts(size)}.items()):
        if number % every and name not in READ:
            continue
        answer = server.http.post("/documents", files={"files": (name, data)})
        if answer.status_code == 202:
            server.wait([answer.json()["id"]], 300)
            answer = server.http.get(f"/jobs/{answer.json()['id']}/result")
        outcome = taken_in(answer, name)["outcome"]
        met.add(name)
        assert outcome != "failed" or name not in READ, (name, answer.text[:400])
        assert server.http.get("/documents/search", params={"q": "a house"}).status_code == 200
    assert met >= READ
