"""CLIP: words and pictures in one learned space (Radford et al. 2021), by any CLIP that transformers can read.

What is measured of a picture is what the checkpoint's own processor would see (retrievers/sight.py). A text that is
longer than the window of 77 tokens is read in windows of 75, and its vector is their mean, weighted by tokens.

Texts lie nearer to each other (0.5-0.9) than to any picture (0.15-0.35), whatever they mean. So no row of an entry is a
text alone, or pictures would never count: it is picture + SAID * text, normalised. At SAID = 0.3 what is seen and what
is said move the score of a prompt about equally, by their usual spreads (0.03 and 0.1). SAID and `weak` are reckoned
from these ranges, not tuned on pictures.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby, islice

import numpy as np
from langchain_core.embeddings import Embeddings
from PIL import Image

from core.colours import Array
from retrievers.base import Vector
from retrievers.checkpoint import Checkpoint
from retrievers.phrases import sayings
from retrievers.sight import Picture
from retrievers.tally import EMBEDDED
from retrievers.towers import Towers

VERSION = "clip-1"  # of all that is done here to words and pictures; another version's vectors are not ours
SAID = 0.3  # of what is said, beside what is seen
AHEAD = 3  # batches that are decoded, or wait for it, beyond those that are computed
DECODERS = min(4, os.cpu_count() or 1)


class CLIPEmbeddings(Embeddings):
    """LangChain `Embeddings` with `embed_image` and `embed_images`; unit vectors. Thread-safe.

    The identity names the checkpoint, its content and the precision, and not what computes: in one precision, torch's
    vectors and OpenVINO's stand in for each other (of a ViT-B/32 with random weights, centred cosines of 50 photographs
    are at least 0.996 in bfloat16, and 1.0000 in float32), so that a library may move between a card and a processor.
    """

    weak = 0.34  # (0.20 + SAID * 0.60) normalised: what a prompt scores that has nothing to do with an entry
    best_rows: tuple[float, ...] = (1.0,)  # every row has the whole picture in it
    reads_words = False  # in a library they are a channel of their own

    def __init__(self, checkpoint: Checkpoint, towers: Towers) -> None:
        self._towers, self._sight = towers, towers.sight
        self.identity = f"{VERSION}+{checkpoint.name}@{checkpoint.digest}+{towers.precision}"
        self.dimension, self.files = towers.dimension, str(checkpoint.folder)
        self.device, self.runtime, self.megabytes = towers.device, towers.runtime, towers.megabytes
        self.batch, self.wanted = towers.batch, towers.sight.wanted

    def embed_query(self, text: str) -> Vector:
        return self.embed_documents([text])[0]

    def embed_documents(self, texts: list[str]) -> list[Vector]:
        return [_listed(vector) for vector in self._read(texts)]

    def embed_image(self, image: Image.Image, words: str = "") -> Vector:
        """One vector of a picture, with the words known of it where there are any."""
        return _listed(self.embed_pictures([image], [words])[0])

    def embed_pictures(self, pictures: Sequence[Image.Image], words: Sequence[str]) -> Array:
        """`embed_image` of each, as float32 rows of shape (n, dimension); prepared and computed in the caller's thread,
        `batch` of them at a time."""
        told = [place for place, (_, said) in enumerate(zip(pictures, words, strict=True)) if said.strip()]
        rows = self._see([pictures[i : i + self.batch] for i in range(0, len(pictures), self.batch)])
        for place, text in zip(told, self._read([words[place] for place in told]), strict=True):
            rows[place] = _unit(rows[place] + SAID * text)
        return rows

    def embed_images(self, pictures: Iterable[Picture]) -> list[Vector]:
        """The vectors of pictures, of their bytes or of their files, in order; several batches are under way at once.

        Raises what `images.decode` raises of the first that cannot be read.
        """
        return [_listed(row) for rows in self._ahead(pictures) for row in rows]

    def looks(self, vectors: Array) -> Array:
        """The same ones: words are kept out of the vectors of pictures."""
        return vectors

    def embed_entry(self, image: Image.Image, name: str, words: str) -> list[Vector]:
        """A vector of the picture alone, first, and one with each thing said of it."""
        seen = self._see([[image]])[0]
        said = self._read(sayings(name, words))
        return [_listed(seen), *(_listed(_unit(seen + SAID * text)) for text in said)]

    def _read(self, texts: Sequence[str]) -> Array:
        """Unit vectors of texts, shape (n, dimension)."""
        with EMBEDDED.counting("text", self.identity, len(texts)):
            return self._read_all(texts)

    def _read_all(self, texts: Sequence[str]) -> Array:
        windows = [
            (number, window) for number, text in enumerate(texts) for window in self._towers.vocabulary.windows(text)
        ]
        sums = np.zeros((len(texts), self.dimension), np.float32)
        windows.sort(key=_length)
        for length, alike in groupby(windows, _length):  # nothing is padded: neighbours change nothing
            while some := list(islice(alike, self.batch)):
                vectors = self._towers.read(np.array([window for _, window in some], np.int64))
                for (number, _), vector in zip(some, vectors, strict=True):
                    sums[number] += max(1, length - 2) * vector
        return np.stack([_unit(vector) for vector in sums]) if len(texts) else sums

    def _see(self, batches: Iterable[Sequence[Picture]]) -> Array:
        """Unit vectors of pictures, shape (n, dimension)."""
        rows = []
        for some in batches:
            with EMBEDDED.counting("picture", self.identity, len(some)):
                rows.append(self._towers.see(np.stack([self._sight.open(one) for one in some])))
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def _ahead(self, pictures: Iterable[Picture]) -> Iterator[Array]:
        """The rows of batches in order, AHEAD of them at most beyond those that are computed."""
        waiting: deque[Future[Array]] = deque()
        left, threads = iter(pictures), max(DECODERS, self._towers.lanes)
        with ThreadPoolExecutor(threads, "embed") as pool:
            try:
                while some := list(islice(left, self.batch)):
                    waiting.append(pool.submit(self._see, [some]))
                    if len(waiting) > threads + AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _length(one: tuple[int, list[int]]) -> int:
    return len(one[1])


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(1e-9, float(np.linalg.norm(vector))), np.float32)


def _listed(vector: Array) -> Vector:
    numbers: Vector = vector.tolist()  # LangChain and Chroma compare python lists
    return numbers
