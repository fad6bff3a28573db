"""Memory: what a forward pass of diffusion takes of it."""

from __future__ import annotations

from typing import Any

import torch

from generators.device import free_bytes

# numbers that UNet and ControlNet hold per cell of a latent, at Stable Diffusion 1.5's width of 320: 11,000 measured
# on an H100 in float16, decoding among it; other cards have less thrifty attention
PER_CELL = 16_000
SPARED = 0.9  # of what is free; allocators waste some


def branches_that_fit(device: torch.device, unet: Any, dtype: torch.dtype, size: tuple[int, int]) -> int | None:
    """Branches of that size in px that one forward pass may have; None where the device does not say."""
    free = free_bytes(device)
    if free is None:
        return None
    cells = size[0] * size[1] // 64
    each: int = cells * PER_CELL * unet.config.block_out_channels[0] // 320 * dtype.itemsize
    return int(SPARED * free) // max(1, each)
