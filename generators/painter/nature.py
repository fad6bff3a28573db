"""Nature: the colours that skin, leaves, soil or water have where nobody asks for others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.colours import Array, hex_to_lab

LIGHTNESS = 0.5  # of a difference in hue: light and shade are the style's
FAR = 0.45  # of scaled Lab; what is farther off is simply wrong


@dataclass(frozen=True)
class Nature:
    """How a part of the world looks, and how much it matters that it does."""

    shades: str  # any of them is right
    pull: float  # energy of a colour that is wrong, beside those of colouring.py
    lean: float = 0.0  # share of the way from the style's nearest colour that it is helped along


_NATURE = {
    "skin": Nature("f6d0b0 f0c4a0 e0a87e c08458 8a5636 5a3623 f2c8b4", 3.2, 0.7),
    "eye": Nature("fcfcfc f4f0e8 e4e4e8", 1.6, 0.5),
    "cloth": Nature("f6d0b0 e0a87e c08458 8a5636", -0.8),  # not as the skin that it covers
    "lips": Nature("c8504e a83a3e d8706c 8c3a34", 1.6, 0.4),
    "hair": Nature("1e1814 28262e 3c2618 5a3a22 8a5a30 b98a4c d8b878 a87848", 2.2, 0.75),
    "fur": Nature("d8a060 b0703c 7a5030 3c3430 8c8880 d8d0c4 e8c898", 2.2, 0.5),
    "leaves": Nature("2e5c2c 4c8a3c 7cac4c a8c060 3c6c4c c8a03c 1c4434", 2.4, 0.45),
    "trunk": Nature("5a3c24 7c5838 3c2a1c 94785c 6c645c", 2.4, 0.7),
    "ground": Nature("7ca84c 5c8a3c a8b45c 8c6c44 c8a878 e0cca0 5c4c38 3c4c2c 6c6c68 a8a498", 3.2, 0.5),
    "path": Nature("d8bc90 b89870 c8c0b0 98846c 7c7468 e8dcc0", 1.4, 0.3),
    "road": Nature("4c4c50 6c6c70 8c8884 34343c a8a49c", 1.4, 0.3),
    "water": Nature("2c5c94 4c84b8 7cacc8 a4c8d4 1c3c68 2c6c7c 5c9cac", 2.6, 0.45),
    "snow": Nature("fcfcfc f0f4f8 dce4f0 c8d4e4", 2.2, 0.5),
    "sand": Nature("f0dcb0 e0c494 c8a474 f4e8cc", 2.2, 0.4),
    "sky": Nature("5c9cdc 94c0e8 c8dcec f0e4d0 1c2444 34305c f0b088 c4a0b8 dcd8d0", 0.7, 0.0),
    "cloud": Nature("fcfcfc e4e8f0 f4e8dc c8ccd8", 2.6, 0.5),
    "sun": Nature("fcd444 f8b03c f08040 fce8a0 e85838 f8e088", 2.0, 0.7),
    "roof": Nature("a8442c c86848 7c3828 6c5044 4c4c54 8c8078 3c3434", 1.2, 0.25),
    "wall": Nature("f4ecdc e8d8b8 dcc098 f8f4f0 c8a888 d8b4a0 c0bcb4", 0.9, 0.2),
    "brick": Nature("a8543c 8c4434 c07858 6c4438 a8a098 7c7470", 1.8, 0.6),
    "fence": Nature("f4f0e8 d8c8ac a8845c 7c5c3c c8c4bc", 1.8, 0.4),
    "wood": Nature("8c5c34 6c4428 b08454 4c3424 c8a070", 1.2, 0.3),
    "sail": Nature("fcf8f0 f0e4cc e8e8e8 d8c8a8 c85040", 1.6, 0.35),
}  # fmt: skip


def nature_of(part: str) -> Nature | None:
    """What is known of a part; None of what may have any colour."""
    return _NATURE.get(part)


def unlikeness(part: str, colours: Array) -> Array:
    """How far colours of shape (k, 3) are from the nearest natural shade of a part, 0..1, shape (k,)."""
    return np.asarray(_distances(part, colours).min(1) / FAR, np.float32)


def nearest_shade(part: str, colour: Array) -> Array:
    """The natural shade of a part that is nearest to a colour, scaled Lab, both of shape (3,)."""
    return np.asarray(_shades(part)[_distances(part, colour[None])[0].argmin()], np.float32)


def _distances(part: str, colours: Array) -> Array:
    off = (colours[:, None] - _shades(part)[None]) * np.array([LIGHTNESS, 1, 1], np.float32)
    return np.asarray(np.minimum(FAR, np.linalg.norm(off, axis=2)), np.float32)


@lru_cache(maxsize=64)
def _shades(part: str) -> Array:
    return hex_to_lab(*_NATURE[part].shades.split())
