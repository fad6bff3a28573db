"""Picture: what is known of one picture of the library, whichever files have it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.errors import NoSuchFile, NotFound
from core.files import read_bytes
from retrievers.base import Metadata

Content = bytes  # a picture has a field of that name
SHARE = 0.12  # of a picture that a colour has to cover to count as one of its colours; as core.measures says it


class FileGone(NotFound):
    def __init__(self, picture: str) -> None:
        message = f"the file of picture {picture} is gone or has changed"
        super().__init__(message, "take its folder in again", picture=picture)


@dataclass(frozen=True)
class Picture:
    """A picture is its content: two files of the same bytes are one picture with two paths."""

    id: str  # first 16 hexadecimal digits of the sha256 of its file's bytes
    name: str  # of its first file, as it may be shown
    paths: tuple[Path, ...]  # where it lies, in order of their bytes
    source: str  # folder, upload, dataset
    words: str  # everything that names, captions, labels and tags say of it; what is seen where they say nothing
    caption: str  # from its own metadata and from its data set
    labels: tuple[str, ...]  # folders it lies in below the one that was taken in, and labels of its data set
    tags: tuple[str, ...]
    width: int  # px, as it is shown
    height: int
    bytes: int
    taken: float  # unix seconds, from EXIF or its file's time of change
    near: str  # 16 hexadecimal digits, close for pictures that look alike; see retrievers.nearness
    colours: Mapping[str, float] = field(repr=False)  # share of each of the eleven basic colour terms
    medium: str
    added: float  # unix seconds
    seen: str = ""  # what its pixels measure, in words; never mixed with what it is called

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON can hold it; paths as they may be shown."""
        told = {**asdict(self), "paths": [os.fsencode(path).decode("utf-8", "replace") for path in self.paths]}
        return {**told, "colours": {term: share for term, share in self.colours.items() if share > SHARE}}

    def read(self) -> Content:
        """The bytes of a file that still has the picture. Raises `FileGone`."""
        for path in self.paths:
            try:
                data = read_bytes(path)
            except NoSuchFile:
                continue
            if hashlib.sha256(data).hexdigest().startswith(self.id):
                return data
        raise FileGone(self.id)

    def row(self) -> Metadata:
        """What an index keeps of it: flat, without empty lists, which Chroma does not take."""
        row: Metadata = {
            "name": self.name,
            "source": self.source,
            "width": self.width,
            "height": self.height,
            "bytes": self.bytes,
            "taken": self.taken,
            "medium": self.medium,
            "near": self.near,
        }
        main = [term for term, share in self.colours.items() if share > SHARE]
        lists = {"label": list(self.labels), "tag": list(self.tags), "colour": main}
        row.update({key: values for key, values in lists.items() if values})
        row.update({f"colour:{term}": share for term, share in self.colours.items()})
        return row


@dataclass(frozen=True)
class Match:
    """A picture whose words a query shares."""

    id: str
    score: float  # BM25, above 0, higher is better
    words: tuple[str, ...]  # those of the query that it has
    seen: tuple[str, ...] = ()  # those of them that only its pixels say


@dataclass(frozen=True)
class Problem:
    """A file that could not be taken in."""

    path: str  # as it may be shown
    error: Mapping[str, object]  # `type`, `message`, `remedy` and data, as errors have them

    @property
    def reason(self) -> str:
        return str(self.error.get("message", ""))
