"""Compose: docker-compose.yml and the Dockerfile are valid, and the very same processes do jobs of every kind."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from core.settings import ROOT, Settings
from server.cli.main import main
from server.jobs.store import OF_WORKERS
from tests.redises import redis_binary
from tests.test_process import free_port, wait_for

KEY = "0123456789abcdef0123"
COMPOSE = shutil.which("docker-compose")
BIN = Path(sys.executable).parent


def services(**variables: str) -> dict[str, Any]:
    """The services with their variables filled in, as docker-compose fills them."""

    def fill(found: re.Match[str]) -> str:
        name, default = found["name"], found["default"] or ""
        return variables.get(name, default)

    text = re.sub(r"\$\{(?P<name>\w+)(?::[-?](?P<default>[^}]*))?\}", fill, (ROOT / "docker-compose.yml").read_text())
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


@pytest.mark.skipif(COMPOSE is None, reason="no docker-compose on this machine (Debian: apt install docker-compose)")
def test_docker_compose_takes_it_and_refuses_to_start_without_keys() -> None:
    assert COMPOSE is not None
    command = [COMPOSE, "-f", str(ROOT / "docker-compose.yml"), "config", "-q"]
    clean = {name: value for name, value in os.environ.items() if name != "API_KEYS"}
    fine = subprocess.run(command, env={**clean, "API_KEYS": f"me:{KEY}"}, capture_output=True, text=True, check=False)
    assert fine.returncode == 0 and not fine.stdout, fine.stderr
    refused = subprocess.run(command, env=clean, capture_output=True, text=True, check=False)
    assert refused.returncode != 0 and "set it to name:key" in refused.stderr


def test_hadolint_finds_nothing() -> None:
    hadolint = BIN / "hadolint"
    if not hadolint.exists():
        pytest.skip("hadolint has no build for this machine")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stdout, done.stdout


def test_every_variable_is_a_setting_and_every_command_is_ours() -> None:
    known = {name.upper() for name in Settings.model_fields}
    for name, service in services(API_KEYS=f"me:{KEY}").items():
        assert set(service.get("environment", {})) <= known, name
        if service["image"] == "atelier" and "entrypoint" not in service:
            assert service["command"][0] in main.commands, name
    queues = [queue for service in services().values() for queue in OF_WORKERS if queue in service["command"]]
    assert sorted(queues) == sorted(OF_WORKERS)


def test_what_runs_in_the_image_is_in_its_context() -> None:
    ignored = {line.strip("/*") for line in (ROOT / ".dockerignore").read_text().splitlines()}
    assert not ignored & {"core", "retrievers", "generators", "chains", "server", "styles", "samples"}
    assert {".env", ".git", "data"} <= ignored


def _told(service: dict[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in service.get("environment", {}).items()}


class Stack:
    """The processes of docker-compose.yml, with its commands and its environment; names of hosts become ports here."""

    def __init__(self, folder: Path, models: Path) -> None:
        self._folder, self._models, self._stack = folder, models, ExitStack()
        self._ports = {"redis": free_port(), "chroma": free_port(), "api": free_port()}
        self.url = f"http://127.0.0.1:{self._ports['api']}"
        self._services = services(API_KEYS=f"me:{KEY}")

    def start(self, name: str) -> subprocess.Popen[bytes]:
        service = self._services[name]
        data = self._folder / name
        data.mkdir()
        command, environment = self._here(name, list(service["command"]), data), _told(service)
        for host, port in (("redis:6379", self._ports["redis"]), ("chroma:8000", self._ports["chroma"])):
            environment = {key: value.replace(host, f"127.0.0.1:{port}") for key, value in environment.items()}
        if service["image"] == "atelier" and "entrypoint" not in service:
            (data / "models").symlink_to(self._models)
        surroundings = {**os.environ, "DATA_DIR": str(data), "PYTHONPATH": str(ROOT), **environment}
        with (data / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=log, stderr=log)
        self._stack.callback(process.wait, 20)
        self._stack.callback(process.kill)
        return process

    def _here(self, name: str, command: list[str], data: Path) -> list[str]:
        if name == "redis":
            return [redis_binary(), *command[1:], "--port", str(self._ports["redis"]), "--dir", str(data)]
        begin = [str(BIN / "chroma")] if name == "chroma" else [sys.executable, "-m", "server"]
        loopback = {"0.0.0.0": "127.0.0.1", "8000": str(self._ports.get(name, 0)), "/data": str(data)}
        return [*begin, *(loopback.get(word, word) for word in command)]

    @contextmanager
    def running(self) -> Iterator[httpx.Client]:
        with self._stack:
            self.start("redis")
            self.start("chroma")
            wait_for(f"http://127.0.0.1:{self._ports['chroma']}/api/v2/heartbeat")
            for name in ("api", "story_worker", "image_worker"):
                self.start(name)
            wait_for(f"{self.url}/healthz")
            with httpx.Client(base_url=self.url, headers={"X-API-Key": KEY}, timeout=90, trust_env=False) as client:
                yield client


def ended(client: httpx.Client, job_id: str) -> dict[str, Any]:
    end = time.monotonic() + 60
    while (job := client.get(f"/jobs/{job_id}").json())["state"] in ("queued", "running"):
        assert time.monotonic() < end, job
        time.sleep(0.1)
    found: dict[str, Any] = job
    return found


def test_the_same_processes_do_a_job_of_every_kind(tmp_path: Path, models: Path) -> None:
    house, chair = (ROOT / "samples/house.png").read_bytes(), (ROOT / "samples/chair.png").read_bytes()
    with Stack(tmp_path, models).running() as client:
        assert httpx.get(f"{client.base_url}/jobs", trust_env=False).status_code == 401
        design = client.post("/generate", files={"file": house}, data={"prompt": "a cottage", "mode": "preview"})
        assert design.status_code == 200 and design.content.startswith(b"\x89PNG"), design.text
        taken = client.post("/pictures", files={"files": ("chair.png", chair)}).json()
        assert taken["new"] == 1
        assert client.get("/search?q=chair").json()["hits"][0]["name"] == "chair.png"
        described = client.post("/generate_description").json()
        assert described.get("described") == 1, described
        drawn = client.post("/illustrate", json={"question": "a white castle", "mode": "preview"})
        assert drawn.status_code == 200, drawn.text
        told = ended(client, client.post("/generate-story", files={"file": ("chair.png", chair)}).json()["job_id"])
        assert told["state"] == "done" and told["result"]["story"]
        asked = {"story": told["result"]["story"], "mode": "preview"}
        pictured = ended(client, client.post("/generate-image", json=asked).json()["job_id"])
        assert pictured["state"] == "done" and pictured["result"]["images"]
        workers = client.get("/readyz").json()["workers"]
        assert {queue for worker in workers for queue in worker["queues"]} >= set(OF_WORKERS)
        ran = {job["kind"]: job["worker"] for job in client.get("/jobs").json()["jobs"]}
        assert len({ran["design"], ran["story"], ran["pictures"]}) == 3  # each by a process of its own
