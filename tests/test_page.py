"""The page: what is served without a key, its policy, its weight, and its frame in a browser."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path

import pytest

from core.settings import Settings
from server import page
from tests.conftest import serving, settings_over

FILES = sorted(path.relative_to(page.WEB).as_posix() for path in page.WEB.rglob("*.*") if path.parent != page.WEB)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Settings:
    return settings_over(tmp_path_factory.mktemp("page"), models, api_keys=("alice:correct-horse-battery-staple",))


def test_the_page_is_open_and_what_it_shows_is_not(closed: Settings) -> None:
    with serving(closed) as client:
        assert client.get("/").headers["content-type"].startswith("text/html")
        for name in FILES:
            assert client.get(f"/{name}").status_code == 200, name
        for path in ("/styles", "/jobs", "/samples", "/pictures", "/css/../jobs", "/css/%2e%2e/%2e%2e/app.py", "/js/"):
            assert client.get(path).status_code in (401, 404), path


def test_every_file_of_the_page_has_the_policy_and_its_own_type(closed: Settings) -> None:
    types = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    with serving(closed) as client:
        for name in ("", *FILES):
            answer = client.get(f"/{name}")
            kind = types.get(name.rpartition(".")[2] or "html", "application/json")
            assert answer.headers["content-type"].startswith(kind), name
            assert answer.headers["content-security-policy"].startswith("default-src 'none'"), name
            assert answer.headers["cache-control"] == "no-cache", name


def test_the_policy_lets_no_script_in_but_ours() -> None:
    policy = dict(part.split(" ", 1) for part in page.policy().split("; "))
    assert "unsafe" not in page.policy() and "*" not in policy["script-src"]
    told = (page.WEB / "index.html").read_text()
    (inline,) = re.findall(r"<script>(.*?)</script>", told, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", told)


def test_a_file_that_is_unchanged_is_not_sent_again(closed: Settings) -> None:
    with serving(closed) as client:
        first = client.get("/css/base.css", headers={"accept-encoding": "gzip"})
        assert first.headers["content-encoding"] == "gzip"
        again = client.get("/css/base.css", headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304 and not again.content


def test_the_modules_of_the_first_view_are_asked_for_at_once() -> None:
    told = (page.WEB / "index.html").read_text()
    listed = re.findall(r'<link rel="modulepreload" href="([^"]+)">', told)
    assert sorted(listed) == sorted(_imported("js/main.js") | _imported("js/design/design.js"))


def _imported(module: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """A module and all that it imports."""
    if module in known:
        return known
    found = known | {module}
    folder = Path(module).parent
    for path in re.findall(r'from "(\.[^"]+)"', (page.WEB / module).read_text()):
        found = _imported(os.path.normpath(folder / path), found)
    return found
