"""Touch: how strongly a painting wears its style, and its drawing's lines; 1 of either is the default."""

from __future__ import annotations

import cv2
import numpy as np

from core.colours import Array
from core.measures import disc
from generators.painter.tone import blur

FINE = 6  # sigma in px; what is finer is the style's strokes
STROKES, COLOUR = 0.8, 0.25  # of them, and of how far colours are from grey, that a strength of 2 adds
BROADER = 3  # px that a strength of 2 adds on either side of a line, at 512 px


def wear(painted: Array, plain: Array, strength: float) -> Array:
    """A painting of shape (h, w, 3): below a `strength` of 1 it nears what it would be `plain`, above it has more of
    the style's strokes and colours."""
    if strength == 1:
        return painted
    if strength < 1:
        return np.asarray(plain + strength * (painted - plain), np.float32)
    more = STROKES * (painted - blur(painted, FINE)) + COLOUR * painted * np.array([0, 1, 1], np.float32)
    return np.asarray(painted + (strength - 1) * more, np.float32)


def broadened(ink: Array, strength: float) -> Array:
    """Ink of shape (h, w), its lines grown by a share of BROADER."""
    reach = (strength - 1) * BROADER * max(ink.shape) / 512
    whole = int(reach)
    grown = cv2.dilate(ink, disc(whole)) if whole else ink
    wider = cv2.dilate(ink, disc(whole + 1))
    return np.asarray(grown + (reach - whole) * (wider - grown), np.float32)
