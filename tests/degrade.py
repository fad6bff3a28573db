"""Degradations: what phones, pencils, crayons and scanners do to a drawing, each with the way back to the original.

Every degradation takes a clean drawing, grey of shape (h, w), and a generator of random numbers; it gives an RGB
picture and the 3 x 3 matrix that takes a pixel of the drawing to its place in that picture.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from core import images

Degraded = tuple[np.ndarray, np.ndarray]
Rng = np.random.Generator
PENS = np.array([[200, 40, 40], [30, 80, 190], [40, 130, 60], [110, 50, 150]], np.float32)
FILLS = np.array([[235, 90, 80], [90, 140, 225], [110, 190, 90], [250, 205, 80], [190, 130, 210]], np.float32)


def _ink(grey: np.ndarray) -> np.ndarray:
    return (1 - grey.astype(np.float32) / 255)[..., None]


def _draw(ink: np.ndarray, paper: np.ndarray | float, pen: np.ndarray | float) -> np.ndarray:
    return np.broadcast_to(paper * (1 - ink) + pen * ink, (*ink.shape[:2], 3)).astype(np.float32)


def _whole(pixels: np.ndarray, to: np.ndarray | None = None) -> Degraded:
    return np.clip(pixels + 0.5, 0, 255).astype(np.uint8), np.eye(3) if to is None else to


def _noise(rng: Rng, shape: tuple[int, ...], cell: float) -> np.ndarray:
    """Smooth noise of about unit variance with features of `cell` px."""
    h, w = shape[:2]
    coarse = rng.normal(size=(int(h / cell) + 3, int(w / cell) + 3)).astype(np.float32)
    return cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC)[..., None]


def _light(rng: Rng, shape: tuple[int, ...], softness: float = 0.012) -> np.ndarray:
    """Light that falls off to one side, and the shadow of an arm across a corner, shape (h, w, 3)."""
    h, w = shape[:2]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) / max(h, w)
    angle = rng.uniform(0, 2 * np.pi)
    fall = np.cos(angle) * (x - x.mean()) + np.sin(angle) * (y - y.mean())
    light = 0.78 - 0.36 * fall
    corner = rng.uniform(0.55, 0.8)
    shadow = (0.8 * x + y > corner) & (0.8 * x + y < corner + 0.45)
    soft = cv2.GaussianBlur(shadow.astype(np.float32), (0, 0), softness * max(h, w))
    return (light * (1 - 0.4 * soft))[..., None] * np.array([1.0, 0.97, 0.9], np.float32)


def _table(rng: Rng, shape: tuple[int, int]) -> np.ndarray:
    """Brown boards with grain."""
    h, w = shape
    grain = cv2.resize(rng.normal(size=(h // 3 + 2, w // 90 + 2)).astype(np.float32), (w, h))[..., None]
    wood = np.array([128, 88, 56], np.float32) * (1 + 0.1 * grain + 0.05 * _noise(rng, shape, max(h, w) / 6))
    wood[:: max(8, h // 5)] *= 0.5
    return wood


def _on(page: np.ndarray, ground: np.ndarray, to: np.ndarray) -> np.ndarray:
    """A page laid on a ground, with the shadow that its edge casts."""
    h, w = ground.shape[:2]
    size = (w, h)
    cover = cv2.warpPerspective(np.ones(page.shape[:2], np.float32), to, size, flags=cv2.INTER_LINEAR)[..., None]
    cast = cv2.GaussianBlur(np.roll(cover[..., 0], (6, 5), (0, 1)), (0, 0), 4)[..., None]
    laid = cv2.warpPerspective(page, to, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return ground * (1 - 0.5 * cast) * (1 - cover) + laid * cover


def _turn(shape: tuple[int, ...], degrees: float, scale: float, size: tuple[int, int]) -> np.ndarray:
    """The matrix that turns and scales a page about the middle of a picture of `size` (width, height)."""
    h, w = shape[:2]
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D((w / 2, h / 2), degrees, scale)
    matrix[:2, 2] += (size[0] / 2 - w / 2, size[1] / 2 - h / 2)
    return matrix


def _small(grey: np.ndarray, share: float, place: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """The drawing at a `share` of the page's sides, grey on white, and its matrix."""
    h, w = grey.shape
    scale = max(1.0, 1600 * share / max(h, w))
    drawn = cv2.resize(grey, (round(w * scale), round(h * scale)), interpolation=cv2.INTER_CUBIC)
    page = np.full((round(h * scale / share), round(w * scale / share)), 255, np.uint8)
    top, left = (round(p * (a - b)) for p, a, b in zip(place, page.shape, drawn.shape, strict=True))
    page[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return page, np.array([[scale, 0, left], [0, scale, top], [0, 0, 1]], float)


def _jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    _, data = cv2.imencode(".jpg", np.clip(pixels, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_UNCHANGED)


def clean(grey: np.ndarray, rng: Rng) -> Degraded:
    return _whole(_draw(_ink(grey), 255.0, 0.0))


def pale(grey: np.ndarray, rng: Rng) -> Degraded:
    return _whole(_draw(_ink(grey) * 0.4, 250.0, 0.0) + rng.normal(0, 2, (*grey.shape, 1)))


def faint(grey: np.ndarray, rng: Rng) -> Degraded:
    return _whole(_draw(_ink(grey) * 0.15, 250.0, 0.0) + rng.normal(0, 1.5, (*grey.shape, 1)))


def coloured(grey: np.ndarray, rng: Rng) -> Degraded:
    pen = (np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]][1] * len(PENS)) // grey.shape[1]
    return _whole(_draw(_ink(grey) * 0.8, 253.0, PENS[pen]))


