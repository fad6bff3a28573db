"""Nearness: a hash of 64 bits that is close for pictures that look alike, whatever their size, format and quality.

The signs of the lowest 64 frequencies of a discrete cosine transform about their median (Zauner, Implementation and
Benchmarking of Perceptual Image Hash Functions, 2010). Copies that were scaled or compressed differ in a few bits,
other pictures in about 32. The frequency 0 takes no part: lighter or darker is no other picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from core.colours import Array

GRID, LOWEST = 32, 8
FAINT = 1e-3  # of white; frequencies below it are rounding, as of a picture of one colour


def perceptual_hash(image: Image.Image) -> str:
    """The hash of an RGB picture as 16 hexadecimal digits; a picture of one colour has all bits 0."""
    rgb = np.asarray(image.convert("RGB"))
    small = cv2.resize(rgb, (GRID, GRID), interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32) / 255
    low = np.asarray(cv2.dct(grey))[1 : LOWEST + 1, 1 : LOWEST + 1]
    bits = (low > np.median(low)) & (np.abs(low) > FAINT)
    return np.packbits(bits.ravel()).tobytes().hex()


def distance(one: str, other: str) -> int:
    """The number of bits in which two hashes differ, 0..64."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def as_numbers(hashes: Sequence[str]) -> Array:
    """Hashes as uint64 of shape (n,), to compare many at once."""
    return np.array([int(one, 16) for one in hashes], np.uint64)


def distances(one: str, others: Array) -> Array:
    """The bits in which a hash differs from each of `others`, as `as_numbers` gives them, shape (n,)."""
    return np.asarray(np.bitwise_count(others ^ np.uint64(int(one, 16))), np.uint8)
