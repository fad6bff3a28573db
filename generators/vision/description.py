"""Description: what a picture shows, as a describer saw it, and what describers are to everything above them.

It holds what was seen and nothing else: names, captions and tags that others gave a picture are kept apart from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from core.errors import AtelierError
from generators.usage import Usage as Usage
from generators.writing import WritingStopped

MOST_WORDS = 2_000  # characters of a caption; a setting or a mood has a fifth of it
MOST_ITEMS = 40  # of a list
LONGEST_ITEM = 80  # characters


class Description(BaseModel):
    """A picture in words, in English. What a describer cannot see is empty."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    caption: str = Field(min_length=1, max_length=MOST_WORDS, description="one to three sentences on what is shown")
    objects: tuple[str, ...] = Field((), max_length=MOST_ITEMS, description="the things and beings that can be seen")
    colours: tuple[str, ...] = Field((), max_length=MOST_ITEMS, description="the main colours, the largest first")
    setting: str = Field("", max_length=MOST_WORDS // 5, description="where it is, and in what light")
    mood: str = Field("", max_length=MOST_WORDS // 5, description="a few words")
    tags: tuple[str, ...] = Field((), max_length=MOST_ITEMS, description="single words to find it by")


@dataclass(frozen=True)
class Described:
    """A description, or why there is none; one of the two."""

    description: Description | None
    error: DescribingFailed | None = None
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()  # what had to be done otherwise than usual


class DescribingFailed(AtelierError):
    """One picture has no description; the others are not concerned. `again`: asking once more may help."""

    again = True


class DescribingStopped(WritingStopped):
    """Nobody wants the description any more."""


class Describer(Protocol):
    """What sees pictures. Thread-safe."""

    engine: str  # name and version, or the model's own name
    wanted: int  # px of the long side that it looks at; what is larger may be handed over smaller
    batch: int  # pictures that are best described together
    at_once: int  # batches that may be under way together
    recognises: bool  # things; where it only measures, its words are those that every picture is found by already

    def describe(self, pictures: Sequence[Image.Image], stop: Event) -> list[Described]:
        """One for each RGB picture, in order. Raises `DescribingStopped` where `stop` is set meanwhile, and an
        `AtelierError` that is no `DescribingFailed` for what every picture would meet: no model, no key, no money."""
        ...
