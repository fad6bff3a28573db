"""Sight: everything that is measured of a picture, as facts; words are made of them elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.colours import Array, to_lab
from core.measures import shrink
from generators.vision.composition import Composition, find_composition
from generators.vision.figure import Figure, find_figure
from generators.vision.ground import Ground, find_ground
from generators.vision.light import Light, find_light
from generators.vision.mood import Mood, find_mood
from generators.vision.names import name_of
from generators.vision.palette import Swatch, find_palette
from generators.vision.technique import Technique, find_technique

WANTED = 384  # px of the long side: texture is judged there
SIDE = 128  # px of the long side in which everything else is found


@dataclass(frozen=True)
class Sight:
    medium: Technique
    palette: tuple[Swatch, ...]  # of the whole picture
    composition: Composition
    ground: Ground
    figure: Figure | None  # what stands out from the ground
    light: Light
    mood: Mood


def see(picture: Image.Image) -> Sight:
    """Measure an RGB picture; the same facts for the same pixels."""
    rgb = _reduced(np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB")))
    small = shrink(rgb, SIDE)
    lab = to_lab(small)
    sharp = to_lab(_sampled(rgb, small.shape[1], small.shape[0]))
    ground = find_ground(lab)
    figure = find_figure(small, lab, sharp, ground)
    set_apart = figure is not None and ground.kind != "busy"
    light = find_light(lab, ground, figure)
    medium: Technique = "picture" if ground.bare else find_technique(rgb, light.chroma, set_apart)
    composition = find_composition(lab, *picture.size)
    if set_apart and ground.kind != "divided":  # the line is the figure's own edge
        composition = replace(composition, horizon=None)
    palette = find_palette(sharp.reshape(-1, 3))
    if medium == "line drawing":
        palette = _ink_and_paper(rgb)
        figure = None if figure is None else replace(figure, palette=(replace(palette[-1], share=1.0),))
        ground = replace(ground, colours=(palette[0].name,))
    return Sight(
        medium=medium,
        palette=palette,
        composition=composition,
        ground=ground,
        figure=figure,
        light=light,
        mood=find_mood(light),
    )


def _reduced(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture at the size in which texture is judged; what is less than half too large needs no averaging."""
    h, w = rgb.shape[:2]
    scale = WANTED / max(h, w)
    if not 0.5 < scale < 1:
        return shrink(rgb, WANTED)
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _sampled(rgb: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Every few pixels one: averages would mix the colours of fine patterns."""
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _ink_and_paper(rgb: NDArray[np.uint8]) -> tuple[Swatch, ...]:
    """Paper and ink of a line drawing. Most of its pixels are bare, and the shades between are edges of lines."""
    paper = to_lab(np.median(rgb.reshape(-1, 3), 0).astype(np.uint8)[None, None])[0, 0]
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).ravel()
    far = np.abs(grey.astype(np.int16) - int(np.median(grey)))
    darkest = rgb.reshape(-1, 3)[far >= max(1, np.percentile(far, 99.5))]
    ink: Array = to_lab(np.median(darkest, 0).astype(np.uint8)[None, None])[0, 0]
    share = float(np.clip(far.mean() / max(1, np.percentile(far, 99.5)), 0.001, 0.5))
    return tuple(
        Swatch(name_of(lab), round(part, 4), (float(lab[0]), float(lab[1]), float(lab[2])))
        for lab, part in ((paper, 1 - share), (ink, share))
    )
