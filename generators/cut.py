"""Cut: the part of a picture that is looked at, an upright box or a sheet that lies turned and in perspective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the picture
Quad = tuple[tuple[float, float], ...]  # the four corners, from the upper left one clockwise, x and y as shares
Pixels = NDArray[Any]  # of uint8; OpenCV's stubs lose the type
Mask = NDArray[Any]  # of uint8, shape (h, w), 1 inside

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
LEAST = 16  # px of one side


@dataclass(frozen=True)
class Cut:
    box: Box = WHOLE  # around the quad, where there is one
    quad: Quad | None = None

    def within(self, inner: Box) -> Cut:
        """The part of this one that `inner` tells in shares of it."""
        left, top, right, bottom = inner
        if self.quad is not None:
            ends = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
            onto = cv2.getPerspectiveTransform(_UNIT, np.array(self.quad, np.float32))
            return cut_of(cv2.perspectiveTransform(ends[None], onto)[0])
        x, y = self.box[:2]
        wide, high = self.box[2] - x, self.box[3] - y
        return box_cut((x + left * wide, y + top * high, x + right * wide, y + bottom * high))

    def take(self, rgb: Pixels, side: int | None = None) -> Pixels:
        """The part, straightened, of a picture of shape (h, w, 3); its long side at most `side` px."""
        left, top, right, bottom = pixels_of(self.box, rgb.shape[1], rgb.shape[0])
        part = rgb[top:bottom, left:right]
        part = part if side is None else halved(part, side)
        if self.quad is not None:
            h, w = part.shape[:2]
            corners = (np.array(self.quad) * (rgb.shape[1], rgb.shape[0]) - (left, top)) * (
                w / (right - left),
                h / (bottom - top),
            )
            size = _size(corners)
            onto = cv2.getPerspectiveTransform(corners.astype(np.float32), _UNIT * np.array(size, np.float32))
            part = np.asarray(cv2.warpPerspective(part, onto, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
        scale = 1.0 if side is None else side / max(part.shape[:2])
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        return part if scale >= 1 else np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)

    def onto(self, width: int, height: int) -> Array:
        """The matrix that takes shares of the picture to px of this part at a size, shape (3, 3)."""
        left, top, right, bottom = self.box
        quad = self.quad or ((left, top), (right, top), (right, bottom), (left, bottom))
        ends = _UNIT * np.array([width, height], np.float32)
        return np.asarray(cv2.getPerspectiveTransform(np.array(quad, np.float32), ends))


ALL = Cut()
_UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


def halved(rgb: Pixels, side: int) -> Pixels:
    """The picture halved while that leaves at least `side` px; halves take a quarter of the time of other scales."""
    while max(rgb.shape[:2]) >= 2 * side:
        size = (max(1, rgb.shape[1] // 2), max(1, rgb.shape[0] // 2))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return rgb


def box_cut(box: Box) -> Cut:
    """The cut along an upright box, rounded so that it can be told."""
    left, top, right, bottom = (round(float(share), 4) for share in box)
    return Cut((left, top, right, bottom))


def cut_of(corners: Array) -> Cut:
    """The cut along four corners of shape (4, 2), rounded so that it can be told."""
    quad = tuple((round(float(x), 5), round(float(y), 5)) for x, y in corners)
    (left, top), (right, bottom) = np.min(quad, 0), np.max(quad, 0)
    return Cut((max(0.0, float(left)), max(0.0, float(top)), min(1.0, float(right)), min(1.0, float(bottom))), quad)


def _size(corners: Array) -> tuple[int, int]:
    """Width and height in px of what is straightened: the means of opposite sides."""
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1)
    return max(LEAST, round((top + bottom) / 2)), max(LEAST, round((left + right) / 2))


def pixels_of(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """A box of shares in whole px of a picture, at least 16 px wide and high."""
    left, top = min(round(box[0] * width), width - LEAST), min(round(box[1] * height), height - LEAST)
    return left, top, max(round(box[2] * width), left + LEAST), max(round(box[3] * height), top + LEAST)
