"""Tone: the large lights and colours of a picture without its texture, and how busy each place is."""

from __future__ import annotations

import cv2
import numpy as np

from core.colours import Array


def blur(image: Array, sigma: float) -> Array:
    """Gaussian blur, `sigma` in px."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def resize(image: Array, width: int, height: int) -> Array:
    """Averaged over areas when shrinking, bicubic when growing."""
    shrinking = width < image.shape[1]
    how = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), np.float32)


def large_tones(lab: Array) -> Array:
    """A scaled-Lab picture of shape (h, w, 3) after medians and a bilateral filter at half size."""
    h, w = lab.shape[:2]
    half = cv2.resize(lab, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for _ in range(2):
        half = cv2.merge([cv2.medianBlur(np.ascontiguousarray(half[..., i]), 5) for i in range(3)])
    return blur(np.asarray(cv2.resize(cv2.bilateralFilter(half, 9, 0.18, 5), (w, h)), np.float32), 3)


def busyness(lab: Array) -> Array:
    """Energy of small structures in lightness, shape (h, w): 0 is flat, 0.5 is a thicket of strokes."""
    h, w = lab.shape[:2]
    light = cv2.resize(lab[..., 0], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(blur(np.abs(light - blur(light, 4)), 5), (w, h)), np.float32) * 3


def borders(labels: Array, reach: int) -> Array:
    """A mask, 1 on the pixels within `reach` px of another label, shape (h, w)."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    differs: Array = (cv2.dilate(labels, kernel) != cv2.erode(labels, kernel)).astype(np.float32)
    return differs


def unrest(shape: tuple[int, ...], cell: int, rng: np.random.Generator) -> Array:
    """Smooth noise of unit variance with features of about `cell` px, shape (h, w)."""
    coarse = rng.normal(size=(shape[0] // cell + 2, shape[1] // cell + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
