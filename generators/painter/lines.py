"""Lines: the colours that a style draws its own lines in."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.colours import Array
from core.measures import disc
from generators.painter.palette import kmeans

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


def read_lines(lab: Array, rng: np.random.Generator) -> LineColours:
    """The line colours of a style of shape (h, w, 3)."""
    light = np.ascontiguousarray(lab[..., 0])
    white_hat = cv2.morphologyEx(light, cv2.MORPH_TOPHAT, disc(LINE_RADIUS))
    black_hat = cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, disc(LINE_RADIUS))
    white, black = float(np.percentile(white_hat, 98)), float(np.percentile(black_hat, 98))
    bright = lab[white_hat >= np.percentile(white_hat, 98.5)]
    dark = lab[black_hat >= np.percentile(black_hat, 98.5)]
    accents = kmeans(bright[::3], 5, rng)
    mean = float(light.mean())
    return LineColours(
        dark=np.median(dark[dark[:, 0] <= np.median(dark[:, 0])], 0).astype(np.float32),
        bright=np.median(bright, 0).astype(np.float32),
        accents=accents,
        prefers_dark=black >= 0.96 * white if mean > 0.3 else black > 1.4 * white,
        darkness=black,
        glow=float(np.linalg.norm(accents[:, 1:], axis=1).mean()) if mean < 0.42 else 0.0,
    )
