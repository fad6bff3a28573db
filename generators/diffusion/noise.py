"""Noise: what a picture begins with. Pure noise, or under some of it the page that the sketch was laid out on."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.utils.torch_utils import randn_tensor
from PIL import Image

from generators.diffusion.autoencoder import Autoencoder
from generators.orders import Sampling

CELL = 8  # px of a side that become one of a latent
CHANNELS = 4


def steps_of(sampling: Sampling) -> int:
    """Steps that are taken: with `strength`, the last ones of all."""
    if sampling.strength is None:
        return sampling.num_inference_steps
    return max(1, int(sampling.num_inference_steps * sampling.strength))


def begin(
    sampling: Sampling, page: Image.Image, scheduler: Any, generator: torch.Generator, autoencoder: Autoencoder
) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents in float32, and the timesteps to go. The generator is on the CPU: the same noise on every device."""
    timesteps: torch.Tensor = scheduler.timesteps
    device = timesteps.device
    shape = (1, CHANNELS, page.height // CELL, page.width // CELL)
    if sampling.strength is None:
        latents = randn_tensor(shape, generator=generator, device=device, dtype=torch.float32)
        return latents * scheduler.init_noise_sigma, timesteps
    first = len(timesteps) - steps_of(sampling)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first)
    kept = autoencoder.encode(page, generator)
    latents = randn_tensor(shape, generator=generator, device=device, dtype=torch.float32)
    return scheduler.add_noise(kept, latents, timesteps[first : first + 1]), timesteps[first:]
