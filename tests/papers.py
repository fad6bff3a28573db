"""Papers: the sheets that people draw on, the tables these lie on, and the hands that hold them."""

from __future__ import annotations

import cv2
import numpy as np

from tests.scenes import Degraded, Rng, boards, drawn, ink_of, laid_on, lighting, noise, taken, turned

BLUE, RED = np.array([130, 160, 215], np.float32), np.array([225, 110, 120], np.float32)
SKIN = np.array([[232, 190, 165], [198, 140, 105], [141, 90, 62], [92, 58, 42]], np.float32)
Scene = np.ndarray  # float32, (h, w, 3)


def ruled(grey: np.ndarray, rng: Rng) -> Degraded:
    """A school book's page: blue lines, and a red margin."""
    h, w = grey.shape
    page = _ruled(grey.shape, rng, h / rng.uniform(22, 34), None)
    x = round(rng.uniform(0.08, 0.14) * w)
    page[:, x : x + max(2, w // 400)] = RED
    return _written(grey, page, rng)


def squared(grey: np.ndarray, rng: Rng) -> Degraded:
    step = max(grey.shape) / rng.uniform(36, 50)
    return _written(grey, _ruled(grey.shape, rng, step, step), rng)


def _ruled(shape: tuple[int, ...], rng: Rng, high: float, wide: float | None) -> Scene:
    h, w = shape[:2]
    thick = max(1.5, max(h, w) / 600)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    cover = np.mod(y - rng.uniform(0, high), high) < thick
    if wide is not None:
        cover |= np.mod(x - rng.uniform(0, wide), wide) < thick
    soft = cv2.GaussianBlur(cover.astype(np.float32), (0, 0), 0.6)[..., None]
    return 246 * (1 - soft) + BLUE * soft


def _written(grey: np.ndarray, page: Scene, rng: Rng) -> Degraded:
    """Drawn with a pen on a page that is not quite level, and photographed."""
    h, w = grey.shape
    inner = np.array([[0.9, 0, 0.05 * w], [0, 0.9, 0.05 * h], [0, 0, 1]])
    ink = cv2.warpPerspective(ink_of(grey), inner, (w, h), flags=cv2.INTER_AREA)[..., None]
    to, how = turned(grey.shape, rng.uniform(-3, 3), 1.08, (w, h)), {"borderMode": cv2.BORDER_REFLECT}
    shown = cv2.warpPerspective(drawn(ink * 0.8, page, 25.0), to, (w, h), flags=cv2.INTER_AREA, **how)
    return taken(shown * (0.85 + 0.15 * lighting(rng, shown.shape)) + rng.normal(0, 2, shown.shape), to @ inner)


def white_table(grey: np.ndarray, rng: Rng) -> Degraded:
    return _on_a_table(grey, rng, 226.0)


def grey_table(grey: np.ndarray, rng: Rng) -> Degraded:
    return _on_a_table(grey, rng, 132.0)


def _on_a_table(grey: np.ndarray, rng: Rng, light: float) -> Degraded:
    size = (round(grey.shape[1] * 1.25), round(grey.shape[0] * 1.25))
    to = turned(grey.shape, rng.uniform(-6, 6), 0.95, size)
    table = np.full((size[1], size[0], 3), light, np.float32) + 2 * noise(rng, size[::-1], 40)
    laid = laid_on(drawn(ink_of(grey) * 0.8, 242.0, 20.0), table, to)
    return taken(laid * (0.85 + 0.15 * lighting(rng, laid.shape)) + rng.normal(0, 2, laid.shape), to)


def fingers(grey: np.ndarray, rng: Rng) -> Degraded:
    """A page on a table, held down by two hands."""
    h, w = grey.shape
    size = (round(w * 1.3), round(h * 1.3))
    small = _margin(grey.shape)
    page = cv2.warpPerspective(drawn(ink_of(grey) * 0.8, 242.0, 20.0), small, (w, h), borderValue=(242, 242, 242))
    to = turned(grey.shape, rng.uniform(-4, 4), 1.0, size)
    laid = _held(laid_on(page, boards(rng, size[::-1]), to), rng, 0.1)
    return taken(laid * (0.9 + 0.1 * lighting(rng, laid.shape)) + rng.normal(0, 2, laid.shape), to @ small)


def thumbs(grey: np.ndarray, rng: Rng) -> Degraded:
    """A page that fills the picture, held by its sides."""
    h, w = grey.shape
    to = _margin(grey.shape)
    page = cv2.warpPerspective(drawn(ink_of(grey) * 0.8, 243.0, 20.0), to, (w, h), borderValue=(243, 243, 243))
    return taken(_held(page, rng, 0.0) * (0.85 + 0.15 * lighting(rng, page.shape)) + rng.normal(0, 2, page.shape), to)


def askew(grey: np.ndarray, rng: Rng) -> Degraded:
    """A page that lies turned by fifteen degrees, photographed from one side."""
    h, w = grey.shape
    size = (round(w * 1.5), round(h * 1.5))
    to = turned(grey.shape, float(rng.choice([-15, 15])), 0.95, size)
    ends = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    narrow = rng.uniform(0.08, 0.14) * size[0]
    far = ends + np.array([[narrow, 0.05 * size[1]], [-narrow, 0.05 * size[1]], [0, 0], [0, 0]], np.float32)
    to = cv2.getPerspectiveTransform(ends, far) @ to
    laid = laid_on(drawn(ink_of(grey) * 0.8, 240.0, 20.0), boards(rng, size[::-1]), to)
    return taken(laid * (0.9 + 0.1 * lighting(rng, laid.shape)) + rng.normal(0, 3, laid.shape), to)


def _margin(shape: tuple[int, ...]) -> np.ndarray:
    """A drawing keeps clear of where hands are."""
    h, w = shape[:2]
    return np.array([[0.76, 0, 0.12 * w], [0, 0.76, 0.12 * h], [0, 0, 1]])


def _held(laid: Scene, rng: Rng, edge: float) -> Scene:
    """Two ovals of skin that come in from the sides, each with its shadow and a nail, `edge` of the width inside."""
    h, w = laid.shape[:2]
    skin = SKIN[rng.integers(len(SKIN))]
    for side in (0, 1):
        middle = (round((edge + 0.02) * w if side == 0 else (1 - edge - 0.02) * w), round(rng.uniform(0.35, 0.75) * h))
        axes, tilt = (round(0.085 * w), round(0.04 * w)), float(rng.uniform(-25, 25))
        cover = cv2.ellipse(np.zeros((h, w), np.float32), middle, axes, tilt, 0, 360, 1.0, -1)
        cover = cv2.GaussianBlur(cover, (0, 0), 1.2)[..., None]
        cast = cv2.GaussianBlur(np.roll(cover[..., 0], 5, 0), (0, 0), 4)[..., None]
        tip = (middle[0] + (1 - 2 * side) * round(0.05 * w), middle[1])
        nail = cv2.ellipse(
            np.zeros((h, w), np.float32), tip, (round(0.02 * w), round(0.015 * w)), tilt, 0, 360, 1.0, -1
        )
        round_ = skin * (0.75 + 0.25 * cv2.GaussianBlur(cover[..., 0], (0, 0), 0.012 * w)[..., None])
        tone = round_ * (1 + 0.12 * cv2.GaussianBlur(nail, (0, 0), 1.5)[..., None])
        laid = laid * (1 - 0.35 * cast * (1 - cover)) * (1 - cover) + tone * cover
    return laid
