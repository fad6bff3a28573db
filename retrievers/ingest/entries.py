"""Entries: what is known of a file before it is read, and what is to be written of it after that."""

from __future__ import annotations

from dataclasses import dataclass

from core.colours import Array
from core.errors import AtelierError
from retrievers.ingest.look import Looks
from retrievers.ingest.said import Place
from retrievers.ingest.walk import Found


@dataclass(frozen=True)
class Known:
    """What the ledger says of a file."""

    size: int
    mtime_ns: int
    ctime_ns: int
    root: bytes
    source: str
    picture: str | None
    failed: bool

    def is_unchanged(self, found: Found, force: bool = False) -> bool:
        """By size and time of change; of one that failed also by the time of its last `chmod`."""
        if self.picture is None and force:
            return False
        same = (self.size, self.mtime_ns) == (found.size, found.mtime_ns)
        return same and (not self.failed or self.ctime_ns == found.ctime_ns)


@dataclass(frozen=True)
class Entry:
    """A file that was read: a picture with what is new of it, or an error."""

    found: Found
    place: Place
    id: str | None = None
    looks: Looks | None = None  # None: of a picture that the ledger knows
    vector: Array | None = None  # None: where the ledger has it
    digest: str = ""  # of the words that the vector was made with; empty where the model reads none
    error: AtelierError | None = None


@dataclass(frozen=True)
class Standing:
    """What the ledger has of a picture that a file turned out to be."""

    embedded_caption: str
    places: tuple[Place, ...]
    digests: frozenset[str]  # of its vectors by the model in question
