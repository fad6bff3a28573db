"""Lines: the colours that a style draws its own lines in."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.colours import Array
from core.measures import disc
from generators.painter.palette import kmeans

LEAST_LINE, BOLD = 0.08, 2.5  # of lightness; of what strokes stand out in the middle
LINE_RADIUS = 4  # px; wider strokes are areas


@dataclass(frozen=True)
class LineColours:
    """Read off a style by white and black top-hats of its lightness (Serra 1982)."""

    dark: Array  # (3,) scaled Lab of its dark lines
    bright: Array  # (3,) of its bright ones
    accents: Array  # (5, 3) what its bright lines vary between
    prefers_dark: bool
    darkness: float  # depth of the dark lines below their surroundings
    glow: float  # mean chroma of the accents where the style is dark; 0 where it is light


def linework(lab: Array) -> Array:
    """1 on and beside the lines, lettering and spray of a picture, what stands out more than its strokes do, (h, w)."""
    hats = np.maximum(*_hats(lab))
    bold = hats > max(LEAST_LINE, BOLD * float(np.median(hats)))
    return np.asarray(cv2.dilate(bold.astype(np.float32), disc(LINE_RADIUS)), np.float32)


def _hats(lab: Array) -> tuple[Array, Array]:
    light = np.ascontiguousarray(lab[..., 0])
    white_hat = cv2.morphologyEx(light, cv2.MORPH_TOPHAT, disc(LINE_RADIUS))
    black_hat = cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, disc(LINE_RADIUS))
    return np.asarray(white_hat, np.float32), np.asarray(black_hat, np.float32)


def read_lines(lab: Array, rng: np.random.Generator) -> LineColours:
    """The line colours of a style of shape (h, w, 3)."""
    white_hat, black_hat = _hats(lab)
    white, black = float(np.percentile(white_hat, 98)), float(np.percentile(black_hat, 98))
    bright = lab[white_hat >= np.percentile(white_hat, 98.5)]
    dark = lab[black_hat >= np.percentile(black_hat, 98.5)]
    accents = kmeans(bright[::3], 5, rng)
    mean = float(lab[..., 0].mean())
    return LineColours(
        dark=np.median(dark[dark[:, 0] <= np.median(dark[:, 0])], 0).astype(np.float32),
        bright=np.median(bright, 0).astype(np.float32),
        accents=accents,
        prefers_dark=black >= 0.96 * white if mean > 0.3 else black > 1.4 * white,
        darkness=black,
        glow=float(np.linalg.norm(accents[:, 1:], axis=1).mean()) if mean < 0.42 else 0.0,
    )
