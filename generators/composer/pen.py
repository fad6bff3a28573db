"""Pen: draws closed outlines, filled with paper, in the coordinates of a figure, and remembers what each area shows.

A figure stands on y = 0 and is about 1 high, x = 0 is its middle; y goes up. Whatever is drawn later hides what lies
behind it. Every point is moved a little by a field that is smooth over the page: lines look drawn by hand, and outlines
that share a border still do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.composer.curves import Points, archway, box, oval, spline
from generators.labels import Label

PLAN = 512  # px; the long side of the page on which sizes are judged
LINE = 2.3  # px there
THINNEST = 1.15  # px of any page
LEAST = 5.0  # px there; what is smaller is left out
STEP = 13  # px there, from one point of a drawn line to the next
WAVER = ((1.25, 11), (0.45, 38))  # px by which points are moved, and waves of that across the page
MOST_LABELS = 255
SHIFT = 4  # fractional bits of coordinates


class Canvas:
    """A page under way: paper, what is drawn on it, and what each place of it shows."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self.width, self.height, self.rng = width, height, rng
        self.unit = max(width, height) / PLAN
        self.line = LINE * (width * height) ** 0.5 / PLAN
        self.judged = min(1.0, self.unit)  # a small page has less detail, a large one no more
        self.ink: NDArray[np.uint8] = np.full((height, width), 255, np.uint8)
        self.places: NDArray[np.uint8] = np.zeros((height, width), np.uint8)
        self.labels: list[Label] = [Label("", 0)]
        self.instead: dict[str, str] = {}
        self._found: dict[Label, int] = {}
        self._waver = _field(rng, 64)

    def begin(self, instead: dict[str, str]) -> None:
        """The whole page is sky; `instead` names parts that look otherwise here, as leaves in autumn."""
        self.instead = instead
        self.places[:] = self.label("sky", 0, ("sky", "background"))

    def label(self, part: str, owner: int, words: tuple[str, ...]) -> int:
        """The number of what an area shows."""
        label = Label(self.instead.get(part, part), owner, words)
        if label not in self._found:
            if len(self.labels) > MOST_LABELS:
                return 0
            self._found[label] = len(self.labels)
            self.labels.append(label)
        return self._found[label]

    def wavered(self, points: Array) -> Array:
        """Points in px, moved as a hand moves them."""
        side = self._waver.shape[0] - 1
        at = np.clip(points * (side / max(self.width, self.height)), 0, side).astype(np.intp)
        return np.asarray(points + self._waver[at[:, 1], at[:, 0]] * self.unit, np.float32)


def _field(rng: np.random.Generator, least: int) -> Array:
    side = 4 * least
    total = np.zeros((side, side, 2), np.float32)
    for amount, waves in WAVER:
        coarse = rng.uniform(-1, 1, (waves, waves, 2)).astype(np.float32)
        total += amount * cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    return total


