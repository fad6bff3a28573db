"""Batch: the rows of one call, looked at before a store sees them: each id once, unit vectors of the right length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.colours import Array
from core.errors import BadValue, StoreMismatch
from retrievers.base import Metadata, Vector


@dataclass(frozen=True)
class Batch:
    """Rows that any store can take; of several with one id, the last."""

    ids: list[str]
    vectors: Array  # float32 unit rows of shape (n, dimension)
    documents: list[str]
    rows: list[Metadata]  # without empty lists: those are as no key at all

    @classmethod
    def of(
        cls,
        collection: str,
        dimension: int,
        ids: Sequence[str],
        vectors: Sequence[Vector] | Array,
        documents: Sequence[str],
        rows: Sequence[Metadata],
    ) -> Batch:
        """Raises `StoreMismatch` for vectors of another length and `BadValue` for what cannot be a row."""
        for what, given in (("vectors", vectors), ("documents", documents), ("rows", rows)):
            if len(given) != len(ids):
                raise BadValue(what, f"{len(given):,} of them", f"one for each of the {len(ids):,} ids")
        found = list(ids)
        matrix = _matrix(collection, dimension, vectors)
        if len(set(found)) < len(found):
            last = sorted({id_: at for at, id_ in enumerate(found)}.values())
            found, matrix = [found[at] for at in last], matrix[last]
            documents, rows = [documents[at] for at in last], [rows[at] for at in last]
        finite = np.isfinite(matrix).all(1)
        if not finite.all():
            raise BadValue("vectors", f"that of {found[int(np.argmin(finite))]}", "finite numbers")
        try:
            "".join((*found, *documents)).encode()
        except UnicodeEncodeError as error:
            raise BadValue(
                "ids and documents", error.object[error.start :][:20], "text, no half of a character"
            ) from error
        told = [{k: v for k, v in row.items() if v != []} if [] in row.values() else row for row in rows]
        return cls(found, unit(matrix), list(documents), told)


def _matrix(collection: str, dimension: int, vectors: Sequence[Vector] | Array) -> Array:
    if not len(vectors):
        return np.empty((0, dimension), np.float32)
    try:
        matrix = np.asarray(vectors, np.float32)
    except ValueError as error:
        raise BadValue("vectors", "rows of several lengths", f"{dimension} numbers each") from error
    if matrix.ndim != 2 or matrix.shape[1] != dimension:
        raise StoreMismatch(collection, "dimension", dimension, matrix.shape[-1] if matrix.ndim == 2 else matrix.shape)
    return matrix


def unit(matrix: Array) -> Array:
    """Rows of length 1; a row of zeros stays that."""
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    return np.asarray(matrix / np.maximum(lengths, 1e-9)[:, None], np.float32)


def question(collection: str, dimension: int, vector: Vector | Array, k: int) -> Array:
    """A query's vector as a unit vector of shape (dimension,). Raises `BadValue` and `StoreMismatch`."""
    if k < 1:
        raise BadValue("k", k, "a whole number from 1")
    row = _matrix(collection, dimension, np.asarray(vector, np.float32)[None])
    if not np.isfinite(row).all():
        raise BadValue("vector", "one that is not finite", "finite numbers")
    return np.asarray(unit(row)[0])
