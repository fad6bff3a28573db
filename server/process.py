"""Process: a server or a worker from its start to the signal that ends it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterable
from types import FrameType
from typing import Any

import uvicorn

from core.errors import BadSetting, BadValue
from core.owner import own
from core.settings import Settings
from generators.catalog import open_generator
from server import logs
from server.app import create_app
from server.auth import check_exposure
from server.jobs.jobs import open_store
from server.jobs.kinds import open_works
from server.jobs.worker import Worker
from server.state import State

log = logging.getLogger("atelier")

SPARE = 2  # s beyond SHUTDOWN_SECONDS for answers to leave


class _Server(uvicorn.Server):
    """Tells this machine's command line where it answers, and begins to drain as soon as it is to end."""

    def __init__(self, config: uvicorn.Config, state: State) -> None:
        super().__init__(config)
        self._state = state

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        log.info("serving at %s; Ctrl-C ends it", _url(host, port))
        near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        own(self._state.settings.data_dir).announce(_url(near, port), self._state.private_key)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        again = self.should_exit
        self._state.drain()
        if not again:  # the second signal ends the jobs at once, and then the server as ever
            super().handle_exit(sig, frame)


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; raises `BadValue` where it cannot."""
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(known, key=lambda found: found[0] != socket.AF_INET)
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise BadValue("port", port, f"one that is free; {host}:{port} is not ({error.strerror})") from error


def run_server(settings: Settings, host: str, port: int) -> None:
    """Serve until a signal. Raises `OpenToTheWorld`, `StoreBusy`, `StoreUnreachable`, `BadSetting` before it begins."""
    check_exposure(host, settings.api_keys)
    listener = _listen(host, port)  # a port that is taken is found out before any work begins
    app = create_app(settings)
    state: State = app.state.atelier
    logs.configure(settings, [state.private_key])
    state.prepare()
    patience = round(settings.shutdown_seconds) + SPARE
    lines: dict[str, Any] = {"log_config": None, "access_log": False}  # ours are written by the observer
    config = uvicorn.Config(app, timeout_graceful_shutdown=patience, **lines)
    _Server(config, state).run(sockets=[listener])


def run_worker(settings: Settings, queues: Iterable[str]) -> None:
    """Run jobs of these queues until a signal; the second one gives running jobs back at once."""
    if settings.shared_jobs is None:
        raise BadSetting("REDIS_URL", "", "workers take their jobs from Redis; without it the server runs them itself")
    logs.configure(settings)
    store, names = open_store(settings), list(queues)
    told, again = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        (again if told.is_set() else told).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    open_generator(settings=settings)  # made before the first job waits for it
    worker = Worker(store, open_works(settings), settings, names)
    worker.start()
    log.info("worker %s takes jobs from %s, %d of each at a time", worker.name, ", ".join(names), worker.threads)
    told.wait()
    log.info("worker %s ends: running jobs have %g s", worker.name, settings.shutdown_seconds)
    worker.stop(settings.shutdown_seconds, again)
    logging.shutdown()
    os._exit(0)  # a thread that could not be ended must not keep the process