@dataclass(frozen=True)
class Pen:
    """A place on the canvas: the px of the figure's foot, and of its height."""

    canvas: Canvas = field(repr=False)
    x: float
    y: float
    size: float
    flip: bool = False
    turn: float = 0.0  # degrees against the clock
    weight: float = 1.0  # of its lines
    owner: int = 0
    words: tuple[str, ...] = ()  # by which the prompt names the figure
    carries: tuple[str, ...] = ()  # what it holds
    stretch: float = 1.0  # across
    seated: bool = False  # on the back of an animal

    @property
    def rng(self) -> np.random.Generator:
        return self.canvas.rng

    def vary(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def fits(self, length: float, px: float = LEAST) -> bool:
        """Whether that much of the figure can be seen on the page."""
        return length * self.size / self.canvas.unit * self.canvas.judged >= px

    def within(self, x: float, y: float, size: float, flip: bool = False, turn: float = 0.0) -> Pen:
        """A pen for a figure on this one."""
        at = self.place([(x, y)])[0]
        turned = -turn if self.flip else turn
        return replace(
            self,
            x=float(at[0]),
            y=float(at[1]),
            size=self.size * size,
            flip=self.flip != flip,
            turn=self.turn + turned,
            carries=(),
        )

    def place(self, points: Points) -> Array:
        """Points of the figure in px."""
        p = np.asarray(points, np.float32) * np.array([-self.stretch if self.flip else self.stretch, 1], np.float32)
        if self.turn:
            c, s = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
            p = p @ np.array([[c, s], [-s, c]], np.float32)
        return np.asarray(p * np.array([self.size, -self.size]) + np.array([self.x, self.y]), np.float32)

    def area(self, points: Points, part: str = "", own: bool = False, smooth: bool = False) -> None:
        """A closed outline, filled; `own` where the figure's own words mean it."""
        self.union([points], part, own, smooth)

    def union(self, shapes: Iterable[Points], part: str = "", own: bool = False, smooth: bool = False) -> None:
        """One outline around all of the shapes."""
        canvas, drawn = self.canvas, []
        for points in shapes:
            px = self.place(spline(points, closed=True) if smooth else points)
            drawn.append(_fixed(canvas.wavered(_dense(px, STEP * canvas.unit, closed=True))))
        spans = np.array([np.ptp(px, axis=0) for px in drawn]).max(0) / 2**SHIFT
        if spans.max() * canvas.judged < LEAST * canvas.unit:
            return
        if len(drawn) == 1:
            cv2.fillPoly(canvas.ink, drawn, 255, cv2.LINE_8, SHIFT)
            cv2.polylines(canvas.ink, drawn, True, 0, self._line(), cv2.LINE_AA, SHIFT)
        else:
            cv2.polylines(canvas.ink, drawn, True, 0, 2 * self._line() + 1, cv2.LINE_AA, SHIFT)
            for px in drawn:
                cv2.fillPoly(canvas.ink, [px], 255, cv2.LINE_AA, SHIFT)
        number = canvas.label(part, self.owner, self.words if own else ())
        for px in drawn:
            cv2.fillPoly(canvas.places, [px], number, cv2.LINE_8, SHIFT)

    def line(self, points: Points, smooth: bool = False, weight: float = 1.0) -> None:
        """A stroke that ends nothing."""
        canvas = self.canvas
        px = self.place(spline(points) if smooth else points)
        if np.ptp(px, axis=0).max() * canvas.judged < LEAST * canvas.unit:
            return
        px = canvas.wavered(_dense(px, STEP * canvas.unit, closed=False))
        cv2.polylines(canvas.ink, [_fixed(px)], False, 0, self._line(weight), cv2.LINE_AA, SHIFT)

    def dot(self, x: float, y: float, radius: float) -> None:
        """A blot of ink, as an eye."""
        px = self.canvas.wavered(self.place([(x, y)]))[0]
        across = max(radius * self.size, 0.9 * self.canvas.unit)
        cv2.circle(self.canvas.ink, tuple(_fixed(px).tolist()), round(across * 2**SHIFT), 0, -1, cv2.LINE_AA, SHIFT)

    def oval(
        self, x: float, y: float, across: float, up: float | None = None, part: str = "", own: bool = False
    ) -> None:
        self.area(oval(x, y, across, up), part, own)

    def box(self, left: float, bottom: float, right: float, top: float, part: str = "", own: bool = False) -> None:
        self.area(box(left, bottom, right, top), part, own)

    def arch(
        self, left: float, bottom: float, right: float, top: float, part: str = "window", pointed: bool = False
    ) -> None:
        self.area(archway(left, bottom, right, top, pointed), part)

    def row(self, draw: str, xs: Sequence[float], bottom: float, width: float, height: float, part: str) -> None:
        """Alike boxes or arches beside each other, by their middles, where they can be told apart."""
        if not self.fits(width * 0.8):
            return
        for x in xs:
            getattr(self, draw)(x - width / 2, bottom, x + width / 2, bottom + height, part)

    def _line(self, weight: float = 1.0) -> int:
        return int(max(1, round(max(THINNEST, self.canvas.line) * self.weight * weight)))


def _fixed(px: Array) -> NDArray[np.int32]:
    return np.asarray(np.round(px * 2**SHIFT), np.int32)


def _dense(points: Array, step: float, closed: bool) -> Array:
    """The same line with points at most `step` apart."""
    after = np.roll(points, -1, 0) if closed else points[1:]
    before = points if closed else points[:-1]
    along = after - before
    length = np.hypot(along[:, 0], along[:, 1])
    if len(length) == 0 or length.max() <= step:
        return points
    counts = np.ceil(np.maximum(length, 1e-3) / step).astype(np.intp)
    index = np.repeat(np.arange(len(counts)), counts)
    share = (np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[index]
    dense = before[index] + share[:, None] * along[index]
    return np.asarray(dense if closed else np.concatenate([dense, points[-1:]]), np.float32)
