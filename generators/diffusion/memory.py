"""Memory of the device: how much is free, what a forward pass takes of it, and how its shortage is told."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

PER_CELL = 36_000  # numbers that UNet and ControlNet hold per cell of a latent, at Stable Diffusion 1.5's width of 320
SPARED = 0.9  # of what is free; allocators waste some
_SHORTAGE = re.compile("out of memory|not enough memory|can't allocate memory|failed to allocate", re.IGNORECASE)


def branches_that_fit(device: torch.device, unet: Any, dtype: torch.dtype, size: tuple[int, int]) -> int | None:
    """Branches of that size in px that one forward pass may have; None where the device does not say."""
    free = free_bytes(device)
    if free is None:
        return None
    cells = size[0] * size[1] // 64
    each: int = cells * PER_CELL * unet.config.block_out_channels[0] // 320 * dtype.itemsize
    return int(SPARED * free) // max(1, each)


def free_bytes(device: torch.device) -> int | None:
    """Bytes that can be had on the device, what PyTorch keeps in reserve included."""
    if device.type == "cuda":
        try:
            free, _ = torch.cuda.mem_get_info(device)
        except RuntimeError:  # a device that has failed; the next pass says how
            return None
        return int(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    try:
        told = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"MemAvailable:\s+(\d+) kB", told)
    return int(found[1]) * 1024 if found else None


def is_shortage(error: BaseException) -> bool:
    """Whether an error says that memory was short; a CPU's allocator has no type for that, only words."""
    known = isinstance(error, (torch.OutOfMemoryError, MemoryError))
    return known or (isinstance(error, RuntimeError) and bool(_SHORTAGE.search(str(error))))


def give_back(device: torch.device) -> None:
    """Hand what PyTorch keeps in reserve back to the device."""
    with suppress(RuntimeError):  # a device that has failed
        if device.type == "cuda":
            torch.cuda.empty_cache()
        elif device.type == "mps":
            torch.mps.empty_cache()
