"""The painter: pictures from a sketch and style references, without weights, the same for the same order.

Fill the regions of the sketch with colours of the style (guide.py), match the style's own patches to that
(texture.py), restore its tones and grain, draw the lines as the style draws lines (ink.py).
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core import images
from core.colours import Array, from_lab
from core.errors import BadValue
from core.measures import disc
from core.once import Once
from generators.orders import Painting, PaintOrder, Progress
from generators.painter.guide import Guide, guide_drawing
from generators.painter.ink import draw_lines
from generators.painter.photograph import guide_photograph
from generators.painter.places import Places
from generators.painter.steps import Steps
from generators.painter.style import HEIGHT, Bank, Pass, Style, widths
from generators.painter.texture import lay_patches
from generators.painter.tone import blur, resize
from generators.painter.touch import wear
from generators.painter.transport import transport
from generators.threads import one_numeric_thread

PLAN_SIDE = 512  # px; regions and colours are found at this size, so a larger picture is the same picture
PASSES = {
    "preview": (Pass(2, 12, 6, 2, appearance=0, guidance=1.6, rounds=1),),
    "quality": (
        Pass(4, 12, 4, 1, appearance=0, guidance=1.6, rounds=2),
        Pass(2, 12, 6, 2, appearance=0.9, guidance=1.2, rounds=3),
        Pass(1, 8, 4, 4, appearance=1.0, guidance=1.0, rounds=2, borders_only=True),
    ),
}
KEEP_WIDTH = 20 * HEIGHT  # px of compiled styles in memory; a single one is HEIGHT wide and takes some 20 MB

_Canvas = tuple[tuple[bytes, int], ...]  # pictures of a style with their widths


@dataclass(frozen=True)
class _Compiled:
    style: Style
    banks: Once[Pass, Bank]


class Painter:
    """Thread-safe; paints at most one picture of each mode per processor core at a time."""

    engine = "painter 1.2"
    together = False

    def __init__(self) -> None:
        self._styles: Once[_Canvas, _Compiled] = Once(self._compile, KEEP_WIDTH, _width, "painter_styles")
        self._places = {mode: Places(os.cpu_count() or 1) for mode in PASSES}  # a preview waits for no quality picture

    def paint(self, order: PaintOrder, progress: Progress | None = None) -> Painting:
        """The picture of an order, as large as its edges; the same bytes for the same order on one machine."""
        if not order.references:
            raise BadValue("style", 0, "at least one style for the painter")
        steps = Steps(progress or _silent, len(PASSES[order.mode]))
        steps.begin("style")
        with self._places[order.mode].place(waiting=lambda: steps.within(0.0)), one_numeric_thread():
            return Painting(self._paint(order, steps), self.engine)

    def _paint(self, order: PaintOrder, steps: Steps) -> Image.Image:
        rng = np.random.default_rng(order.seed)
        columns = widths([reference.weight for reference in order.references])
        pictures = [reference.picture for reference in order.references]
        compiled = self._styles(tuple(zip(pictures, columns, strict=True)))
        style = compiled.style
        steps.begin("composition")
        width, height = order.edges.page.size
        guide = _plan(order, style, rng).at(width, height)
        near, zone = _near_borders(guide.borders)
        painted: Array | None = None
        for kind in PASSES[order.mode]:
            if order.mode == "quality":  # a preview is there before it could be shown
                steps.show((guide.tones if painted is None else painted) + guide.recolour + guide.tint)
            steps.begin("texture")
            bank = compiled.banks(kind)
            steps.within(0.1)
            painted = lay_patches(painted, guide, style, bank, kind, zone, rng, steps.within)
        assert painted is not None
        steps.begin("finish")
        finished = wear(_finish(painted, guide, style, near, rng), guide.plain, order.touch.style)
        ink = np.asarray(order.edges.ink, np.float32) / 255
        picture = from_lab(draw_lines(finished, ink, style.lines, rng, order.touch.lines))
        steps.end()
        return Image.fromarray(picture)

    @staticmethod
    def _compile(canvas: _Canvas) -> _Compiled:
        style = Style([(images.decode(picture, "style picture", None), width) for picture, width in canvas])
        return _Compiled(style, Once(style.bank))


def _width(canvas: _Canvas) -> int:
    return sum(width for _, width in canvas)


def _silent(stage: str, step: int, total: int, done: float) -> None:
    pass


def _plan(order: PaintOrder, style: Style, rng: np.random.Generator) -> Guide:
    width, height = order.edges.page.size
    scale = PLAN_SIDE / max(width, height)
    small = (round(width * scale / 8) * 8 or 8, round(height * scale / 8) * 8 or 8)
    if order.edges.line_art:
        ink = np.clip(resize(np.asarray(order.edges.ink, np.float32) / 255, *small), 0, 1)
        colours = _colours(order.edges.colours, *small)
        return guide_drawing(ink, style, order.prompt, rng, colours, order.edges.labels)
    page: NDArray[np.uint8] = np.clip(resize(np.asarray(order.edges.page, np.float32), *small), 0, 255).astype(np.uint8)
    return guide_photograph(page, style, order.prompt, rng)


def _colours(image: Image.Image | None, width: int, height: int) -> NDArray[np.uint8] | None:
    return None if image is None else np.asarray(image.resize((width, height), Image.Resampling.BOX), np.uint8)


def _near_borders(borders: Array) -> tuple[Array, Array]:
    """How near each pixel is to a border of regions (h, w, 1), and the wider zone that border passes work in."""
    near = np.clip(1.6 * blur(cv2.dilate(borders, disc(2)), 1.75), 0, 1) * 0.9
    zone = np.clip(blur(cv2.dilate(near, disc(3)), 2.5), 0, 1)
    return near[..., None].astype(np.float32), zone.astype(np.float32)


def _finish(painted: Array, guide: Guide, style: Style, near: Array, rng: np.random.Generator) -> Array:
    """Hold the guide's tones, sharply at borders; move the colours onto the style's; give back its grain."""
    off = guide.tones - painted
    held = 0.6 * blur(off, 7) * (1 - near) + 0.85 * blur(off, 2) * near  # one difference, or halos appear
    painted = painted + np.array([0.75, 1, 1], np.float32) * held + guide.recolour
    painted = transport(painted, style.lab, rng, rounds=5, strength=0.3) + guide.tint
    light = painted[..., 0]
    detail = light - blur(light, 2.5)
    far = near[..., 0] < 0.2
    if far.any():  # averaging patches has cost grain
        gain = np.clip(style.grain / (detail[far].std() + 1e-4) - 1, 0, 0.8)
        painted[..., 0] += gain * detail * (1 - near[..., 0])
    return np.asarray(painted, np.float32)
