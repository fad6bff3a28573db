"""The notebook: committed without outputs, and run from the top as a person runs it."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from core.settings import ROOT

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
    for name in ("API_KEYS", "MODELS", "DATA_DIR", "NGROK_AUTHTOKEN"):
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


def _picture(output: Any) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"])))
