"""Foregrounds: small things along the lower edge, and fields of one plant."""

from __future__ import annotations

import numpy as np

from generators.composer.cast import FIGURES
from generators.composer.figures.figure import Figure
from generators.composer.figures.plants import tuft
from generators.composer.places import MARGIN, Land, Place
from generators.composer.scenes import Scene

TUFT = Figure("tuft", tuft, 1.2, 0.3, "plant")
SIZES = {"rock": 0.05, "tuft": 0.05, "flower": 0.085, "reeds": 0.13}
ROWS = 3  # of a field
_OF_SCENE = {
    "sand": ("rock",), "snow": ("rock",), "beach": ("rock",), "moon": ("rock",), "lake": ("reeds", "tuft"),
    "river": ("reeds", "tuft"),
}  # fmt: skip


def foreground(scene: Scene, placed: list[Place], land: Land, rng: np.random.Generator) -> list[Place]:
    """Tufts, flowers, stones; more of them where flowers are told of."""
    if scene.indoors or scene.ground in ("sea", "street", "seabed"):
        return []
    flowery = "flowers" in scene.more
    kinds = ("flower", "flower", "tuft") if flowery else _OF_SCENE.get(scene.ground, ("tuft", "tuft", "flower"))
    found: list[Place] = []
    for _ in range(round((9 if flowery else 6) * max(0.7, land.wide))):
        name = kinds[int(rng.integers(0, len(kinds)))]
        x, y = float(rng.uniform(0.03, 0.97)) * land.wide, float(rng.uniform(0.015, 0.1))
        size = SIZES[name] * float(rng.uniform(0.7, 1.2)) * (1.25 - 3 * y)
        place = Place(TUFT if name == "tuft" else FIGURES[name], -1, x, y, size, bool(rng.random() < 0.5), y)
        hides = any(
            o.box[0] - 0.02 < x < o.box[2] + 0.02 and y - 0.02 < o.y + 0.04 for o in placed if o.figure.kind != "land"
        )
        if not hides and all(place.beside(other) < -MARGIN for other in found):
            found.append(place)
    return found


def sown(name: str, placed: list[Place], land: Land, rng: np.random.Generator) -> list[Place]:
    """A field of one plant, row behind row."""
    found: list[Place] = []
    figure = FIGURES[name]
    for row in range(ROWS):
        share = row / (ROWS - 1)
        y = (land.horizon - 0.09) * (1 - share) + 0.012
        size = (0.09 + 0.12 * share) * min(1.0, figure.metres + 0.4)
        step = 1.7 * size * figure.width
        for start in np.arange(0.2 * step + 0.5 * step * (row % 2), land.wide, step):
            x, foot = float(start + rng.uniform(-0.2, 0.2) * step), y + float(rng.uniform(0, 0.012))
            place = Place(figure, -1, x, foot, size * float(rng.uniform(0.85, 1.1)), bool(rng.random() < 0.5), y)
            hides = any(place.beside(o) > 0 and y - 0.02 < o.y < place.box[3] for o in placed)
            if not hides and 0.02 < x < land.wide - 0.02:
                found.append(place)
    return found
