"""Degradations: what phones, pencils, crayons and scanners do to a drawing, each with the way back to the original.

Every degradation takes a clean drawing, grey of shape (h, w), and a generator of random numbers; it gives an RGB
picture and the 3 x 3 matrix that takes a pixel of the drawing to its place in that picture.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from generators.edges import Edges
from tests.papers import askew, fingers, grey_table, ruled, squared, thumbs, white_table
from tests.scenes import (
    Degraded,
    Rng,
    boards,
    compressed,
    drawn,
    enlarged,
    ink_of,
    laid_on,
    lighting,
    made_small,
    noise,
    photographed,
    taken,
    turned,
)

PENS = np.array([[200, 40, 40], [30, 80, 190], [40, 130, 60], [110, 50, 150]], np.float32)
FILLS = np.array([[235, 90, 80], [90, 140, 225], [110, 190, 90], [250, 205, 80], [190, 130, 210]], np.float32)


def clean(grey: np.ndarray, rng: Rng) -> Degraded:
    return taken(drawn(ink_of(grey), 255.0, 0.0))


def pale(grey: np.ndarray, rng: Rng) -> Degraded:
    return taken(drawn(ink_of(grey) * 0.4, 250.0, 0.0) + rng.normal(0, 2, (*grey.shape, 1)))


def faint(grey: np.ndarray, rng: Rng) -> Degraded:
    return taken(drawn(ink_of(grey) * 0.15, 250.0, 0.0) + rng.normal(0, 1.5, (*grey.shape, 1)))


def coloured(grey: np.ndarray, rng: Rng) -> Degraded:
    pen = (np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]][1] * len(PENS)) // grey.shape[1]
    return taken(drawn(ink_of(grey) * 0.8, 253.0, PENS[pen]))


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
    return taken(page * (1 - ink_of(grey) * black))


def light(grey: np.ndarray, rng: Rng) -> Degraded:
    lit = drawn(ink_of(grey) * 0.75, 245.0, 20.0) * lighting(rng, grey.shape)
    return taken(lit + rng.normal(0, 3, lit.shape))


def hard_shadow(grey: np.ndarray, rng: Rng) -> Degraded:
    lit = drawn(ink_of(grey) * 0.75, 245.0, 20.0) * lighting(rng, grey.shape, 0.002)
    return taken(lit + rng.normal(0, 2, lit.shape))


def jpeg(grey: np.ndarray, rng: Rng) -> Degraded:
    return taken(compressed(drawn(ink_of(grey) * 0.7, 250.0, 30.0), 40).astype(np.float32))


def blurred(grey: np.ndarray, rng: Rng) -> Degraded:
    return taken(cv2.GaussianBlur(drawn(ink_of(grey), 250.0, 20.0), (0, 0), max(grey.shape) / 400))


def grain(grey: np.ndarray, rng: Rng) -> Degraded:
    return taken(drawn(ink_of(grey) * 0.7, 235.0, 20.0) + rng.normal(0, 16, (*grey.shape, 3)))


def table(grey: np.ndarray, rng: Rng) -> Degraded:
    h, w = grey.shape
    to = turned(grey.shape, 5, 0.95, (round(w * 1.25), round(h * 1.25)))
    page = drawn(ink_of(grey) * 0.8, 240.0, 20.0)
    laid = laid_on(page, boards(rng, (round(h * 1.25), round(w * 1.25))), to)
    return taken(laid * (0.9 + 0.1 * lighting(rng, laid.shape)) + rng.normal(0, 3, laid.shape), to)


def third(grey: np.ndarray, rng: Rng) -> Degraded:
    page, to = made_small(grey, 1 / 3, (0.35, 0.6))
    return taken(drawn(ink_of(page), 255.0, 0.0), to)


def scan(grey: np.ndarray, rng: Rng) -> Degraded:
    """A page of a book: black beyond its edge, darker towards the spine, dust."""
    h, w = grey.shape
    to = np.array([[1, 0, 0.06 * w], [0, 1, 0.03 * h], [0, 0, 1]])
    page = drawn(ink_of(grey) * 0.7, 242.0, 20.0)
    laid = cv2.warpPerspective(page, to, (round(1.12 * w), round(1.1 * h)), borderValue=(242, 242, 242))
    x = np.linspace(0, 1, laid.shape[1], dtype=np.float32)[None, :, None]
    laid = laid * (1 - 0.55 * np.exp(-x / 0.05))
    laid[round(1.06 * h) :] = 18
    laid[:, round(1.08 * w) :] = 25
    return taken(laid + rng.normal(0, 2.5, laid.shape), to)


def hatched(grey: np.ndarray, rng: Rng) -> Degraded:
    """Some areas shaded with parallel strokes."""
    h, w = grey.shape
    _, area, stats, _ = cv2.connectedComponentsWithStats((grey > 128).astype(np.uint8), connectivity=4)
    y, x = np.mgrid[0:h, 0:w]
    step = max(h, w) / 110
    stroke = (np.mod(x + y, step) < 0.25 * step).astype(np.float32)
    large = [i for i in range(1, len(stats)) if 0.004 * h * w < stats[i, 4] < 0.2 * h * w][::2]
    hatch = cv2.GaussianBlur(stroke * np.isin(area, large), (0, 0), 0.8)[..., None]
    return taken(drawn(np.maximum(ink_of(grey) * 0.9, hatch * 0.6), 250.0, 10.0))


def blackboard(grey: np.ndarray, rng: Rng) -> Degraded:
    ink = ink_of(grey)
    chalk = ink * np.clip(0.75 + 0.2 * noise(rng, grey.shape, 2.5), 0.25, 1)
    board = np.array([38, 62, 52], np.float32) + 6 * noise(rng, grey.shape, 60) + 3 * noise(rng, grey.shape, 9)
    return taken(drawn(chalk, board, 232.0) + rng.normal(0, 2, (*grey.shape, 3)))


def white_on_grey(grey: np.ndarray, rng: Rng) -> Degraded:
    return taken(drawn(ink_of(grey) * 0.9, 128.0, 250.0) + rng.normal(0, 2, (*grey.shape, 1)))


def kraft(grey: np.ndarray, rng: Rng) -> Degraded:
    paper = np.array([186, 142, 96], np.float32) + 4 * noise(rng, grey.shape, 3)
    return taken(drawn(ink_of(grey) * 0.75, paper, 25.0))


def yellow(grey: np.ndarray, rng: Rng) -> Degraded:
    return taken(drawn(ink_of(grey) * 0.7, np.array([250, 214, 60], np.float32), np.array([30, 30, 90], np.float32)))


def large(grey: np.ndarray, rng: Rng) -> Degraded:
    """A photograph of twelve megapixels, as a camera writes it and `decode` reads it."""
    full, scale = enlarged(drawn(ink_of(grey) * 0.8, 245.0, 20.0) * lighting(rng, grey.shape))
    return photographed(full, np.diag([scale, scale, 1]), rng, 92)


def together(grey: np.ndarray, rng: Rng) -> Degraded:
    """A pale coloured drawing on a third of a page that lies turned on a table, in bad light, by a poor camera."""
    return _together(grey, rng, 0.45)


def together_faint(grey: np.ndarray, rng: Rng) -> Degraded:
    return _together(grey, rng, 0.15)


def _together(grey: np.ndarray, rng: Rng, contrast: float) -> Degraded:
    page, small = made_small(grey, 1 / 3, (0.4, 0.55))
    pen = np.array([40, 60, 120], np.float32)
    h, w = page.shape
    size = (round(w * 1.2), round(h * 1.2))
    to = turned(page.shape, 5, 1.0, size)
    laid = laid_on(drawn(ink_of(page) * contrast, 245.0, pen), boards(rng, size[::-1]), to) * lighting(rng, size[::-1])
    full, scale = enlarged(laid)
    return photographed(cv2.GaussianBlur(full, (0, 0), 2), np.diag([scale, scale, 1]) @ to @ small, rng, 40)


DEGRADATIONS: dict[str, Callable[[np.ndarray, Rng], Degraded]] = {
    one.__name__: one
    for one in (
        clean, pale, faint, coloured, crayon, flat, light, hard_shadow, jpeg, blurred, grain,
        table, third, scan, hatched, blackboard, white_on_grey, kraft, yellow, large, together, together_faint,
        ruled, squared, white_table, grey_table, fingers, thumbs, askew,
    )
}  # fmt: skip


def degrade(name: str, grey: np.ndarray, seed: int = 0) -> tuple[Image.Image, np.ndarray]:
    """The drawing after one degradation, and where its pixels went."""
    pixels, to = DEGRADATIONS[name](grey, np.random.default_rng(seed))
    return Image.fromarray(pixels), to


def lines_on_page(grey: np.ndarray, to: np.ndarray, sketch: tuple[int, int], edges: Edges) -> np.ndarray:
    """The clean drawing as it would lie on the page, ink 0..1: `to` first, then the crop and the scale of the page."""
    onto = onto_page(sketch, edges) @ to
    shrink = float(np.sqrt(abs(np.linalg.det(onto[:2, :2] / onto[2, 2]))))
    soft = cv2.GaussianBlur(255 - grey, (0, 0), max(0.01, 0.4 / shrink)) if shrink < 1 else 255 - grey
    return cv2.warpPerspective(soft, onto, edges.page.size, flags=cv2.INTER_LINEAR).astype(np.float32) / 255


def onto_page(sketch: tuple[int, int], edges: Edges) -> np.ndarray:
    """The matrix that takes a pixel of the sketch to its place on the page."""
    left, top, right, bottom = edges.crop or (0, 0, 1, 1)
    quad = edges.quad or ((left, top), (right, top), (right, bottom), (left, bottom))
    w, h = edges.page.size
    ends = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    return cv2.getPerspectiveTransform((np.array(quad) * sketch).astype(np.float32), ends)


def share_within(these: np.ndarray, those: np.ndarray, reach: int = 2) -> float:
    """Share of the pixels of one mask that have a pixel of the other within `reach` px."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = cv2.dilate(those.astype(np.uint8), kernel) > 0
    return float((these & near).sum() / max(1, these.sum()))


def painted_recall(truth: np.ndarray, painted: Image.Image) -> float:
    """Share of the lines of a clean drawing, a mask, that are lines of a picture painted over it."""
    grey = cv2.GaussianBlur(cv2.cvtColor(np.asarray(painted), cv2.COLOR_RGB2GRAY), (0, 0), 1)
    lines = cv2.Canny(cv2.GaussianBlur(truth.astype(np.uint8) * 255, (0, 0), 1), 60, 150) > 0
    return share_within(lines, cv2.Canny(grey, 60, 150) > 0)
