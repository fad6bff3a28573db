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
    # what labels alone tell of, labels.py
    "night sky": Nature("1c2444 34305c 141c38 243464 2c2c58", 2.4, 0.75),
    "storm sky": Nature("5c6470 747c88 444c5c 888c98 3c4450", 2.2, 0.65),
    "sunset sky": Nature("f0b088 f49860 e87c5c f8c878 d87484 f0a0a0", 0.7, 0.55),
    "night water": Nature("1c3c68 142c54 2c4c78 243858", 2.4, 0.6),
    "stone": Nature("d8ccb4 c4b494 b0a48c e4dcc8 a09484 8c8880", 1.7, 0.45),
    "marble": Nature("fcf8f0 f0ece4 e8e4dc dcd8d4", 1.9, 0.5),
    "shade": Nature("3c3c44 54504c 2c2c34 444850", 1.4, 0.45),
    "metal": Nature("8c949c a8b0b8 6c747c c0c4c8", 1.0, 0.35),
    "window": Nature("a4c8d8 c8dce4 5c7c94 34486c 445058", 0.6, 0.2),
    "door": Nature("8c5c34 6c4428 a03c30 3c5c4c 4c3424", 1.0, 0.3),
    "lamp": Nature("fce08c fcd058 fcf0b8", 2.0, 0.7),
    "flame": Nature("fcb434 f4842c f8d058", 2.2, 0.7),
    "moon": Nature("fcf4d0 f4f0e0 fce8a0", 2.0, 0.6),
    "autumn leaves": Nature("c8682c d88c2c b8442c e0b040 a85c28", 2.4, 0.6),
    "blossom": Nature("f4b8c8 f8d0d8 e898b0 fce4e8", 2.4, 0.7),
    "petal": Nature("e05c70 f4a0b4 e8b83c f4f0e8 a86cc0", 1.2, 0.4),
    "red": Nature("b8342c c8503c a02c2c", 2.2, 0.65),
    "fruit": Nature("d8a03c e8b84c c87c30 b8b040", 1.6, 0.55),
    "pumpkin": Nature("e08028 d46c20 f09438", 2.2, 0.7),
    "bread": Nature("c89050 b87838 d8a868", 1.8, 0.6),
    "copper": Nature("7cb0a0 6c9c8c 94c0b0", 1.8, 0.6),
    "shoes": Nature("3c2c24 2c2c34 5c4030", 1.2, 0.4),
    "tyre": Nature("2c2c30 3c3c40", 1.8, 0.5),
    "mane": Nature("3c2618 1e1814 5a3a22 c8a060", 1.6, 0.45),
    "glass": Nature("3c6c4c 2c5c64 6c8c7c", 1.0, 0.35),
    "hull": Nature("6c4428 8c5c34 4c3424 9c4434 2c3c5c", 1.0, 0.3),
    "spots": Nature("4c3424 3c3430 6c4c34", 1.2, 0.4),
    "hide": Nature("f4ecdc d8c8b4 c8a078 8c5c40", 1.4, 0.4),
    "clock": Nature("f8f4e8 f0e8d0", 1.8, 0.6),
    "beam": Nature("fcf0b8 f8e8a0", 2.4, 0.9),
    "wallpaper": Nature("e8dcc4 d8c4a0 e0ccb4 c8d0bc d0b494 b8a488", 1.4, 0.5),
    "floor": Nature("b08454 8c6438 c8a070 9c7448", 1.4, 0.4),
    "table": Nature("8c5c34 a8744c 6c4428 b88c5c", 1.6, 0.45),
    "pot": Nature("b8643c c87c4c 9c5030", 1.6, 0.5),
    "band 0": Nature("d8443c", 2.5, 0.8),
    "band 1": Nature("f0a034", 2.5, 0.8),
    "band 2": Nature("f0d848", 2.5, 0.8),
    "band 3": Nature("58a858", 2.5, 0.8),
    "band 4": Nature("4c78b8", 2.5, 0.8),
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


@lru_cache(maxsize=128)
def _shades(part: str) -> Array:
    return hex_to_lab(*_NATURE[part].shades.split())
