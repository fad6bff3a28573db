"""Orders: the one object that decides a picture, and what comes back for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from PIL import Image

from core.errors import BadValue
from generators.edges import Edges

Mode = Literal["preview", "quality"]
MODES: tuple[Mode, ...] = ("preview", "quality")
MAX_SEED = 2**32 - 1
MAX_REFERENCES = 4


@dataclass(frozen=True)
class Reference:
    """A style to wear: the bytes of its picture and its share of the blend."""

    id: str
    picture: bytes = field(repr=False)
    weight: float = 1.0  # relative to the other references


@dataclass(frozen=True)
class PaintOrder:
    """Everything that decides a picture. The same order gives the same picture, whatever runs beside it."""

    edges: Edges  # what to keep of the sketch
    references: tuple[Reference, ...]
    prompt: str = ""
    seed: int = 0
    mode: Mode = "quality"

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise BadValue("seed", self.seed, f"a whole number from 0 to {MAX_SEED}")
        if self.mode not in MODES:
            raise BadValue("mode", self.mode, " or ".join(MODES))
        if not 1 <= len(self.references) <= MAX_REFERENCES:
            raise BadValue("style", len(self.references), f"1 to {MAX_REFERENCES} styles")
        if any(not 0 < reference.weight <= 100 for reference in self.references):
            raise BadValue("style", [r.weight for r in self.references], "weights above 0, at most 100")


@dataclass(frozen=True)
class Painting:
    """A picture and the engine that made it."""

    image: Image.Image
    engine: str  # name and version, as in "painter 1.0"


class Progress(Protocol):
    """Called as the work goes on; an error that it raises ends the work.

    `stage` names what is being done, `step` steps of `total` are finished, and `done` is the share of the time, 0..1.
    The last call has step = total. A long step has further calls, of the same stage and step, and so has a wait.
    """

    def __call__(self, stage: str, step: int, total: int, done: float) -> None: ...


class Generator(Protocol):
    """What makes pictures: `paint` takes an order and reports its stages."""

    engine: str

    def paint(self, order: PaintOrder, progress: Progress | None = None) -> Painting: ...
