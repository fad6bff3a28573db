"""What only whole processes show: the same bytes, no network, no torch, a server that starts and ends well."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from core.settings import ROOT
from tests.conftest import settings_over

DESIGN = ["design", "samples/house.png", "a cottage with a red roof", "--mode"]


def atelier(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", *arguments]
    surroundings = {**os.environ, "DATA_DIR": str(data), **environment}
    return subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("mode", ["quality", pytest.param("preview", marks=pytest.mark.slow)])
def test_two_processes_give_the_same_bytes_whatever_their_thread_counts(
    tmp_path: Path, models: Path, mode: str
) -> None:
    digests = set()
    for count in ("1", "2"):
        data = settings_over(tmp_path / count, models).data_dir
        counts = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), count)
        file = data / "design.png"
        done = atelier(*DESIGN, mode, "-o", str(file), data=data, **counts)
        assert done.returncode == 0, done.stderr
        digests.add(hashlib.sha256(file.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_the_whole_flow_runs_without_a_socket(tmp_path: Path) -> None:
    """From nothing: the conversion of the weights, the index, the search, the picture."""
    guard = tmp_path / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(
        "import sys\n"
        "def refuse(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.sendto'):\n"
        f"        open({str(tmp_path / 'refused')!r}, 'a').write(f'{{event}} {{args}}\\n')\n"
        "        raise OSError('the network is closed')\n"
        "sys.addaudithook(refuse)\n"
    )
    out, guarded = tmp_path / "design.png", {**os.environ, "PYTHONPATH": f"{guard}:{ROOT}"}
    probe = "import socket; socket.create_connection(('127.0.0.1', 9))"
    tried = subprocess.run([sys.executable, "-c", probe], env=guarded, capture_output=True, text=True, check=False)
    assert "the network is closed" in tried.stderr  # the guard is in place
    (tmp_path / "refused").unlink()
    done = atelier(*DESIGN, "quality", "-o", str(out), data=tmp_path / "data", PYTHONPATH=guarded["PYTHONPATH"])
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > 100_000 and "Ghibli" in done.stdout
    assert not (tmp_path / "refused").exists(), (tmp_path / "refused").read_text()


def test_a_warm_start_imports_no_torch(tmp_path: Path, models: Path) -> None:
    script = (
        "import sys\nfrom fastapi.testclient import TestClient\nfrom server.app import create_app\n"
        "with TestClient(create_app(), base_url='http://127.0.0.1') as client:\n"
        "    sketch = {'file': open('samples/house.png', 'rb')}\n"
        "    sent = client.post('/preview', data={'prompt': 'night'}, files=sketch)\n"
        "    assert sent.status_code == 200, sent.text\n"
        "print(*[name for name in ('torch', 'transformers', 'diffusers', 'tensorflow') if name in sys.modules])\n"
    )
    data = settings_over(tmp_path, models).data_dir
    surroundings = {**os.environ, "DATA_DIR": str(data)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_server_starts_answers_and_ends_and_a_command_works_beside_it(tmp_path: Path, models: Path) -> None:
    data, port = settings_over(tmp_path, models).data_dir, free_port()
    command = [sys.executable, "-m", "server", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "DATA_DIR": str(data)}, stderr=subprocess.PIPE
    ) as server:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        beside = atelier("styles", "search", "woodblock", data=data)
        assert beside.returncode == 0 and beside.stdout.split()[1] == "ukiyo-e" and not beside.stderr
        painted = atelier(*DESIGN, "preview", "-o", str(tmp_path / "h.png"), data=data)
        assert painted.returncode == 0 and f"http://127.0.0.1:{port}" in painted.stdout
        added = atelier(
            "styles", "add", "samples/still-life.jpg", "--name", "Still life", "--words", "oranges", data=data
        )
        assert added.returncode == 0, added.stderr
        listed = urllib.request.urlopen(f"http://127.0.0.1:{port}/styles", timeout=10).read().decode()
        assert '"still-life"' in listed  # no restart
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) in (0, -signal.SIGTERM)
        assert server.stderr is not None and b"Traceback" not in server.stderr.read()


def wait_for(url: str, seconds: float = 60, process: subprocess.Popen[Any] | None = None) -> None:
    """Until somebody answers there; not longer than the process lives that should."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            if time.monotonic() > end or (process is not None and process.poll() is not None):
                raise
            time.sleep(0.1)
        else:
            return