def crayon(grey: np.ndarray, rng: Rng) -> Degraded:
    """Every larger area between the lines coloured by hand, with strokes and gaps."""
    strokes = cv2.GaussianBlur(rng.normal(size=grey.shape).astype(np.float32), (9, 3), 0)
    return _filled(grey, np.clip(0.55 + strokes, 0, 1), 0.75)


def flat(grey: np.ndarray, rng: Rng) -> Degraded:
    """The same with a program: even colours, black outlines."""
    return _filled(grey, np.ones(grey.shape, np.float32), 1.0)


def _filled(grey: np.ndarray, strokes: np.ndarray, black: float) -> Degraded:
    h, w = grey.shape
    _, area, stats, _ = cv2.connectedComponentsWithStats((grey > 128).astype(np.uint8), connectivity=4)
    page = np.full((h, w, 3), 250, np.float32)
    for i in range(1, len(stats)):
        if 0.002 * h * w < stats[i, 4] < 0.25 * h * w and i % 4:
            cover = (strokes * (area == i))[..., None] * 0.8
            page = page * (1 - cover) + FILLS[i % len(FILLS)] * cover
    return _whole(page * (1 - _ink(grey) * black))


def light(grey: np.ndarray, rng: Rng) -> Degraded:
    lit = _draw(_ink(grey) * 0.75, 245.0, 20.0) * _light(rng, grey.shape)
    return _whole(lit + rng.normal(0, 3, lit.shape))


def hard_shadow(grey: np.ndarray, rng: Rng) -> Degraded:
    lit = _draw(_ink(grey) * 0.75, 245.0, 20.0) * _light(rng, grey.shape, 0.002)
    return _whole(lit + rng.normal(0, 2, lit.shape))


def jpeg(grey: np.ndarray, rng: Rng) -> Degraded:
    return _whole(_jpeg(_draw(_ink(grey) * 0.7, 250.0, 30.0), 40).astype(np.float32))


def blurred(grey: np.ndarray, rng: Rng) -> Degraded:
    return _whole(cv2.GaussianBlur(_draw(_ink(grey), 250.0, 20.0), (0, 0), max(grey.shape) / 400))


def grain(grey: np.ndarray, rng: Rng) -> Degraded:
    return _whole(_draw(_ink(grey) * 0.7, 235.0, 20.0) + rng.normal(0, 16, (*grey.shape, 3)))


