"""Nasty files at every door: each is read or refused by name, nothing hangs or grows, and the server answers on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import nasty
from tests.conftest import data_over
from tests.servers import HOUSE, Server

MOST = 2_500_000_000  # bytes that the server may ever have held; 900 MB and more unfold in some of these files
TEXTS = {
    "half a character.md": b"# A house\n\n\xff\xfe\xed\xa0\x80 and more",
    "zero bytes.txt": b"a\0b\0c\0" * 1_000,
    "one word of two megabytes.txt": b"x" * 2_000_000,
    "right to left.md": "\u202e# \u05d1\u05d9\u05ea\n\n\u200f\u05d1\u05d9\u05ea".encode(),
    "headings without end.md": b"# a\n" * 20_000,
    "tags without end.html": b"<div>" * 50_000 + b"house",
    "entities.html": b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 1_000 + b'">]><p>' + b"&b;" * 50_000,
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


def told(answer: httpx.Response, name: str) -> None:
    """A picture, a report, or a refusal with its remedy."""
    assert answer.status_code < 500, (name, answer.status_code, answer.text[:500])
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert error["message"] and error["remedy"] and error["type"] != "internal_error", (name, error)


@pytest.mark.timeout(600)
def test_pictures(server: Server) -> None:
    for name, data in nasty.pictures().items():
        file = ("drawing.png", data)
        told(server.http.post("/preview", data={"prompt": "a house"}, files={"file": file}), name)
        told(server.http.post("/search", data={"k": "1"}, files={"image": file}), name)
        taken = server.http.post("/pictures", files=[("files", file), ("files", ("house.png", HOUSE))])
        told(taken, name)
        assert taken.status_code == 200 and taken.json()["failed"] in (0, 1), (name, taken.text[:400])
        assert server.http.get("/healthz").status_code == 200
    assert server.http.post("/preview", data={"prompt": "a house"}, files={"file": HOUSE}).status_code == 200


@pytest.mark.timeout(600)
def test_documents(server: Server) -> None:
    good = {"files": ("house.md", b"# A house\n\nIt stands on a hill.\n")}
    assert server.http.post("/documents", files=good).status_code == 200
    for name, data in {**{f"{name}.pdf": data for name, data in nasty.documents().items()}, **TEXTS}.items():
        answer = server.http.post("/documents", files={"files": (name, data)})
        told(answer, name)
        assert answer.status_code == 200, (name, answer.text[:400])
        assert server.http.get("/documents/search", params={"q": "a house"}).status_code == 200
