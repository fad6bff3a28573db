"""Places: where a figure stands on the page, and how large figures are beside each other.

The page is 1 high and `wide` wide; y goes up. What stands lower is nearer, larger, and hides what is behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

from generators.composer.figures.figure import Figure, Kind

SHRINK = 0.45  # exponent by which sizes in life are brought together: a person before a tower stays visible
TOP, MARGIN = 0.95, 0.03
FAR, NEAR = 9.0, -9.0  # depths of the sky, and of what flies before everything
CROSSING = ("bridge", "suspension bridge", "tower bridge", "great wall", "fence", "garden wall", "skyline")  # the page
GROUNDED = ("great wall", "ruins", "waterfall", "cliff")  # they reach down to where we stand


def named(text: str) -> frozenset[str]:
    """Figures by their names, with commas between."""
    return frozenset(text.split(", "))


@dataclass(frozen=True)
class Size:
    """Heights of a kind of figure, and how far back it stands: 0 is far away, 3 near."""

    main: float
    least: float
    most: float
    step: int
    several: int = 3  # that many are meant by a plural


SIZES: dict[Kind, Size] = {
    "landmark": Size(0.6, 0.2, 0.5, 0),
    "building": Size(0.47, 0.16, 0.4, 1, several=4),
    "person": Size(0.6, 0.2, 0.46, 3),
    "animal": Size(0.44, 0.1, 0.34, 3),
    "vehicle": Size(0.36, 0.13, 0.32, 2),
    "plant": Size(0.56, 0.1, 0.5, 1, several=5),
    "thing": Size(0.46, 0.07, 0.36, 3),
    "land": Size(0.5, 0.16, 0.42, 0),
    "sky": Size(0.3, 0.07, 0.16, 0),
}


@dataclass(frozen=True)
class Place:
    """One figure: its foot, its height, and which mention it is of, -1 for company."""

    figure: Figure
    mention: int
    x: float
    y: float
    height: float
    flip: bool = False
    depth: float = 0.0  # what it is sorted by; its foot, but for what stands on something
    words: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    seated: bool = False

    @property
    def width(self) -> float:
        return self.height * self.figure.width

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top."""
        return self.x - self.width / 2, self.y, self.x + self.width / 2, self.y + self.height

    def beside(self, other: Place) -> float:
        """How far the two overlap from left to right; below 0 it is the gap between them."""
        return min(self.box[2], other.box[2]) - max(self.box[0], other.box[0])


@dataclass(frozen=True)
class Land:
    """Where things can stand: the horizon, and of water its lower and its upper end."""

    wide: float
    horizon: float
    near: float = 0.07  # where the nearest stand
    water: tuple[float, float] | None = None
    swum: bool = False  # all of it is water

    def depth(self, y: float) -> float:
        """How large what stands there looks."""
        return max(0.05, self.horizon - y + 0.16)

    def foot(self, figure: Figure, step: int) -> float:
        """Where a figure stands, by how far back it is."""
        if self.water is not None and figure.home == "water":
            low, high = max(self.water[0], 0.03), self.water[1]
            return low + (high - low) * (0.62, 0.5, 0.28, 0.12)[step]
        if self.water is not None and step < 2:
            return self.water[1] - 0.005  # on the far shore
        if self.water is not None:
            return min(self.near, max(0.02, self.water[0] - 0.06))
        back = self.horizon - (0.02 if figure.kind == "land" else 0.045)
        return back + (self.near - back) * (0.0, 0.3, 0.68, 1.0)[step]
