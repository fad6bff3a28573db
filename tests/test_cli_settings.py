from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from core.settings import ROOT, Settings
from server.cli.main import main


def told(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["settings", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_page_of_settings_is_what_the_code_says() -> None:
    assert (ROOT / "docs/settings.md").read_text() == told("--markdown"), (
        "atelier settings --markdown > docs/settings.md"
    )


def test_every_setting_is_described_with_what_it_takes() -> None:
    rows = [line.strip("| ").split(" | ") for line in told("--markdown").splitlines() if line.startswith("| `")]
    assert {row[0].strip("`").lower() for row in rows} == set(Settings.model_fields)
    assert all(len(row) == 4 and row[2] and len(row[3]) > 8 for row in rows), rows
    by_name = {row[0]: row for row in rows}
    assert by_name["`IMAGE_SIZE`"][1:3] == ["`512`", "whole number from 64 to 1,024, a multiple of 8"]
    assert by_name["`MODELS`"][2] == "`embedded`, `full`" and by_name["`COMPILE`"][2] == "`true`, `false`"


def test_what_is_in_force_is_shown_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "IMAGE_SIZE": "256",
        "API_KEYS": "a:very-secret-random-word",
        "REDIS_URL": "redis://:pw@h:1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CHROMA_URL", "http://127.0.0.1:1")
    shown = told()
    assert "* IMAGE_SIZE" in shown and "  MODELS" in shown and "very-secret" not in shown and "pw" not in shown
    as_json = json.loads(told("--json"))
    assert as_json["IMAGE_SIZE"] == 256 and as_json["API_KEYS"] == "***" and as_json["NGROK_AUTHTOKEN"] is None
