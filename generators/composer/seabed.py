"""The seabed: water all over, and what grows at its bottom."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import limb, spline
from generators.composer.lands import View, down, rolling
from generators.composer.pen import Pen


def draw_seabed(page: Pen, view: View) -> None:
    """Water all over, sand below, with weeds, corals and bubbles."""
    land, rng = view.land, page.rng
    page.area([(-0.1, -0.1), (land.wide + 0.1, -0.1), (land.wide + 0.1, 1.1), (-0.1, 1.1)], "water")
    far = rolling(rng, land.wide, land.horizon, 0.14, 2.4)
    page.area(down(far), "stone")
    page.area(down(rolling(rng, land.wide, land.horizon - 0.08, 0.05, 1.8)), "sand")
    for k in range(round(7 * land.wide)):
        x, y = (k + float(rng.uniform(0.2, 0.8))) / 7, float(rng.uniform(0.03, land.horizon - 0.07))
        tall = float(rng.uniform(0.1, 0.3)) if k % 2 else float(rng.uniform(0.07, 0.12))
        if k % 2:
            sway = 0.05 * np.sin(np.linspace(0, 2 * np.pi, 7) + k)
            middle = np.stack([x + sway, y + np.linspace(0, tall, 7)], -1)
            half = np.array([[0.016, 0], [0.016, 0], [0.015, 0], [0.013, 0], [0.011, 0], [0.008, 0], [0.001, 0]])
            page.area(np.concatenate([spline(middle + half), spline((middle - half)[::-1])]), "leaves")
        else:
            fan = [
                limb(x, y, 0.014, x + dx * tall, y + dy * tall, 0.012)
                for dx, dy in ((0, 1), (-0.5, 0.75), (0.5, 0.75), (-0.75, 0.4), (0.75, 0.4))
            ]
            page.union(fan, "red")
    for _ in range(round(8 * land.wide)):
        x, y = float(rng.uniform(0.05, 0.95)) * land.wide, float(rng.uniform(0.45, 0.95))
        page.oval(x, y, float(rng.uniform(0.009, 0.018)), part="bubble")
