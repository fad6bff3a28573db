"""Streets: a street in one-point perspective between two rows of houses."""

from __future__ import annotations

from itertools import pairwise

from generators.composer.cast import FIGURES
from generators.composer.pen import Pen
from generators.composer.places import Land

DEPTHS = (1.0, 1.5, 2.2, 3.3, 5.2)  # of the corners of blocks; sizes fall off with 1 / depth


def draw_street(page: Pen, land: Land) -> None:
    """Blocks from far to near on both sides, the carriageway between them, a skyline at its end."""
    rng = page.rng
    end = land.wide * float(rng.uniform(0.42, 0.58)), land.horizon
    FIGURES["skyline"].draw(page.within(end[0], land.horizon - 0.02, 0.24))
    page.area([(-0.1, -0.05), (land.wide + 0.1, -0.05), (land.wide + 0.1, land.horizon), (-0.1, land.horizon)], "path")
    half = max(0.28, 0.46 * land.wide)
    page.area(
        [
            (end[0] - 0.012, end[1]),
            (end[0] + 0.012, end[1]),
            (end[0] + half * 1.1, -0.05),
            (end[0] - half * 1.1, -0.05),
        ],
        "road",
    )
    for k in range(5):
        low, high = land.horizon * (1 - 0.72**k), land.horizon * (1 - 0.72 ** (k + 0.45))
        wide = [0.022 * (1 - y / land.horizon) + 0.002 for y in (low, high)]
        page.area(
            [(end[0] - wide[0], low), (end[0] + wide[0], low), (end[0] + wide[1], high), (end[0] - wide[1], high)],
            "cloud",
        )
    for side in (-1, 1):
        for near, far in list(pairwise(DEPTHS))[::-1]:
            _facade(page, land, end, side, near, far, float(rng.uniform(0.62, 1.0)))


def _facade(page: Pen, land: Land, end: tuple[float, float], side: int, near: float, far: float, tall: float) -> None:
    """The front of a block that goes away from us, its roof line, its windows."""
    edge = (0 if side < 0 else land.wide) - end[0]
    foot = -land.horizon * 0.62

    def at(depth: float, height: float) -> tuple[float, float]:
        return end[0] + edge * 1.12 / depth, end[1] + (foot + height * 1.25) / depth

    height = tall * 0.95
    page.area([at(near, 0), at(far, 0), at(far, height), at(near, height)], "wall")
    rows = 5
    for column in range(2):
        a, b = (near + (far - near) * (0.16 + 0.42 * column + 0.28 * part) for part in (0, 1))
        for row in range(rows):
            low = height * (0.2 + 0.16 * row)
            page.area([at(a, low), at(b, low), at(b, low + height * 0.09), at(a, low + height * 0.09)], "window")
        shop = height * 0.13
        page.area([at(a, 0.0), at(b, 0.0), at(b, shop), at(a, shop)], "door" if column else "window")