def table(grey: np.ndarray, rng: Rng) -> Degraded:
    h, w = grey.shape
    to = _turn(grey.shape, 5, 0.95, (round(w * 1.25), round(h * 1.25)))
    page = _draw(_ink(grey) * 0.8, 240.0, 20.0)
    laid = _on(page, _table(rng, (round(h * 1.25), round(w * 1.25))), to)
    return _whole(laid * (0.9 + 0.1 * _light(rng, laid.shape)) + rng.normal(0, 3, laid.shape), to)


def third(grey: np.ndarray, rng: Rng) -> Degraded:
    page, to = _small(grey, 1 / 3, (0.35, 0.6))
    return _whole(_draw(_ink(page), 255.0, 0.0), to)


def scan(grey: np.ndarray, rng: Rng) -> Degraded:
    """A page of a book: black beyond its edge, darker towards the spine, dust."""
    h, w = grey.shape
    to = np.array([[1, 0, 0.06 * w], [0, 1, 0.03 * h], [0, 0, 1]])
    page = _draw(_ink(grey) * 0.7, 242.0, 20.0)
    laid = cv2.warpPerspective(page, to, (round(1.12 * w), round(1.1 * h)), borderValue=(242, 242, 242))
    x = np.linspace(0, 1, laid.shape[1], dtype=np.float32)[None, :, None]
    laid = laid * (1 - 0.55 * np.exp(-x / 0.05))
    laid[round(1.06 * h) :] = 18
    laid[:, round(1.08 * w) :] = 25
    return _whole(laid + rng.normal(0, 2.5, laid.shape), to)


def hatched(grey: np.ndarray, rng: Rng) -> Degraded:
    """Some areas shaded with parallel strokes."""
    h, w = grey.shape
    _, area, stats, _ = cv2.connectedComponentsWithStats((grey > 128).astype(np.uint8), connectivity=4)
    y, x = np.mgrid[0:h, 0:w]
    step = max(h, w) / 110
    stroke = (np.mod(x + y, step) < 0.25 * step).astype(np.float32)
    large = [i for i in range(1, len(stats)) if 0.004 * h * w < stats[i, 4] < 0.2 * h * w][::2]
    hatch = cv2.GaussianBlur(stroke * np.isin(area, large), (0, 0), 0.8)[..., None]
    return _whole(_draw(np.maximum(_ink(grey) * 0.9, hatch * 0.6), 250.0, 10.0))


def blackboard(grey: np.ndarray, rng: Rng) -> Degraded:
    ink = _ink(grey)
    chalk = ink * np.clip(0.75 + 0.2 * _noise(rng, grey.shape, 2.5), 0.25, 1)
    board = np.array([38, 62, 52], np.float32) + 6 * _noise(rng, grey.shape, 60) + 3 * _noise(rng, grey.shape, 9)
    return _whole(_draw(chalk, board, 232.0) + rng.normal(0, 2, (*grey.shape, 3)))


def white_on_grey(grey: np.ndarray, rng: Rng) -> Degraded:
    return _whole(_draw(_ink(grey) * 0.9, 128.0, 250.0) + rng.normal(0, 2, (*grey.shape, 1)))


def kraft(grey: np.ndarray, rng: Rng) -> Degraded:
    paper = np.array([186, 142, 96], np.float32) + 4 * _noise(rng, grey.shape, 3)
    return _whole(_draw(_ink(grey) * 0.75, paper, 25.0))


def yellow(grey: np.ndarray, rng: Rng) -> Degraded:
    return _whole(_draw(_ink(grey) * 0.7, np.array([250, 214, 60], np.float32), np.array([30, 30, 90], np.float32)))


def large(grey: np.ndarray, rng: Rng) -> Degraded:
    """A photograph of twelve megapixels, as a camera writes it and `decode` reads it."""
    full, scale = _enlarged(_draw(_ink(grey) * 0.8, 245.0, 20.0) * _light(rng, grey.shape))
    return _camera(full, np.diag([scale, scale, 1]), rng, 92)


