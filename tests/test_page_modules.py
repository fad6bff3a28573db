"""The page's modules that need no browser, tested in JavaScript by Node's own runner."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from core.settings import ROOT

NODE = shutil.which("node")
ENOUGH = 18  # the first release whose runner and fetch these tests can use


def test_the_modules_do_what_they_say() -> None:
    if NODE is None and not os.environ.get("CI"):
        pytest.skip("no Node on this machine (Debian: apt install nodejs)")
    assert NODE is not None, "CI has a Node"
    version = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < ENOUGH and not os.environ.get("CI"):
        pytest.skip(f"Node {version} here; these tests need {ENOUGH} or later")
    files = sorted(str(path) for path in (ROOT / "tests/web").glob("*.test.js"))
    assert files, "tests/web is empty"
    done = subprocess.run([NODE, "--test", *files], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
