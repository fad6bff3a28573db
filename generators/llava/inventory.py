"""Inventory: what the vision-language model resolved to, where its files lie, and what it will take of memory."""

from __future__ import annotations

from core.settings import Settings
from generators.checkpoints import shown
from generators.llava.checkpoint import find_llava, numbers


def told(settings: Settings) -> str:
    """Files are read as far as their headers tell. Raises `ModelMissing` for whatever would keep it from loading."""
    checkpoint = find_llava(settings)
    count = numbers(checkpoint)
    from generators.llava.model import check_8bit, check_kind  # heavy, and asked last

    kind = check_kind(checkpoint)
    check_8bit(settings)
    each = "half of it with USE_FP16, a quarter with USE_8BIT"
    size = f"{count / 1e9:.2f} billion numbers, {count * 4 / 1e9:.2f} GB of memory; {each}"
    return f"{shown(checkpoint.name)} ({kind}) in {checkpoint.folder}: {size}"
