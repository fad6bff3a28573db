"""Skeleton: strokes thinned to lines of one pixel, and where they end freely.

Thinning by Zhang and Suen, A Fast Parallel Algorithm for Thinning Digital Patterns, 1984, with lookup tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array

AROUND = np.array([[-1, 0], [-1, 1], [0, 1], [1, 1], [1, 0], [1, -1], [0, -1], [-1, -1]])  # (row, column), clockwise
STRAIGHT_FIRST = (0, 2, 4, 6, 1, 3, 5, 7)
SEEN = 4  # px of a walk that it does not step on again

Mask = NDArray[np.uint8]  # 0 or 1
Points = NDArray[np.int64]  # (n, 2) row, column


@dataclass(frozen=True)
class Ends:
    """Free ends of strokes."""

    place: Points  # (n, 2) row, column
    walk: Points  # (n, steps, 2) the skeleton from the end back into the stroke; after its last step it stands still
    length: NDArray[np.int64]  # (n,) steps to the stroke's other end or to where strokes meet, at most those of a walk

    def __len__(self) -> int:
        return len(self.place)

    def of(self, chosen: NDArray[np.bool_]) -> Ends:
        return Ends(self.place[chosen], self.walk[chosen], self.length[chosen])

    def directions(self, steps: int) -> Array:
        """Unit vectors out of the strokes, shape (n, 2): the regression of the last `steps` px on their order."""
        order = np.arange(min(steps, self.walk.shape[1]))
        used = order < np.maximum(self.length, 1)[:, None]
        off = np.where(used, order - (order * used).sum(1, keepdims=True) / used.sum(1, keepdims=True), 0)
        slope = -np.einsum("ns,nsk->nk", off, self.walk[:, : len(order)].astype(float))
        return np.asarray(slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9), np.float32)


def thin(mask: Mask, rounds: int) -> Mask:
    """The skeleton of a mask of shape (h, w); blots of more than twice `rounds` px keep a solid core."""
    skeleton = mask.copy()
    for _ in range(rounds):
        before = skeleton
        for table in KEPT:
            skeleton = np.asarray(cv2.bitwise_and(skeleton, cv2.LUT(_codes(skeleton), table)), np.uint8)
        if not cv2.absdiff(before, skeleton).any():
            break
    return skeleton


def find_ends(skeleton: Mask, steps: int) -> Ends:
    """Where lines of a skeleton of shape (h, w) end, with walks of `steps` px back into them."""
    padded = np.pad(skeleton, 1)
    codes = _codes(padded)
    place = np.argwhere((padded > 0) & (cv2.LUT(codes, END) > 0))
    meeting = (padded > 0) & (cv2.LUT(codes, MEETING) > 0)
    count = np.arange(len(place))
    walk = np.repeat(place[:, None], steps, axis=1)
    length = np.ones(len(place), np.int64)
    going = np.ones(len(place), bool)
    for step in range(1, steps):
        here = walk[:, step - 1]
        ahead = here[:, None] + AROUND[list(STRAIGHT_FIRST)]
        seen = (ahead[:, :, None] == walk[:, None, max(0, step - SEEN) : step]).all(-1).any(-1)
        free = (padded[ahead[..., 0], ahead[..., 1]] > 0) & ~seen
        going &= free.any(1) & ~meeting[here[:, 0], here[:, 1]]
        walk[:, step] = np.where(going[:, None], ahead[count, free.argmax(1)], here)
        length += going
    return Ends(place - 1, walk - 1, length)


def _codes(mask: Mask) -> Mask:
    """The eight neighbours of each pixel as bits, clockwise from above."""
    return np.asarray(cv2.filter2D(mask, -1, BITS, borderType=cv2.BORDER_CONSTANT), np.uint8)


def _tables() -> tuple[tuple[Mask, Mask], Mask, Mask]:
    """Tables over neighbours: kept in the two half rounds of thinning, end of a line, meeting of lines."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    near = bits.sum(1)
    turns = ((bits == 0) & (np.roll(bits, -1, axis=1) == 1)).sum(1)
    up, right, down, left = bits[:, 0], bits[:, 2], bits[:, 4], bits[:, 6]
    border = (near >= 2) & (near <= 6) & (turns == 1)
    first = border & (up * right * down == 0) & (right * down * left == 0)
    second = border & (up * right * left == 0) & (up * down * left == 0)
    end, meeting = (near <= 2) & (turns == 1), turns >= 3
    return ((~first).astype(np.uint8), (~second).astype(np.uint8)), end.astype(np.uint8), meeting.astype(np.uint8)


BITS = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.uint8)
KEPT, END, MEETING = _tables()
