"""Compare: files, ledger and index side by side: what one has and another has not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.colours import Array
from retrievers.base import Index
from retrievers.ingest.delivery import MOST
from retrievers.ingest.journal import Journal
from retrievers.ingest.vectors import Vectors
from retrievers.ingest.walk import Walk
from retrievers.ledger import Ledger, shown

CLOSE = 0.999  # cosine of a vector in the index with that in the ledger; an index may keep half the digits


@dataclass(frozen=True)
class Comparison:
    """Ids and paths of what is not in order; all empty where everything is."""

    pictures: int = 0
    rows: int = 0
    missing_files: list[str] = field(default_factory=list)  # in the ledger, and gone from a folder that is there
    out_of_reach: list[str] = field(default_factory=list)  # in folders that cannot be read; they are kept
    changed_files: list[str] = field(default_factory=list)  # since they were taken in: ingest their folder again
    stray_uploads: list[str] = field(default_factory=list)  # kept, and not in the ledger
    without_vector: list[str] = field(default_factory=list)  # that fits the present model and words
    of_another_model: list[str] = field(default_factory=list)  # those of them that have one by another model
    damaged_vectors: list[str] = field(default_factory=list)  # wrong in length, no unit, or no numbers
    without_words: list[str] = field(default_factory=list)  # that cannot be found by words
    rows_without_picture: list[str] = field(default_factory=list)
    pictures_without_row: list[str] = field(default_factory=list)
    rows_that_differ: list[str] = field(default_factory=list)  # in vector or metadata
    mended: dict[str, int] = field(default_factory=dict)  # by `repair`: how many of what

    @property
    def sound(self) -> bool:
        """Whether everything is in order; what is out of reach may come back, and changed files are no damage."""
        return not any(getattr(self, name) for name in DEFECTS)

    @property
    def rows_to_write(self) -> list[str]:
        """The pictures whose row has to be written again."""
        return [*self.pictures_without_row, *self.rows_that_differ]

    def after(self, before: Comparison) -> Comparison:
        """This one, with how much less it finds than the one before."""
        counts = {name: len(getattr(before, name)) - len(getattr(self, name)) for name in DEFECTS}
        return replace(self, mended={name: count for name, count in counts.items() if count > 0})

    def as_dict(self) -> dict[str, Any]:
        """All of it as data, with `sound`; paths as they may be shown."""
        told = asdict(self)
        paths = ("missing_files", "out_of_reach", "changed_files", "stray_uploads")
        return {
            **told,
            **{name: [shown(os.fsencode(path)) for path in told[name]] for name in paths},
            "sound": self.sound,
        }


DEFECTS = tuple(
    one.name
    for one in fields(Comparison)
    if one.name not in ("pictures", "rows", "out_of_reach", "changed_files", "mended")
)


def compare(ledger: Ledger, index: Index, journal: Journal, held: Vectors, uploads: Path) -> Comparison:
    """Look at every file's state, every vector and every row; no picture is decoded."""
    missing, unread, changed = _files(journal)
    strays = sorted(os.fsdecode(path) for path in _kept(uploads) if path not in journal.known(path))
    present = index.rows()
    damaged, differing, ids = list[str](), list[str](), set[str]()
    for vectors in _batches(held):
        good = {id_: vector for id_, vector in vectors.items() if _is_sound(vector, held.dimension)}
        damaged += vectors.keys() - good.keys()
        ids |= vectors.keys()
        rows = {id_: picture.row() for id_, picture in ledger.many(list(good)).items()}
        here = [id_ for id_ in good if id_ in present]
        stored = index.vectors(here) if here else np.zeros((0, held.dimension), np.float32)
        for id_, kept in zip(here, stored, strict=True):
            if float(kept @ good[id_]) < CLOSE or not _same(present[id_], rows[id_]):
                differing.append(id_)
    lacking = {id_ for id_, _, _ in held.lacking()}
    return Comparison(
        pictures=ledger.count(),
        rows=len(present),
        missing_files=missing,
        out_of_reach=unread,
        changed_files=changed,
        stray_uploads=strays,
        without_vector=sorted(lacking),
        of_another_model=sorted(lacking & held.of_other_models()),
        damaged_vectors=sorted(damaged),
        without_words=journal.without_words(),
        rows_without_picture=sorted(present.keys() - ids),
        pictures_without_row=sorted(ids - present.keys() - set(damaged)),
        rows_that_differ=sorted(differing),
    )


def _files(journal: Journal) -> tuple[list[str], list[str], list[str]]:
    """Paths that are missing, out of reach, changed."""
    missing, unread, changed = list[str](), list[str](), list[str]()
    for path, known in journal.known(b"/").items():
        try:
            found = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            if known.failed and os.path.islink(path):  # a link to nothing, as it was when it was taken in
                continue
            there = known.source != "folder" or os.path.isdir(known.root)
            (missing if there else unread).append(os.fsdecode(path))
        except OSError:
            unread.append(os.fsdecode(path))
        else:
            if (known.size, known.mtime_ns) != (found.st_size, found.st_mtime_ns):
                changed.append(os.fsdecode(path))
    return sorted(missing), sorted(unread), sorted(changed)


def _kept(uploads: Path) -> Iterator[bytes]:
    return (found.path for found in Walk(os.fsencode(os.path.realpath(uploads))))


def _batches(held: Vectors) -> Iterator[dict[str, Array]]:
    """Every vector of the model, by picture, as it lies in the ledger."""
    last = ""
    while rows := held.page(last, MOST):
        last = rows[-1][0]
        yield {id_: np.frombuffer(data[: len(data) // 4 * 4], np.float32) for id_, data in rows}


def _is_sound(vector: Array, dimension: int) -> bool:
    return vector.shape == (dimension,) and bool(abs(float(np.linalg.norm(vector)) - 1) < 0.01)


def _same(stored: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether two rows say the same; stores keep numbers as they can."""
    if stored.keys() != wanted.keys():
        return False
    return all(
        abs(float(stored[key]) - value) <= 1e-6 * max(1.0, abs(value))
        if isinstance(value, float)
        else stored[key] == value
        for key, value in wanted.items()
    )
