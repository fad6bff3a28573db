"""Connections: how long a client may take to say what it asks for, and how soon one that has gone is forgotten."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_SECONDS = 20.0  # from a connection's beginning, or a request's first byte, to the end of its head
SILENCE = 120  # s without a sign of the other machine, after which the connection is closed
PROBES = {"TCP_KEEPIDLE": SILENCE // 2, "TCP_KEEPINTVL": SILENCE // 8, "TCP_KEEPCNT": 4}  # as Linux names them


def forget_the_silent(listener: socket.socket) -> None:
    """Have the system close connections of this listener whose other end is gone, or reads nothing."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in {**PROBES, "TCP_USER_TIMEOUT": SILENCE * 1000}.items():
        if (option := getattr(socket, name, None)) is not None:
            listener.setsockopt(socket.IPPROTO_TCP, option, value)


class Patience(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's connection, of the parser that is installed, closed where no whole head of a request comes in time.

    uvicorn itself closes those that are idle after an answer, and waits for ever for one that has begun to ask.
    """

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._asking_since: float | None = self.loop.time()
        self._watch: asyncio.TimerHandle = self.loop.call_later(HEAD_SECONDS, self._look)

    def data_received(self, data: bytes) -> None:
        if self._asking_since is None and not self._is_answering():
            self._asking_since = self.loop.time()
        super().data_received(data)
        if self._is_answering():
            self._asking_since = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.cancel()
        super().connection_lost(exc)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _look(self) -> None:
        since = self.loop.time() if self._asking_since is None else self._asking_since
        left = since + HEAD_SECONDS - self.loop.time()
        if left <= 0:
            self.transport.close()
        else:
            self._watch = self.loop.call_later(left, self._look)
