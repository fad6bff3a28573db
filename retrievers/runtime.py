"""Runtime: embedding models on the processor through OpenVINO, converted once and kept under the data directory.

Each call computes on one thread, and as many calls at once as there are cores: callers that bring a batch each keep
every core busy, and nobody shares one. Callers beyond that wait for a request that is free.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from queue import LifoQueue
from typing import Any

import numpy as np

from core.colours import Array
from core.errors import BadSetting, ModelMissing
from core.once import Once
from core.settings import ROOT
from retrievers.offline import openvino

log = logging.getLogger("atelier")

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
WHOLE = "whole.json"  # of a converted folder: the size of each of its files
HINTS = {"float32": "f32", "bfloat16": "bf16"}
GROUP = 128  # numbers that share a scale where matrices have eight bits; more are coarser, fewer slower


def version() -> str:
    """Of OpenVINO; another one converts anew."""
    return str(openvino.__version__).split("-")[0]


def precision_here(named: str = "auto") -> str:
    """That precision; for `auto` bfloat16 where the processor computes in it, and float32 elsewhere.

    Raises `BadSetting` for bfloat16 elsewhere.
    """
    here = "bfloat16" if "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "float32"
    if named == "bfloat16" != here:
        raise BadSetting("EMBEDDING_PRECISION", named, "this processor does not compute in it")
    return here if named == "auto" else named


class Model:
    """A compiled model that any number of threads may call at once."""

    def __init__(self, path: Path, precision: str) -> None:
        alone = {"NUM_STREAMS": CORES, "INFERENCE_NUM_THREADS": CORES, "ENABLE_CPU_PINNING": False}
        inside = precision_here() if precision == "int8" else precision  # of all that is no product with a matrix
        eight = {"DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP} if precision == "int8" else {}
        hints = {"INFERENCE_PRECISION_HINT": HINTS[inside], **alone, **eight}
        self._compiled = openvino.Core().compile_model(path, "CPU", hints)
        self._requests: LifoQueue[Any] = LifoQueue()  # the one that was used last has its memory in the cache
        for _ in range(CORES):
            self._requests.put(None)

    def __call__(self, inputs: dict[str, Array]) -> Array:
        """The model's first output as float32, of its inputs by name."""
        request = self._requests.get()
        try:
            if request is None:
                request = self._compiled.create_infer_request()
            return np.array(request.infer(inputs, share_inputs=True, share_outputs=True)[0], np.float32)
        finally:
            self._requests.put(request)


class Converted:
    """The OpenVINO models of one source, in a folder of `cache` of their own; made where they are missing or damaged.

    `kind` is what retrievers/conversion.py calls it, `name` what people do, `digest` tells its content. Raises
    `ModelMissing` where the conversion fails.
    """

    def __init__(self, kind: str, name: str, digest: str, source: Path, cache: Path, precision: str) -> None:
        self.kind, self.name, self.source, self.precision = kind, name, source, precision
        called = "-".join(filter(None, (re.sub(r"[^\w.-]+", "-", name)[:80], digest, precision, "openvino", version())))
        self.folder = cache / called
        self._models: Once[str, Model] = Once(self._open)
        if not _whole(self.folder):
            self._convert()

    def open(self, part: str) -> Model:
        """The compiled model `part`.xml, made once."""
        return self._models(part)

    def _open(self, part: str) -> Model:
        path = self.folder / f"{part}.xml"
        try:
            return Model(path, self.precision)
        except RuntimeError as error:
            log.warning("%s: %s cannot be read (%s)", self.name, path, str(error).splitlines()[0])
            shutil.rmtree(self.folder, ignore_errors=True)
            self._convert()
            return Model(path, self.precision)

    def _convert(self) -> None:
        """Convert into a temporary folder and move it into place: there is never half a model, whoever is first."""
        log.info("%s: converting its weights, once", self.name)
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            workplace = Path(tempfile.mkdtemp(prefix=".converting-", dir=self.folder.parent))
        except OSError as error:
            raise BadSetting("DATA_DIR", str(self.folder.parent.parent), error.strerror or str(error)) from error
        try:
            self._run(workplace)
            sizes = {path.name: path.stat().st_size for path in workplace.iterdir()}
            (workplace / WHOLE).write_text(json.dumps(sizes), encoding="utf-8")
            workplace.chmod(0o755)  # a temporary folder is private
            if not _whole(self.folder):  # or somebody else was quicker
                shutil.rmtree(self.folder, ignore_errors=True)
            try:
                workplace.rename(self.folder)
            except OSError:
                if not _whole(self.folder):
                    raise
        finally:
            shutil.rmtree(workplace, ignore_errors=True)

    def _run(self, workplace: Path) -> None:
        command = [sys.executable, "-m", "retrievers.conversion", self.kind]
        command += [str(self.source), str(workplace), self.precision]
        surroundings = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE"}
        done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
        if not done.returncode:
            return
        last = (done.stdout.strip().splitlines() or [""])[-1]
        if last.startswith("{"):  # it said why
            raise ModelMissing(self.name, **json.loads(last))
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise ModelMissing(self.name, f"its conversion failed: {last}", "install requirements.txt anew")


def _whole(folder: Path) -> bool:
    """Whether a conversion was moved there and has lost nothing since."""
    try:
        sizes = json.loads((folder / WHOLE).read_text(encoding="utf-8"))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False
