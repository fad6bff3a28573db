"""Pigment: what of a picture is coloured by hand or by a program, as it would be on white paper."""

from __future__ import annotations

import cv2
import numpy as np

from generators.cut import Mask, Pixels

CHROMA = 22  # of 255 between the channels of white paper; more is crayon
FILLED = 0.7  # share of the pixels around; lines in colour, however many, leave more bare
STEPS, TINTS = 0.03, 0.08  # share of a border's pixels that differ from the next; of a colour's sum, between two


def whitened(picture: Pixels, paper: Pixels, sheet: Mask | None) -> tuple[Pixels, Pixels] | None:
    """Picture and paper as they would be if the paper were white; None where it is of a strong colour.

    What is bare shows it: on a page that is coloured to its middle, the lighter half.
    """
    samples = paper[::8, ::8].reshape(-1, 3)
    if sheet is not None and sheet[::8, ::8].any():
        samples = samples[sheet[::8, ::8].ravel() > 0]
    light = samples.sum(1, dtype=np.int32)
    middle = np.median(samples[light >= np.median(light)], 0)
    if sheet is None and _is_filled_in(picture):
        middle = np.full(3, 255.0)
    if middle.min() < 0.6 * middle.max():
        return None
    scales = 255 / np.maximum(middle, 24)
    tables = np.clip(np.arange(256)[:, None] * scales + 0.5, 0, 255).astype(np.uint8)[None]
    return np.asarray(cv2.LUT(picture, tables), np.uint8), np.asarray(cv2.LUT(paper, tables), np.uint8)


def _is_filled_in(picture: Pixels) -> bool:
    """Whether a program coloured all of it: even to the last pixel, in more than one colour along its border."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).astype(np.float32)
    uneven = (np.abs(np.diff(border, axis=0)).max(1) > 2).mean()
    tints = border / np.maximum(1, border.sum(1, keepdims=True))  # light and shadow change them little
    return bool(uneven < STEPS and np.ptp(np.percentile(tints, (15, 85), axis=0), axis=0).max() > TINTS)


def coloured_parts(white: Pixels) -> Pixels:
    """255 where a picture on white paper is coloured."""
    red, green, blue = cv2.split(white)
    high, low = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return np.asarray(cv2.threshold(cv2.subtract(high, low), CHROMA, 255, cv2.THRESH_BINARY)[1], np.uint8)


def filled_areas(picture: Pixels, paper: Pixels) -> Mask:
    """255 in areas coloured by hand: the paper seems coloured, or most of what is around, whatever lines cross it."""
    around = cv2.blur(coloured_parts(picture), (11, 11))
    most = cv2.threshold(around, 255 * FILLED, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.bitwise_or(coloured_parts(paper), most), np.uint8)
