from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from core.settings import Settings
from server import connections, limits
from server.process import ServerThread


@pytest.fixture
def server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerThread]:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 1.0)
    with ServerThread(settings, port=0) as server:
        yield server


def connected(server: ServerThread) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


@pytest.mark.parametrize("said", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\n"])
def test_who_does_not_say_what_is_asked_for_is_let_go(server: ServerThread, said: bytes) -> None:
    with closing(connected(server)) as client:
        client.sendall(said)
        start = time.monotonic()
        assert client.recv(100) == b"" and 0.5 < time.monotonic() - start < 5


def test_drop_by_drop_is_no_way_to_stay(server: ServerThread) -> None:
    with closing(connected(server)) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n")
        start = time.monotonic()
        with pytest.raises(OSError):
            for number in range(100):
                client.sendall(b"X-%d: y\r\n" % number)
                time.sleep(0.1)
        assert time.monotonic() - start < 6


def test_a_second_request_has_its_own_time_and_slow_answers_have_all(server: ServerThread) -> None:
    with closing(connected(server)) as client:
        for _ in range(3):
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            answer = b""
            while not answer.endswith(b'{"status":"alive"}'):  # its head and its body may come apart
                answer += client.recv(10_000)
            assert b"200 OK" in answer
            time.sleep(0.6)
        client.sendall(b"GET /hea")
        start = time.monotonic()
        assert client.recv(100) == b"" and time.monotonic() - start < 5
    with httpx.stream("GET", f"{server.url}/jobs/nobody/events") as answer:
        assert answer.status_code == 404


def test_the_system_forgets_ends_that_have_gone(server: ServerThread) -> None:
    listener = server._listener
    assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == connections.SILENCE * 1000


def test_a_body_that_comes_too_slowly_is_refused_and_one_that_comes_is_waited_for() -> None:
    async def ask(pieces: int, pause: float) -> tuple[int, bytes]:
        """The status of an answer to a body of so many pieces of 100 bytes, and its text."""
        sent: list[dict[str, object]] = []

        async def app(scope: object, receive: object, send: object) -> None:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                more = message["more_body"]
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"read"})

        left = pieces

        async def receive() -> dict[str, object]:
            nonlocal left
            await asyncio.sleep(pause)
            left -= 1
            return {"type": "http.request", "body": b"x" * 100, "more_body": left > 0}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        limited = limits.BodyLimit(app, 1_000_000, patience=0.3)
        await limited({"type": "http", "headers": [], "path": "/", "method": "POST"}, receive, send)
        return int(str(sent[0]["status"])), bytes(sent[1]["body"])

    assert asyncio.run(ask(20, 0.05)) == (200, b"read")  # 2,000 bytes a second
    status, said = asyncio.run(ask(20, 0.2))  # 500 of them
    assert status == 408 and b"body_too_slow" in said and b"1,000 bytes a second" in said
    assert asyncio.run(ask(1, 0.5))[0] == 408
