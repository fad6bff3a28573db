"""Villages: houses in rows, the nearer the larger, with a church among them."""

from __future__ import annotations

from dataclasses import replace

from generators.composer.cast import FIGURES
from generators.composer.lands import View
from generators.composer.pen import Pen


def draw_village(page: Pen, view: View) -> None:
    """Houses in rows, the nearer the larger, a church among them; three rows where nothing else is the subject."""
    land, rng = view.land, page.rng
    alone = not view.placed
    count = max(2, round(3.6 * land.wide))
    church = int(rng.integers(1, count))
    rows = ((0.02, 0.15), (0.09, 0.21), (0.2, 0.26 * min(1.0, land.wide))) if alone else ((0.015, 0.13), (0.075, 0.17))
    for row, (drop, size) in enumerate(rows):
        for k in range(count + 1 - row):
            x = (k + 0.5 * (1 + row % 2) + float(rng.uniform(-0.16, 0.16))) / (count + 1) * land.wide
            if row == 2:  # one on each side of the way
                x = land.wide * (0.2 if k % 2 == 0 else 0.8) + float(rng.uniform(-0.03, 0.03))
            kind = "church" if row == 0 and k == church else ("house", "cottage", "house")[int(rng.integers(0, 3))]
            scale = size * float(rng.uniform(0.85, 1.1)) * (1.75 if kind == "church" else 1.0)
            half = 0.62 * scale
            if (row == 2 and k > 1) or (row > 0 and any(left - half < x < right + half for left, right in _eyes(view))):
                continue
            pen = page.within(
                x, land.horizon - drop - float(rng.uniform(0, 0.015)), scale, flip=bool(rng.random() < 0.5)
            )
            FIGURES[kind].draw(replace(pen, owner=200 + 20 * row + k))


def _eyes(view: View) -> list[tuple[float, float]]:
    """What stands in the middle and must be seen."""
    return [(place.box[0], place.box[2]) for place in view.placed[:1]]
