"""Base: what an embedding model and an index are to everything above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image

from core.colours import Array
from retrievers.where import Value, Where

Vector = list[float]
Metadata = dict[str, Value]


class Space(Protocol):
    """What an index has to know of the model that writes its vectors."""

    identity: str  # model and version; an index remembers which one wrote it
    dimension: int


class TextEmbeddings(Space, Protocol):
    """A LangChain `Embeddings` of texts alone. Any number of threads may call it at once."""

    def embed_query(self, text: str) -> Vector: ...

    def embed_documents(self, texts: list[str]) -> list[Vector]: ...

    def embed(self, text: str) -> Array:
        """The unit vector of one text, float32 of shape (dimension,)."""
        ...


class PictureEmbeddings(Protocol):
    """A LangChain `Embeddings` that knows pictures: words and pictures lie in one space, as python lists."""

    identity: str  # model and version; an index remembers which one wrote it
    dimension: int
    weak: float  # score of a prompt that has nothing to do with an entry; what scores less is not close
    best_rows: tuple[float, ...]  # weights of an entry's best rows in its score; they sum to 1
    files: str  # where the model's files lie
    runtime: str  # what computes it, with its version: torch or openvino
    device: str  # where it computes: cpu, cuda, mps
    megabytes: int  # of memory that its weights take there
    wanted: int  # px of the short side that a picture needs to have; what is larger may be decoded smaller
    batch: int  # pictures that are best embedded together
    reads_words: bool  # whether the words known of a picture of a library are to be embedded with it

    def embed_query(self, text: str) -> Vector: ...

    def embed_documents(self, texts: list[str]) -> list[Vector]: ...

    def embed_image(self, image: Image.Image, words: str = "") -> Vector:
        """One vector of a picture and, where the model can use them, the words known of it."""
        ...

    def embed_pictures(self, pictures: Sequence[Image.Image], words: Sequence[str]) -> Array:
        """The same of many, as float32 unit rows of shape (n, dimension); faster than one by one. Any number of threads
        may call it at once."""
        ...

    def looks(self, vectors: Array) -> Array:
        """What the pixels alone say of pictures, as unit rows, from their unit rows of shape (n, dimension); the same
        ones where the model reads no words."""
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
    """Vectors with ids and metadata. Thread-safe. What a call has written survives the end of the process, however
    that comes about, save where `in_memory`."""

    in_memory: bool  # ends with the process

    def count(self, where: Where = ()) -> int: ...

    def upsert(
        self, ids: Sequence[str], vectors: Sequence[Vector] | Array, documents: Sequence[str], rows: Sequence[Metadata]
    ) -> None:
        """Write rows, any number of them; `documents` are the words of each, never empty."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Forget rows; ids that are not there are no error."""
        ...

    def rows(self) -> dict[str, Metadata]:
        """Every id with its metadata."""
        ...

    def vectors(self, ids: Sequence[str]) -> Array:
        """The unit vectors of rows, float32 of shape (n, dimension). Raises `KeyError` for an id that is not there."""
        ...

    def sample(self, most: int) -> Array:
        """The unit vectors of at most that many rows, drawn evenly from all: the same ones for the same rows."""
        ...

    def query(self, vector: Vector | Array, k: int, where: Where = ()) -> list[Hit]:
        """The `k` nearest rows that meet the conditions, best first; fewer where there are fewer."""
        ...

    def keep(self, ids: Sequence[str], where: Where) -> list[str]:
        """Those of the ids that are there and meet the conditions, in their order."""
        ...
