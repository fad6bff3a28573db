"""Colours: the perceptual space that everything measures in, and the words that people use for colours.

Pictures are measured in CIELAB (CIE 1976, D65) divided by 100, with the two chroma axes stretched by 1.15: one unit is
the way from black to white, and a step of hue weighs a little more than the same step of lightness.
The eleven basic colour terms are those of Berlin & Kay, Basic Color Terms (1969).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # of float32; numpy's stubs lose the type in every sum with a python float

AXES = np.array([1.0, 1.15, 1.15], np.float32) / 100
GAMUT_LOW, GAMUT_HIGH = np.array([0, -1.3, -1.3], np.float32), np.array([1, 1.3, 1.3], np.float32)

BASIC_TERMS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")

# word: (focal colour, the basic terms it belongs to)
_WORDS = {
    "black": ("#121214", "black"), "charcoal": ("#36393f", "black grey"), "ebony": ("#241f1f", "black"),
    "white": ("#f4f4f0", "white"), "ivory": ("#f6f0dc", "white yellow"), "cream": ("#f3e6c4", "white yellow"),
    "beige": ("#e0d0b0", "white brown"), "pearl": ("#eae6dd", "white"), "snow": ("#f4f8fb", "white"),
    "grey": ("#848484", "grey"), "gray": ("#848484", "grey"), "silver": ("#b9bcc2", "grey white"),
    "slate": ("#5c6b78", "grey blue"), "ash": ("#b2b2aa", "grey"),
    "red": ("#c4302b", "red"), "scarlet": ("#d8321f", "red"), "crimson": ("#b01030", "red"),
    "vermilion": ("#dc4a2c", "red orange"), "ruby": ("#a3102f", "red"), "maroon": ("#6c1524", "red brown"),
    "burgundy": ("#6d1a2e", "red purple"), "cherry": ("#b5122b", "red"), "rust": ("#a8481f", "brown orange"),
    "orange": ("#ec7f2a", "orange"), "amber": ("#f0a826", "orange yellow"), "apricot": ("#f3b27c", "orange"),
    "peach": ("#f7c3a2", "orange pink"), "tangerine": ("#f07c1e", "orange"), "copper": ("#b3693a", "orange brown"),
    "bronze": ("#8f6a35", "brown"),
    "yellow": ("#f3d935", "yellow"), "gold": ("#cfa83c", "yellow brown orange"),
    "golden": ("#cfa83c", "yellow brown orange"),
    "mustard": ("#c99a2a", "yellow brown"), "lemon": ("#f4e34c", "yellow"), "ochre": ("#bb8434", "yellow brown"),
    "green": ("#3c9a48", "green"), "emerald": ("#18865a", "green"), "olive": ("#78802f", "green brown"),
    "lime": ("#9bd034", "green yellow"), "mint": ("#a6e3c0", "green white"), "jade": ("#3aa37c", "green"),
    "sage": ("#9fae88", "green grey"), "teal": ("#14807f", "green blue"), "turquoise": ("#3cc4bd", "blue green"),
    "cyan": ("#40c8dc", "blue"), "aqua": ("#5fd3d8", "blue green"),
    "blue": ("#2c5fb8", "blue"), "azure": ("#3d8fe0", "blue"), "navy": ("#1b2a5c", "blue"),
    "indigo": ("#33306f", "blue purple"), "cobalt": ("#1f4aa6", "blue"), "ultramarine": ("#2436a0", "blue"),
    "prussian": ("#16335c", "blue"), "sapphire": ("#1d489c", "blue"),
    "purple": ("#76399c", "purple"), "violet": ("#7a4bb6", "purple"), "lavender": ("#b9a5de", "purple"),
    "lilac": ("#c4a3d6", "purple pink"), "mauve": ("#b085a8", "purple pink"), "plum": ("#713a66", "purple"),
    "pink": ("#ee86ad", "pink"), "rose": ("#dd6484", "pink red"), "magenta": ("#c9269c", "pink purple"),
    "fuchsia": ("#d63aa4", "pink purple"), "salmon": ("#f08f7c", "pink orange"), "coral": ("#f1775f", "pink orange"),
    "brown": ("#70492c", "brown"), "chocolate": ("#5b3620", "brown"), "tan": ("#c9a678", "brown"),
    "sepia": ("#74563a", "brown"), "caramel": ("#a8692f", "brown orange"), "umber": ("#5f4630", "brown"),
    "khaki": ("#b3a36e", "brown green"), "chestnut": ("#74361f", "brown red"),
}  # fmt: skip

# further samples of each term, so that dark, pale and dull shades are named as people name them
_SHADES = {
    "black": "000000 0c0c14 1a1014 101a14 14101f 1f1a10",
    "white": "ffffff ececec fff8ea eef4fb f8eef0 eef6ea",
    "grey": "606060 9c9c9c bcbcbc 48484c 70767e 8c847c a8b0b4 98a09a",
    "red": "8c1a1a e2483e ff2020 5c0c12 b84040",
    "orange": "ff9a3c d8641c f6b060 ff6a14",
    "yellow": "fff27a d8c22e f8e8a0 a89a20 ffe000",
    "green": "1c5c2c 7cc06a b4dca0 103820 588048 00c850 8ab030 3a5a3a",
    "blue": "0a145a 101064 00008b 1010b4 0000e0 12244c 6ea4e0 b4d4f2 0a1430 4a78a0 0080ff 24486c 88b8c8 1a5a70",
    "purple": "3c1c5c 9a68c8 d0b8ec 28103c 6a4878 a000e0 583c8c",
    "pink": "ffb8d0 d84c8c fadae4 ff5cb4 c87890 e890c8",
    "brown": "3c2414 8c6040 a88868 583020 4c3c28 c09068 946444",
}


def to_lab(rgb: NDArray[np.uint8]) -> Array:
    """8-bit sRGB of shape (h, w, 3) as scaled Lab, float32 of the same shape."""
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab) * AXES, np.float32)


def from_lab(lab: Array) -> NDArray[np.uint8]:
    """Scaled Lab of shape (h, w, 3) as 8-bit sRGB, clipped to what a screen can show."""
    inside = (np.clip(lab, GAMUT_LOW, GAMUT_HIGH) / AXES).astype(np.float32)
    return np.asarray(np.clip(cv2.cvtColor(inside, cv2.COLOR_Lab2RGB), 0, 1) * 255 + 0.5, np.uint8)


def hex_to_lab(*codes: str) -> Array:
    rgb = np.array([[[int(code[i : i + 2], 16) for i in (0, 2, 4)] for code in codes]], np.uint8)
    lab: Array = to_lab(rgb)[0]
    return lab


@lru_cache(maxsize=1)
def colour_words() -> dict[str, Array]:
    """Every known colour word with its focal colour in scaled Lab, shape (3,)."""
    return {word: hex_to_lab(code.lstrip("#"))[0] for word, (code, _) in _WORDS.items()}


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return re.findall(r"[^\W\d_]+", text.lower())


def terms_in(text: str) -> dict[str, float]:
    """Shares of the basic terms that the colour words of `text` name; empty where it names none."""
    shares: dict[str, float] = {}
    named = [_WORDS[word][1].split() for word in words_of(text) if word in _WORDS]
    for terms in named:
        for term in terms:
            shares[term] = shares.get(term, 0) + 1 / len(terms) / len(named)
    return shares


@lru_cache(maxsize=1)
def _term_table() -> Array:
    """Membership of every coarse sRGB colour in the eleven terms, shape (32, 32, 32, 11), rows sum to 1.

    A colour belongs to the terms of the samples around it, weighted by a Gaussian of their distance in Lab.
    """
    samples, owners = [], []
    for index, term in enumerate(BASIC_TERMS):
        own = [code.lstrip("#") for code, terms in _WORDS.values() if terms == term] + _SHADES[term].split()
        samples.append(hex_to_lab(*own))
        owners += [index] * len(own)
    centres = np.concatenate(samples)
    steps = (np.arange(32) * 8 + 4).astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 1, 3)
    colours = to_lab(grid)[:, 0]
    distance = (centres**2).sum(1) - 2 * colours @ centres.T + (colours**2).sum(1, keepdims=True)
    closest = np.stack([distance[:, np.array(owners) == i].min(1) for i in range(len(BASIC_TERMS))], -1)
    table = np.exp(-(closest - closest.min(1, keepdims=True)) / 0.004)  # a sample 6 Lab units farther counts 0.4
    return np.asarray((table / table.sum(1, keepdims=True)).reshape(32, 32, 32, -1), np.float32)


def term_shares(rgb: NDArray[np.uint8], weights: Array | None = None) -> Array:
    """How much of a picture of shape (h, w, 3) each basic term covers, shape (11,), sums to 1; pixels count by
    `weights` of shape (h, w), all alike without them."""
    r, g, b = (rgb[..., i] >> 3 for i in range(3))
    terms = _term_table()[r, g, b].reshape(-1, len(BASIC_TERMS))
    return np.asarray(np.average(terms, 0, None if weights is None else weights.ravel()), np.float32)
