"""Styles: a reference picture as the adapter reads it. Made once, kept as safetensors under the data directory.

A file is named by the picture's SHA-256 and lies in a folder named by the image encoder's identity and its precision,
so that it is never stale. The image encoder is the largest part there is (ViT-H, 632 M weights): it is loaded when a
style is new, and released when nobody waits for it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from transformers import CLIPImageProcessorPil, CLIPVisionModelWithProjection

from core import images
from core.files import write_whole
from core.once import Once
from generators.checkpoints import refusing_to_load
from generators.device import give_back
from generators.diffusion.pipeline import Pipeline
from generators.orders import Reference

log = logging.getLogger("atelier")
KEEP = 64  # styles in memory
Embeds = tuple[torch.Tensor, torch.Tensor]  # without the picture, with it: (1, 1, width), "plus" (1, 1, tokens, width)


class Styles:
    """Thread-safe."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        self._pipeline = pipeline
        self._folder = folder / f"{pipeline.adapter.identity}-{str(pipeline.dtype).removeprefix('torch.')}"
        self._embedded: Once[bytes, Embeds] = Once(self._find, KEEP, name="style_embeds")
        self._lock = Lock()  # of the encoder
        self._counting = Lock()
        self._wanted = 0
        self._encoder: tuple[Any, Any] | None = None

    def __call__(self, references: Sequence[Reference]) -> Embeds | None:
        """The references blended in the shares of their weights; None where there are none."""
        if not references:
            return None
        whole = sum(reference.weight for reference in references)
        found = [self._embedded(reference.picture) for reference in references]
        if len(found) == 1:
            return found[0]
        shares = [reference.weight / whole for reference in references]
        without = sum(share * embeds[0] for share, embeds in zip(shares, found, strict=True))
        blended = sum(share * embeds[1] for share, embeds in zip(shares, found, strict=True))
        assert isinstance(without, torch.Tensor) and isinstance(blended, torch.Tensor)
        return without, blended

    def _find(self, picture: bytes) -> Embeds:
        path = self._folder / f"{hashlib.sha256(picture).hexdigest()}.safetensors"
        kept = self._read(path)
        if kept is None:
            kept = self._embed(picture)
            self._keep(path, kept)
        device, dtype = self._pipeline.device, self._pipeline.dtype
        return kept[0].to(device, dtype), kept[1].to(device, dtype)

    def _read(self, path: Path) -> Embeds | None:
        """What was kept; None where there is none, or what is there is damaged: it is made anew."""
        try:
            kept = load(path.read_bytes())
            found = kept["without"], kept["with"]
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, KeyError) as error:
            log.warning("%s is damaged (%s) and is made anew", path, error)
            return None
        if not all(bool(embeds.isfinite().all()) for embeds in found):
            log.warning("%s holds what are no numbers, and is made anew", path)
            return None
        shape, width = tuple(found[1].shape), self._pipeline.style_width
        wanted = (1, 1, *shape[2:3], width) if self._pipeline.adapter.hidden else (1, 1, width)
        if shape != wanted or found[0].shape != found[1].shape:
            log.warning("%s holds %s where the adapter takes %s, and is made anew", path, shape, wanted)
            return None
        return found

    def _keep(self, path: Path, made: Embeds) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, save({"without": made[0].contiguous(), "with": made[1].contiguous()}))
        except OSError as error:  # a full disk, for example; the picture needs what was made, not the file
            log.warning("%s cannot be kept (%s); the style is embedded again at the next start", path, error)

    @torch.inference_mode()
    def _embed(self, picture: bytes) -> Embeds:
        """Embeddings on the CPU, in the encoder's precision."""
        opened = images.decode(picture, "style picture", None)
        with self._counting:
            self._wanted += 1
        with self._lock:
            try:
                if self._encoder is None:
                    self._encoder = self._open()
                processor, encoder = self._encoder
                seen = processor(opened, return_tensors="pt").pixel_values.to(encoder.device, encoder.dtype)
                if self._pipeline.adapter.hidden:
                    found = encoder(seen, output_hidden_states=True).hidden_states[-2]
                    without = encoder(torch.zeros_like(seen), output_hidden_states=True).hidden_states[-2]
                else:
                    found = encoder(seen).image_embeds
                    without = torch.zeros_like(found)
            finally:
                with self._counting:
                    self._wanted -= 1
                if self._wanted == 0:
                    self._encoder = encoder = None
                    give_back(self._pipeline.device)
        return without[None].cpu(), found[None].cpu()

    def _open(self) -> tuple[Any, Any]:
        adapter, pipeline = self._pipeline.adapter, self._pipeline
        with refusing_to_load(adapter.checkpoint, adapter.encoder):
            encoder: Any = CLIPVisionModelWithProjection.from_pretrained(
                adapter.checkpoint.folder / adapter.encoder,
                dtype=pipeline.dtype,
                variant=adapter.variant,
                use_safetensors=True,
                local_files_only=True,
            )
        side = encoder.config.image_size
        return CLIPImageProcessorPil(size=side, crop_size=side), encoder.requires_grad_(False).eval().to(
            pipeline.device
        )
