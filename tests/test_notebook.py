"""The notebook: committed without outputs, and run from the top as a person runs it."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from core.settings import ROOT
from tests import ngrok_program

NOTEBOOK = ROOT / "notebooks/colab.ipynb"


def test_it_is_valid_and_holds_no_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert cell.cell_type == "markdown" or (not cell.outputs and cell.execution_count is None)


@pytest.fixture
def work(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own inside of a checkout, as a person may have it."""
    (tmp_path / "atelier").symlink_to(ROOT)
    data = tmp_path / "atelier-data"
    data.mkdir()
    (data / "models").symlink_to(models)
    for name in ("API_KEYS", "MODELS", "DATA_DIR", "NGROK_AUTHTOKEN", "NGROK_PATH"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.timeout(240)
def test_it_runs_from_the_top(work: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(work)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    told = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    assert "style:  Ghibli-inspired watercolour" in told and "engine: painter" in told
    assert "Cyberpunk" in told and told.rstrip().endswith("stopped")
    pictures = [_picture(output) for output in outputs if "image/png" in output.get("data", {})]
    assert [picture.width > 500 for picture in pictures] == [True, True]
    assert pictures[1].width > 2 * pictures[1].height  # sketch, style and picture in a row


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="what is no checkout of git cannot be cloned")
def test_where_no_checkout_is_it_is_fetched_and_what_it_needs_is_installed(tmp_path: Path) -> None:
    """As in Colab, by git and pip; all packages are here, so that pip finds nothing to do and asks no index."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    install = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    surroundings = {**os.environ, "PIP_NO_INDEX": "1", "PYTHONPATH": ""}
    colab = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')\n"

    def run(source: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", colab + source]
        return subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False)

    refused = run(install)
    assert refused.returncode == 1 and "write the repository's address into REPOSITORY" in refused.stderr
    source = install.replace('REPOSITORY = ""', f"REPOSITORY = {str(ROOT)!r}")
    done = run(source + "\nimport server.process; print(server.process.__file__)")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"Atelier is in {tmp_path / 'atelier'}",
        str(tmp_path / "atelier/server/process.py"),
    ]


def test_with_a_token_it_gives_a_public_address(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cells to the page, and what they said: the server answers there until the last cell."""
    monkeypatch.setenv("NGROK_AUTHTOKEN", "a-token")
    monkeypatch.setenv("NGROK_PATH", str(ngrok_program.write(work)))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    ask = nbformat.v4.new_code_cell(
        "import httpx, re\n"
        "print('asked:', httpx.get(f'{address}/jobs', headers={'X-API-Key': KEY}, trust_env=False).status_code)"
    )
    page = next(cell for cell in code if "public address:" in cell.source)
    page.source = page.source.replace(
        "open_until_the_end.enter_context(told)", "address = open_until_the_end.enter_context(told)"
    )
    notebook.cells = [*code[: code.index(page) + 1], ask, code[-1]]
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(work)}}).execute()
    told = "".join(output.text for cell in notebook.cells for output in cell.outputs if output.get("name") == "stdout")
    assert "public address: http://127.0.0.1:" in told and "asked: 200" in told and told.rstrip().endswith("stopped")


def _picture(output: Any) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"])))
