"""An ingest in a process of its own, which tells every step, so that it can be killed at any."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from core.owner import own
from retrievers.base import Index
from retrievers.chroma import ChromaIndex
from retrievers.faiss_index import FaissIndex
from retrievers.ingest.intake import Intake
from retrievers.ledger import Ledger
from tests.library import Colours

STEP = "step"
ROWS = 9  # that go to the index at a time, so that there are many moments between two writes


class Telling:
    """An index that tells before and after each write."""

    def __init__(self, index: Index, tell: Callable[[], object]) -> None:
        self._index, self._tell, self.in_memory = index, tell, index.in_memory

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._index, name)
        return partial(self._told, method) if name in ("upsert", "delete") else method

    def _told(self, method: Callable[..., None], *arguments: Any) -> None:
        self._tell()
        method(*arguments)
        self._tell()


def open_library(data: Path, kind: str, tell: Callable[[], object]) -> tuple[Ledger, Index, Intake]:
    embeddings = Colours("words-1", reads_words=True)
    own(data)
    made: Index = ChromaIndex("things", embeddings, data / "chroma")
    if kind == "faiss":
        made = FaissIndex("things", embeddings, data / "faiss")
    index: Any = Telling(made, tell)
    ledger = Ledger(data / "library/ledger.db")
    folder = data / "library"
    return ledger, index, Intake(ledger, index, embeddings, folder, None, lambda: own(data), kind, most=ROWS)


def ingest(data: Path, kind: str, root: Path, told_to: Connection) -> None:
    """Tell every step; at the end, everything that is in the library then."""
    step = partial(told_to.send, STEP)
    ledger, index, intake = open_library(data, kind, step)
    step()
    intake.folder(root, lambda done, total, last: step())
    told_to.send(everything(ledger, index, intake))


def everything(ledger: Ledger, index: Index, intake: Intake) -> dict[str, Any]:
    """All that a library holds, but for the times of its making and the numbers of its rows."""
    queries = {
        "files": "select path, root, size, mtime_ns, ctime_ns, picture, error from file order by path",
        "vectors": "select * from vector order by picture, model, digest",
        "marks": "select * from mark order by store, picture",
        "words": "select id, s.path, s.caption, s.label, s.tag, s.seen from picture join spoken s"
        " on s.rowid = number order by id",
    }
    held: dict[str, Any] = {}
    with ledger.file.reading() as db:
        for name, query in queries.items():
            held[name] = db.execute(query).fetchall()
        columns = [row[1] for row in db.execute("pragma table_info(picture)") if row[1] not in ("number", "added")]
        held["pictures"] = db.execute(f"select {', '.join(columns)} from picture order by id").fetchall()
        assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
        db.execute("insert into spoken (spoken) values ('integrity-check')")
    rows = index.rows()
    held["rows"] = sorted((id_, sorted(row.items(), key=str)) for id_, row in rows.items())
    held["row vectors"] = np.round(index.vectors(sorted(rows)), 4).tolist()
    held["count"], held["sound"] = index.count(), intake.compare().sound
    return held
