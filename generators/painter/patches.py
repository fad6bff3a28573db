"""Patches: small squares of a style, described for matching, and laid back over each other.

The optimisation that blends overlapping patches is that of Kwatra et al., Texture Optimization for Example-based
Synthesis (2005), with the robust norm of Elad & Milanfar, Style Transfer via Texture Synthesis (2017).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.colours import Array

NORM = 0.8  # exponent of the robust norm; 2 would be the mean, which blurs


@dataclass(frozen=True)
class Projection:
    """Principal axes of a set of vectors."""

    mean: Array  # (d,)
    axes: Array  # (d, m)

    def __call__(self, vectors: Array) -> Array:
        return np.asarray((vectors - self.mean) @ self.axes, np.float32)


def project(vectors: Array, dimensions: int) -> Projection:
    """The `dimensions` main axes of vectors of shape (n, d), from at most 4000 of them."""
    sample = vectors[:: max(1, len(vectors) // 4000)]
    mean = sample.mean(0)
    axes = np.linalg.eigh((sample - mean).T @ (sample - mean))[1][:, ::-1][:, :dimensions]
    return Projection(mean, np.ascontiguousarray(axes, np.float32))


def cut(image: Array, size: int, step: int) -> Array:
    """All squares of `size` px on a grid of `step` px, each as a row, shape (n, size * size * channels)."""
    view = np.lib.stride_tricks.sliding_window_view(image, (size, size), (0, 1))[::step, ::step]
    return np.ascontiguousarray(view.transpose(0, 1, 3, 4, 2)).reshape(view.shape[0] * view.shape[1], -1)


def summarise(image: Array, size: int, step: int, cells: int = 4) -> Array:
    """The same squares, each as the means of its cells x cells parts, shape (n, cells * cells * channels)."""
    means = cv2.blur(image, (max(1, size // cells),) * 2)
    offsets = ((np.arange(cells) + 0.5) * size / cells).astype(int)
    rows, columns = (np.arange(0, length - size + 1, step)[:, None] + offsets for length in image.shape[:2])
    picked = means[rows[:, None, :, None], columns[None, :, None, :]]
    return np.ascontiguousarray(picked.reshape(len(rows) * len(columns), -1), np.float32)


def blend(
    patches: Array,
    step: int,
    rounds: int,
    chosen: np.ndarray | None = None,
    tell: Callable[[float], None] | None = None,
) -> Array:
    """Lay patches of shape (rows, columns, size, size, 3) over each other, one every `step` px.

    Each round weighs a patch by how well it agrees with the blend so far. Without `chosen` all patches count; with
    it, shape (rows, columns), the others do not. `tell` hears the share that is done, 0..1, before each round.
    -> (rows * step + size, columns * step + size, 3).
    """
    rows, columns, size = patches.shape[:3]
    wave = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    window = (wave[:, None] * wave + 1e-3)[None, None]
    if chosen is not None:
        window = window * chosen[..., None, None]
    weight = np.broadcast_to(window[..., None].astype(np.float32), (*patches.shape[:4], 1))
    for turn in range(rounds + 1):
        if tell is not None:
            tell(turn / (rounds + 1))
        canvas = _add_up(patches * weight, step) / np.maximum(_add_up(weight, step), 1e-6)
        if turn == rounds:
            break
        view = np.lib.stride_tricks.sliding_window_view(canvas, (size, size), (0, 1))
        current = view[: rows * step : step, : columns * step : step].transpose(0, 1, 3, 4, 2)
        error = ((patches - current) ** 2).sum(-1)
        weight = (window * (error + 1e-4) ** ((NORM - 2) / 2))[..., None].astype(np.float32)
    return np.asarray(canvas, np.float32)


def _add_up(patches: Array, step: int) -> Array:
    """Sum of overlapping patches, by slices of the grid instead of a loop over patches; `step` divides their size."""
    rows, columns, size, _, channels = patches.shape
    canvas = np.zeros((rows * step + size, columns * step + size, channels), np.float32)
    for y in range(0, size, step):
        for x in range(0, size, step):
            tiles = patches[:, :, y : y + step, x : x + step]
            flat = tiles.transpose(0, 2, 1, 3, 4).reshape(rows * step, columns * step, channels)
            canvas[y : y + rows * step, x : x + columns * step] += flat
    return canvas
