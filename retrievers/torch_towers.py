"""Torch towers: a CLIP as transformers reads it, on a processor or a card."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import CLIPModel, CLIPTokenizer
from transformers import logging as transformers_logging
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from core.colours import Array
from core.errors import BadSetting, ModelMissing
from retrievers.checkpoint import SETTING, Checkpoint
from retrievers.sight import Sight
from retrievers.tokens import Vocabulary

BATCH = 16  # larger ones gain nothing on a processor, and 4 times that on a card
_ANOTHER = f"set {SETTING} to a checkpoint that is whole, or fetch this one anew"


@dataclass(frozen=True)
class Parts:
    """What a checkpoint is made of; each fits the others."""

    model: Any
    vocabulary: Vocabulary
    sight: Sight


class TorchTowers:
    """Raises `ModelMissing` where the checkpoint's parts do not fit each other, and `BadSetting` for a device that is
    not there, or a precision that torch has not. `precision` is float32, bfloat16, or auto: half precision where the
    device computes in it, and float32 elsewhere.
    """

    lanes = 1  # two would share the cores, and the memory of a card

    def __init__(self, checkpoint: Checkpoint, device: str = "auto", precision: str = "auto") -> None:
        self._device = _device(device)
        self._dtype = _dtype(self._device, precision)
        parts = load(checkpoint, self._dtype)
        self.vocabulary, self.sight = parts.vocabulary, parts.sight
        self._model: Any = parts.model.to(self._device)
        self._lock = Lock()
        self.dimension = int(self._model.config.projection_dim)
        self.precision = str(self._dtype).removeprefix("torch.")
        self.runtime = f"torch {torch.__version__}"
        self.device = str(self._device)
        self.megabytes = round(sum(p.numel() * p.element_size() for p in self._model.parameters()) / 1e6)
        self.batch = BATCH if self._device.type == "cpu" else 4 * BATCH

    def see(self, pixels: Array) -> Array:
        """Unit rows (n, dimension) of prepared pictures."""
        with self._lock, torch.inference_mode():
            batch = torch.from_numpy(pixels).to(self._device, self._dtype)
            return _normalised(self._model.get_image_features(pixel_values=batch))

    def read(self, tokens: Array) -> Array:
        """Unit rows (n, dimension) of tokens."""
        with self._lock, torch.inference_mode():
            return _normalised(self._model.get_text_features(input_ids=torch.from_numpy(tokens).to(self._device)))


def card() -> bool:
    """Whether PyTorch finds anything faster than the processor."""
    return torch.cuda.is_available() or torch.backends.mps.is_available()


def load(checkpoint: Checkpoint, dtype: torch.dtype) -> Parts:
    """The parts of a checkpoint, on the processor. Raises `ModelMissing` where they do not fit each other."""
    model = _load(checkpoint, dtype)
    tokenizer: Any = CLIPTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
    text = model.config.text_config
    if len(tokenizer) > text.vocab_size:
        reason = f"its vocabulary has {len(tokenizer):,} tokens, its model {text.vocab_size:,}"
        raise ModelMissing(checkpoint.name, reason, _ANOTHER)
    words = tokenizer.backend_tokenizer
    words.no_truncation()
    words.no_padding()
    marks = int(tokenizer.bos_token_id), int(tokenizer.eos_token_id)
    vocabulary = Vocabulary(words, *marks, int(text.max_position_embeddings) - 2)
    processor: Any = CLIPImageProcessorPil.from_pretrained(checkpoint.folder, local_files_only=True)
    seen = int(model.config.vision_config.image_size)
    sight = Sight.of(checkpoint.folder, seen, processor)
    if sight.prepare(Image.new("RGB", (seen, seen))).shape[1:] != (seen, seen):
        raise ModelMissing(checkpoint.name, f"its processor does not give the {seen} px its model takes", _ANOTHER)
    return Parts(model, vocabulary, sight)


def _load(checkpoint: Checkpoint, dtype: torch.dtype) -> Any:
    quieten: Any = transformers_logging.disable_progress_bar
    quieten()  # of a second, in the midst of what a command says
    read: Any = CLIPModel.from_pretrained
    try:
        model, told = read(
            checkpoint.folder, dtype=dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelMissing(checkpoint.name, f"{checkpoint.folder}: {lines[0][:200]}", _ANOTHER) from error
    if told["missing_keys"]:
        gaps = sorted(told["missing_keys"])
        raise ModelMissing(checkpoint.name, f"its weights lack {gaps[0]} and {len(gaps) - 1} more tensors", _ANOTHER)
    return model.train(False)


def _device(named: str) -> torch.device:
    """The device of that name; `auto` is the fastest that is there. Raises `BadSetting`."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    kind = next(kind for kind, present in there.items() if present) if named == "auto" else named.partition(":")[0]
    if kind not in there:
        raise BadSetting("DEVICE", named, "it is one of auto, cuda, mps and cpu")
    found = kind if named == "auto" else named
    if not there[kind]:
        raise BadSetting("DEVICE", named, f"PyTorch {torch.__version__} finds no such device here")
    try:
        device = torch.device(found)
    except RuntimeError as error:
        raise BadSetting("DEVICE", named, "a device's number is written as in cuda:0") from error
    if kind == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise BadSetting("DEVICE", named, f"there are {torch.cuda.device_count()} such devices, counted from 0")
    return device


def _dtype(device: torch.device, precision: str) -> torch.dtype:
    """That precision; for `auto`, half where the device computes in it. Raises `BadSetting`."""
    if precision == "int8":
        raise BadSetting("EMBEDDING_PRECISION", precision, "torch has it not; set EMBEDDING_RUNTIME to openvino")
    if precision != "auto":
        return torch.bfloat16 if precision == "bfloat16" else torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    able = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return torch.bfloat16 if able.get("amx_bf16") or able.get("avx512_bf16") else torch.float32


def _normalised(output: Any) -> Array:
    """Projected features, in whatever transformers wraps them, as unit rows of float32."""
    features = getattr(output, "pooler_output", output).float()
    unit = torch.nn.functional.normalize(features, dim=-1)
    return np.asarray(unit.cpu().numpy(), np.float32)
