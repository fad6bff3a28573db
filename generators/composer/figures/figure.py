"""Figure: something that can be drawn, how large it is in life, and where it is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from generators.composer.pen import Pen

Kind = Literal["landmark", "building", "plant", "person", "animal", "vehicle", "thing", "land", "sky"]
Home = Literal["land", "water", "air", "table", "bank"]  # a bank is land at the water's edge


@dataclass(frozen=True)
class Figure:
    """`draw` fills a box from y = 0 to 1 that is `width` wide around x = 0."""

    name: str
    draw: Callable[[Pen], None]
    width: float  # of its height
    metres: float  # high, in life
    kind: Kind
    home: Home = "land"
    top: float | None = None  # where somebody can sit or stand on it
