"""For the tests of the picture library: pictures that are drawn, a small model of its own, a plain index."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from core.colours import Array
from core.measures import measure
from retrievers.base import Hit, Metadata, Vector
from retrievers.ingest.intake import Intake
from retrievers.ledger import Ledger
from retrievers.where import Where

COLOURS = {"red": (200, 30, 40), "blue": (30, 60, 200), "green": (20, 150, 60), "yellow": (240, 220, 40)}
SHAPES = ("disc", "box", "bar", "ring", "cross")


def draw(colour: str, shape: str, seed: int = 0, size: tuple[int, int] = (96, 72)) -> Image.Image:
    """A shape of a colour at a place and on a paper that the seed gives."""
    rng = np.random.default_rng([seed, *f"{colour}{shape}".encode()])
    image = Image.new("RGB", size, tuple(int(v) for v in rng.integers(200, 256, 3)))
    pen, ink = ImageDraw.Draw(image), COLOURS[colour]
    x, y = (int(rng.integers(5, side // 3)) for side in size)
    box = (x, y, x + size[0] // 2, y + size[1] // 2)
    if shape in ("disc", "ring"):
        pen.ellipse(box, fill=ink if shape == "disc" else None, outline=ink, width=8)
    elif shape == "box":
        pen.rectangle(box, fill=ink)
    else:
        pen.line(box, fill=ink, width=12)
        if shape == "cross":
            pen.line((box[0], box[3], box[2], box[1]), fill=ink, width=12)
    return image


def fill(root: Path, count: int, seed: int = 0) -> list[Path]:
    """That many pictures in folders of their colours."""
    paths = []
    for i in range(count):
        colour, shape = list(COLOURS)[i % len(COLOURS)], SHAPES[i % len(SHAPES)]
        path = root / colour / f"{shape}-{i:03}.{('png', 'jpg')[i % 2]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(colour, shape, seed + i).save(path)
        paths.append(path)
    return paths


def as_bytes(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


class Colours:
    """Real vectors without weights: colour shares, light and, where it reads words, a hash of each of them."""

    dimension = 32
    weak, best_rows, files, device, megabytes, wanted, batch = 0.2, (1.0,), "", "cpu", 0, 64, 4

    def __init__(self, identity: str = "colours-1", reads_words: bool = False) -> None:
        self.identity, self.reads_words = identity, reads_words
        self.embedded = 0  # pictures

    def embed_query(self, text: str) -> Vector:
        return _unit(self._words(text)).tolist()

    def embed_documents(self, texts: list[str]) -> list[Vector]:
        return [self.embed_query(text) for text in texts]

    def embed_image(self, image: Image.Image, words: str = "") -> Vector:
        self.embedded += 1
        found = measure(image)
        seen = np.zeros(self.dimension)
        seen[:15] = [*found.colours.values(), *found.light]
        return _unit(seen + (self._words(words) if self.reads_words else 0)).tolist()

    def embed_pictures(self, pictures: Sequence[Image.Image], words: Sequence[str]) -> Array:
        both = zip(pictures, words, strict=True)
        return np.array([self.embed_image(*one) for one in both], np.float32).reshape(-1, self.dimension)

    def looks(self, vectors: Array) -> Array:
        return vectors

    def embed_entry(self, image: Image.Image, name: str, words: str) -> list[Vector]:
        return [self.embed_image(image, words)]

    def _words(self, text: str) -> Array:
        found = np.zeros(self.dimension)
        for word in text.lower().split():
            found[15 + hashlib.sha256(word.encode()).digest()[0] % 17] += 0.3
        return found


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(1e-9, float(np.linalg.norm(vector))), np.float32)


class PlainIndex:
    """An index as its protocol has it, in memory; it counts what it is asked to write."""

    def __init__(self, in_memory: bool = False) -> None:
        self.in_memory, self.written = in_memory, 0
        self.kept: dict[str, tuple[Array, str, Metadata]] = {}

    def count(self, where: Where = ()) -> int:
        return len(self.kept)

    def upsert(
        self, ids: Sequence[str], vectors: Sequence[Vector] | Array, documents: Sequence[str], rows: Sequence[Metadata]
    ) -> None:
        assert all(documents) and len(set(ids)) == len(ids)
        self.written += len(ids)
        for id_, vector, document, row in zip(ids, np.array(vectors, np.float32), documents, rows, strict=True):
            self.kept[id_] = (vector, document, row)

    def delete(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.kept.pop(id_, None)

    def rows(self) -> dict[str, Metadata]:
        return {id_: row for id_, (_, _, row) in self.kept.items()}

    def vectors(self, ids: Sequence[str]) -> Array:
        return np.stack([self.kept[id_][0] for id_ in ids])

    def sample(self, most: int) -> Array:
        return self.vectors(sorted(self.kept)[:most])

    def query(self, vector: Vector | Array, k: int, where: Where = ()) -> list[Hit]:
        found = [Hit(id_, float(kept @ np.array(vector)), row) for id_, (kept, _, row) in self.kept.items()]
        return sorted(found, key=lambda hit: -hit.score)[:k]

    def keep(self, ids: Sequence[str], where: Where) -> list[str]:
        return [id_ for id_ in ids if id_ in self.kept]


class Library:
    """A ledger, an index and the intake over them, in one folder."""

    def __init__(self, data: Path, embeddings: Colours | None = None, index: PlainIndex | None = None) -> None:
        self.embeddings, self.index = embeddings or Colours(), index or PlainIndex()
        self.folder = data / "library"
        self.ledger = Ledger(self.folder / "ledger.db")
        self.intake = Intake(self.ledger, self.index, self.embeddings, self.folder, 40_000_000)

    @property
    def ids(self) -> set[str]:
        return {picture.id for picture in self.ledger.page(0, 1_000_000)}

    def named(self, name: str) -> str:
        """The id of the picture that a file of that name has."""
        return next(p.id for p in self.ledger.page(0, 1_000_000) if any(path.name == name for path in p.paths))

    @property
    def is_in_order(self) -> bool:
        """Whether files, ledger and index say the same."""
        found = self.intake.compare()
        return found.sound and not found.changed_files and self.index.kept.keys() == self.ids
