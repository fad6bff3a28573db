"""Autoencoder: pictures to latents and back, apart from the denoising, one at a time."""

from __future__ import annotations

from threading import Lock

import numpy as np
import torch
from PIL import Image

from core.colours import Array
from generators.device import give_back, is_shortage
from generators.diffusion.failures import translated
from generators.diffusion.pipeline import Pipeline
from generators.orders import Diverged

IN_TILES = "memory was short: the picture was decoded in tiles, which may differ a little where they meet"


class Autoencoder:
    """Thread-safe. Callers decode in their own threads, while the others' pictures go on."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._lock = Lock()  # tiles are a state of the shared VAE, and two pictures take twice the memory

    @torch.inference_mode()
    def encode(self, page: Image.Image, generator: torch.Generator | None = None) -> torch.Tensor:
        """Latents of an RGB picture, float32 (1, 4, height / 8, width / 8).

        They are drawn from the VAE's distribution, or without a generator are its mode.
        """
        vae = self._pipeline.vae
        pixels = torch.from_numpy(np.asarray(page, np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
        with self._lock, self._pipeline.offload.at_home(vae):
            told = vae.encode(pixels.to(self._pipeline.device, vae.dtype)).latent_dist
        found = told.mode() if generator is None else told.sample(generator)
        latents: torch.Tensor = found.float() * vae.config.scaling_factor
        return latents

    def decode(self, latents: torch.Tensor) -> tuple[Array, tuple[str, ...]]:
        """A picture of shape (h, w, 3), 0..1, with notes; in tiles where memory is short."""
        notes: tuple[str, ...] = ()
        with self._lock, translated(self._pipeline.device, "decoding the picture"):
            pixels = self._tried(latents)
            if pixels is None:
                give_back(self._pipeline.device)
                self._pipeline.vae.enable_tiling()
                try:
                    pixels, notes = self._decode(latents), (IN_TILES,)
                finally:
                    self._pipeline.vae.disable_tiling()
        if not np.isfinite(pixels).all():
            raise Diverged("decoding")
        return pixels, notes

    def _tried(self, latents: torch.Tensor) -> Array | None:
        try:
            return self._decode(latents)
        except (RuntimeError, MemoryError) as error:
            if not is_shortage(error):
                raise
            return None

    @torch.inference_mode()
    def _decode(self, latents: torch.Tensor) -> Array:
        vae = self._pipeline.vae
        with self._pipeline.offload.at_home(vae):
            decoded = vae.decode((latents / vae.config.scaling_factor).to(vae.dtype), return_dict=False)[0]
        pixels = (decoded.float() / 2 + 0.5).clamp(0, 1)[0].permute(1, 2, 0).cpu()
        return np.asarray(pixels.numpy(), np.float32)
