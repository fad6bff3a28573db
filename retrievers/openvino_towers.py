"""OpenVINO towers: a CLIP on the processor, converted once; neither torch nor transformers is imported."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from core.colours import Array
from retrievers.checkpoint import Checkpoint
from retrievers.runtime import CORES, Converted, precision_here, version
from retrievers.sight import Sight
from retrievers.vocabulary import Vocabulary

BATCH = 16  # larger ones gain nothing
BYTES = {"float32": 4, "bfloat16": 2}


class OpenVINOTowers:
    """The first time, the conversion takes half a minute and writes under `cache` about half of the checkpoint's bytes
    in bfloat16, and all of them in float32. A tower is compiled when it is first asked, which takes half a second.

    `precision` is bfloat16 where the processor computes in it, and float32 elsewhere. Raises `ModelMissing`.
    """

    device, batch, lanes = "cpu", BATCH, CORES

    def __init__(self, checkpoint: Checkpoint, cache: Path, precision: str | None = None) -> None:
        self.precision = precision_here() if precision is None else precision
        self._models = Converted("clip", checkpoint.name, checkpoint.digest, checkpoint.folder, cache, self.precision)
        told = json.loads((self._models.folder / "clip.json").read_text(encoding="utf-8"))
        self.vocabulary = Vocabulary.from_dict(told["vocabulary"])
        self.sight = Sight.from_dict(checkpoint.folder, told["sight"])
        self.dimension = int(told["dimension"])
        self.runtime = f"openvino {version()}"
        self.megabytes = round(told["parameters"] * BYTES[self.precision] / 1e6)

    def see(self, pixels: Array) -> Array:
        """Unit rows (n, dimension) of prepared pictures."""
        return _normalised(self._models.open("image")({"pixel_values": pixels}))

    def read(self, tokens: Array) -> Array:
        """Unit rows (n, dimension) of tokens."""
        return _normalised(self._models.open("text")({"input_ids": tokens}))


def _normalised(rows: Array) -> Array:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)
