"""Process: a server or a worker from its start to the signal that ends it."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterable
from types import FrameType

import uvicorn

from core.errors import BadSetting
from core.owner import own
from core.settings import Settings
from generators.catalog import open_generator
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

    async def startup(self, sockets: object = None) -> None:
        await super().startup()
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        own(self._state.settings.data_dir).announce(url, self._state.private_key)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._state.drain()
        super().handle_exit(sig, frame)


def run_server(settings: Settings, host: str, port: int) -> None:
    """Serve until a signal. Raises `OpenToTheWorld`, `StoreBusy`, `StoreUnreachable`, `BadSetting` before it begins."""
    check_exposure(host, settings.api_keys)
    app = create_app(settings)
    state: State = app.state.atelier
    state.prepare()
    patience = round(settings.shutdown_seconds) + SPARE
    config = uvicorn.Config(app, host=host, port=port, log_level="info", timeout_graceful_shutdown=patience)
    _Server(config, state).run()


def run_worker(settings: Settings, queues: Iterable[str]) -> None:
    """Run jobs of these queues until a signal; the second one gives running jobs back at once."""
    if settings.shared_jobs is None:
        raise BadSetting("REDIS_URL", "", "workers take their jobs from Redis; without it the server runs them itself")
    store, names = open_store(settings), list(queues)
    told, again = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        (again if told.is_set() else told).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    open_generator()  # imported before the first job waits for it
    worker = Worker(store, open_works(settings), settings, names)
    worker.start()
    log.info("worker %s takes jobs from %s, %d of each at a time", worker.name, ", ".join(names), worker.threads)
    told.wait()
    log.info("worker %s ends: running jobs have %g s", worker.name, settings.shutdown_seconds)
    worker.stop(settings.shutdown_seconds, again)
    logging.shutdown()
    os._exit(0)  # a thread that could not be ended must not keep the process
