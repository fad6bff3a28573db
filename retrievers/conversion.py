"""Conversion: embedding models from their safetensors into OpenVINO models, once.

Runs as a process of its own (`python -m retrievers.conversion KIND SOURCE TARGET PRECISION`): the process that serves
never imports torch, whose 200 MB it would carry for good. A refusal is printed as `{"reason", "remedy"}`.

Weights that will be computed in bfloat16 are kept in float16, which has three more bits of each: half the disk and the
memory, the same vectors. In int8 the pictures' tower of a CLIP is quantised, and refused where it finds other pictures
than in float32; its texts stay as they are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import BertModel

from core.errors import ModelMissing
from retrievers.checkpoint import Checkpoint
from retrievers.offline import openvino
from retrievers.quantisation import LEAST, NEAREST, draw_pictures, overlap, quantise
from retrievers.runtime import Model
from retrievers.torch_towers import Parts, load


class MeanPooled(torch.nn.Module):
    """Token states averaged under the mask and normalised, as all-MiniLM-L6-v2 was trained (SBERT 2019)."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Token ids and mask of shape (batch, tokens) -> unit vectors of shape (batch, dimension)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        return torch.nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)


class Tower(torch.nn.Module):
    """One of the encoders of a CLIP, down to what it projects."""

    def __init__(self, model: torch.nn.Module, features: Callable[..., Any], name: str) -> None:
        super().__init__()
        self.model, self.features, self.name = model, features, name

    def forward(self, taken: torch.Tensor) -> torch.Tensor:
        """Tokens (batch, tokens), or pixels (batch, 3, height, width) -> features of shape (batch, dimension)."""
        output = self.features(**{self.name: taken})
        found: torch.Tensor = getattr(output, "pooler_output", output)
        return found


def convert_sentences(source: Path, target: Path, precision: str) -> None:
    """A BERT encoder of sentence-transformers -> `model.xml`: input_ids, attention_mask (n, tokens) -> unit vectors."""
    encoder = BertModel.from_pretrained(source, add_pooling_layer=False, local_files_only=True)
    encoder.train(False)
    tokens = torch.ones(2, 9, dtype=torch.int64)
    examples = {"input_ids": tokens, "attention_mask": tokens}
    _save(MeanPooled(encoder), examples, [-1, -1], target / "model.xml", precision)


def convert_clip(source: Path, target: Path, precision: str) -> None:
    """A CLIP -> `text.xml`, `image.xml`, and `clip.json` of what its texts and pictures go through before."""
    parts = load(Checkpoint(source.name, source, "", 0), torch.float32)
    model, seen = parts.model, parts.sight.seen
    tokens = torch.full((2, 9), parts.vocabulary.end, dtype=torch.int64)
    text = Tower(model, model.get_text_features, "input_ids")
    _save(text, {"input_ids": tokens}, [-1, -1], target / "text.xml", precision)
    image = Tower(model, model.get_image_features, "pixel_values")
    pixels = torch.zeros(2, 3, seen, seen)
    _save(image, {"pixel_values": pixels}, [-1, 3, seen, seen], target / "image.xml", precision)
    if precision == "int8":
        _refuse_strangers(target / "image.xml", parts)
    told = {
        "dimension": int(model.config.projection_dim),
        "vocabulary": parts.vocabulary.as_dict(),
        "sight": parts.sight.as_dict(),
    }
    (target / "clip.json").write_text(json.dumps(told), encoding="utf-8")


def _save(
    module: torch.nn.Module, examples: dict[str, torch.Tensor], shape: list[int], path: Path, precision: str
) -> None:
    """Convert a module that takes these inputs, in this order, each of that shape."""
    model = openvino.convert_model(module, example_input=tuple(examples.values()), input=[shape] * len(examples))
    for given, name in zip(model.inputs, examples, strict=True):
        given.get_tensor().set_names({name})
    exact = precision == "float32"
    if precision == "int8" and "pixel_values" in examples:
        quantise(model)
        exact = True  # its scales
    openvino.save_model(model, path, compress_to_fp16=not exact)


def _refuse_strangers(path: Path, parts: Parts) -> None:
    """Raise `ModelMissing` where the tower in eight bits finds other pictures than the one it was made of."""
    pixels = np.stack([parts.sight.prepare(picture) for picture in draw_pictures()])
    with torch.inference_mode():
        output = parts.model.get_image_features(pixel_values=torch.from_numpy(pixels))
    found = Model(path, "int8")({"pixel_values": pixels})
    share = overlap(found, getattr(output, "pooler_output", output).numpy())
    if share < LEAST:
        reason = f"in int8 it finds {share:.0%} of the {NEAREST} nearest pictures that float32 finds, of {LEAST:.0%}"
        raise ModelMissing("int8", reason, "set EMBEDDING_PRECISION to auto, bfloat16 or float32")


if __name__ == "__main__":
    kind, source, target, precision = sys.argv[1:]
    kinds = {"sentences": convert_sentences, "clip": convert_clip}
    try:
        kinds[kind](Path(source), Path(target), precision)
    except ModelMissing as refusal:
        sys.stdout.write(json.dumps({"reason": refusal.data["reason"], "remedy": refusal.remedy}) + "\n")
        sys.exit(1)
