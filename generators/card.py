"""Card: the memory of the GPU, where torch computes on one in this process already; torch is never imported for it."""

from __future__ import annotations

import sys
from typing import Any


def memory() -> dict[str, dict[str, int]]:
    """Bytes by the number of the card: `allocated` and `reserved` by torch here, `free` and `total` of all."""
    cuda: Any = getattr(sys.modules.get("torch"), "cuda", None)  # none while another thread still imports torch
    if cuda is None or not cuda.is_initialized():
        return {}
    found = {}
    for number in range(cuda.device_count()):
        free, total = cuda.mem_get_info(number)
        own = {"allocated": cuda.memory_allocated(number), "reserved": cuda.memory_reserved(number)}
        found[str(number)] = {**own, "free": free, "total": total}
    return found
