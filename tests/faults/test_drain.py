"""SIGTERM: whatever is under way, a server and a worker have ended within ten seconds, and the rest is in the queue."""

from __future__ import annotations

import signal
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import data_over
from tests.faults.fleet import fleet
from tests.servers import Server
from tests.test_workers import until

LONG = {"n": "8", "width": "1024", "height": "1024", "mode": "quality"}  # half a minute of painting
WITHIN = 10.0  # s


@pytest.mark.slow  # tests/test_server.py ends one that fewer hang on
@pytest.mark.timeout(300)
def test_a_server_ends_in_time_whoever_hangs_on_it(tmp_path: Path, models: Path) -> None:
    with Server(data_over(tmp_path, models), JOB_THREADS=2) as server, ExitStack() as stack:
        json = {"Accept": "application/json"}
        long = [server.submit(headers=json, **LONG) for _ in range(2)]
        waiting = [server.submit(mode="preview", seed=seed) for seed in range(20)]
        until(lambda: all(server.job(job_id)["state"] == "running" for job_id in long), 30)
        for _ in range(20):  # silent, half a head, half a body
            for said in (
                b"",
                b"GET / HTTP/1.1\r\nHost: 127",
                b"POST /preview HTTP/1.1\r\nContent-Length: 9000\r\n\r\nx",
            ):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
                client.sendall(said)
        stack.enter_context(server.http.stream("GET", f"/jobs/{waiting[-1]}/events"))
        begun = time.monotonic()
        assert server.end() in (0, -signal.SIGTERM)
        assert time.monotonic() - begun < WITHIN
        server.start()
        assert server.job(long[0])["state"] in ("queued", "running")
        for job_id in long:
            assert server.http.delete(f"/jobs/{job_id}").status_code in (200, 202, 204)
        server.wait(waiting, 60)
        assert {server.job(job_id)["state"] for job_id in waiting} == {"done"}
        assert "Traceback" not in server.log.read_text()


@pytest.mark.slow  # tests/test_workers.py ends smaller ones
@pytest.mark.timeout(300)
def test_a_worker_ends_in_time_and_another_goes_on(tmp_path: Path, models: Path) -> None:
    with fleet(tmp_path, models) as running:
        server, worker = running.server, running.painter
        long = server.submit(headers={"Accept": "application/json"}, **LONG)
        until(lambda: server.job(long)["state"] == "running", 30)
        begun = time.monotonic()
        worker.process.send_signal(signal.SIGTERM)
        worker.process.wait(30)
        assert time.monotonic() - begun < WITHIN
        assert server.job(long)["state"] == "queued"
        assert server.http.delete(f"/jobs/{long}").status_code in (200, 202, 204)
        short = server.submit(mode="preview")
        worker.start()
        server.wait([short])
        assert server.job(short)["state"] == "done"
