"""Faint: drawings that are paler than the shadows on their page. Where they are, and the same with dark lines."""

from __future__ import annotations

import cv2
import numpy as np

from core.colours import Array
from generators.cut import WHOLE, Box, Mask, Pixels
from generators.page import find_drawing

CLOSER = 1400  # px of the long side at which a faint line is looked for: a third of a page still has lines of 2 px
WIDTH = 1.0  # sigma in px across a line
LENGTH = 3.0  # sigma in px along it
DIRECTIONS = 8
NOISY = 1.5  # of the noise; what a line has less is paper
TELLING = 3.5  # of the noise; a long line has as much
PALE = 0.06  # of a log ratio; what departs from its surroundings by more is no faint line, but a picture
LONG = 16  # px of the box around a line; grain is shorter
LONGEST, LEAST = 40, 300  # px of the longest line's box, and of all lines together; a drawing has as many


def find_faint(rgb: Pixels, sheet: Mask) -> Box | None:
    """The box of what is faintly drawn on a sheet of at most `CLOSER` px; None where there is nothing."""
    logs = _logs(rgb)
    ripple = cv2.GaussianBlur(logs, (0, 0), 3 * WIDTH) - cv2.GaussianBlur(logs, (0, 0), WIDTH)
    if np.abs(np.percentile(ripple[sheet > 0][::7], (0.2, 99.8))).max() > PALE:
        return None
    sure = (ripple > TELLING * _noise(ripple, sheet)).astype(np.uint8) * sheet
    _, part, stats, _ = cv2.connectedComponentsWithStats(sure, connectivity=8)
    length = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    length[0] = 0
    long = length >= LONG
    if length.max() < LONGEST or cv2.countNonZero(long[part].astype(np.uint8)) < LEAST:
        return None
    drawn = cv2.resize(long[part].astype(np.uint8) * 255, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return find_drawing((drawn > 60).astype(np.uint8)) or WHOLE


def clarify(rgb: Pixels, sheet: Mask | None) -> Pixels:
    """Dark lines on white, in place of the faint ones of a picture of shape (h, w, 3).

    Each pixel has the best answer of second derivatives of a Gaussian, across, drawn out along eight directions
    (Freeman & Adelson 1991): grain averages out along a line, and a soft shadow has no second derivative.
    """
    logs = _logs(rgb)
    lines = np.full(logs.shape, -np.inf, np.float32)
    for kernel in _kernels():
        np.maximum(lines, cv2.filter2D(logs, -1, kernel, borderType=cv2.BORDER_REPLICATE), out=lines)
    inner = np.ones(logs.shape, np.uint8) if sheet is None else sheet
    noise = _noise(lines - np.median(lines[inner > 0][::7]), inner)
    floor = float(np.median(lines[inner > 0][::7])) + NOISY * noise
    above = lines[(inner > 0) & (lines > floor + noise)]
    full = max(float(np.percentile(above, 75)) if len(above) else 0.0, floor + 2 * noise)
    white = 255 - 230 * np.clip((lines - floor) / (full - floor), 0, 1) * inner
    return np.asarray(cv2.merge([white.astype(np.uint8)] * 3), np.uint8)


def _logs(rgb: Pixels) -> Array:
    """Logarithms of lightness: a line is as deep in the shade as in the light."""
    return np.log(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32) + 8)


def _noise(values: Array, sheet: Mask) -> float:
    """The standard deviation of what is no line, by the median of absolutes."""
    inside = np.abs(values[sheet > 0][::7])
    return 1.4826 * float(np.median(inside)) + 1e-6 if len(inside) else 1.0


def _kernels() -> list[Array]:
    reach = round(2 * LENGTH)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    kernels = []
    for angle in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        bell = np.exp(-0.5 * (along / LENGTH) ** 2 - 0.5 * (across / WIDTH) ** 2)
        kernel = bell * ((across / WIDTH) ** 2 - 1)
        kernel -= bell * (kernel.sum() / bell.sum())
        kernels.append(np.asarray(kernel / np.abs(kernel).sum(), np.float32))
    return kernels
