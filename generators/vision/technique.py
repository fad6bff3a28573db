"""Technique: whether a picture is a line drawing, a painting or a photograph, as far as its texture tells.

The measures are those of core; the words are kept for what is clear, because here they become a statement: cloth can
be as rough as a brush, and a rendering as smooth as a lens. Whatever is not clear is a picture.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from core.measures import GREYISH, disc, is_light_on_dark, is_line_art, mean_saturation, separate_ink

Technique = Literal["line drawing", "painting", "photograph", "picture"]

SMOOTH, ROUGH = 0.5, 0.74  # core's figure of texture and colour: of photographs, and of paintings
COLOURFUL = 0.35  # mean chroma that paintings have and rough cloth seldom has
BRUSHED, NOISE = 0.1, 0.25  # median of the Laplacian that no lens gives, and that no brush gives
SHADES = 0.1  # share of the pixels between ink and paper that a drawing may have; a photograph has more
LEAST = 0.001  # ink
BROAD, FILLED = 5, 0.06  # px of half a stroke that is none any more, and what share of the picture such areas may have
EVEN, SINGLE = 0.5, 0.15  # share of pixels that equal their neighbours, and of one grey level: no lens gives them


def find_technique(rgb: NDArray[np.uint8], chroma: float, set_apart: bool) -> Technique:
    """The technique of a picture of shape (h, w, 3), at most 384 px long; `chroma` is its mean.

    `set_apart`: one thing lies on an even ground. Printed cloth on a red sheet has all that paintings have.
    """
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    if _is_drawn(rgb, grey):
        return "line drawing"
    laplacian = cv2.convertScaleAbs(cv2.Laplacian(grey, cv2.CV_16S))
    steps = np.cumsum(cv2.calcHist([laplacian], [0], None, [256], [0, 256]).ravel()) / grey.size
    grain = float(np.searchsorted(steps, 0.5)) / 255
    texture = 12 * grain + 0.8 * chroma
    if not set_apart and texture > ROUGH and grain < NOISE and (chroma > COLOURFUL or grain > BRUSHED):
        return "painting"
    single = float(cv2.calcHist([grey], [0], None, [256], [0, 256]).max()) / grey.size
    return "photograph" if texture < SMOOTH and steps[0] < EVEN and single < SINGLE else "picture"


def _is_drawn(rgb: NDArray[np.uint8], grey: NDArray[np.uint8]) -> bool:
    saturation = mean_saturation(rgb)
    if saturation >= GREYISH:
        return False
    light = grey.astype(np.float32) / 255
    if is_light_on_dark(light):
        light = 1 - light
    few = light[::4, ::4]
    if (few > 0.8 * np.percentile(few, 90)).mean() < 0.55:  # ink and paper take most of the time
        return False
    ink, paper = separate_ink(light)
    shades = float(((ink > 0.12) & (ink < 0.5)).mean())
    if not is_line_art(light, ink, paper, saturation) or shades > SHADES or ink.mean() < LEAST:
        return False
    covered = (np.abs(light - np.median(light)) > 0.1).astype(np.uint8)
    return float(cv2.morphologyEx(covered, cv2.MORPH_OPEN, disc(BROAD)).mean()) < FILLED
