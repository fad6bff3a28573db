"""Story: what is ordered, what is written, and what writers are to everything above them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from PIL import Image

from generators.usage import Usage
from generators.vision.description import Description

WORDS = 220  # that a story has where nobody says how long it is to be
FEWEST, MOST = 80, 1_000  # words that may be asked for

Tell = Callable[[str], object]  # hears the text of a story as far as it is written


@dataclass(frozen=True)
class Remembered:
    """An earlier story."""

    id: str
    title: str
    text: str
    caption: str = ""  # of its picture


@dataclass(frozen=True)
class StoryOrder:
    """Everything that decides a story."""

    picture: Image.Image = field(repr=False)  # RGB
    description: Description
    known: str = ""  # words that others gave the picture: its caption, its names
    memories: tuple[Remembered, ...] = ()  # the best first
    seed: int = 0
    wish: str = ""  # what the user asks for
    words: int = WORDS  # about how long


@dataclass(frozen=True)
class Story:
    title: str
    text: str  # paragraphs with an empty line between them
    engine: str
    used: tuple[str, ...] = ()  # ids of the memories that came into it
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()  # what had to be done otherwise than usual


class Writer(Protocol):
    """What writes stories. Thread-safe."""

    engine: str  # name and version, or the model's own name
    sees: bool  # the picture itself; where it does not, it has the description alone

    def write(self, order: StoryOrder, tell: Tell | None, stop: Event) -> Story:
        """Raises `WritingStopped` within a moment once `stop` is set, whatever `tell` raises, and an `AtelierError`."""
        ...
