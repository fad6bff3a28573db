"""Passage: a piece of a document that was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Passage:
    """A few sentences of a document, and how near they are to what was asked."""

    document: str  # id
    place: int  # in the document, from 0
    title: str  # of the document
    heading: str  # under which it stands, the highest first, parted by ` > `; "" where there is none
    page: int | None  # on which it begins, from 1; None where the document has no pages
    page_to: int | None
    text: str
    score: float  # cosine of the question's and its own vector, -1..1
    weak: bool  # it has as little to do with the question as any text

    @property
    def id(self) -> str:
        return f"{self.document}-{self.place}"

    @property
    def source(self) -> str:
        """Where it stands, in words: `A guide, pages 3-4, The nave`."""
        told = [self.title]
        if self.page is not None:
            many = self.page_to is not None and self.page_to != self.page
            told.append(f"pages {self.page}-{self.page_to}" if many else f"page {self.page}")
        last = self.heading.rpartition(" > ")[2]
        return ", ".join([*told, last] if last and last != self.title else told)

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "document": self.document,
            "title": self.title,
            "heading": self.heading,
            "page": self.page,
            "page_to": self.page_to,
            "source": self.source,
            "text": self.text,
            "score": round(self.score, 4),
            "weak": self.weak,
        }
