"""Ink: the drawing's own lines, in the colours and the light that the style draws lines in."""

from __future__ import annotations

import cv2
import numpy as np

from core.colours import Array
from core.measures import disc
from generators.painter.lines import LineColours
from generators.painter.tone import blur
from generators.painter.touch import broadened

OPACITY = 0.93
LOWEST, HIGHEST = 0.03, 0.98  # lightness of a line
CLEARANCE = 0.35  # of lightness between a line and the fills that it parts; thin lines lose half of it
LEAST = 0.3  # of that; where the style's polarity leaves less, a line takes the other one
BESIDE = 4  # px; this near to a line are those fills
ALONG = 5  # sigma in px over which a line keeps its polarity


def draw_lines(painted: Array, ink: Array, lines: LineColours, rng: np.random.Generator, strength: float = 1) -> Array:
    """Lay ink of shape (h, w), 0..1, over a picture of shape (h, w, 3); below a `strength` of 1 it is let through, and
    above it is broader."""
    if strength > 1:
        ink = broadened(ink, strength)
    light = painted[..., 0]
    grain = (light - blur(light, 4))[..., None]  # the line sits in the texture, not on it
    ground = blur(painted, 9)
    darkest, lightest = _beside(light)
    dark, bright = _dark(painted, ground, lines), _bright(ink.shape, lines, rng)
    glow = bright.copy()
    if lines.prefers_dark:  # on dark ground a style of dark lines takes a lit version of the ground
        bright = 0.6 * bright + 0.4 * (ground + np.array([0.28, 0, 0], np.float32))
    dark[..., 0] = np.clip(np.minimum(dark[..., 0], darkest - CLEARANCE), LOWEST, HIGHEST)
    bright[..., 0] = np.clip(np.maximum(bright[..., 0], lightest + CLEARANCE), LOWEST, HIGHEST)
    lit = _lit(darkest - dark[..., 0], bright[..., 0] - lightest, ink, lines.prefers_dark)[..., None]
    colour = dark + lit * (bright - dark)
    if lines.glow > 0.2 and not lines.prefers_dark:
        for sigma, amount in ((3.0, 0.3), (9.0, 0.25)):
            halo = np.clip(blur(ink, sigma) * sigma * 0.55, 0, 1)[..., None]
            lit_up = (glow - painted) * np.clip(1.2 - painted[..., :1], 0, 1)
            painted = painted + min(1.0, strength) * amount * halo * lit_up
    cover = np.clip(1.4 * blur(ink, 0.6), 0, 1)[..., None]
    cover = np.clip(cover * (1 + grain), 0, 1) * OPACITY * min(1.0, strength)
    return np.asarray(painted * (1 - cover) + colour * cover, np.float32)


def _beside(light: Array) -> tuple[Array, Array]:
    """The lightness of the darker and of the lighter fill near each pixel."""
    even = blur(light, 2)
    return blur(cv2.erode(even, disc(BESIDE)), 2), blur(cv2.dilate(even, disc(BESIDE)), 2)


def _lit(below: Array, above: Array, ink: Array, prefers_dark: bool) -> Array:
    """Where lines are bright, 0..1: the polarity of the style, unless only the other one is clear of both fills."""
    first, second = (below, above) if prefers_dark else (above, below)
    short = np.clip((LEAST - first) / 0.08, 0, 1) * (second > first)
    swapped = blur(short * ink, ALONG) / (blur(ink, ALONG) + 1e-3)
    swapped = np.clip(4 * swapped - 1.5, 0, 1)  # between the two a line is as light as its ground
    return np.asarray(swapped if prefers_dark else 1 - swapped, np.float32)


def _dark(painted: Array, ground: Array, lines: LineColours) -> Array:
    """The style's dark line colour, mixed with a darkened local colour where its lines are faint."""
    bold = float(np.clip((lines.darkness - 0.16) / 0.16, 0, 1))
    local = blur(painted, 5) * np.array([0.42, 1.05, 1.05], np.float32)
    dark = local * (0.65 * (1 - bold)) + lines.dark * (0.35 + 0.65 * bold)
    dark[..., 0] = np.clip(dark[..., 0], 0.04, np.maximum(0.42 * ground[..., 0], 0.08))
    return np.asarray(dark, np.float32)


def _bright(shape: tuple[int, ...], lines: LineColours, rng: np.random.Generator) -> Array:
    """The style's bright line colour; where the style glows, its hue drifts between the accents."""
    h, w = shape
    if lines.glow > 0.25:
        fields = [rng.normal(size=(5, 5)).astype(np.float32) for _ in lines.accents]
        wide = [cv2.resize(field, (w, h), interpolation=cv2.INTER_CUBIC) for field in fields]
        weight = np.exp(3.5 * np.stack(wide, -1))
        bright = (weight / weight.sum(-1, keepdims=True)) @ lines.accents
    else:
        bright = np.tile(lines.bright, (h, w, 1))
    bright[..., 0] = np.clip(bright[..., 0] + 0.12, 0, 0.98)
    return np.asarray(bright, np.float32)
