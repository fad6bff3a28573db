"""Document: what the library knows of a document, as it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import NotFound


class UnknownDocument(NotFound):
    def __init__(self, document: str) -> None:
        super().__init__(
            f"the library has no document {document[:80]!r}",
            "ids are listed with the documents",
            document=document[:80],
        )


@dataclass(frozen=True)
class Document:
    """By its content: files with the same bytes are one."""

    id: str  # the first 16 hexadecimal digits of the bytes' SHA-256
    name: str  # of the file, without its folder
    title: str  # what it calls itself, else its name
    kind: str  # pdf, html, markdown, text; "" where it could not be read
    pages: int | None  # None where its kind has none
    chunks: int
    bytes: int
    added: float  # seconds since 1970
    places: tuple[str, ...]  # of its files: paths, or the names that uploads came with
    error: Mapping[str, Any] | None = None  # why it could not be read, as errors' `as_dict` gives it

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "pages": self.pages,
            "chunks": self.chunks,
            "bytes": self.bytes,
            "added": self.added,
            "places": list(self.places),
        }
        return told if self.error is None else {**told, "error": dict(self.error)}
