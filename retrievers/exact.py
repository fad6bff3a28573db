"""Exact: vectors in this process, and the nearest of them, none missed.

Each vector is kept as two halves of 16 bits: `high` is it rounded, `low` what the rounding left. FAISS looks through
the high halves alone, which costs half the memory traffic of float32; what it finds is scored again from both. By how
much the first look can be wrong is known (the length of the longest `low`), so it is known when no other row can be
among the nearest, and until then more are looked at.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import faiss
import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from retrievers.columns import Mask
from retrievers.structure import Found, Positions, best

LIFT = 4096.0  # a power of two: what the rounding left would be too small for 16 bits
MARGIN = 1e-6  # of a sum of products in float32
CHUNK = 4_096  # rows that are turned into float32 together
FEW = 256  # allowed rows that are scored one by one sooner than searched for
DENSE = 0.2  # share of allowed rows from which all are searched: testing each one costs more than its score
MOST = 4_096  # candidates; where these do not decide it, as among thousands of copies, every row is scored


class Exact:
    """A `Structure` that misses nothing; scores are right to 1e-6."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._high = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        self._low = np.empty((0, dimension), np.float16)
        self._error = 0.0

    def __len__(self) -> int:
        return int(self._high.ntotal)

    def add(self, vectors: Array) -> None:
        start, end = len(self), len(self) + len(vectors)
        if end > len(self._low):
            grown = np.empty((max(end, start + start // 4), self._dimension), np.float16)
            grown[:start] = self._low[:start]
            self._low = grown
        faiss.omp_set_num_threads(1)  # holds for the calling thread alone
        for at in range(0, len(vectors), CHUNK):
            part = np.ascontiguousarray(vectors[at : at + CHUNK], np.float32)
            self._high.add(part)
            here = slice(start + at, start + at + len(part))
            left = part - self._codes()[here].astype(np.float32)
            self._low[here] = left * LIFT
            self._error = max(self._error, float(np.sqrt(np.einsum("ij,ij->i", left, left).max())))

    def settle(self) -> None:
        """There is nothing to train."""

    def _codes(self) -> NDArray[np.float16]:
        """The high halves as FAISS holds them, until the next row is added."""
        size = len(self) * self._dimension * 2
        data: Any = faiss.rev_swig_ptr(self._high.codes.data(), size)
        return np.asarray(data.view(np.float16).reshape(len(self), self._dimension))

    def take(self, positions: Positions) -> Array:
        low = self._low[positions].astype(np.float32)
        low /= LIFT
        return np.asarray(low + self._codes()[positions], np.float32)

    def search(self, query: Array, k: int, allowed: Mask | None = None, exactly: bool = True) -> Found:
        count = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, count)
        looked = 2 * k + 32
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if allowed is not None and count >= DENSE * len(self):
            found = self._among_all(query, k, looked * len(self) // count * 3 // 2, allowed)
            if found is not None:
                return found
        selector = None if allowed is None else bitmap(allowed)
        while count > FEW and looked < min(count // 4, MOST):
            positions, rough = self._look(query, looked, selector)
            found = self._decide(query, k, positions, rough, float(rough[-1]))
            if found is not None:
                return found
            looked *= 4
        return self.score(query, k, np.arange(len(self)) if allowed is None else np.flatnonzero(allowed))

    def _among_all(self, query: Array, k: int, looked: int, allowed: Mask) -> Found | None:
        """A look at all rows, of which those that are not allowed are dropped; None where that does not decide it."""
        if looked >= min(len(self) // 4, MOST):
            return None
        positions, rough = self._look(query, looked, None)
        kept = allowed[positions]
        if np.count_nonzero(kept) < k:
            return None
        return self._decide(query, k, positions[kept], rough[kept], float(rough[-1]))

    def _look(self, query: Array, looked: int, selector: Any) -> Found:
        faiss.omp_set_num_threads(1)
        how = None if selector is None else faiss.SearchParameters(sel=selector)
        scores, positions = self._high.search(query[None], looked, params=how)
        return positions[0], scores[0]

    def _decide(self, query: Array, k: int, positions: Positions, rough: Array, worst: float) -> Found | None:
        """The best of the candidates, which come with the best rough scores first; None where a row that is none of
        them, and has a rough score of at most `worst`, may be better."""
        hopeful = rough >= rough[k - 1] - 2 * (self._error + MARGIN)  # k others are better than the rest in any case
        found = self.score(query, k, positions[hopeful])
        return found if found[1][-1] >= worst + self._error + MARGIN else None

    def score(self, query: Array, k: int, positions: Positions) -> Found:
        """The `k` best of these positions."""
        parts = [positions[at : at + CHUNK] for at in range(0, len(positions), CHUNK)]
        scores = np.concatenate([np.einsum("ij,j->i", self.take(part), query) for part in parts])
        return best(positions, scores, k)

    def write(self, file: BinaryIO) -> None:
        faiss.write_index(self._high, faiss.PyCallbackIOWriter(file.write))
        for at in range(0, len(self), CHUNK):
            file.write(self._low[at : min(at + CHUNK, len(self))].tobytes())

    def read(self, file: BinaryIO) -> None:
        self._high = faiss.read_index(faiss.PyCallbackIOReader(file.read))
        self._low = np.empty((len(self), self._dimension), np.float16)
        for at in range(0, len(self), CHUNK):
            part = self._low[at : at + CHUNK]
            part[:] = np.frombuffer(file.read(part.nbytes), np.float16).reshape(part.shape)
            left = part.astype(np.float32) / LIFT
            self._error = max(self._error, float(np.sqrt(np.einsum("ij,ij->i", left, left).max())))


def bitmap(allowed: Mask) -> Any:
    """FAISS's selector of the allowed positions."""
    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
