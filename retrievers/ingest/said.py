"""Said: what all files of a picture say of it together: its name, words, labels, tags and date.

It depends on the files alone and not on the order in which they came, so that a run that was killed and one that was
not end in the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from retrievers.ingest.names import folders_below, said_by_path
from retrievers.ledger import shown
from retrievers.vocabulary import fold, searched

LONGEST = 4_000  # characters of all words together; a caption has at most 2,000


@dataclass(frozen=True)
class Note:
    """What somebody or a data set told of one file."""

    labels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    caption: str = ""


@dataclass(frozen=True)
class Place:
    """A file of a picture: where it lies, and below which folder it was taken in."""

    path: bytes
    root: bytes
    source: str
    mtime_ns: int
    note: Note = field(default_factory=Note)


@dataclass(frozen=True)
class Said:
    """`words` is what a model that reads words is given; `searched` has them by origin, as they are looked for."""

    name: str
    source: str
    words: str  # empty where nothing is said
    caption: str
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    mtime: float  # unix seconds, of the oldest file
    searched: tuple[str, str, str, str]  # path, caption, label, tag

    @property
    def digest(self) -> str:
        return digest_of(self.words)


def digest_of(words: str) -> str:
    """What a vector remembers of the words that it was made with."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def said_of(places: Iterable[Place], embedded_caption: str) -> Said:
    """What these files say of the picture that they all have; at least one file."""
    files = sorted(places, key=lambda place: place.path)
    own = [place.source == "folder" for place in files]  # below `uploads` and `datasets` folders are named by us
    paths = _once(said for place, named in zip(files, own, strict=True) for said in _phrases(place, named))
    captions = _once([embedded_caption, *(place.note.caption for place in files)])
    told = _once(label for place in files for label in place.note.labels)
    tags = _once(tag for place in files for tag in place.note.tags)
    folders = _once(
        label
        for place, named in zip(files, own, strict=True)
        if named
        for label in folders_below(place.path, place.root)
    )
    return Said(
        name=shown(os.path.basename(files[0].path)),
        source=files[0].source,
        words=", ".join(_once([*paths, *captions, *told, *tags]))[:LONGEST],
        caption=". ".join(captions)[:LONGEST],
        labels=tuple(_once([*folders, *told])),
        tags=tuple(tags),
        mtime=min(place.mtime_ns for place in files) / 1e9,
        searched=(_searched(paths), _searched(captions), _searched(told), _searched(tags)),
    )


def _phrases(place: Place, whole: bool) -> list[str]:
    return said_by_path(place.path, place.root, whole)


def _once(phrases: Iterable[str]) -> list[str]:
    """Each phrase one time, whatever its capitals; without those that are empty."""
    kept: dict[str, str] = {}
    for phrase in phrases:
        clean = phrase.encode("utf-8", "replace").decode().replace("\0", " ").strip()
        if clean:
            kept.setdefault(fold(clean), clean)
    return list(kept.values())


def _searched(phrases: list[str]) -> str:
    return searched(" ".join(phrases)[:LONGEST])
