"""Prompts: words as the UNet reads them, in windows of 75 tokens, however many there are; the last ones are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from core.errors import BadValue
from core.once import Once
from generators.diffusion.pipeline import Pipeline

WINDOW = 75  # tokens of CLIP's 77, between a beginning and an end
MAX_WINDOWS = 32  # of one prompt
KEEP = 128  # prompts; a window of SDXL takes 300 KB


@dataclass(frozen=True)
class Prompt:
    """Embeddings of shape (1, 77 * windows, width), and SDXL's pooled one of shape (1, width)."""

    embeds: torch.Tensor
    pooled: torch.Tensor | None

    @property
    def windows(self) -> int:
        return self.embeds.shape[1] // (WINDOW + 2)

    def repeated(self, windows: int) -> torch.Tensor:
        """The embeddings in that many windows, a multiple of their own.

        Attention over keys that are all there twice is attention over them once: nothing is masked, nothing changes.
        """
        return self.embeds.repeat(1, windows // self.windows, 1)


class Prompts:
    """Thread-safe."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._encoded: Once[tuple[str, bool, str], Prompt] = Once(self._encode, KEEP, name="prompts")

    def __call__(self, text: str, negative: bool = False) -> Prompt:
        """A prompt, or what to keep away from."""
        zeros = negative and not text and self._pipeline.zeros_for_no_negative
        return self._encoded((text, zeros, "negative_prompt" if negative and text else "prompt"))

    @torch.inference_mode()
    def _encode(self, key: tuple[str, bool, str]) -> Prompt:
        text, zeros, field = key
        pipeline = self._pipeline
        states, pooled = [], None
        for tokenizer, encoder in zip(pipeline.tokenizers, pipeline.text_encoders, strict=True):
            rows = _windows(tokenizer, text)
            if len(rows) > MAX_WINDOWS:
                raise BadValue(field, text, f"at most {MAX_WINDOWS * WINDOW:,} tokens, some two for three words")
            ids = torch.tensor(rows, device=pipeline.device)
            with pipeline.offload.at_home(encoder):
                output = encoder(ids, output_hidden_states=pipeline.kind == "sdxl")
            if pipeline.kind == "sd":
                found = output[0]
            else:
                found = output.hidden_states[-2]
                pooled = output[0][:1]  # of the second encoder; a picture has one, whatever its prompt's length
            states.append(found.reshape(1, -1, found.shape[-1]))
        embeds = torch.cat(states, -1).to(pipeline.dtype)
        if zeros:
            return Prompt(torch.zeros_like(embeds), None if pooled is None else torch.zeros_like(pooled))
        return Prompt(embeds, pooled)


def _windows(tokenizer: Any, text: str) -> list[list[int]]:
    """Tokens in rows of 77: beginning, up to 75 tokens, end, padding."""
    ids = tokenizer(text, add_special_tokens=False, truncation=False, verbose=False).input_ids
    rows = [ids[start : start + WINDOW] for start in range(0, len(ids), WINDOW)] or [[]]
    begin, end, pad = tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id
    return [[begin, *row, end, *[pad] * (WINDOW - len(row))] for row in rows]
