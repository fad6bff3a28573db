"""Memory: one picture with one story, whichever of the two was made from the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.errors import NotFound
from core.files import read_bytes

Kind = Literal["story", "picture"]  # what was made: a story of a picture, or a picture of a story
KINDS: tuple[Kind, ...] = ("story", "picture")


class UnknownMemory(NotFound):
    def __init__(self, memory: str) -> None:
        super().__init__(f"no memory is called {memory[:80]!r}", "they are listed with their ids", memory=memory[:80])


@dataclass(frozen=True)
class Memory:
    """What was made, and of what."""

    id: str  # of the job that made it, or any other that is used once
    kind: Kind
    title: str
    story: str
    caption: str  # of the picture, as it was described or as it was ordered
    engine: str  # that wrote or painted
    created: float  # unix seconds
    told: Mapping[str, Any] = field(repr=False, default_factory=dict)  # seed, styles and the like, as JSON has it
    owner: str = "local"  # the name of the key that asked for it
    picture: Path = field(repr=False, default_factory=Path)  # its file

    def read(self) -> bytes:
        """The picture's file. Raises `NoSuchFile`."""
        return read_bytes(self.picture)

    def as_dict(self) -> dict[str, Any]:
        """All of it but the picture, as JSON can hold it."""
        told = asdict(self)
        del told["picture"]
        return {**told, "told": dict(self.told)}


@dataclass(frozen=True)
class Recalled:
    """A memory that was found; `score` is the cosine of its picture or story to what was asked."""

    memory: Memory
    score: float

    def as_dict(self) -> dict[str, Any]:
        memory = self.memory
        return {"id": memory.id, "kind": memory.kind, "title": memory.title, "score": round(self.score, 4)}
