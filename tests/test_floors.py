"""The plan of the house: what may import what, how large a file is, and what it begins with."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import ROOT

FLOORS = ("core", "retrievers", "generators", "chains", "server")
FILES = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")) if path.stat().st_size]


def test_imports_go_down_only() -> None:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command, "import-linter is in requirements-dev.txt"
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_one_noun(path: Path) -> None:
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "the first line says what the file owns"
    assert len(text.splitlines()) <= 320
    assert path.stem not in ("utils", "helpers", "common")


def test_core_has_at_most_nine_files() -> None:
    assert len([path for path in FILES if path.parent.name == "core"]) <= 9


def test_only_settings_read_the_environment() -> None:
    readers = {path.name for path in FILES if "os.environ" in path.read_text() or "getenv" in path.read_text()}
    assert readers <= {"settings.py", "runtime.py"}  # the second hands it on to the process that converts


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; from server.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"numpy", "cv2", "PIL", "pydantic", "fastapi", "langchain_core", "chromadb", "torch"})
