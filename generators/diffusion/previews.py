"""Previews: what a picture will look like, an eighth of its size, at the cost of a matrix product per step.

Latents are nearly colours: a linear map takes one to the other. Which map that is differs from VAE to VAE, so it is
fitted, once, to a chart of colours that the VAE encodes.
"""

from __future__ import annotations

from threading import Lock

import numpy as np
import torch
from PIL import Image

from core.colours import Array
from generators.diffusion.autoencoder import Autoencoder

PATCH, PATCHES, CELL = 16, 16, 8  # px of a patch of the chart, patches along a side, px of a latent's cell


class Previews:
    """Thread-safe."""

    def __init__(self, autoencoder: Autoencoder) -> None:
        self._autoencoder = autoencoder
        self._lock = Lock()
        self._map: Array | None = None

    def picture(self, clean: torch.Tensor) -> Image.Image:
        """A small RGB picture of latents (1, 4, h, w) as they would be without their noise."""
        with self._lock:
            if self._map is None:
                self._map = self._fit()
        colours = _with_one(clean) @ self._map
        return Image.fromarray((np.nan_to_num(colours).clip(0, 1) * 255).round().astype(np.uint8))

    def _fit(self) -> Array:
        rng = np.random.default_rng(0)
        patches = rng.integers(0, 256, (PATCHES, PATCHES, 3), np.uint8)
        chart = Image.fromarray(patches.repeat(PATCH, 0).repeat(PATCH, 1))
        colours = patches.repeat(PATCH // CELL, 0).repeat(PATCH // CELL, 1).astype(np.float32) / 255
        return fit(self._autoencoder.encode(chart), colours)


def fit(latents: torch.Tensor, colours: Array) -> Array:
    """The map (5, 3) from latents, and one, to colours of shape (h, w, 3) that is best in the least squares."""
    rows = _with_one(latents)
    found = np.linalg.lstsq(rows.reshape(-1, rows.shape[-1]), colours.reshape(-1, 3), rcond=None)[0]
    return np.asarray(found, np.float32)


def _with_one(latents: torch.Tensor) -> Array:
    rows = latents[0].permute(1, 2, 0).float().cpu().numpy()
    return np.concatenate([rows, np.ones_like(rows[..., :1])], -1)
