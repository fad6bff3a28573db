"""Texture: the style's own patches, laid so that together they show the guide.

Image Analogies' texture by numbers (Hertzmann et al. 2001) with exact nearest neighbours and the blending of
patches.py. Patches are matched small and pasted at full size: strokes stay crisp.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.painter.guide import Guide
from generators.painter.patches import blend, cut, summarise
from generators.painter.style import WHIMS, Bank, Pass, Style
from generators.painter.tone import resize

WHIM = 0.1  # of a squared distance; with less, an even area shows the grid on which its patches lie
MATCHED = 0.4  # share of the time that is gone when the patches are found


def lay_patches(
    painted: Array | None,
    guide: Guide,
    style: Style,
    bank: Bank,
    kind: Pass,
    zone: Array,
    rng: np.random.Generator,
    tell: Callable[[float], None],
) -> Array:
    """One pass over a picture of shape (h, w, 3); `zone` (h, w) says where a pass for borders may change it.

    `tell` hears the share that is done, 0..1, as the pass goes on.
    """
    h, w = guide.busy.shape
    small_h, small_w = h // kind.level, w // kind.level
    margin = kind.size // 2
    rows = -(-(small_h + margin) // kind.step) + 1
    columns = -(-(small_w + margin) // kind.step) + 1

    def framed(image: Array) -> Array:
        """The image at the pass's level, with a mirrored margin, cut to whole steps."""
        small = resize(image, small_w, small_h)
        far = kind.size + kind.step
        wide = cv2.copyMakeBorder(small, margin, far, margin, far, cv2.BORDER_REFLECT)
        height, width = (rows - 1) * kind.step + kind.size, (columns - 1) * kind.step + kind.size
        return np.asarray(wide[:height, :width], np.float32)

    key = bank.guide(summarise(framed(np.dstack([guide.tones, guide.busy])), kind.size, kind.step)) * kind.guidance
    if kind.appearance:
        assert painted is not None
        seen = bank.appearance(cut(framed(painted), kind.size, kind.step))
        key = np.hstack([key, seen * kind.appearance * 4 / kind.size])
    chosen = np.ones((rows, columns), bool)
    if kind.borders_only:
        reach = cv2.dilate(framed(zone), np.ones((kind.size, kind.size), np.uint8))
        chosen = reach[margin :: kind.step, margin :: kind.step][:rows, :columns] > 0.05
        if not chosen.any():
            assert painted is not None
            return painted
    patches = _paste(style, bank, kind, _nearest(bank, key, chosen.ravel(), rng))
    grid = patches.reshape(rows, columns, *patches.shape[1:])
    which = chosen if kind.borders_only else None
    rest = 1 - MATCHED
    laid = blend(grid, kind.step * kind.level, kind.rounds, which, lambda share: tell(MATCHED + rest * share))
    start = margin * kind.level
    laid = np.ascontiguousarray(laid[start : start + h, start : start + w])
    if kind.borders_only:
        assert painted is not None
        return np.asarray(painted + zone[..., None] * (laid - painted), np.float32)
    return laid


def _nearest(bank: Bank, key: Array, chosen: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    found = np.zeros(len(key), np.int64)
    whims = rng.normal(0, WHIM, (len(key), WHIMS)).astype(np.float32)
    found[chosen] = bank.nearest(key[chosen], whims[chosen])
    return found


def _paste(style: Style, bank: Bank, kind: Pass, found: NDArray[np.int64]) -> Array:
    """The full-size pixels of the patches, shape (n, size, size, 3)."""
    size = kind.size * kind.level
    x, y = (bank.places[found] * kind.level).T
    view = np.lib.stride_tricks.sliding_window_view(style.lab, (size, size), (0, 1))
    return np.asarray(view[y, x].transpose(0, 2, 3, 1), np.float32)
