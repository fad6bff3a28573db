"""Ways: paths, roads and pools that lead the eye from the lower edge into the picture."""

from __future__ import annotations

import numpy as np

from generators.composer.curves import spline
from generators.composer.pen import Pen
from generators.composer.places import Land


def draw_path(page: Pen, land: Land, x: float, y: float, part: str = "path", narrow: float = 0.035) -> None:
    """A way from a door, or from the horizon, to the lower edge."""
    rng = page.rng
    end = float(np.clip(x + rng.choice([-1, 1]) * rng.uniform(0.08, 0.2), 0.22, max(0.23, land.wide - 0.22)))
    bend = float(rng.uniform(-0.1, 0.1))
    half = min(0.14, 0.3 * land.wide)
    middle = (x + end) / 2 + bend, y * 0.5
    left = spline([(x - narrow, y), (middle[0] - half * 0.42, middle[1]), (end - half, -0.04)])
    right = spline([(end + half, -0.04), (middle[0] + half * 0.42, middle[1]), (x + narrow, y)])
    page.area(np.concatenate([left, right]), part)


def draw_pool(page: Pen, land: Land, x: float, y: float) -> None:
    """A long straight pool that leads to what stands behind it, with paths beside it."""
    near = min(0.36, 0.44 * land.wide)
    page.area([(x - 0.1, y - 0.03), (x + 0.1, y - 0.03), (x + near, -0.04), (x - near, -0.04)], "path")
    page.area(
        [(x - 0.045, y - 0.045), (x + 0.045, y - 0.045), (x + near * 0.5, -0.04), (x - near * 0.5, -0.04)], "water"
    )
