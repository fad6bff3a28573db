"""Base: what an embedding model and an index are to everything above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image

Vector = list[float]
Metadata = dict[str, str | int | float | bool]


class PictureEmbeddings(Protocol):
    """A LangChain `Embeddings` that knows pictures: words and pictures lie in one space, as python lists."""

    identity: str  # model and version; an index remembers which one wrote it
    dimension: int
    weak: float  # score of a prompt that has nothing to do with an entry; what scores less is not close
    best_rows: tuple[float, ...]  # weights of an entry's best rows in its score; they sum to 1
    files: str  # where the model's files lie
    device: str  # where it computes: cpu, cuda, mps
    megabytes: int  # of memory that its weights take there

    def embed_query(self, text: str) -> Vector: ...

    def embed_documents(self, texts: list[str]) -> list[Vector]: ...

    def embed_image(self, image: Image.Image, words: str = "") -> Vector:
        """One vector of a picture and, where the model can use them, the words known of it."""
        ...

    def embed_entry(self, image: Image.Image, name: str, words: str) -> list[Vector]:
        """The vectors under which a named picture shall be found: one, or one for each thing said of it."""
        ...


@dataclass(frozen=True)
class Hit:
    """A row of an index; `score` is the cosine similarity, -1..1, higher is better."""

    id: str
    score: float
    metadata: Metadata = field(default_factory=dict)


class Index(Protocol):
    """Vectors with ids and metadata. Thread-safe."""

    in_memory: bool  # ends with the process

    def upsert(self, ids: list[str], vectors: list[Vector], documents: list[str], rows: list[Metadata]) -> None: ...

    def delete(self, ids: Sequence[str]) -> None: ...

    def rows(self) -> dict[str, Metadata]:
        """Every id with its metadata."""
        ...

    def query(self, vector: Vector, k: int) -> list[Hit]:
        """The `k` nearest rows, best first."""
        ...
