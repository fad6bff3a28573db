"""Light: how bright a picture is and where, how strong its contrasts are, and how its colours are tuned.

All of it is about pixels: a pale wall and a bright light look the same to it, and so it says of the picture, never of
the lamp. Lightness, contrast and chroma are in units of black-to-white, as core measures them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from core.colours import Array
from generators.vision.figure import Figure
from generators.vision.ground import Ground

Key = Literal["low-key", "dim", "medium", "bright", "high-key"]
Tuning = Literal["colourless", "monochrome", "muted", "moderate", "vivid"]
Side = Literal["left", "right", "top", "bottom", "middle", "border"]

DARK, LIGHT = 0.25, 0.75  # lightness of dark and of light pixels
LOW, DIM, BRIGHT, HIGH = 0.32, 0.43, 0.64, 0.8  # mean lightness
SOFT, STRONG = 0.1, 0.26  # standard deviation of lightness
WARM, COLD = 0.12, -0.09  # mean of a* + b*, scaled
GREY, STRONG_COLOUR = 0.12, 0.35  # chroma of grey and of vivid pixels, as in core
COLOURLESS = 0.08  # chroma that hardly a pixel exceeds, where there is none
ONE_HUE = 0.95  # length of the mean hue, weighted by chroma, where there is but one
FALL = 0.13  # lightness that is won from one side to the other
SHADE = 0.12  # more in the middle than along the border, or less
AGAINST = 0.3  # between a figure and its ground


@dataclass(frozen=True)
class Light:
    key: Key
    tuning: Tuning
    warmth: float  # negative is cold
    lightness: float  # mean
    contrast: float  # standard deviation of lightness
    chroma: float  # mean
    brighter: Side | None  # where the picture, or a figure's ground, is clearly brighter
    against: Literal["dark on light", "light on dark"] | None  # a figure on its ground

    @property
    def temperature(self) -> Literal["warm", "cool", "neutral"]:
        return "warm" if self.warmth > WARM else "cool" if self.warmth < COLD else "neutral"

    @property
    def softness(self) -> Literal["soft", "moderate", "strong"]:
        return "soft" if self.contrast < SOFT else "strong" if self.contrast > STRONG else "moderate"


def find_light(lab: Array, ground: Ground, figure: Figure | None) -> Light:
    """The light of a picture of shape (h, w, 3) in scaled Lab, whose ground and figure are known."""
    light = np.ascontiguousarray(lab[..., 0])
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    against: Literal["dark on light", "light on dark"] | None = None
    if figure is not None and ground.kind != "busy" and abs(ground.lightness - figure.lightness) > AGAINST:
        against = "dark on light" if figure.lightness < ground.lightness else "light on dark"
    return Light(
        key=_key(light),
        tuning=_tuning(lab, chroma),
        warmth=round(float(lab[..., 1].mean() + lab[..., 2].mean()), 4),
        lightness=round(float(light.mean()), 4),
        contrast=round(float(light.std()), 4),
        chroma=round(float(chroma.mean()), 4),
        brighter=_slope(*ground.slope) if figure is not None and ground.kind != "busy" else _brighter(light),
        against=against,
    )


def _key(light: Array) -> Key:
    mean = float(light.mean())
    if mean < LOW and (light < DARK).mean() > 0.5:
        return "low-key"
    if mean > HIGH and (light < DARK).mean() < 0.05:
        return "high-key"
    return "dim" if mean < DIM else "bright" if mean > BRIGHT else "medium"


def _tuning(lab: Array, chroma: Array) -> Tuning:
    if np.percentile(chroma, 98) < COLOURLESS:
        return "colourless"
    grey, vivid = float((chroma < GREY).mean()), float((chroma > STRONG_COLOUR).mean())
    hue = np.hypot(lab[..., 1].sum(), lab[..., 2].sum()) / chroma.sum()
    if grey < 0.25 and hue > ONE_HUE:
        return "monochrome"
    return "vivid" if vivid > 0.5 else "muted" if grey > 0.6 and vivid < 0.2 else "moderate"


def _slope(across: float, down: float) -> Side | None:
    if max(abs(across), abs(down)) < FALL:
        return None
    if abs(across) >= abs(down):
        return "right" if across > 0 else "left"
    return "bottom" if down > 0 else "top"


def _brighter(light: Array) -> Side | None:
    """Of a picture without a ground: the mean slope, or the middle against the border."""
    h, w = light.shape
    small = cv2.resize(light, (min(8, w), min(8, h)), interpolation=cv2.INTER_AREA)
    y, x = (np.linspace(-0.5, 0.5, size) if size > 1 else np.zeros(1) for size in small.shape)
    across = float((small * x[None]).mean() / max((x**2).mean(), 1e-9))
    down = float((small * y[:, None]).mean() / max((y**2).mean(), 1e-9))
    side = _slope(across, down)
    if side is not None or min(small.shape) < 8:
        return side
    more = float(small[2:6, 2:6].mean() - np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]]).mean())
    return "middle" if more > SHADE else "border" if more < -SHADE else None
