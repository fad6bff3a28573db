"""Masses: a quiet landscape for a prompt of which no word can be drawn; its shapes come from the words' mood."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from generators.composer.cast import FIGURES
from generators.composer.curves import spline
from generators.composer.grammar import word_set
from generators.composer.lands import OVER, down
from generators.composer.pen import Pen

_SHARP = word_set(
    "war anger angry danger dangerous fear fierce crisis conflict struggle revolution power battle fire wild chaos "
    "sharp hard violent shock risk critical attack crash break broken fight rage urgent sudden tension electric metal"
)
_SOFT = word_set(
    "peace calm quiet gentle soft love hope dream dreams tender rest sleep kind kindness slow warm trust care harmony "
    "balance silence memory childhood health heal comfort safe friendship welcome smooth music"
)
_DARK = word_set(
    "night death sad sadness grief lonely loneliness sorrow loss dark secret mystery ghostly alone fear end"
)


def draw_masses(page: Pen, wide: float, words: Iterable[str]) -> None:
    """Ridges one behind another, a sun or a moon, and water at their feet."""
    rng, said = page.rng, set(words)
    sharp = len(said & _SHARP) - len(said & _SOFT)
    edge = float(np.clip(0.5 + 0.4 * np.sign(sharp) + rng.uniform(-0.35, 0.35) * (sharp == 0), 0, 1))  # 1: peaks
    lit = "moon" if said & _DARK else "sun"
    x, y = float(rng.choice([0.3, 0.68]) + rng.uniform(-0.06, 0.06)) * wide, float(rng.uniform(0.66, 0.78))
    FIGURES[lit].draw(page.within(x, y, 0.15 * min(1.0, 0.5 + 0.5 * wide)))
    for share in (0.2, 0.8):
        at = wide * (share + float(rng.uniform(-0.08, 0.08)))
        if abs(at - x) > 0.22:  # of the light
            FIGURES["cloud"].draw(page.within(at, float(rng.uniform(0.8, 0.9)), 0.055))
    layers = int(rng.integers(4, 6))
    for i in range(layers):
        foot = 0.44 - 0.38 * i / layers
        tall = float(rng.uniform(0.15, 0.28)) * (1 - 0.6 * i / layers)
        count = int(rng.integers(3, 6)) + round(2 * wide)
        xs = np.linspace(-OVER, wide + OVER, count)
        xs[1:-1] += rng.uniform(-0.3, 0.3, count - 2) * (xs[1] - xs[0])
        knots = np.stack([xs, foot + tall * rng.uniform(0, 1, count)], -1)
        soft = spline(knots)
        straight = np.stack([soft[:, 0], np.interp(soft[:, 0], np.sort(xs), knots[:, 1])], -1)
        page.area(down(edge * straight + (1 - edge) * soft), ("leaves", "ground")[i % 2])
    if rng.random() < 0.7:
        page.area(down(spline([(-OVER, 0.13), (0.3 * wide, 0.1), (0.7 * wide, 0.14), (wide + OVER, 0.11)])), "water")
