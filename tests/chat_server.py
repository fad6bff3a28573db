"""A chat model on this machine for the tests: a real HTTP server that looks at the pictures it is sent.

`OpenAIServer` and `OllamaServer` speak the protocols; this file owns what they share: the thread, the counts, the
script of faults, and how a picture is looked at. What it says is made of the pixels that arrived, so that a right
answer proves that the picture did.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generators.chat.model import EXTRAS, package_of

COLOURS = {
    **{"red": (220, 30, 30), "green": (30, 160, 50), "blue": (40, 70, 210), "yellow": (240, 220, 50)},
    **{"orange": (240, 140, 30), "purple": (130, 50, 150), "pink": (250, 160, 190), "brown": (120, 75, 40)},
    **{"white": (250, 250, 250), "grey": (128, 128, 128), "black": (10, 10, 10)},
}
_NAMES, _PALETTE = list(COLOURS), np.array(list(COLOURS.values()), float)

Fault = str  # of the protocol's table, with a value behind a colon: "busy: 2"
Script = Sequence[Fault | None] | Callable[[int], Fault | None]  # by the number of the request, from 0


def look(picture: Image.Image) -> dict[str, Any]:
    """What the picture shows, as fields of a description: its colours, what is in the middle of what, its size."""
    small = np.asarray(picture.convert("RGB").resize((16, 16), Image.Resampling.BOX), float)
    names = np.linalg.norm(small[:, :, None] - _PALETTE, axis=-1).argmin(-1)
    shares = np.bincount(names.ravel(), minlength=len(_NAMES))
    colours = [_NAMES[one] for one in shares.argsort()[::-1] if shares[one]]
    middle = _NAMES[np.bincount(names[6:10, 6:10].ravel()).argmax()]
    ground = _NAMES[np.bincount(np.concatenate([names[0], names[-1], names[:, 0], names[:, -1]])).argmax()]
    caption = f"A plain {middle} surface." if middle == ground else f"A {middle} shape on {ground}."
    light = "bright" if small.mean() > 128 else "dark"
    return {
        "caption": caption,
        "objects": ["surface"] if middle == ground else ["shape"],
        "colours": colours,
        "setting": f"in {light} light",
        "mood": "calm",
        "tags": [middle, light, f"{picture.width}x{picture.height}"],
    }


@dataclass(frozen=True)
class Seen:
    """A request as it was understood."""

    number: int  # from 0
    model: str
    texts: tuple[str, ...]  # of all its messages
    pictures: tuple[Image.Image, ...]
    key: str  # that it brought
    body: Mapping[str, Any] = field(repr=False)
    fault: Fault | None = None
    at: float = field(default_factory=time.monotonic)

    @property
    def side(self) -> int:
        """px of the longest side of its pictures."""
        return max((max(picture.size) for picture in self.pictures), default=0)


@dataclass(frozen=True)
class Reply:
    """What goes back; with `cut` the connection is closed after so many bytes of the body, or before any (-1)."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: bool = False  # says nothing until the server ends


def needs(*providers: str) -> None:
    """Skip a test of a provider whose package is absent; in CI those that `make test` installs are there."""
    for provider in providers:
        if find_spec(package_of(provider)) is None:
            if os.environ.get("CI") and provider in ("groq", "ollama", "openai"):
                pytest.fail(f"{package_of(provider)} is not installed")
            pytest.skip(f"{package_of(provider)} is not installed: pip install -e .[{EXTRAS[provider]}]")


def wait_until(happens: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it does before that."""
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def as_json(status: int, body: object, **headers: str) -> Reply:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json", **told})


class ChatServer:
    """On 127.0.0.1, in threads of its own, while the block lasts. The protocols read the requests and answer them."""

    def __init__(self, faults: Script = (), seconds: float = 0.0) -> None:
        self._faults, self._seconds = faults, seconds  # that an answer takes
        self._lock, self._ending = threading.Lock(), threading.Event()
        self.seen: list[Seen] = []
        self.connections: set[socket.socket] = set()  # that clients keep open
        self.under_way = self.most_at_once = self.requests = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads, self._http.block_on_close = True, False
        self.root = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def read(self, number: int, path: str, headers: Mapping[str, str], body: Any) -> Seen | None:
        """The request; None where the path is none of the protocol's."""
        raise NotImplementedError

    def answer(self, seen: Seen) -> Reply:
        raise NotImplementedError

    def __enter__(self) -> ChatServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._http.shutdown()
        self._http.server_close()
        for connection in tuple(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)

    def reply(self, path: str, headers: Mapping[str, str], data: bytes) -> Reply:
        with self._lock:
            number, self.requests = self.requests, self.requests + 1
            self.under_way += 1
            self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            seen = self.read(number, path, headers, json.loads(data or b"null"))
            if seen is None:
                return as_json(404, {"error": f"there is nothing at {path}"})
            with self._lock:
                self.seen.append(seen)
            time.sleep(self._seconds)
            reply = self.answer(seen)
            if reply.hang:
                self._ending.wait(60)
            return reply
        finally:
            with self._lock:
                self.under_way -= 1

    def fault(self, number: int) -> Fault | None:
        if callable(self._faults):
            return self._faults(number)
        return self._faults[number] if number < len(self._faults) else None


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = server.reply(self.path, self.headers, data)
            if reply.hang or reply.cut == -1:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            self.close_connection = self.close_connection or reply.cut is not None

        def log_message(self, format: str, *args: object) -> None:
            pass

        def handle(self) -> None:
            server.connections.add(self.connection)
            try:
                with contextlib.suppress(ConnectionError):  # the client has gone, as one does whose time is over
                    super().handle()
            finally:
                server.connections.discard(self.connection)

    return Handler
