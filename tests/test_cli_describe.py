"""Descriptions on the command line, here and by a server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.settings import ROOT, Settings, get_settings
from retrievers.descriptions.archive import Archive
from retrievers.ledger import Ledger
from server.cli.main import main
from tests.chat_server import needs, wait_until
from tests.conftest import settings_over
from tests.gallery import fill
from tests.openai_server import OpenAIServer
from tests.servers import Server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "pictures")
    return tmp_path / "pictures"


@pytest.fixture
def data(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DATA_DIR", str(settings_over(tmp_path / "data", models).data_dir))
    get_settings.cache_clear()
    return get_settings()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_folder_is_described_in_one_command_and_found(data: Settings, folder: Path) -> None:
    made = run("describe", folder)
    assert made.exit_code == 0, made.output
    for said in ("24 described", "sentences embedded", "describer 1.0", "and 19 more", "pictures a second"):
        assert said in made.output
    assert "nothing to describe" in run("describe").output
    found = run("search", "something yellow on a grey ground", "-k", 2)
    assert found.exit_code == 0 and "described: “" in found.output, found.output


def test_limits_and_json(data: Settings, folder: Path) -> None:
    run("ingest", folder)
    told = json.loads(run("describe", "--limit", 3, "--json").stdout)
    assert (told["described"], told["left"], len(told["descriptions"])) == (3, 21, 3)
    assert all(described["caption"] for described in told["descriptions"].values())
    assert json.loads(run("describe", folder / "cup", "--json").stdout)["described"] == 5
    assert json.loads(run("describe", "--json").stdout)["described"] == 16


def test_one_picture_alone(data: Settings, folder: Path) -> None:
    made = run("describe", folder / "kite/0008.png")
    assert made.exit_code == 0 and "1 described" in made.output and "red" in made.output


def test_what_cannot_be_is_refused(data: Settings, tmp_path: Path) -> None:
    missing = run("describe", tmp_path / "missing")
    assert missing.exit_code == 1 and "path takes a folder or a picture" in missing.output
    assert run("describe", "--limit", 0).exit_code == 2


def test_a_model_that_is_not_there_says_what_to_install(
    data: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISION_LANGUAGE_MODEL", "nobody/no-such-model")
    get_settings.cache_clear()
    refused = run("describe", folder)
    assert refused.exit_code == 1 and "hf download nobody/no-such-model" in refused.output


def test_a_server_describes_for_the_command_beside_it(tmp_path: Path, models: Path, folder: Path) -> None:
    settings = settings_over(tmp_path / "data", models)
    with Server(settings.data_dir) as server:
        environment = {"DATA_DIR": str(settings.data_dir)}
        made = CliRunner(env=environment).invoke(main, ["describe", str(folder), "--json"])
        get_settings.cache_clear()
        assert made.exit_code == 0 and json.loads(made.stdout)["described"] == 24, made.output
        found = server.http.post("/get_image", json={"query": "something green on a grey ground", "k": 2}).json()
        assert "green" in found["hits"][0]["description"]["caption"]
        other = ["describe", str(folder), "--server", server.url, "--key", "whoever"]
        refused = CliRunner(env={"DATA_DIR": str(tmp_path / "other")}).invoke(main, other)
        assert refused.exit_code == 1 and "atelier ingest" in refused.output


def test_ctrl_c_begins_no_other_picture_and_keeps_what_was_answered(
    tmp_path: Path, models: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("openai")
    data = settings_over(tmp_path / "data", models).data_dir
    with OpenAIServer(seconds=0.3) as provider:
        provider.lend(monkeypatch)
        told = {"DATA_DIR": str(data), "VISION_LANGUAGE_MODEL": "openai:a-model", "PROVIDER_REQUESTS": "2"}
        command = [sys.executable, "-m", "server", "describe", str(folder)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **told}, text=True, **pipes) as process:
            assert wait_until(lambda: provider.requests > 2, 60)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 130 and "what was described is kept" in errors and "Traceback" not in errors
        assert provider.requests < 14
    archive = Archive(Ledger(data / "library/ledger.db", read_only=True))
    assert archive.counts()["openai:a-model"] == provider.requests
