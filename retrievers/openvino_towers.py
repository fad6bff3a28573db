"""OpenVINO towers: a CLIP on the processor, converted once; neither torch nor transformers is imported."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from core.colours import Array
from retrievers.checkpoint import Checkpoint
from retrievers.runtime import CORES, Converted, precision_here, version
from retrievers.sight import Sight
from retrievers.tokens import Vocabulary

BATCH = 16  # larger ones gain nothing


class OpenVINOTowers:
    """The first time, the conversion takes half a minute and writes under `cache` about half of the checkpoint's bytes
    in bfloat16, and all of them in float32. A tower is compiled when it is first asked, which takes half a second.

    `precision` is float32, bfloat16, int8 (of the pictures' tower), or auto: bfloat16 where the processor computes in
    it, and float32 elsewhere. Raises `BadSetting` for bfloat16 elsewhere, and `ModelMissing`, also where int8 finds
    other pictures than float32.
    """

    device, batch, lanes = "cpu", BATCH, CORES

    def __init__(self, checkpoint: Checkpoint, cache: Path, precision: str = "auto") -> None:
        self.precision = precision_here(precision)
        self._models = Converted("clip", checkpoint.name, checkpoint.digest, checkpoint.folder, cache, self.precision)
        told = json.loads((self._models.folder / "clip.json").read_text(encoding="utf-8"))
        self.vocabulary = Vocabulary.from_dict(told["vocabulary"])
        self.sight = Sight.from_dict(checkpoint.folder, told["sight"])
        self.dimension = int(told["dimension"])
        self.runtime = f"openvino {version()}"
        self.megabytes = round(sum(path.stat().st_size for path in self._models.folder.glob("*.bin")) / 1e6)

    def see(self, pixels: Array) -> Array:
        """Unit rows (n, dimension) of prepared pictures."""
        return _normalised(self._models.open("image")({"pixel_values": pixels}))

    def read(self, tokens: Array) -> Array:
        """Unit rows (n, dimension) of tokens."""
        return _normalised(self._models.open("text")({"input_ids": tokens}))


def _normalised(rows: Array) -> Array:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)
