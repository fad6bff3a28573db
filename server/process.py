"""Process: a server or a worker from its start to the signal that ends it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from types import FrameType
from typing import Any

import click
import uvicorn

from core.errors import BadSetting, BadValue
from core.owner import own
from core.settings import Settings
from generators.catalog import open_generator
from server import logs
from server.app import create_app
from server.auth import check_exposure
from server.connections import Patience, forget_the_silent
from server.jobs.jobs import open_store
from server.jobs.kinds import open_works
from server.jobs.worker import Worker
from server.keys import Key, KeyRing
from server.state import State
from server.tunnel import check_tunnel, tunnel

log = logging.getLogger("atelier")

SPARE = 2  # s beyond SHUTDOWN_SECONDS for answers to leave
NEAR = ("127.0.0.1", "::1")  # where ngrok's program comes from: it names the address of whoever asks


class _Server(uvicorn.Server):
    """Tells this machine's command line where it answers, and begins to drain as soon as it is to end."""

    def __init__(self, config: uvicorn.Config, state: State) -> None:
        super().__init__(config)
        self.state = state
        self.closing = ExitStack()  # after the server; the signal that ended it is raised again, and ends the process

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        log.info("serving at %s; Ctrl-C ends it", _url(host, port))
        near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        try:
            own(self.state.settings.data_dir).announce(_url(near, port), self.state.private_key)
        except BadSetting as error:  # a full disk is no reason not to show what is there
            log.warning("this machine's command line must be told --server %s: %s", _url(near, port), error)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self.closing.close()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        again = self.should_exit
        self.state.drain()
        if not again:  # the second signal ends the jobs at once, and then the server as ever
            super().handle_exit(sig, frame)


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; raises `BadValue` where it cannot."""
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(known, key=lambda found: found[0] != socket.AF_INET)
        listener = socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise BadValue("port", port, f"one that is free; {host}:{port} is not ({error.strerror})") from error
    forget_the_silent(listener)
    return listener


def run_server(settings: Settings, host: str, port: int, public: bool = False, own: Iterable[Key] = ()) -> None:
    """Serve until a signal; `public`: through a tunnel as well; `own`: keys of this run alone. Raises `OpenToTheWorld`,
    `StoreBusy`, `StoreUnreachable`, `BadSetting`, and what `tunnel` does, before it begins."""
    ring = KeyRing(settings, own)
    check_exposure(host, ring)
    if public:
        check_tunnel(settings, ring)
    server, listener = _prepare(settings, host, port, ring, NEAR if public else ())
    with server.closing:
        if public:
            server.closing.enter_context(tunnel(settings, listener.getsockname()[1], ring, _tell_address))
        server.run(sockets=[listener])


def _tell_address(address: str) -> None:
    click.echo(f"{address} leads here; a key opens it")


def _prepare(
    settings: Settings, host: str, port: int, ring: KeyRing, near: Iterable[str]
) -> tuple[_Server, socket.socket]:
    """`near` are proxies that are believed besides TRUSTED_PROXIES."""
    listener = _listen(host, port)  # a port that is taken is found out before any work begins
    app = create_app(settings, ring)
    state: State = app.state.atelier
    logs.configure(settings, [state.private_key])
    state.prepare()
    patience = round(settings.shutdown_seconds) + SPARE
    proxies = [*settings.trusted_proxies, *near]
    how: dict[str, Any] = {"proxy_headers": bool(proxies), "forwarded_allow_ips": proxies}
    how |= {"http": Patience, "log_config": None, "access_log": False}  # lines of the log are written by the observer
    config = uvicorn.Config(app, timeout_graceful_shutdown=patience, **how)
    return _Server(config, state), listener


class ServerThread:
    """A server in a thread of this process, for notebooks; a context manager, or `start` and `stop`."""

    def __init__(self, settings: Settings, host: str = "127.0.0.1", port: int = 8000) -> None:
        """Port 0 is one that is free. Raises what `run_server` does."""
        ring = KeyRing(settings)
        check_exposure(host, ring)
        self._server, self._listener = _prepare(settings, host, port, ring, NEAR)  # a tunnel may be opened later
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, name="server")
        self.port: int = self._listener.getsockname()[1]
        self.url = _url({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), self.port)

    def start(self) -> ServerThread:
        """Serving when this returns. Raises `BadSetting` where the application cannot start; the log says why."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise BadSetting(
                    "DATA_DIR", self._server.state.settings.data_dir, "the server did not start; its log says why"
                )
            self._thread.join(0.05)
        return self

    def stop(self) -> None:
        """Running jobs have SHUTDOWN_SECONDS."""
        self._server.handle_exit(signal.SIGTERM, None)
        self._thread.join()

    def __enter__(self) -> ServerThread:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


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
