"""Fuzz: requests as the OpenAPI description allows them, and as it does not; no 5xx, every answer as described."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import ROOT
from tests.conftest import data_over
from tests.servers import Server

CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"),
    *("response_headers_conformance", "use_after_free"),
)
FOLLOWED = "/events$"  # a stream goes on as long as its job


@pytest.fixture
def server(tmp_path: Path, models: Path) -> Server:
    """One with a picture and a document, so that searches have something to find."""
    server = Server(data_over(tmp_path, models))
    chair, papers = ROOT / "samples/chair.png", ROOT / "samples/knowledge/fallingwater.md"
    server.http.post("/pictures", files={"files": (chair.name, chair.read_bytes())})
    server.http.post("/documents", files={"files": (papers.name, papers.read_bytes())})
    return server


def fuzz(server: Server, seconds: int, *options: str) -> None:
    command = [str(Path(sys.executable).with_name("st")), "run", f"{server.url}/openapi.json", "--no-color"]
    command += ["--checks", ",".join(CHECKS), "--exclude-path-regex", FOLLOWED, "--max-time", str(seconds)]
    command += ["--suppress-health-check", "all", "--request-timeout", "60", "--continue-on-failure", *options]
    with server:
        done = subprocess.run(command, cwd=server.data, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert server.process.poll() is None, server.log.read_text()[-4000:]
        assert "Traceback" not in server.log.read_text(), server.log.read_text()[-6000:]


def test_what_nobody_would_send_is_answered_as_described(server: Server) -> None:
    fuzz(server, 20, "--phases", "coverage", "--seed", "20", "-n", "5")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_minutes_of_anything(server: Server) -> None:
    fuzz(server, 600)