def together(grey: np.ndarray, rng: Rng) -> Degraded:
    """A pale coloured drawing on a third of a page that lies turned on a table, in bad light, by a poor camera."""
    return _together(grey, rng, 0.45)


def together_faint(grey: np.ndarray, rng: Rng) -> Degraded:
    return _together(grey, rng, 0.15)


def _together(grey: np.ndarray, rng: Rng, contrast: float) -> Degraded:
    page, small = _small(grey, 1 / 3, (0.4, 0.55))
    pen = np.array([40, 60, 120], np.float32)
    h, w = page.shape
    size = (round(w * 1.2), round(h * 1.2))
    to = _turn(page.shape, 5, 1.0, size)
    laid = _on(_draw(_ink(page) * contrast, 245.0, pen), _table(rng, size[::-1]), to) * _light(rng, size[::-1])
    full, scale = _enlarged(laid)
    return _camera(cv2.GaussianBlur(full, (0, 0), 2), np.diag([scale, scale, 1]) @ to @ small, rng, 40)


def _enlarged(pixels: np.ndarray, megapixels: float = 12) -> tuple[np.ndarray, float]:
    h, w = pixels.shape[:2]
    scale = (megapixels * 1e6 / (h * w)) ** 0.5
    size = (round(w * scale), round(h * scale))
    return cv2.resize(np.clip(pixels, 0, 255).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR), scale


def _camera(pixels: np.ndarray, to: np.ndarray, rng: Rng, quality: int) -> Degraded:
    """Sensor noise and a JPEG file, read at the scale that a picture of 512 px needs."""
    tile = np.clip(rng.normal(128, 6, (512, 512, 3)), 0, 255).astype(np.uint8)
    h, w = pixels.shape[:2]
    noisy = cv2.addWeighted(pixels, 1, np.tile(tile, (h // 512 + 1, w // 512 + 1, 1))[:h, :w], 1, -128)
    read = np.asarray(images.decode(images.to_jpeg(Image.fromarray(noisy), quality), wanted=1024))
    return read, np.diag([read.shape[1] / w, read.shape[0] / h, 1]) @ to


DEGRADATIONS: dict[str, Callable[[np.ndarray, Rng], Degraded]] = {
    one.__name__: one
    for one in (
        clean, pale, faint, coloured, crayon, flat, light, hard_shadow, jpeg, blurred, grain,
        table, third, scan, hatched, blackboard, white_on_grey, kraft, yellow, large, together, together_faint,
    )
}  # fmt: skip


def degrade(name: str, grey: np.ndarray, seed: int = 0) -> tuple[Image.Image, np.ndarray]:
    """The drawing after one degradation, and where its pixels went."""
    pixels, to = DEGRADATIONS[name](grey, np.random.default_rng(seed))
    return Image.fromarray(pixels), to


def lines_on_page(
    grey: np.ndarray, to: np.ndarray, sketch: tuple[int, int], crop: tuple[float, ...] | None, page: tuple[int, int]
) -> np.ndarray:
    """The clean drawing as it would lie on the page, ink 0..1: `to` first, then the crop and the scale of the page."""
    left, top, right, bottom = (v * side for v, side in zip(crop or (0, 0, 1, 1), (*sketch, *sketch), strict=True))
    scale = np.diag([page[0] / (right - left), page[1] / (bottom - top), 1])
    onto = scale @ np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]]) @ to
    shrink = float(np.sqrt(abs(np.linalg.det(onto[:2, :2]))))
    soft = cv2.GaussianBlur(255 - grey, (0, 0), max(0.01, 0.4 / shrink)) if shrink < 1 else 255 - grey
    return cv2.warpPerspective(soft, onto, page, flags=cv2.INTER_LINEAR).astype(np.float32) / 255


def share_within(these: np.ndarray, those: np.ndarray, reach: int = 2) -> float:
    """Share of the pixels of one mask that have a pixel of the other within `reach` px."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = cv2.dilate(those.astype(np.uint8), kernel) > 0
    return float((these & near).sum() / max(1, these.sum()))
