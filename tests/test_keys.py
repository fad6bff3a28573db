"""Keys in a file: made once, kept as hashes, seen at once by a server that runs, and gone when they are revoked."""

from __future__ import annotations

import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.errors import BadValue, CorruptCatalogue
from server.cli import main
from server.keys import KeyExists, KeyFile, KeyRing, digest, make_key
from tests.conftest import serving, settings_over


@pytest.fixture
def data(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = settings_over(tmp_path / "data", models).data_dir
    monkeypatch.setenv("DATA_DIR", str(folder))
    return folder


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["keys", *arguments])


def shown(made: Result) -> str:
    found = re.search(r"^ {4}(\S{32})$", made.stdout, re.MULTILINE)
    assert found, made.output
    return found[1]


def test_a_key_is_shown_once_and_only_its_hash_is_kept(data: Path) -> None:
    made = keys("new", "alice")
    assert made.exit_code == 0, made.output
    secret = shown(made)
    assert f"API_KEYS=alice:sha256:{digest(secret)}" in made.stdout
    assert stat.S_IMODE((data / "keys.json").stat().st_mode) == 0o600
    assert all(secret not in path.read_text(errors="replace") for path in data.iterdir() if path.is_file())
    listed = keys("list")
    assert "alice" in listed.stdout and secret not in listed.output and digest(secret)[:12] in listed.stdout
    nameless = json.loads(keys("new", "--json").stdout)
    assert nameless["name"] == f"key-{digest(nameless['key'])[:8]}"
    assert [key["name"] for key in json.loads(keys("list", "--json").stdout)["keys"]] == ["alice", nameless["name"]]


def test_what_cannot_be_is_refused_with_the_remedy(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys("list").exit_code == 0 and "atelier keys new" in keys("list").stderr
    keys("new", "alice")
    monkeypatch.setenv("API_KEYS", "carol:a-long-random-word")
    for arguments, said in (
        (("new", "alice"), "revoke that one first"),
        (("new", "carol"), "there is a key called 'carol'"),
        (("new", "local"), "is not local"),
        (("new", "a b"), "name='a b'"),
        (("revoke", "bob"), "the file has keys of alice"),
        (("revoke", "carol"), "taken out of .env by hand"),
    ):
        from core.settings import get_settings

        get_settings.cache_clear()
        refused = keys(*arguments)
        assert refused.exit_code == 1 and said in refused.stderr, refused.output


def test_a_running_server_sees_a_new_key_and_a_revoked_one_at_once(data: Path, models: Path) -> None:
    with serving(settings_over(data, models)) as client:
        assert client.get("/styles").status_code == 200  # no key, this machine
        secret = shown(keys("new", "alice"))
        assert client.get("/styles").status_code == 401
        mine = {"X-API-Key": secret}
        assert client.get("/styles", headers=mine).status_code == 200
        assert keys("revoke", "alice").exit_code == 0
        assert client.get("/styles", headers=mine).status_code == 401
        assert client.get("/styles").status_code == 401  # the last key is gone: nobody is let in, and not everybody
        again = {"X-API-Key": shown(keys("new", "alice"))}
        assert client.get("/styles", headers=again).status_code == 200


def test_a_file_that_is_damaged_lets_nobody_in(data: Path, models: Path) -> None:
    settings = settings_over(data, models, api_keys=("carol:a-long-random-word",))
    secret = shown(keys("new", "alice"))
    with serving(settings) as client:
        assert client.get("/styles", headers={"X-API-Key": secret}).status_code == 200
        (data / "keys.json").write_text('{"keys": [{"name"')
        assert client.get("/styles", headers={"X-API-Key": secret}).status_code == 401
        assert client.get("/styles", headers={"X-API-Key": "a-long-random-word"}).status_code == 200
    with pytest.raises(CorruptCatalogue, match=r"keys\.json"):
        KeyRing(settings)
    assert keys("new").exit_code == 1 and (data / "keys.json").read_text() == '{"keys": [{"name"'


def test_keys_that_are_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: KeyFile(tmp_path).add(make_key(f"key-{number}")[1]), range(24)))
    assert {key.name for key in KeyFile(tmp_path).read()} == {f"key-{number}" for number in range(24)}
    with pytest.raises(KeyExists):
        KeyFile(tmp_path).add(make_key("key-3")[1])
    with pytest.raises(BadValue):
        make_key("x" * 41)
