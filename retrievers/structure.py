"""Structure: vectors by position and the nearest of them, as a table of rows asks for them."""

from __future__ import annotations

from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from retrievers.columns import Mask

Positions = NDArray[np.int64]
Found = tuple[Positions, Array]  # with their scores, best first


class Structure(Protocol):
    """Vectors by position, which are never taken out: rows that are gone are not allowed."""

    def __len__(self) -> int: ...

    def add(self, vectors: Array) -> None:
        """Unit rows, float32; nobody may search meanwhile."""
        ...

    def settle(self) -> None:
        """Train or tune itself, where that is due since rows were added; others may search meanwhile."""
        ...

    def take(self, positions: Positions) -> Array:
        """The vectors at these positions, float32."""
        ...

    def search(self, query: Array, k: int, allowed: Mask | None, exactly: bool) -> Found:
        """The `k` best of the allowed (None: of all), best first; at most as many as there are."""
        ...

    def write(self, file: BinaryIO) -> None:
        """Put it into a file, from where that stands. Raises `OSError` and `RuntimeError`."""
        ...

    def read(self, file: BinaryIO) -> None:
        """Become what was written. Raises `RuntimeError` for what another version of FAISS wrote."""
        ...


def best(positions: Positions, scores: Array, k: int) -> Found:
    """The `k` with the highest scores; of equal ones the first."""
    if 4 * k < len(scores):
        bar = np.partition(scores, len(scores) - k)[len(scores) - k]
        near = scores >= bar
        positions, scores = positions[near], scores[near]
    order = np.lexsort((positions, -scores))[:k]
    return positions[order], scores[order]
