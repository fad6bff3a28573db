"""Photograph: the guide of a photograph, its objects in colours of the style, each with its own light and shade."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import GAMUT_HIGH, GAMUT_LOW, Array, to_lab
from core.measures import disc
from generators.painter.guide import Guide
from generators.painter.recolouring import KIN, recolour
from generators.painter.segments import Segments, find_segments, join_shades, likely_skin, means, unlike
from generators.painter.style import Style
from generators.painter.tone import blur, busyness, unrest
from generators.painter.transport import transport
from generators.painter.wishes import read_mood

MODELLING = np.array([0.85, 0.45, 0.45], np.float32)  # of light and of colour within a segment that is kept
PAINTED = 0.3  # of the modelling that the style's patches show; the rest is laid over them
GROUND = 0.07  # share of the picture; as large a segment takes on the style's whole range of colours
OBJECT = 0.5  # how far a small one does
UNREST = 0.02  # of lightness: an even guide would be matched by one patch again and again
APART = 0.34  # scaled Lab between neighbours; more is not asked for
PUSHES = 12


def guide_photograph(rgb: NDArray[np.uint8], style: Style, prompt: str, rng: np.random.Generator) -> Guide:
    """Give the segments of a photograph of shape (h, w, 3) colours of the style."""
    lab = to_lab(rgb)
    smooth = _without_grain(lab)
    segments = find_segments(smooth)
    labels, mood = segments.labels, read_mood(prompt)
    colours, carriers = recolour(segments, style, mood, rng)
    modelling = _modelling(smooth, segments)
    whole = _spread(segments.fill(colours) + modelling, segments, style, rng)
    into, things = join_shades(segments)
    found = means(whole, things.labels)
    apart = segments.fill((_apart(found, things, style) - found)[into])
    tint = segments.fill(colours - style.palette.colours[carriers]) + (1 - PAINTED) * modelling
    tones = whole - tint
    tones[..., 0] += UNREST * unrest(labels.shape, 12, rng)
    tint += apart
    if mood is not None:
        tint += 0.25 * (mood - tones - tint) * np.array([0.25, 1, 1], np.float32)
    light, a, b = cv2.split(cv2.morphologyEx(tones + tint, cv2.MORPH_GRADIENT, disc(1)))
    steps = cv2.max(cv2.max(light, a), b)
    busy = 0.5 * busyness(lab) + 0.5 * segments.fill(style.palette.busy[carriers])
    return Guide(
        tones=np.clip(tones, GAMUT_LOW, GAMUT_HIGH).astype(np.float32),
        busy=np.minimum(busy, style.busy_cap).astype(np.float32),
        recolour=np.zeros_like(tones),
        tint=blur(tint.astype(np.float32), 0.8),
        plain=lab,
        borders=np.clip(steps / 0.12 - 0.3, 0, 1).astype(np.float32),
    )


def _without_grain(lab: Array) -> Array:
    """A photograph of shape (h, w, 3) without grain and fine texture; its edges stay."""
    h, w = lab.shape[:2]
    half = cv2.resize(lab, (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA)
    half = cv2.merge([cv2.medianBlur(np.ascontiguousarray(half[..., i]), 5) for i in range(3)])
    return np.asarray(cv2.resize(cv2.bilateralFilter(half, 7, 0.12, 4), (w, h)), np.float32)


def _modelling(smooth: Array, segments: Segments) -> Array:
    """Light and shade within the segments, (h, w, 3), and nothing of what lies across their borders."""
    labels = segments.labels.astype(np.float32)
    inside = (cv2.erode(labels, disc(2)) == cv2.dilate(labels, disc(2))).astype(np.float32)[..., None]
    off = inside * np.clip(smooth - segments.fill(segments.colours), -0.35, 0.35) * MODELLING
    return np.asarray(off + (1 - inside) * blur(off, 2) / (blur(inside, 2)[..., None] + 1e-3), np.float32)


def _spread(flat: Array, segments: Segments, style: Style, rng: np.random.Generator) -> Array:
    """Move large segments onto all that the style has around their colour: a wall becomes a sky with its clouds.

    Small ones keep the colour that was chosen for them, skin entirely; a shadow goes with what it lies on.
    """
    shift = transport(flat, style.tones, rng, rounds=4, strength=1) - flat
    share = np.clip((segments.area - 0.01) / (GROUND - 0.01), OBJECT, 1) * (1 - likely_skin(segments))
    mean = share[:, None] * means(shift, segments.labels)
    one, other = segments.pairs.T
    alike = np.clip(1 - unlike(segments.colours[one], segments.colours[other]) / KIN, 0, 1) * segments.length
    border = np.maximum(1, _at_both(segments, segments.length, segments.length))
    drawn = [_at_both(segments, alike * mean[other, i], alike * mean[one, i]) / border for i in range(3)]
    left = (1 - share)[:, None] * np.stack(drawn, 1)
    return np.asarray(flat + segments.fill(share)[..., None] * shift + segments.fill(left), np.float32)


def _at_both(segments: Segments, one: Array, other: Array) -> Array:
    """What all borders give to the segments on either side of them, summed, (n,)."""
    count = len(segments.area)
    return np.asarray(np.bincount(segments.pairs[:, 0], one, count) + np.bincount(segments.pairs[:, 1], other, count))


def _apart(colours: Array, segments: Segments, style: Style) -> Array:
    """Colours (n, 3), with neighbours that are too alike moved apart in lightness, as the photograph has them."""
    one, other = segments.pairs.T
    off = segments.colours[one] - segments.colours[other]
    low, high = np.quantile(style.lab[::4, ::4, 0], (0.01, 0.995))
    dark, bright = np.quantile(style.tones[::4, ::4, 0], (0.05, 0.95))
    wanted = np.minimum(np.linalg.norm(off, axis=1), APART * np.clip((bright - dark) / 0.4, 0.8, 1))
    wanted *= 1 - 0.7 * np.clip(1 - unlike(segments.colours[one], segments.colours[other]) / KIN, 0, 1)
    border = np.maximum(1, _at_both(segments, segments.length, segments.length))
    equal = np.abs(off[:, 0]) < 0.06  # the photograph does not say which is the lighter one
    side = np.where(np.where(equal, (colours[one] - colours[other])[:, 0], off[:, 0]) < 0, -0.5, 0.5)
    weight = side * np.minimum(1, 2.5 * segments.length / np.minimum(*border[[one, other]]))
    moves = segments.area[other] / (segments.area[one] + segments.area[other])  # the smaller moves more
    moved = colours.astype(np.float64)
    for _ in range(PUSHES):
        lack = weight * np.maximum(0, wanted - np.linalg.norm(moved[one] - moved[other], axis=1))
        light = moved[:, 0] + _at_both(segments, lack * moves, -lack * (1 - moves))
        moved[:, 0] = np.clip(light, np.minimum(low, colours[:, 0]), np.maximum(high, colours[:, 0]))
    return np.asarray(moved, np.float32)
