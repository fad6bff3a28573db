"""A server process for the tests, with everything it needs of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from core.settings import ROOT
from tests.test_process import free_port, wait_for

HOUSE = (ROOT / "samples/house.png").read_bytes()


class Server:
    """`atelier serve` on a port that stays its own through kills and starts."""

    def __init__(self, data: Path, **environment: object) -> None:
        self.data, self.port = data, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {name: str(value) for name, value in environment.items()}
        self.http = httpx.Client(base_url=self.url, timeout=90, trust_env=False)
        self.log = data / "server.log"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "server", "serve", "--port", str(self.port)]
        surroundings = {**os.environ, "DATA_DIR": str(self.data), **self._environment}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=log, stderr=log)
        try:
            wait_for(f"{self.url}/healthz", process=self.process)
        except OSError:
            raise AssertionError(self.log.read_text()) from None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def end(self, seconds: float = 30) -> int:
        """SIGTERM, and what the process ended with."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()

    def generate(self, sketch: bytes = HOUSE, headers: dict[str, str] | None = None, **form: object) -> httpx.Response:
        data = {"prompt": "futuristic cyberpunk neon city", **{key: str(value) for key, value in form.items()}}
        return self.http.post("/generate", data=data, files={"file": ("sketch.png", sketch)}, headers=headers)

    def submit(self, headers: dict[str, str] | None = None, **form: object) -> str:
        """The id of a job that nobody waits for."""
        answer = self.generate(headers={"Prefer": "respond-async", **(headers or {})}, **form)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        answer = self.http.get(f"/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def wait(self, ids: list[str], seconds: float = 60) -> None:
        """Until all of these jobs have ended, each asked for in turn: a server that is asked much paints slowly."""
        end = time.monotonic() + seconds
        for job_id in ids:
            while not self.job(job_id)["finished"]:
                assert time.monotonic() < end, f"{job_id} does not end"
                time.sleep(0.05)


class Chroma:
    """`chroma run` on a port that stays its own through kills and starts."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        where = ["--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self._port)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([str(Path(sys.executable).with_name("chroma")), "run", *where], **quiet)
        wait_for(f"{self.url}/api/v2/heartbeat", process=self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def __enter__(self) -> Chroma:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class WorkerProcess:
    """`atelier worker` over a Redis."""

    def __init__(self, data: Path, queues: str = "image,story", **environment: object) -> None:
        self._data, self._queues = data, queues
        self._environment = {name: str(value) for name, value in environment.items()}
        data.mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self) -> None:
        """It takes jobs some seconds after this returns."""
        surroundings = {**os.environ, "DATA_DIR": str(self._data), **self._environment}
        command = [sys.executable, "-m", "server", "worker", "--queues", self._queues]
        with (self._data / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=log, stderr=log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
