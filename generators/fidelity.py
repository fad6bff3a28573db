"""Fidelity: how much of the sketch is left in a picture, and how much of the style it wears.

Every figure stands beside that of a control, the same measurement against something that has nothing to do with the
picture, so that it means something: lines against the sketch moved by half a page, colours against the style with its
hues turned round, texture against the style with its pixels shuffled.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.colours import Array, to_lab
from core.measures import disc

TOLERANCE = 2  # px by which a line may have moved
SAMPLES = 4_096  # pixels of each picture whose distribution is compared
DIRECTIONS = 24  # axes of the sliced Wasserstein distance
SIDE = 256  # px to which a picture is brought before its colours and texture are looked at
LOW, HIGH = 60, 150  # of Canny, after a blur of 1 px


@dataclass(frozen=True)
class Fidelity:
    """Shares of 1 for lines, higher is better; distances for palette and texture, lower is better."""

    edge_recall: float  # of the sketch's edges, those that the picture has
    edge_recall_control: float
    edge_precision: float  # of the picture's edges, those that the sketch has: a lively style has many of its own
    edge_f1: float
    edge_f1_control: float
    palette_distance: float  # sliced Wasserstein, in units of core/colours.py: 1 is from black to white
    palette_control: float
    texture_distance: float
    texture_control: float

    @property
    def score(self) -> float:
        """One figure to choose by: the mean of what lines, palette and texture gain over their controls; 1 is all."""
        lines = (self.edge_recall - self.edge_recall_control) / max(1e-6, 1 - self.edge_recall_control)
        palette = 1 - self.palette_distance / max(1e-6, self.palette_control)
        texture = 1 - self.texture_distance / max(1e-6, self.texture_control)
        return (lines + palette + texture) / 3

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in {"score": self.score, **asdict(self)}.items()}


def measure(picture: Image.Image, canny: Image.Image, style: Image.Image) -> Fidelity:
    """The fidelity of a picture to the edges of its sketch, which have its size, and to the picture of its style."""
    wanted = np.asarray(canny) > 0
    found = _edges(picture)
    recall, precision = _agreement(wanted, found)
    moved = np.roll(wanted, (wanted.shape[0] // 2, wanted.shape[1] // 2), (0, 1))
    recall_by_chance, precision_by_chance = _agreement(moved, found)
    here, there = _small(picture), _small(style)
    colours, turned = there, there * np.array([1, -1, -1], np.float32)
    mine, its = _texture(here), _texture(there)
    rng = np.random.default_rng(0)
    shuffled = _texture(rng.permutation(there.reshape(-1, 3)).reshape(there.shape))
    return Fidelity(
        edge_recall=recall,
        edge_recall_control=recall_by_chance,
        edge_precision=precision,
        edge_f1=_f1(recall, precision),
        edge_f1_control=_f1(recall_by_chance, precision_by_chance),
        palette_distance=sliced_wasserstein(here, colours),
        palette_control=sliced_wasserstein(here, turned),
        texture_distance=sliced_wasserstein(mine, its),
        texture_control=sliced_wasserstein(mine, shuffled),
    )


def _edges(picture: Image.Image) -> NDArray[np.bool_]:
    grey = cv2.GaussianBlur(np.asarray(picture.convert("L")), (0, 0), 1.0)
    return cv2.Canny(grey, LOW, HIGH) > 0


def _agreement(wanted: NDArray[np.bool_], found: NDArray[np.bool_]) -> tuple[float, float]:
    """Recall and precision of edges, each pixel counting where the other has one within TOLERANCE."""
    near = disc(TOLERANCE)
    kept = wanted & (cv2.dilate(found.astype(np.uint8), near) > 0)
    right = found & (cv2.dilate(wanted.astype(np.uint8), near) > 0)
    return float(kept.sum()) / max(1, int(wanted.sum())), float(right.sum()) / max(1, int(found.sum()))


def _f1(recall: float, precision: float) -> float:
    return 2 * recall * precision / max(1e-9, recall + precision)


def _small(picture: Image.Image) -> Array:
    """In Lab, with an area of SIDE x SIDE px: textures are compared at one scale, whatever the picture's shape."""
    rgb = np.asarray(picture.convert("RGB"))
    scale = SIDE / (rgb.shape[0] * rgb.shape[1]) ** 0.5
    size = (max(16, round(rgb.shape[1] * scale)), max(16, round(rgb.shape[0] * scale)))
    return to_lab(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8))


def _texture(lab: Array) -> Array:
    """Per pixel what lies between two scales of lightness, and how steep it is: (h, w, 6)."""
    light = np.ascontiguousarray(lab[..., 0])
    bands = []
    for sigma in (0.8, 1.6, 3.2):
        smooth = cv2.GaussianBlur(light, (0, 0), sigma)
        bands += [
            light - smooth,
            np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)) / 4,
        ]
        light = smooth
    return np.stack(bands, -1)


def sliced_wasserstein(one: Array, other: Array) -> float:
    """The mean over fixed random directions of the 1-Wasserstein distance between two sets of points (Rabin et al.
    2011), each of shape (..., dimensions); the same for the same sets."""
    dimensions = one.shape[-1]
    axes = _axes(dimensions)
    here, there = (_sample(points.reshape(-1, dimensions)) @ axes for points in (one, other))
    return float(np.abs(np.sort(here, 0) - np.sort(there, 0)).mean())


@lru_cache(maxsize=8)
def _axes(dimensions: int) -> Array:
    axes = np.random.default_rng(dimensions).normal(size=(dimensions, DIRECTIONS))
    return np.asarray(axes / np.linalg.norm(axes, axis=0), np.float32)


def _sample(points: Array) -> Array:
    """SAMPLES of the points, evenly spread."""
    return points[np.linspace(0, len(points) - 1, SAMPLES).astype(np.intp)]
