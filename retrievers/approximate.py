"""Approximate: FAISS's inverted lists (IVFFlat) and its graph (HNSW) as structures that a table of rows is built on.

Both answer exactly where conditions are to be met: a graph that is walked through allowed rows alone falls apart, and
lists near the query may hold few of them.
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from core.colours import Array
from retrievers.columns import Mask
from retrievers.exact import bitmap
from retrievers.structure import Found, Positions

PER_LIST = 39  # vectors for each list that FAISS wants for training; before that all are looked at
TRAINED_ON = 128  # vectors for each list that it is trained on at most
RECALL = 0.995  # of the ten nearest that the looked-at lists hold, on questions that lie between stored rows
ASKED = 200  # such questions
LINKS, BUILT_WITH, LEAST = 32, 128, 128  # M, efConstruction and the least efSearch of the graph


class IVFFlat:
    """Inverted lists, of which those nearest to the query are looked at: as many as `RECALL` needs."""

    def __init__(self, dimension: int, lists: int) -> None:
        self._dimension, self._lists = dimension, lists
        self._index: Any = faiss.IndexFlatIP(dimension)
        self._tuned = 0  # rows that were there then

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def trained(self) -> bool:
        return isinstance(self._index, faiss.IndexIVFFlat)

    @property
    def nprobe(self) -> int:
        """Lists that a search without conditions looks at."""
        return int(self._index.nprobe) if self.trained else self._lists

    def add(self, vectors: Array) -> None:
        faiss.omp_set_num_threads(1)
        self._index.add(np.ascontiguousarray(vectors, np.float32))
        if not self.trained and len(self) >= PER_LIST * self._lists:
            self._train()
        if self.trained and len(self) >= 2 * self._tuned:
            self._tune()

    def _train(self) -> None:
        rows = self._index.reconstruct_n(0, len(self))
        quantizer = faiss.IndexFlatIP(self._dimension)
        index = faiss.IndexIVFFlat(quantizer, self._dimension, self._lists, faiss.METRIC_INNER_PRODUCT)
        index.cp.max_points_per_centroid, index.cp.spherical = TRAINED_ON, True
        index.train(rows)
        index.set_direct_map_type(faiss.DirectMap.Array)
        index.add(rows)
        self._index = index

    def _tune(self) -> None:
        """Look at as many lists as find `RECALL` of what all of them hold."""
        rng = np.random.default_rng(0)
        pairs = self.take(rng.integers(0, len(self), 2 * ASKED)).reshape(2, ASKED, -1)
        questions = np.ascontiguousarray(pairs[0] + 0.5 * pairs[1], np.float32)
        wanted = self._search(questions, 10, self._lists)[1]
        for nprobe in sorted({*(2**i for i in range(12) if 2**i < self._lists), self._lists}):
            found = self._search(questions, 10, nprobe)[1]
            if np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(wanted, found, strict=True)]) >= RECALL:
                break
        self._index.nprobe, self._tuned = nprobe, len(self)

    def _search(self, questions: Array, k: int, nprobe: int, selector: Any = None) -> tuple[Array, Any]:
        faiss.omp_set_num_threads(1)  # holds for the calling thread alone
        how = faiss.SearchParametersIVF(nprobe=nprobe, sel=selector)
        found: tuple[Array, Any] = self._index.search(questions, k, params=how)
        return found

    def take(self, positions: Positions) -> Array:
        return np.asarray(self._index.reconstruct_batch(positions)) if len(positions) else _none(self._dimension)

    def search(self, query: Array, k: int, allowed: Mask | None, exactly: bool) -> Found:
        selector, k = _allow(allowed, k, len(self))
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if not self.trained:
            return _exact(self._index, query, k, selector)
        scores, positions = self._search(query[None], k, self._lists if exactly else self.nprobe, selector)
        if positions[0, -1] < 0:  # the lists that were looked at hold fewer
            scores, positions = self._search(query[None], k, self._lists, selector)
        return positions[0], scores[0]

    def write(self, path: str) -> None:
        faiss.write_index(self._index, path)

    def read(self, path: str) -> None:
        self._index = faiss.read_index(path)
        self._tuned = len(self)


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

    def take(self, positions: Positions) -> Array:
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

    def write(self, path: str) -> None:
        faiss.write_index(self._index, path)

    def read(self, path: str) -> None:
        self._index = faiss.read_index(path)
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
