"""Palette: the colours of a style, where in the picture they live, and what they are fit to fill."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.colours import Array
from generators.painter.tone import resize

LEAST_CELLS = 25  # quarter-size px; a colour with fewer is an accident
SAMPLE = 4000
CRUMBS = 0.7  # purity of a small window; less is no area
WINDOWS = (8, 16, 26)  # quarter-size px of a small, a middling and a large region


@dataclass(frozen=True)
class Palette:
    """`k` colours; every array is indexed by colour first. Maps have a quarter of the style's size."""

    colours: Array  # (k, 3) scaled Lab
    share: Array  # (k,) of the style's area
    height: Array  # (k,) mean place, 0 top, 1 bottom
    spread: Array  # (k,) standard deviation of that
    busy: Array  # (k,) mean busyness
    accent: Array  # (k,) how much it stands out
    purity: Array  # (3, k) whether a window of WINDOWS can be filled with nothing else, 0..1
    calm: Array  # (3, k) the same, less what lines, spray and lettering there are in it
    maps: Array  # (k, h / 4, w / 4) 1 where the colour is
    busy_map: Array  # (h / 4, w / 4)

    @property
    def solid(self) -> Array:
        """1 where the style is of a colour that fills areas, 0 where of one that it has in crumbs, (h / 4, w / 4)."""
        weight = np.clip((self.purity[0] - CRUMBS) / 0.15, 0, 1)
        return np.asarray(np.tensordot(weight, self.maps, 1), np.float32)

    @property
    def variety(self) -> float:
        """0 where all is of one hue, as in a blueprint; 1 where the style has several."""
        hues = self.colours[:, 1:]
        off = hues - np.average(hues, axis=0, weights=self.share)
        spread = float(np.sqrt(np.average((off**2).sum(1), weights=self.share)))
        return float(np.clip((spread - 0.06) / 0.12, 0, 1))


def extract(lab: Array, tones: Array, busy: Array, linework: Array, count: int, rng: np.random.Generator) -> Palette:
    """Cluster a style of shape (h, w, 3) into at most `count` colours by tone and, a little, by place."""
    h, w = lab.shape[0] // 4, lab.shape[1] // 4
    fine = resize(lab, w, h).reshape(-1, 3)
    busy_map, bare = resize(busy, w, h), 1 - resize(linework, w, h)
    rows, columns = (axis.ravel() / np.float32(h) for axis in np.mgrid[0:h, 0:w])
    features = np.column_stack([resize(tones, w, h).reshape(-1, 3), 0.12 * rows, 0.05 * columns]).astype(np.float32)
    sample = features[rng.choice(len(features), min(SAMPLE, len(features)), replace=False)]
    owner = nearest(features, kmeans(sample, count, rng))
    masks = [mask for i in range(count) if np.count_nonzero(mask := owner == i) > LEAST_CELLS]
    maps = np.stack([mask.reshape(h, w) for mask in masks]).astype(np.float32)
    colours = np.stack([np.median(fine[mask], 0) for mask in masks]).astype(np.float32)
    chroma = np.hypot(colours[:, 1], colours[:, 2])
    standing_out = np.abs(colours[:, 0] - resize(lab, w, h)[..., 0].mean())
    return Palette(
        colours=colours,
        share=np.array([mask.mean() for mask in masks], np.float32),
        height=np.array([rows[mask].mean() for mask in masks], np.float32),
        spread=np.array([rows[mask].std() for mask in masks], np.float32),
        busy=np.array([busy_map.ravel()[mask].mean() for mask in masks], np.float32),
        accent=(0.6 * chroma / (chroma.max() + 1e-6) + 0.8 * standing_out).astype(np.float32),
        purity=np.array([[_box(m, size).max() for m in maps] for size in WINDOWS], np.float32),
        calm=np.array([[_box(m * bare, size).max() for m in maps] for size in WINDOWS], np.float32),
        maps=maps,
        busy_map=busy_map,
    )


def _box(mask: Array, size: int) -> Array:
    return np.asarray(cv2.blur(mask, (size, size), borderType=cv2.BORDER_CONSTANT), np.float32)


def kmeans(points: Array, count: int, rng: np.random.Generator, rounds: int = 12) -> Array:
    """Centres of shape (count, d) by k-means++ (Arthur & Vassilvitskii 2007) from a generator of its own.

    OpenCV's k-means draws from a generator that the whole process shares, so it cannot repeat itself.
    """
    centres = points[[rng.integers(len(points))]]
    for _ in range(count - 1):
        distance = ((points[:, None] - centres[None]) ** 2).sum(-1).min(1)
        total = distance.sum()
        weights = distance / total if total > 0 else None  # fewer colours than centres: any point will do
        centres = np.vstack([centres, points[rng.choice(len(points), p=weights)]])
    for _ in range(rounds):
        owner = nearest(points, centres)
        means = [points[owner == i].mean(0) if (owner == i).any() else centres[i] for i in range(count)]
        centres = np.array(means, np.float32)
    return centres


def nearest(points: Array, centres: Array) -> np.ndarray:
    """Index of the nearest centre for each point, shape (n,)."""
    return np.asarray(((centres**2).sum(1)[None] - 2 * points @ centres.T).argmin(1))
