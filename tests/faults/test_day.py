"""A day's load in ten minutes: of everything some, again and again, and the server's memory stays what it was."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import data_over
from tests.faults.load import numbered
from tests.faults.memory import resident
from tests.servers import HOUSE, Server

WARM = 0.4  # of the time: caches fill, allocators find their sizes
GROWTH = 1.05


def everything(client: httpx.Client, number: int) -> None:
    """What a person does in an hour, in a second or two."""
    form, file = {"prompt": f"a stormy sea {number}", "seed": number, "width": 256}, {"file": ("s.png", HOUSE)}
    name = f"{number % 200}.png"
    asked = [
        client.post("/preview", data=form, files=file),
        client.post("/generate", data={**form, "mode": "preview"}, files=file),
        client.post("/pictures", files={"files": (name, numbered(number % 200))}),
        client.get("/search", params={"q": f"a picture of {number}", "k": 5}),
        client.get("/pictures", params={"limit": 10}),
        client.get("/styles/search", params={"q": f"thick paint {number}"}),
        client.post("/documents", files={"files": (f"{number % 50}.md", f"# A house\n\nNumber {number}.\n".encode())}),
        client.get("/documents/search", params={"q": f"house {number}"}),
        client.post("/generate-story", files=file, headers={"Prefer": "wait=60"}),
        client.get("/jobs", params={"limit": 20}),
        client.get("/metrics"),
        client.post("/preview", data={"prompt": ""}, files={"file": ("s.png", HOUSE[: 40 + number % 500])}),
    ]
    wrong = [answer for answer in asked[:-1] if answer.status_code not in (200, 202)]
    assert not wrong, [(answer.url, answer.status_code, answer.text[:200]) for answer in wrong]
    assert asked[-1].status_code in (413, 415, 422), asked[-1].text


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seconds", [600])
def test_memory_stays_what_it_was(tmp_path: Path, models: Path, seconds: float) -> None:
    failed: list[BaseException] = []
    counter, ending = itertools.count(), threading.Event()
    limits = {"MAX_FINISHED_JOBS": 50, "REQUESTS_PER_MINUTE": 100_000}
    with Server(data_over(tmp_path, models), **limits) as server:

        def person() -> None:
            with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
                while not ending.is_set():
                    try:
                        everything(client, next(counter))
                    except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
                        failed.append(error)
                        return

        people = [threading.Thread(target=person) for _ in range(3)]
        for thread in people:
            thread.start()
        held: list[tuple[float, int]] = []
        begun = time.monotonic()
        while time.monotonic() - begun < seconds and not failed:
            time.sleep(2)
            held.append((time.monotonic() - begun, resident(server.process.pid)))
        ending.set()
        for thread in people:
            thread.join(120)
    if failed:
        raise failed[0]
    warm = [size for when, size in held if WARM * seconds < when < (WARM + 0.2) * seconds]
    last = [size for when, size in held if when > 0.8 * seconds]
    growth = (sum(last) / len(last)) / (sum(warm) / len(warm))
    told = f"{next(counter)} rounds, {sum(warm) / len(warm) / 1e6:.0f} MB, then {growth:.3f} times as much"
    logging.getLogger(__name__).info(told)
    assert growth < GROWTH, told
