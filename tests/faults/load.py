"""Load: clients that ask for everything at once, go on asking through every fault, and remember what was acknowledged.

A request is sent again with its Idempotency-Key until it is acknowledged, as a client should that must not lose it.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

import httpx
from PIL import Image, ImageDraw

from tests.faults.fleet import Fleet
from tests.servers import HOUSE

FAULTS = (502, 503, 507)  # what may be answered while something is away; 500 may not
PAUSE = 0.15  # s between two requests of one client


class Load:
    """A context manager: asks from its beginning to its end."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet, self._ending = fleet, threading.Event()
        self.jobs: dict[str, str] = {}  # Idempotency-Key -> id of the job, of all that were acknowledged
        self.pictures: set[str] = set()  # names of files that are in a job that was acknowledged
        self.documents: set[str] = set()
        self.styles: set[str] = set()
        self.wrong: list[str] = []  # answers that no fault excuses
        self.met: set[int] = set()  # statuses that were met with
        asking = (self._design, self._story, self._take_in, self._read_in, self._describe, self._add_style, self._look)
        self._threads = [threading.Thread(target=self._go_on, args=(ask,), name=ask.__name__) for ask in asking]

    def __enter__(self) -> Load:
        with self._fleet.client() as client:  # an empty library finds nothing, and says so
            answer = client.post("/pictures", files={"files": ("first.png", numbered(10_000))})
            assert answer.status_code == 200, answer.text
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(120)
        assert not [thread.name for thread in self._threads if thread.is_alive()], "a request hangs"

    def _go_on(self, ask: Callable[[httpx.Client, int], None]) -> None:
        with self._fleet.client() as client:
            number = 0
            while not self._ending.is_set():
                ask(client, number)
                number += 1
                self._ending.wait(PAUSE)

    def _acknowledged(self, client: httpx.Client, path: str, key: str, **more: Any) -> str:
        """The job's id, when it is acknowledged; empty where the end came first."""
        headers = {"Prefer": "respond-async", "Idempotency-Key": key}
        while True:
            answer = self._answer(client, "POST", path, headers=headers, **more)
            if answer is not None and answer.status_code in (200, 202):
                found = str(answer.headers["x-job-id"])
                self.jobs[key] = found
                return found
            if self._ending.is_set():  # it may be there or not, and nobody was told
                return ""
            self._ending.wait(0.2)

    def _answer(self, client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response | None:
        try:
            answer = client.request(method, path, **more)
        except httpx.TimeoutException as error:
            self.wrong.append(f"{method} {path}: {error!r}")
            return None
        except httpx.HTTPError:  # the server is away
            return None
        self.met.add(answer.status_code)
        if answer.status_code >= 400 and answer.status_code not in FAULTS:
            self.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        if answer.status_code == 503 and "retry-after" not in answer.headers:
            self.wrong.append(f"{method} {path}: 503 without Retry-After {answer.text[:300]}")
        return answer

    def _design(self, client: httpx.Client, number: int) -> None:
        form = {"prompt": "a stormy sea", "mode": "preview", "width": 256, "height": 192, "seed": number}
        self._acknowledged(client, "/generate", f"design-{number}", data=form, files={"file": ("s.png", HOUSE)})

    def _story(self, client: httpx.Client, number: int) -> None:
        self._acknowledged(client, "/generate-story", f"story-{number}", files={"file": ("s.png", HOUSE)})
        self._ending.wait(0.5)

    def _take_in(self, client: httpx.Client, number: int) -> None:
        name = f"picture-{number}.png"
        if self._acknowledged(client, "/pictures", name, files={"files": (name, numbered(number))}):
            self.pictures.add(name)

    def _read_in(self, client: httpx.Client, number: int) -> None:
        name, text = f"house-{number}.md", f"# House {number}\n\nHouse {number} stands on pillar {number} of the bay.\n"
        if self._acknowledged(client, "/documents", name, files={"files": (name, text.encode())}):
            self.documents.add(name)
        self._ending.wait(0.5)

    def _describe(self, client: httpx.Client, number: int) -> None:
        self._acknowledged(client, "/generate_description", f"describe-{number}", json={})
        self._ending.wait(1)

    def _add_style(self, client: httpx.Client, number: int) -> None:
        form, file = {"name": f"Kept {number}", "words": "kept"}, {"file": ("s.png", numbered(number))}
        answer = self._answer(client, "POST", "/styles", data=form, files=file)
        if answer is not None and answer.status_code == 201:
            self.styles.add(str(answer.json()["id"]))
        self._ending.wait(2)

    def _look(self, client: httpx.Client, number: int) -> None:
        paths = ("/jobs?limit=50", "/search?q=a+sea", "/styles/search?q=sea", "/documents", "/pictures", "/healthz")
        self._answer(client, "GET", paths[number % len(paths)])


def numbered(number: int) -> bytes:
    """A picture like no other: its number, written large on a ground of its own."""
    image = Image.new("RGB", (96, 96), ((number * 37) % 256, (number * 91) % 256, (number * 53) % 256))
    ImageDraw.Draw(image).text((8, 20), str(number), "white", font_size=48)
    held = io.BytesIO()
    image.save(held, "PNG")
    return held.getvalue()
