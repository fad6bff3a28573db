"""Ink: the drawing's own lines, in the colours and the light that the style draws lines in."""

from __future__ import annotations

import cv2
import numpy as np

from core.colours import Array
from generators.painter.lines import LineColours
from generators.painter.tone import blur

OPACITY = 0.93
CLEARANCE = 0.2  # of lightness between a line and its ground; below that it takes the other polarity


def draw_lines(painted: Array, ink: Array, lines: LineColours, rng: np.random.Generator) -> Array:
    """Lay ink of shape (h, w), 0..1, over a picture of shape (h, w, 3)."""
    light = painted[..., 0]
    grain = (light - blur(light, 4))[..., None]  # the line sits in the texture, not on it
    ground = blur(painted, 9)
    dark, bright = _dark(painted, ground, lines), _bright(ink.shape, lines, rng)
    first, second = (dark, bright) if lines.prefers_dark else (bright, dark)
    clear_first = np.abs(first[..., 0] - ground[..., 0])
    clear_second = np.abs(second[..., 0] - ground[..., 0])
    swap = np.clip((CLEARANCE - clear_first) / 0.08, 0, 1) * (clear_second > clear_first)
    if lines.prefers_dark:  # on dark ground a style of dark lines takes a lit version of the ground
        second = 0.6 * second + 0.4 * (ground + np.array([0.28, 0, 0], np.float32))
    colour = first + blur(swap.astype(np.float32), 3)[..., None] * (second - first)
    colour[..., 0] = _cleared(colour[..., 0], ground[..., 0])
    if lines.glow > 0.2 and not lines.prefers_dark:
        for sigma, amount in ((3.0, 0.3), (9.0, 0.25)):
            halo = np.clip(blur(ink, sigma) * sigma * 0.55, 0, 1)[..., None]
            painted = painted + halo * amount * (bright - painted) * np.clip(1.2 - painted[..., :1], 0, 1)
    cover = np.clip(1.4 * blur(ink, 0.6), 0, 1)[..., None]
    cover = np.clip(cover * (1 + grain), 0, 1) * OPACITY
    return np.asarray(painted * (1 - cover) + colour * cover, np.float32)


def _cleared(line: Array, ground: Array) -> Array:
    """The lightness of a line, moved away from its ground until it can be seen."""
    off = line - ground
    room = np.where(ground > 0.5, -1.0, 1.0)  # where the two are one, towards the side with more room
    side = np.where(np.abs(off) < 0.03, room, np.sign(off))
    return np.asarray(np.clip(ground + side * np.maximum(np.abs(off), CLEARANCE), 0.03, 0.98), np.float32)


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
