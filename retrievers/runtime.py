"""Runtime: embedding models on the processor through OpenVINO, converted once and kept under the data directory."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from core.errors import BadSetting, ModelMissing
from core.settings import ROOT
from retrievers.offline import openvino

log = logging.getLogger("atelier")


def open_model(source: Path, name: str, cache: Path) -> Any:
    """The compiled model of a folder with `model.safetensors`, in single precision on one thread.

    The first time this takes some ten seconds and writes 90 MB to `cache / name`. Raises `ModelMissing`.
    """
    folder = cache / f"{name}-openvino-{openvino.__version__.split('-')[0]}"
    if not (folder / "model.xml").is_file():
        _convert(source, name, folder)
    try:
        return _compile(folder)
    except RuntimeError as error:  # half of it was lost on the disk
        log.warning("%s: %s cannot be read, converting anew (%s)", name, folder, str(error).splitlines()[0])
        shutil.rmtree(folder, ignore_errors=True)
        _convert(source, name, folder)
        return _compile(folder)


def _compile(folder: Path) -> Any:
    exact = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
    return openvino.Core().compile_model(folder / "model.xml", "CPU", exact)


def _convert(source: Path, name: str, folder: Path) -> None:
    """Convert into a temporary folder and move it into place: there is never half a model, whoever converts first."""
    log.info("%s: converting its weights, once", name)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        workplace = Path(tempfile.mkdtemp(prefix=".converting-", dir=folder.parent))
    except OSError as error:
        raise BadSetting("DATA_DIR", str(folder.parent.parent), error.strerror or str(error)) from error
    command = [sys.executable, "-m", "retrievers.conversion", str(source), str(workplace / "model.xml")]
    surroundings = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    try:
        done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise ModelMissing(name, f"its conversion failed: {last}", "install requirements.txt anew")
        workplace.chmod(0o755)  # a temporary folder is private
        try:
            workplace.rename(folder)
        except OSError:
            if not (folder / "model.xml").is_file():
                raise
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
