"""Device: where models are computed, in which precision, and how much memory is free there."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import torch

from core.errors import BadSetting

_SHORTAGE = re.compile("out of memory|not enough memory|can't allocate memory|failed to allocate", re.IGNORECASE)
_NO_DEVICE = "PyTorch finds no such device here; it may be a build without it, or CUDA_VISIBLE_DEVICES hides it"


def device_of(name: str) -> torch.device:
    """The device that DEVICE names; `auto` is the fastest there is. Raises `BadSetting` for one that is not there."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, there in found.items() if there))
    device = torch.device(name)
    if not found[device.type] or (device.index or 0) >= max(1, torch.cuda.device_count()):
        raise BadSetting("DEVICE", name, _NO_DEVICE)
    return device


def dtype_of(device: torch.device, use_fp16: bool | None) -> torch.dtype:
    """The precision that USE_FP16 asks for; by default half of it on CUDA alone."""
    if not (device.type == "cuda" if use_fp16 is None else use_fp16):
        return torch.float32
    return torch.bfloat16 if device.type == "cpu" else torch.float16  # processors have no arithmetic for float16


def in_memory(module: torch.nn.Module) -> torch.nn.Module:
    """Have a module's weights in memory of its own. On the CPU they are else a map of their file: they would change
    with it, and a file that is cut short, as by a download into the same folder, would kill the process (SIGBUS)."""
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.device.type == "cpu":
            tensor.data = tensor.data.clone()
    return module


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
