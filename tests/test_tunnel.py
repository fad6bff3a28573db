"""The tunnel: refused without keys, opened by a stand-in for ngrok, gone with its server; a server in a thread."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from pyngrok import conf, ngrok, process

from core.settings import ROOT, Settings, named_key
from server.cli.main import main
from server.process import ServerThread
from server.tunnel import TunnelFailed, TunnelWithoutKeys, check_tunnel, tunnel
from tests import ngrok_program
from tests.conftest import settings_over
from tests.test_process import free_port, wait_for

KEY = "a-key-for-the-tunnel"


@pytest.fixture
def own(tmp_path: Path, models: Path) -> Settings:
    program = ngrok_program.write(tmp_path)
    told = {"api_keys": (f"me:{KEY}",), "ngrok_path": program, "ngrok_authtoken": "a-token"}
    return settings_over(tmp_path / "data", models, **told)


def test_a_tunnel_is_refused_without_keys_and_without_a_token(own: Settings) -> None:
    with pytest.raises(TunnelWithoutKeys):
        check_tunnel(own.model_copy(update={"api_keys": ()}))
    with pytest.raises(TunnelFailed, match="NGROK_AUTHTOKEN is empty"):
        check_tunnel(own.model_copy(update={"ngrok_path": None, "ngrok_authtoken": None}))
    check_tunnel(own)


def test_the_command_names_what_makes_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for arguments in (["serve", "--tunnel"], ["serve", "--host", "0.0.0.0"]):
        refused = CliRunner().invoke(main, arguments)
        assert refused.exit_code == 1 and "`atelier keys new`" in refused.output, refused.output


def test_whoever_has_a_key_comes_in_through_the_tunnel(own: Settings) -> None:
    with ServerThread(own, port=0) as server, tunnel(own, server.port) as address:
        assert address != server.url
        assert httpx.get(f"{address}/healthz", trust_env=False).json() == {"status": "alive"}
        assert httpx.get(f"{address}/", trust_env=False).text.startswith("<!doctype html>")
        assert httpx.get(f"{address}/styles", trust_env=False).status_code == 401
        styles = httpx.get(f"{address}/styles", headers={"X-API-Key": KEY}, trust_env=False, timeout=60)
        assert len(styles.json()["styles"]) == 7
        house = (ROOT / "samples/house.png").read_bytes()
        form = {"files": {"file": house}, "data": {"prompt": "a cottage"}, "headers": {"X-API-Key": KEY}}
        painted = httpx.post(f"{address}/preview", **form, trust_env=False, timeout=60)
        assert painted.content.startswith(b"\x89PNG")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/healthz", trust_env=False)


def test_a_tunnel_that_cannot_be_opened_says_why(own: Settings) -> None:
    wrong = own.model_copy(update={"ngrok_authtoken": "wrong-token"})
    with pytest.raises(TunnelFailed, match="authentication failed") as refused, tunnel(wrong, 8000):
        pass
    assert "NGROK_AUTHTOKEN" in refused.value.remedy and "wrong-token" not in str(refused.value)
    assert not (own.data_dir / "ngrok.yml").exists()


def test_the_token_lies_where_nobody_else_reads_it(own: Settings) -> None:
    with tunnel(own, free_port()):
        told = own.data_dir / "ngrok.yml"
        assert "a-token" in told.read_text() and stat.S_IMODE(told.stat().st_mode) == 0o600
        program = process.get_process(conf.PyngrokConfig(ngrok_path=str(own.ngrok_path))).proc
        assert "a-token" not in " ".join(map(str, program.args))
    assert not told.exists() and program.poll() is not None


def test_a_tunnel_that_drops_is_opened_again_and_told(own: Settings) -> None:
    told: list[str] = []
    with ServerThread(own, port=0) as server, tunnel(own, server.port, tell=told.append, look=0.2) as address:
        assert told == [address]
        program = process.get_process(conf.PyngrokConfig(ngrok_path=str(own.ngrok_path))).proc
        program.kill()  # ngrok itself has ended
        _until(lambda: len(told) == 2)
        assert httpx.get(f"{told[1]}/healthz", trust_env=False).json() == {"status": "alive"}
        (known,) = ngrok.get_tunnels(conf.PyngrokConfig(ngrok_path=str(own.ngrok_path), config_version="2"))
        httpx.delete(f"{known.api_url}{known.uri}", trust_env=False)  # it runs, and the address is gone
        _until(lambda: len(told) == 3)
        assert httpx.get(f"{told[2]}/styles", headers={"X-API-Key": KEY}, trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{told[2]}/healthz", trust_env=False)


def test_a_tunnel_that_cannot_be_opened_again_is_told_of_and_tried_again(
    own: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    assert own.ngrok_path is not None
    program = own.ngrok_path.read_text()
    with caplog.at_level("INFO", "atelier"), tunnel(own, free_port(), tell=told.append, look=0.2):
        own.ngrok_path.write_text("#!/bin/sh\nexit 3\n")
        process.get_process(conf.PyngrokConfig(ngrok_path=str(own.ngrok_path))).proc.kill()
        _until(lambda: "it is tried again in 2 s" in caplog.text)
        own.ngrok_path.write_text(program)
        _until(lambda: len(told) == 2)


def test_an_address_behind_the_tunnel_is_throttled_alone(own: Settings) -> None:
    """ngrok names the address of whoever asks; those of this machine are not the ones who guess."""
    with ServerThread(own, port=0) as server, tunnel(own, server.port) as address:

        def ask(url: str, key: str) -> int:
            return httpx.get(f"{url}/jobs", headers={"X-API-Key": key}, trust_env=False).status_code

        assert [ask(address, f"a-wrong-key-{number:04}") for number in range(11)] == [401] * 10 + [429]
        assert ask(address, KEY) == 429 and ask(server.url, KEY) == 200


def _until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_serve_tells_the_address_and_takes_the_tunnel_down(own: Settings, tmp_path: Path) -> None:
    port, told = free_port(), tmp_path / "told"
    surroundings = {
        **os.environ,
        **{"DATA_DIR": str(own.data_dir), "API_KEYS": f"me:{KEY}", "PYTHONUNBUFFERED": "1"},
        **{"NGROK_PATH": str(own.ngrok_path), "NGROK_AUTHTOKEN": "a-token"},
    }
    command = [sys.executable, "-m", "server", "serve", "--tunnel", "--new-key", "--port", str(port)]
    with told.open("wb") as log:
        serving = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        found = re.search(r"(http://127\.0\.0\.1:\d+) leads here; a key", told.read_text())
        assert found and KEY not in told.read_text(), told.read_text()
        assert httpx.get(f"{found[1]}/healthz", trust_env=False).status_code == 200
        guest = re.search(r"key of this run, .*: (\S{32})$", told.read_text(), re.MULTILINE)
        for key, status in ((KEY, 200), (guest and guest[1], 200), ("a-wrong-key-0000", 401)):
            headers = {"X-API-Key": str(key)}
            assert httpx.get(f"{found[1]}/jobs", headers=headers, trust_env=False).status_code == status
        assert not (own.data_dir / "keys.json").exists()  # of this run alone
    finally:
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(40) in (0, -signal.SIGTERM), told.read_text()
    end = time.monotonic() + 10
    while True:
        try:
            httpx.get(f"{found[1]}/healthz", trust_env=False)
        except httpx.HTTPError:
            return
        assert time.monotonic() < end, "the tunnel outlived its server"


def test_a_key_that_was_made_opens_the_server_by_its_hash(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))
    told = CliRunner().invoke(main, ["keys", "new", "alice"]).output
    key, entry = re.search(r"^ {4}(\S{32})$", told, re.MULTILINE), re.search(r"API_KEYS=(\S+)", told)
    assert key and entry and key[1] not in entry[1]
    assert named_key(entry[1])[0] == "alice"
    with ServerThread(settings_over(tmp_path, models, api_keys=(entry[1],)), port=0) as server:
        answers = [
            httpx.get(f"{server.url}/jobs", headers={"X-API-Key": given}, trust_env=False).status_code
            for given in (key[1], key[1][:-1], entry[1].rpartition(":")[2])
        ]
    assert answers == [200, 401, 401]


def test_a_name_that_cannot_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for name in ("a b", "local", "x" * 41, "a:b"):
        assert CliRunner().invoke(main, ["keys", "new", name]).exit_code == 1, name


def test_a_server_in_a_thread_can_be_started_again(own: Settings) -> None:
    for _ in range(2):
        with ServerThread(own, port=0) as server:
            assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200
