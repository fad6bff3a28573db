"""Scenes: ink on paper, paper on a table, light on both, and the camera that looks at them."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from core import images

Degraded = tuple[np.ndarray, np.ndarray]  # an RGB picture, and where the pixels of the drawing went, 3 x 3
Rng = np.random.Generator


def ink_of(grey: np.ndarray) -> np.ndarray:
    return (1 - grey.astype(np.float32) / 255)[..., None]


def drawn(ink: np.ndarray, paper: np.ndarray | float, pen: np.ndarray | float) -> np.ndarray:
    return np.broadcast_to(paper * (1 - ink) + pen * ink, (*ink.shape[:2], 3)).astype(np.float32)


def taken(pixels: np.ndarray, to: np.ndarray | None = None) -> Degraded:
    return np.clip(pixels + 0.5, 0, 255).astype(np.uint8), np.eye(3) if to is None else to


def noise(rng: Rng, shape: tuple[int, ...], cell: float) -> np.ndarray:
    """Smooth noise of about unit variance with features of `cell` px."""
    h, w = shape[:2]
    coarse = rng.normal(size=(int(h / cell) + 3, int(w / cell) + 3)).astype(np.float32)
    return cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC)[..., None]


def lighting(rng: Rng, shape: tuple[int, ...], softness: float = 0.012) -> np.ndarray:
    """Light that falls off to one side, and the shadow of an arm across a corner, shape (h, w, 3)."""
    h, w = shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) / max(h, w)
    angle = rng.uniform(0, 2 * np.pi)
    fall = np.cos(angle) * (x - x.mean()) + np.sin(angle) * (y - y.mean())
    light = 0.78 - 0.36 * fall
    corner = rng.uniform(0.55, 0.8)
    shadow = (0.8 * x + y > corner) & (0.8 * x + y < corner + 0.45)
    soft = blurred(shadow.astype(np.float32), softness * max(h, w))
    return (light * (1 - 0.4 * soft))[..., None] * np.array([1.0, 0.97, 0.9], np.float32)


def blurred(plane: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian blur; a wide one of a smaller plane, which looks the same in a tenth of the time."""
    h, w = plane.shape
    shrink = max(1, int(sigma / 4))
    small = cv2.resize(plane, (-(-w // shrink), -(-h // shrink)), interpolation=cv2.INTER_AREA) if shrink > 1 else plane
    soft = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return cv2.resize(soft, (w, h), interpolation=cv2.INTER_LINEAR) if shrink > 1 else soft


def boards(rng: Rng, shape: tuple[int, int]) -> np.ndarray:
    """Brown boards with grain."""
    h, w = shape
    grain = cv2.resize(rng.normal(size=(h // 3 + 2, w // 90 + 2)).astype(np.float32), (w, h))[..., None]
    wood = np.array([128, 88, 56], np.float32) * (1 + 0.1 * grain + 0.05 * noise(rng, shape, max(h, w) / 6))
    wood[:: max(8, h // 5)] *= 0.5
    return wood


def laid_on(page: np.ndarray, ground: np.ndarray, to: np.ndarray) -> np.ndarray:
    """A page laid on a ground, with the shadow that its edge casts."""
    h, w = ground.shape[:2]
    size = (w, h)
    cover = cv2.warpPerspective(np.ones(page.shape[:2], np.float32), to, size, flags=cv2.INTER_LINEAR)[..., None]
    cast = cv2.GaussianBlur(np.roll(cover[..., 0], (6, 5), (0, 1)), (0, 0), 4)[..., None]
    laid = cv2.warpPerspective(page, to, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return ground * (1 - 0.5 * cast) * (1 - cover) + laid * cover


def turned(shape: tuple[int, ...], degrees: float, scale: float, size: tuple[int, int]) -> np.ndarray:
    """The matrix that turns and scales a page about the middle of a picture of `size` (width, height)."""
    h, w = shape[:2]
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D((w / 2, h / 2), degrees, scale)
    matrix[:2, 2] += (size[0] / 2 - w / 2, size[1] / 2 - h / 2)
    return matrix


def made_small(grey: np.ndarray, share: float, place: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """The drawing at a `share` of the page's sides, grey on white, and its matrix."""
    h, w = grey.shape
    scale = max(1.0, 1600 * share / max(h, w))
    drawn = cv2.resize(grey, (round(w * scale), round(h * scale)), interpolation=cv2.INTER_CUBIC)
    page = np.full((round(h * scale / share), round(w * scale / share)), 255, np.uint8)
    top, left = (round(p * (a - b)) for p, a, b in zip(place, page.shape, drawn.shape, strict=True))
    page[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return page, np.array([[scale, 0, left], [0, scale, top], [0, 0, 1]], float)


def compressed(pixels: np.ndarray, quality: int) -> np.ndarray:
    _, data = cv2.imencode(".jpg", np.clip(pixels, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_UNCHANGED)


def enlarged(pixels: np.ndarray, megapixels: float = 12) -> tuple[np.ndarray, float]:
    h, w = pixels.shape[:2]
    scale = (megapixels * 1e6 / (h * w)) ** 0.5
    size = (round(w * scale), round(h * scale))
    return cv2.resize(np.clip(pixels, 0, 255).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR), scale


def photographed(pixels: np.ndarray, to: np.ndarray, rng: Rng, quality: int) -> Degraded:
    """Sensor noise and a JPEG file, read at the scale that a picture of 512 px needs."""
    tile = np.clip(rng.normal(128, 6, (512, 512, 3)), 0, 255).astype(np.uint8)
    h, w = pixels.shape[:2]
    noisy = cv2.addWeighted(pixels, 1, np.tile(tile, (h // 512 + 1, w // 512 + 1, 1))[:h, :w], 1, -128)
    read = np.asarray(images.decode(images.to_jpeg(Image.fromarray(noisy), quality), wanted=1024))
    return read, np.diag([read.shape[1] / w, read.shape[0] / h, 1]) @ to
