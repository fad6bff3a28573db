"""Approximate: FAISS's inverted lists (IVFFlat) and its graph (HNSW) as structures that a table of rows is built on.

Both answer exactly where conditions are to be met: a graph that is walked through allowed rows alone falls apart, and
lists near the query may hold few of them.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import faiss
import numpy as np

from core.colours import Array
from retrievers.batch import unit
from retrievers.columns import Mask
from retrievers.exact import Exact, bitmap
from retrievers.structure import Found, Positions

PER_LIST = 39  # vectors for each list that FAISS wants for training; before that all are looked at
TRAINED_ON = 64  # vectors for each list that it is trained on at most
TOGETHER = 10_000  # rows that are put into lists at a time
ROUNDS = 10  # of k-means
RECALL = 0.995  # of the ten nearest that the looked-at lists hold, on questions that lie between stored rows
ASKED = 100  # such questions
LINKS, BUILT_WITH, LEAST = 32, 128, 128  # M, efConstruction and the least efSearch of the graph


class IVFFlat:
    """Inverted lists, of which those nearest to the query are looked at: as many as `RECALL` needs.

    The lists hold 8 bits of each number. What they find is scored from whole vectors, which lie beside them.
    """

    def __init__(self, dimension: int, lists: int) -> None:
        self._dimension, self.lists = dimension, lists
        self.whole = Exact(dimension)
        self._index: Any = None  # until it is trained
        self._tuned = 0  # rows that were there then

    def __len__(self) -> int:
        return len(self.whole)

    @property
    def trained(self) -> bool:
        return self._index is not None

    @property
    def nprobe(self) -> int:
        """Lists that a search without conditions looks at."""
        return int(self._index.nprobe) if self.trained else self.lists

    def add(self, vectors: Array) -> None:
        faiss.omp_set_num_threads(1)
        self.whole.add(vectors)
        if self._index is not None:
            self._index.add(np.ascontiguousarray(vectors, np.float32))

    def settle(self) -> None:
        if not self.trained and len(self) >= PER_LIST * self.lists:
            self._train()
        if self.trained and len(self) >= 2 * self._tuned:
            self._tune()

    def _train(self) -> None:
        faiss.omp_set_num_threads(1)
        chosen = np.random.default_rng(0).permutation(len(self))[: TRAINED_ON * self.lists]
        quantizer = faiss.IndexFlatIP(self._dimension)
        kind = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexIVFScalarQuantizer(quantizer, self._dimension, self.lists, kind, faiss.METRIC_INNER_PRODUCT)
        index.cp.max_points_per_centroid, index.cp.niter, index.cp.spherical = TRAINED_ON, ROUNDS, True
        index.train(self.take(np.sort(chosen)))
        for start in range(0, len(self), TOGETHER):
            index.add(self.take(np.arange(start, min(len(self), start + TOGETHER))))
        index.nprobe = self.lists  # until it is tuned
        self._index = index

    def _tune(self) -> None:
        """Look at as many lists as find `RECALL` of what there is."""
        rng = np.random.default_rng(0)
        rows, others = self.take(rng.integers(0, len(self), 2 * ASKED)).reshape(2, ASKED, -1)
        # a row finds itself in any case, so that does not count; what lies between two rows is like none, as words are
        asked = [(rows, self._ten(rows, 11)), (between := unit(rows + 0.5 * others), self._ten(between, 10))]
        for nprobe in sorted({*(2**i for i in range(16) if 2**i < self.lists), self.lists}):
            self._index.nprobe = nprobe
            if all(self._recall(questions, wanted) >= RECALL for questions, wanted in asked):
                break
        self._tuned = len(self)

    def _ten(self, questions: Array, k: int) -> list[set[int]]:
        """The last ten of the `k` nearest of each."""
        return [set(self.whole.search(query, k)[0][k - 10 :].tolist()) for query in questions]

    def _recall(self, questions: Array, wanted: list[set[int]]) -> float:
        found = (self.search(query, 11, None, False)[0].tolist() for query in questions)
        return float(np.mean([len(ten.intersection(some)) / 10 for ten, some in zip(wanted, found, strict=True)]))

    def take(self, positions: Positions) -> Array:
        return self.whole.take(positions)

    def search(self, query: Array, k: int, allowed: Mask | None, exactly: bool) -> Found:
        index, looked = self._index, 4 * k + 60
        if index is None or exactly or looked > len(self) // 4:
            return self.whole.search(query, k, allowed)
        faiss.omp_set_num_threads(1)  # holds for the calling thread alone
        how = faiss.SearchParametersIVF(nprobe=index.nprobe, sel=None if allowed is None else bitmap(allowed))
        near = index.search(query[None], looked, params=how)[1][0]
        near = near[near >= 0]
        if len(near) < min(looked, 2 * k):  # the lists that were looked at hold too few
            return self.whole.search(query, k, allowed)
        return self.whole.score(query, k, near)

    def write(self, file: BinaryIO) -> None:
        self.whole.write(file)
        file.write(bytes([self.trained]))
        if self.trained:
            faiss.write_index(self._index, faiss.PyCallbackIOWriter(file.write))

    def read(self, file: BinaryIO) -> None:
        self.whole.read(file)
        if file.read(1) == b"\1":
            self._index, self._tuned = faiss.read_index(faiss.PyCallbackIOReader(file.read)), len(self)


class HNSW:
    """A graph of near neighbours."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._index: Any = faiss.IndexHNSWFlat(dimension, LINKS, faiss.METRIC_INNER_PRODUCT)
        self._index.hnsw.efConstruction = BUILT_WITH
        self._flat = faiss.downcast_index(self._index.storage)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, vectors: Array) -> None:
        faiss.omp_set_num_threads(1)
        self._index.add(np.ascontiguousarray(vectors, np.float32))

    def settle(self) -> None:
        """It is built as rows come."""

    def take(self, positions: Positions) -> Array:
        faiss.omp_set_num_threads(1)
        return np.asarray(self._flat.reconstruct_batch(positions)) if len(positions) else _none(self._dimension)

    def search(self, query: Array, k: int, allowed: Mask | None, exactly: bool) -> Found:
        selector, found = _allow(allowed, k, len(self))
        if found == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if not exactly and 8 * found < len(self):
            faiss.omp_set_num_threads(1)
            how = faiss.SearchParametersHNSW(efSearch=max(LEAST, 2 * found), sel=selector)
            scores, positions = self._index.search(query[None], found, params=how)
            if positions[0, -1] >= 0:  # else the graph has lost some of them
                return positions[0], scores[0]
        return _exact(self._flat, query, found, selector)

    def write(self, file: BinaryIO) -> None:
        faiss.write_index(self._index, faiss.PyCallbackIOWriter(file.write))

    def read(self, file: BinaryIO) -> None:
        self._index = faiss.read_index(faiss.PyCallbackIOReader(file.read))
        self._flat = faiss.downcast_index(self._index.storage)


def _allow(allowed: Mask | None, k: int, count: int) -> tuple[Any, int]:
    """The selector of the allowed rows, and how many of them are to be found."""
    if allowed is None:
        return None, min(k, count)
    return bitmap(allowed), min(k, int(np.count_nonzero(allowed)))


def _exact(index: Any, query: Array, k: int, selector: Any) -> Found:
    faiss.omp_set_num_threads(1)
    scores, positions = index.search(query[None], k, params=faiss.SearchParameters(sel=selector))
    return positions[0], scores[0]


def _none(dimension: int) -> Array:
    return np.empty((0, dimension), np.float32)
