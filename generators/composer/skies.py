"""Skies: sun, moon, stars, clouds and what falls from them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from generators.composer.cast import FIGURES
from generators.composer.curves import oval
from generators.composer.pen import Pen
from generators.composer.places import Place
from generators.composer.scenes import Scene

LIT = 0.055  # radius of sun and moon
HIGH = 0.83


@dataclass(frozen=True)
class Outline:
    """How high the figures reach, and what hangs in the sky already, so that nothing hides anything."""

    wide: float
    placed: list[Place]
    taken: list[tuple[float, float, float]] = field(default_factory=list)

    def clear(self, x: float, y: float, reach: float) -> bool:
        """Whether nothing is there."""
        if any(abs(x - a) < reach + r and abs(y - b) < 0.7 * (reach + r) for a, b, r in self.taken):
            return False
        for place in self.placed:
            left, _, right, top = place.box
            slim = 0.25 * (right - left) * (place.figure.kind == "land")  # a peak is slimmer than its box
            low = place.box[1] if place.figure.home == "air" else 0.0
            if left + slim - reach < x < right - slim + reach and low - reach < y < top + reach:
                return False
        return True


def draw_sky(page: Pen, wide: float, horizon: float, scene: Scene, placed: list[Place]) -> None:
    """What hangs in the sky; flakes are drawn last, by `draw_flakes`."""
    rng, outline = page.rng, Outline(wide, placed)
    named = {place.figure.name for place in placed}
    clouded = "clouds" in scene.more
    lit = "moon" if scene.light == "night" and "moon" not in named and not (clouded and "rain" in scene.more) else ""
    if scene.light in ("day", "sunset") and "sun" not in named and not {"rain", "flakes"} & scene.more:
        lit = "sun" if scene.light == "sunset" or "sun" in scene.more or rng.random() < 0.55 else ""
    if "moon" in scene.more and "moon" not in named:
        lit = "moon"
    if scene.ground == "moon":
        lit = "planet" if "planet" not in named else ""
    if lit:
        _draw_lit(page, lit, wide, horizon, scene, outline)
    if (scene.light == "night" and not clouded) or "stars" in scene.more:
        _draw_stars(page, wide, horizon, outline, 14 if "stars" in scene.more else 8)
    clouds = 5 if clouded or scene.light == "storm" else 0 if scene.light == "night" else int(rng.integers(2, 4))
    _draw_clouds(page, wide, horizon, outline, clouds, dark=clouded)
    if "birds" in scene.more or scene.ground in ("sea", "beach"):
        _draw_birds(page, wide, horizon, outline)
    if "rain" in scene.more and scene.ground != "snow":
        _draw_rain(page, wide)


def _draw_birds(page: Pen, wide: float, horizon: float, outline: Outline) -> None:
    rng = page.rng
    for _ in range(7):
        x, y = float(rng.uniform(0.1, 0.9)) * wide, float(rng.uniform(horizon + 0.22, 0.92))
        if outline.clear(x, y, 0.05):
            outline.taken.append((x, y, 0.04))
            FIGURES["gull"].draw(page.within(x, y, float(rng.uniform(0.028, 0.042))))


def _draw_rain(page: Pen, wide: float) -> None:
    """Strokes, behind what stands on the ground."""
    rng = page.rng
    for row in range(6):
        for k in range(round(5 * wide) + 1):
            x = (k + 0.5 * (row % 2) + float(rng.uniform(-0.2, 0.2))) / 5
            y = 0.97 - row * 0.155 + float(rng.uniform(-0.05, 0.03))
            page.line([(x, y), (x - 0.02, y - 0.055)], weight=0.9)


def _draw_lit(page: Pen, name: str, wide: float, horizon: float, scene: Scene, outline: Outline) -> None:
    rng = page.rng
    size = 2 * LIT * float(rng.uniform(0.9, 1.25)) * min(1.0, 0.6 + 0.4 * wide)
    low = horizon + (0.06 if scene.light == "sunset" else 0.34)
    best = (0.0, 0.0, -9.0)
    for _ in range(14):
        x = float(rng.uniform(0.12, 0.88)) * wide
        y = float(rng.uniform(low, 0.9 - size / 2)) if scene.light == "sunset" else float(rng.uniform(0.76, 0.86))
        score = float(outline.clear(x, y, size * 0.75)) + 0.3 * abs(x / wide - 0.5) + 0.001 * rng.random()
        if score > best[2]:
            best = (x, y, score)
    outline.taken.append((best[0], best[1], 0.75 * size))
    FIGURES[name].draw(page.within(best[0], best[1] - size / 2, size))


def _draw_stars(page: Pen, wide: float, horizon: float, outline: Outline, count: int) -> None:
    rng = page.rng
    found = 0
    for _ in range(5 * count):
        x, y = float(rng.uniform(0.04, 0.96)) * wide, float(rng.uniform(horizon + 0.2, 0.96))
        if not outline.clear(x, y, 0.045) or found >= count * max(1.0, wide):
            continue
        found += 1
        outline.taken.append((x, y, 0.03))
        size = float(rng.uniform(0.016, 0.026))
        angles = np.radians(90 + 45 * np.arange(8))
        reach = np.where(np.arange(8) % 2 == 0, size, size * 0.34)
        page.area(np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], -1), "sun")


def _draw_clouds(page: Pen, wide: float, horizon: float, outline: Outline, count: int, dark: bool) -> None:
    rng = page.rng
    found = 0
    for _ in range(6 * count):
        x, y = float(rng.uniform(0.08, 0.92)) * wide, float(rng.uniform(max(horizon + 0.2, 0.62), 0.9))
        size = float(rng.uniform(0.042, 0.09)) * (1.5 if dark else 1.0) * min(1.0, 0.55 + 0.5 * wide)
        if found >= count or not outline.clear(x, y, 1.4 * size):
            continue
        found += 1
        outline.taken.append((x, y, 1.3 * size))
        FIGURES["cloud"].draw(page.within(x, y, size))


def draw_flakes(page: Pen, wide: float, scene: Scene) -> None:
    """Snow, before everything."""
    rng = page.rng
    if "flakes" in scene.more or (scene.ground == "snow" and not scene.indoors):
        for row in range(6):
            for k in range(round(5 * wide) + 1):
                x, y = (
                    (k + 0.5 * (row % 2) + float(rng.uniform(-0.3, 0.3))) / 5,
                    0.95 - row * 0.16 + float(rng.uniform(-0.06, 0.06)),
                )
                page.area(oval(x, y, 0.0085), "snow")
