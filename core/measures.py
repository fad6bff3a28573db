"""Measures: what the pixels of a picture say about its colours, light, texture and medium.

Colours are above all those of the subject, where there is one: who looks for a red dress does not mean a grey one on a
red sheet. The subject is what the middle shows in colours that the border has not, pixel by pixel (a likelihood ratio
of two colour histograms); where the middle has the border's own colours, as in a landscape, the whole picture counts.

Retrieval compares pictures by these figures and turns them into words; generation uses the same ink and paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.colours import BASIC_TERMS, Array, term_shares, to_lab

SIDE = 192  # px of the long side that is measured: details below 1/192 of a picture are texture
LIGHT_EDGES = (0.0, 0.22, 0.5, 0.78, 1.01)  # dark, dim, medium, bright; Lab lightness / 100
CHROMA_EDGES = (0.0, 0.12, 0.35, 2.0)  # grey, muted, vivid; scaled Lab
ORIENTATIONS = 6
GREYISH = 0.10  # mean saturation below which a picture may be lines on paper
SUBJECT_SIDE, BORDER = 96, 0.07  # px of the long side in which a subject is looked for, share of a side that is border
BINS = 24  # of each Lab axis
CLEAR, SURE = 0.66, 0.76  # share of the middle's likelihood that is its own: no subject below, one for certain above
SUBJECT = 0.9  # of the colours that are the subject's, where it is certain; the rest is the whole picture's


@dataclass(frozen=True)
class Measures:
    """All shares sum to 1; lightness, contrast and chroma are in units of black-to-white."""

    colours: dict[str, float]  # share of each of the eleven basic colour terms, above all in the subject
    light: tuple[float, ...]  # shares of dark, dim, medium, bright pixels
    chroma: tuple[float, ...]  # shares of grey, muted, vivid pixels
    orientations: tuple[float, ...]  # shares of edge energy by direction, 0 = vertical edges
    lightness: float  # mean
    contrast: float  # standard deviation of lightness
    warmth: float  # mean of a* + b*, scaled: negative is cold
    edges: float  # share of pixels on a strong edge
    medium: str  # "line drawing", "photograph", "painting", or "picture" where neither is clear

    def words(self) -> str:
        """The figures as a phrase: `dark blue and purple painting, vivid, cold, strong contrast, night`."""
        named = sorted(self.colours.items(), key=lambda item: -item[1])
        main = [term for term, share in named if share > 0.12][:3] or [named[0][0]]
        depth = "dark " if self.lightness < 0.35 else "pale " if self.lightness > 0.75 else ""
        said = [f"{depth}{' and '.join(main)} {self.medium}"]
        said += ["vivid colours"] if self.chroma[2] > 0.5 else ["muted colours"] if self.chroma[0] > 0.6 else []
        said += ["warm"] if self.warmth > 0.15 else ["cold"] if self.warmth < -0.15 else []
        said += ["strong contrast"] if self.contrast > 0.27 else ["soft contrast"] if self.contrast < 0.12 else []
        said += ["night"] if self.light[0] + self.light[1] > 0.75 and self.medium != "line drawing" else []
        return ", ".join(said)


def shrink(rgb: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The picture with its long side at most `side` px, averaged over areas."""
    h, w = rgb.shape[:2]
    scale = side / max(h, w)
    if scale >= 1:
        return rgb
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def disc(radius: int) -> NDArray[np.uint8]:
    """A round structuring element."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def is_light_on_dark(lightness: Array) -> bool:
    """Whether a drawing of shape (h, w), 0..1, is white on black: a dark border around mostly dark pixels."""
    border = np.concatenate([lightness[0], lightness[-1], lightness[:, 0], lightness[:, -1]])
    return bool(np.median(border) < 0.3 and (lightness < 0.3).mean() > 0.7)


def separate_ink(lightness: Array) -> tuple[Array, Array]:
    """Ink (0 bare, 1 full) and paper (its local lightness) of a dark-on-light drawing of shape (h, w), 0..1.

    Paper is the drawing with its lines dilated away, so uneven light on the page does not count as ink.
    """
    paper = cv2.GaussianBlur(cv2.dilate(lightness, disc(9)), (0, 0), 12)
    ink = np.clip((paper - lightness) / np.maximum(paper, 0.2) * 1.25 - 0.08, 0, 1)
    return np.asarray(ink, np.float32), np.asarray(paper, np.float32)


def mean_saturation(rgb: NDArray[np.uint8]) -> float:
    """Mean over the pixels of the largest minus the smallest channel, 0..1."""
    red, green, blue = cv2.split(rgb)
    high, low = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return float(cv2.subtract(high, low).mean()) / 255


def is_line_art(lightness: Array, ink: Array, paper: Array, saturation: float) -> bool:
    """Whether lines on bare paper are all there is; `saturation` as `mean_saturation` gives it."""
    bare = (ink < 0.12).mean() > 0.6 and (lightness > 0.8 * np.median(paper)).mean() > 0.55
    return bool(saturation < GREYISH and bare and paper.min() > 0.45)


def measure(image: Image.Image) -> Measures:
    """Measure an RGB picture of any size; a few milliseconds, the same figures for the same pixels."""
    full = np.asarray(image.convert("RGB"))
    rgb = shrink(full, SIDE)
    lab = to_lab(rgb)
    light = np.ascontiguousarray(lab[..., 0])
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    gx, gy = cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)
    strength, angle = np.hypot(gx, gy), np.mod(np.arctan2(gy, gx), np.pi)
    bins = np.minimum((angle / np.pi * ORIENTATIONS + 0.5).astype(int) % ORIENTATIONS, ORIENTATIONS - 1)
    energy = np.bincount(bins.ravel(), strength.ravel(), ORIENTATIONS) + 1e-6
    return Measures(
        colours={term: float(share) for term, share in zip(BASIC_TERMS, _colours(rgb), strict=True)},
        light=_shares(light, LIGHT_EDGES),
        chroma=_shares(chroma, CHROMA_EDGES),
        orientations=tuple(float(v) for v in energy / energy.sum()),
        lightness=float(light.mean()),
        contrast=float(light.std()),
        warmth=float((lab[..., 1] + lab[..., 2]).mean()),
        edges=float((strength > 0.35).mean()),
        medium=_medium(shrink(full, 2 * SIDE)),
    )


def _colours(rgb: NDArray[np.uint8]) -> Array:
    small = shrink(rgb, SUBJECT_SIDE)
    weights, certain = subject(small)
    whole = term_shares(rgb)
    if not certain:
        return whole
    share = SUBJECT * certain
    return np.asarray(share * term_shares(small, weights) + (1 - share) * whole, np.float32)


def subject(rgb: NDArray[np.uint8]) -> tuple[Array, float]:
    """How much each pixel of a small picture belongs to its subject, shape (h, w), and how certain there is one,
    both 0..1."""
    lab = to_lab(rgb)
    h, w = lab.shape[:2]
    cells = np.clip((lab + np.array([0, 1.3, 1.3])) * np.array([10, 9, 9]), 0, BINS - 1).astype(int)
    codes = (cells[..., 0] * BINS + cells[..., 1]) * BINS + cells[..., 2]
    y, x = np.mgrid[:h, :w]
    middle = np.exp(-(((x / w - 0.5) / 0.28) ** 2 + ((y / h - 0.5) / 0.28) ** 2) / 2)
    band = max(2, round(BORDER * min(h, w)))
    border = np.ones((h, w))
    border[band:-band, band:-band] = 0
    own, others = _histogram(codes, middle), _histogram(codes, border)
    likely = np.asarray(cv2.GaussianBlur((own / (own + others + 1e-9))[codes], (0, 0), 1.5), np.float32)
    core = min(0.6, middle.max())  # a strip of one pixel has no better middle
    certain = float(np.clip((likely[middle >= core].mean() - CLEAR) / (SURE - CLEAR), 0, 1))
    weights = np.clip((likely - 0.5) / 0.25, 0, 1) * (0.35 + 0.65 * middle)
    return np.asarray(weights, np.float32), certain if weights.max() > 0 else 0.0


def _histogram(codes: NDArray[np.int_], weights: Array) -> Array:
    """Weights by colour, spread over neighbouring colours; sums to 1."""
    cube: Array = np.bincount(codes.ravel(), weights.ravel(), BINS**3).reshape(BINS, BINS, BINS)
    for axis in range(3):
        cube = (np.roll(cube, 1, axis) + 2 * cube + np.roll(cube, -1, axis)) / 4
    return np.asarray((cube / cube.sum()).ravel(), np.float32)


def _shares(values: Array, edges: tuple[float, ...]) -> tuple[float, ...]:
    counts = np.histogram(values, edges)[0]
    return tuple(float(v) for v in counts / max(1, counts.sum()))


def _medium(rgb: NDArray[np.uint8]) -> str:
    light = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32) / 255
    if is_light_on_dark(light):
        light = 1 - light
    saturation = mean_saturation(rgb)
    if saturation < GREYISH and is_line_art(light, *separate_ink(light), saturation):  # ink and paper take most time
        return "line drawing"
    painted = _painted(rgb, light)
    return "painting" if painted > 0.74 else "photograph" if painted < 0.5 else "picture"


def is_painted(rgb: NDArray[np.uint8]) -> bool:
    """Whether a picture of shape (h, w, 3) is rather a painting or a print than a photograph."""
    small = shrink(rgb, 2 * SIDE)
    return _painted(small, np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32) / 255) > 0.74


def _painted(rgb: NDArray[np.uint8], light: Array) -> float:
    """A rule of thumb: brush, pen and print leave fine texture everywhere and strong colour; a lens, soft areas."""
    grain = float(np.median(np.abs(cv2.Laplacian(light, cv2.CV_32F))))
    vivid = float(np.linalg.norm(to_lab(rgb)[..., 1:], axis=-1).mean())
    return 12 * grain + 0.8 * vivid
