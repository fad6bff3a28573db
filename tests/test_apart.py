"""Work in another process: what it says, and that it is ended when it takes too long or too much."""

from __future__ import annotations

import io
import os
import signal
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core import images
from core.apart import EndedByItself, Part, TookTooLong, apart
from core.errors import BadValue, UnreadablePicture
from retrievers.documents.pdf import read_apart, read_pdf
from retrievers.documents.refusals import DamagedDocument, LockedDocument
from tests import pdfs
from tests.conftest import noise, serving, settings_over

HERE = "tests.test_apart:"


def shout(data: bytes, times: int) -> Iterator[Part]:
    for number in range(times):
        print("a library prints")  # noqa: T201 - and must not be taken for an answer
        yield {"number": number, "process": os.getpid()}, data.upper()


def sleep(data: bytes, pause: float) -> Iterator[Part]:
    yield {"process": os.getpid()}, b""
    time.sleep(pause)
    yield {}, b""


def refuse(data: bytes) -> Iterator[Part]:
    yield {}, b""
    raise BadValue("data", data.decode(), "something else")


def devour(data: bytes) -> Iterator[Part]:
    yield {}, np.ones(6_000_000_000, np.uint8).tobytes()


def crash(data: bytes) -> Iterator[Part]:
    os.abort()
    yield {}, b""


def secrets(data: bytes) -> Iterator[Part]:
    yield dict(os.environ), b""


def test_parts_come_as_they_are_made_and_the_process_is_kept() -> None:
    first = list(apart(f"{HERE}shout", b"abc", 20, times=3))
    assert [(part["number"], data) for part, data in first] == [(0, b"ABC"), (1, b"ABC"), (2, b"ABC")]
    again = list(apart(f"{HERE}shout", b"x" * 3_000_000, 20, times=1))
    assert again[0][1] == b"X" * 3_000_000
    assert again[0][0]["process"] == first[0][0]["process"] != os.getpid()


def test_one_that_was_ended_while_it_waited_is_replaced() -> None:
    ((told, _),) = apart(f"{HERE}shout", b"abc", 20, times=1)
    os.kill(told["process"], signal.SIGKILL)
    os.waitid(os.P_PID, told["process"], os.WEXITED | os.WNOWAIT)
    ((again, shouted),) = apart(f"{HERE}shout", b"x" * 3_000_000, 20, times=1)  # more than a pipe holds
    assert again["process"] != told["process"] and shouted == b"X" * 3_000_000


def test_what_takes_too_long_is_ended() -> None:
    start, parts = time.monotonic(), apart(f"{HERE}sleep", b"", 0.5, pause=60)
    process = next(parts)[0]["process"]
    with pytest.raises(TookTooLong):
        next(parts)
    assert time.monotonic() - start < 20
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_what_the_caller_does_meanwhile_is_not_counted() -> None:
    parts = apart(f"{HERE}sleep", b"", 5, pause=0)
    next(parts)
    time.sleep(6)
    assert next(parts) == ({}, b"")


def test_whoever_stops_listening_ends_it() -> None:
    parts = apart(f"{HERE}sleep", b"", 60, pause=60)
    process = next(parts)[0]["process"]
    parts.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_errors_of_ours_come_back_as_they_were_and_others_end_it() -> None:
    with pytest.raises(BadValue, match="data='x' is not possible"):
        list(apart(f"{HERE}refuse", b"x", 20))
    for work in ("devour", "crash"):
        with pytest.raises(EndedByItself):
            list(apart(f"{HERE}{work}", b"", 20))
    assert len(list(apart(f"{HERE}shout", b"", 20, times=1))) == 1


def test_it_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "a-key-of-a-provider")
    ((told, _),) = apart(f"{HERE}secrets", b"", 20)
    assert not {"GROQ_API_KEY", "PATH", "HOME"} & set(told)


def file_of(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def jpeg_of_passes(passes: int) -> bytes:
    """A progressive JPEG whose last pass comes again and again: each is a look at every block."""
    data = file_of(noise(256, 192), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    tail = data[last:-2]
    return data[:last] + tail * passes + data[-2:]


@pytest.mark.parametrize("kind", ["TIFF", "AVIF", *(["HEIF"] if images.HEIC else [])])
def test_pictures_of_decoders_that_may_take_any_time_come_out_the_same(kind: str) -> None:
    data = file_of(noise(320, 200), kind)
    expected = Image.open(io.BytesIO(data)).convert("RGB")
    assert np.array_equal(np.asarray(images.decode(data)), np.asarray(expected))
    assert images.decode(data, wanted=80).size[0] >= 80
    with pytest.raises(UnreadablePicture, match=r"mine\.tif .*damaged"):
        images.decode(file_of(noise(320, 200), "TIFF")[:-50_000], "mine.tif")


def test_a_jpeg_of_a_few_passes_is_decoded_here_and_one_of_many_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def heard(work: str, *arguments: Any, **told: Any) -> Iterator[Part]:
        asked.append(work)
        return apart(work, *arguments, **told)

    monkeypatch.setattr(images, "apart", heard)
    images.decode(file_of(noise(256, 192), "JPEG", progressive=True))
    assert not asked
    assert images.decode(jpeg_of_passes(100)).size == (256, 192)
    assert asked == ["core.images:decode_here"]


def test_a_bomb_of_passes_is_refused_after_its_time_and_the_server_answers_meanwhile(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DECODE_SECONDS", "2")
    bomb = jpeg_of_passes(2_500)
    size = bomb.index(b"\xff\xc2") + 5  # 6000x6000 px, of which the file holds few and its decoder looks at all
    bomb = bomb[:size] + struct.pack(">HH", 6000, 6000) + bomb[size + 4 :]
    with serving(settings_over(tmp_path, models)) as client, ThreadPoolExecutor(4) as pool:
        client.get("/styles")
        form = {"files": {"file": ("bomb.jpg", bomb)}, "data": {"prompt": "x"}}
        start = time.monotonic()
        waiting = [pool.submit(lambda: client.post("/preview", **form)) for _ in range(4)]
        time.sleep(0.3)
        begun = time.monotonic()
        assert client.get("/healthz").status_code == 200 and time.monotonic() - begun < 2
        images.decode(file_of(noise(320, 240), "PNG"))  # bombs hold up none that is none
        assert time.monotonic() - begun < 2 and not any(one.done() for one in waiting)
        for answer in (one.result() for one in waiting):
            assert answer.status_code == 415, answer.headers
            assert "DECODE_SECONDS" in answer.json()["error"]["message"]
        assert time.monotonic() - start < 30


def test_a_pdf_reads_apart_as_it_does_here() -> None:
    data = pdfs.book(12)
    here, there = read_pdf(data, "a.pdf", 50), read_apart(data, "a.pdf", 50)
    assert (here.title, here.pages) == (there.title, there.pages)
    assert list(here.blocks) == list(there.blocks)
    with pytest.raises(LockedDocument):
        read_apart(pdfs.locked(data, "secret"), "a.pdf", 50)


def test_a_pdf_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCUMENT_SECONDS", "1")
    slow = pdfs.Pdf()
    slow.draw(b"q Q\n" * 3_000_000)  # 12 MB of nothing, in 12 KB
    start = time.monotonic()
    with pytest.raises(DamagedDocument, match="DOCUMENT_SECONDS"):
        list(read_apart(slow.data(), "slow.pdf", 50).blocks)
    assert time.monotonic() - start < 20
