"""A fleet: Redis, Chroma, a server and two workers, each of which may be killed and started again at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import httpx
from redis import Redis, RedisError

from core.settings import ROOT
from tests.conftest import data_over
from tests.redises import redis_binary
from tests.test_process import free_port, wait_for

BIN = Path(sys.executable).parent
LEASE = 2.0  # s, so that what a killed worker had is soon another's
MEMBERS = ("redis", "chroma", "server", "painter", "teller")


class Fleet:
    """`environment` is what all of Atelier's own processes are told besides."""

    def __init__(self, folder: Path, models: Path, **environment: object) -> None:
        self.folder, self._models = folder, models
        self._ports = {name: free_port() for name in ("redis", "chroma", "server")}
        self.url = f"http://127.0.0.1:{self._ports['server']}"
        self.data = data_over(folder / "server", models)
        self._told = {
            "REDIS_URL": f"redis://127.0.0.1:{self._ports['redis']}",
            "CHROMA_URL": f"http://127.0.0.1:{self._ports['chroma']}",
            "JOB_LEASE_SECONDS": str(LEASE),
            "JOB_ATTEMPTS": "100",  # a job dies of its own faults, and these are none of its own
            **{name: str(value) for name, value in environment.items()},
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start it; a worker is left to itself, the others answer when this returns."""
        data = data_over(self.folder / name, self._models) if name in ("painter", "teller") else self.folder / name
        data.mkdir(parents=True, exist_ok=True)
        told = {} if name in ("redis", "chroma") else self._told
        surroundings = {**os.environ, **told, "DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self._command(name, data), cwd=ROOT, env=surroundings, stdout=log, stderr=log
            )
        ready = {"chroma": "/api/v2/heartbeat", "server": "/healthz"}.get(name)
        if ready is not None:
            wait_for(f"http://127.0.0.1:{self._ports[name]}{ready}", process=self.processes[name])
        if name == "redis":
            self._until_redis_answers()

    def _command(self, name: str, data: Path) -> list[str]:
        if name == "redis":
            durable = ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
            return [redis_binary(), "--port", str(self._ports[name]), "--dir", str(data), *durable]
        if name == "chroma":
            port = str(self._ports[name])
            return [str(BIN / "chroma"), "run", "--path", str(data), "--host", "127.0.0.1", "--port", port]
        atelier = [sys.executable, "-m", "server"]
        if name == "server":
            return [*atelier, "serve", "--port", str(self._ports[name])]
        return [*atelier, "worker", "--queues", {"painter": "image", "teller": "story"}[name]]

    def _until_redis_answers(self) -> None:
        client = Redis(port=self._ports["redis"])
        until(lambda: _answers(client), 20)
        client.close()

    def kill(self, name: str) -> None:
        """Nothing of it runs any more when this returns."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait(20)

    def revive(self) -> None:
        """Start what has ended by itself, as compose does; a worker that finds no Redis at its start does."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                self.start(name)

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def __enter__(self) -> Fleet:
        try:
            for name in MEMBERS:
                self.start(name)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.kill()
            process.wait(20)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def until(fact: Callable[[], bool], seconds: float, what: str = "it") -> None:
    """Wait for a fact; a server that is away for a moment says nothing about it."""
    end = time.monotonic() + seconds
    while True:
        try:
            if fact():
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < end, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.05)
