"""Preparation: files as entries of the ledger: read, cut into chunks, embedded; in the order in which they come.

One thread reads, since pypdf holds python's lock, and as many as there are cores embed what it has cut: also of one
document, whose first pages are embedded while its later ones are read.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType

import numpy as np

from core.colours import Array
from core.errors import AtelierError, BadInput
from retrievers.base import TextEmbeddings
from retrievers.documents.chunks import Chunk, chunks
from retrievers.documents.journal import Entry, Place
from retrievers.documents.reader import Reader
from retrievers.documents.refusals import DamagedDocument

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
AHEAD = 200  # chunks that wait to be embedded, beyond which the next document is not read yet
STEP = 25  # chunks after which progress is told


@dataclass(frozen=True)
class Work:
    """A file to be taken in."""

    place: Place
    name: str  # as it may be shown
    load: Callable[[], bytes]


@dataclass
class Prepared:
    """What became of a file: bytes that could not be had (`error`), a document that is there already (no `entry`), or
    an entry, which may say why it could not be read."""

    work: Work
    id: str = ""
    data: bytes = b""
    entry: Entry | None = None
    error: AtelierError | None = None
    waiting: list[Future[Array]] = field(default_factory=list)


class Preparation:
    """`has` says of an id whether that document need not be read. Used as a context, which ends its threads."""

    def __init__(self, embeddings: TextEmbeddings, reader: Reader, has: Callable[[Work, str], bool]) -> None:
        self._embeddings, self._reader, self._has = embeddings, reader, has
        self._pool = ThreadPoolExecutor(CORES, "embedding")

    def __enter__(self) -> Preparation:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def run(self, works: Iterable[Work], tell: Callable[[str], object]) -> Iterator[Prepared]:
        """Each file, prepared; whoever takes one has recorded it when he asks for the next."""
        queue: deque[Prepared] = deque()
        for work in works:
            one = self._load(work)
            while queue and (one.id in {other.id for other in queue} or self._crowded(queue)):
                yield self._finished(queue.popleft(), tell)
            if one.error is None and not self._has(work, one.id):
                self._read(one, tell)
            queue.append(one)
        while queue:
            yield self._finished(queue.popleft(), tell)

    def embed(self, title: str, pieces: Iterable[Chunk]) -> Array:
        """The vectors of chunks, of shape (n, dimension)."""
        return _stacked([self._pool.submit(self._embeddings.embed, spoken(title, piece)) for piece in pieces])

    def _load(self, work: Work) -> Prepared:
        try:
            self._reader.check(work.name, work.place.size)
            data = work.load()
        except BadInput as error:
            return Prepared(work, error=error)
        return Prepared(work, hashlib.sha256(data).hexdigest()[:16], data)

    def _read(self, one: Prepared, tell: Callable[[str], object]) -> None:
        name = one.work.name
        try:
            reading = self._reader.read(one.data, name)
            pieces = []
            for piece in chunks(reading.blocks):
                pieces.append(piece)
                one.waiting.append(self._pool.submit(self._embeddings.embed, spoken(reading.title, piece)))
                if len(pieces) % STEP == 0 and reading.pages and piece.page:
                    tell(f"{name} (page {piece.page:,} of {reading.pages:,})")
            one.entry = Entry(one.id, len(one.data), reading.kind, reading.title, reading.pages, pieces)
        except BadInput as error:
            self._refuse(one, error)
        except (AtelierError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - one document that nobody foresaw must not stop the others
            self._refuse(one, DamagedDocument(name, f"{type(error).__name__}: {error}"[:200]))

    def _refuse(self, one: Prepared, error: AtelierError) -> None:
        for future in one.waiting:
            future.cancel()
        one.waiting.clear()
        one.entry = Entry(one.id, len(one.data), title=one.work.name, error=error)

    @staticmethod
    def _crowded(queue: deque[Prepared]) -> bool:
        return sum(not future.done() for one in queue for future in one.waiting) > AHEAD

    def _finished(self, one: Prepared, tell: Callable[[str], object]) -> Prepared:
        for number in range(0, len(one.waiting), STEP):
            one.waiting[number].result()
            if number:
                tell(f"{one.work.name} ({number:,} of {len(one.waiting):,} passages)")
        if one.entry is not None and one.waiting:
            told = one.entry
            vectors = _stacked(one.waiting)
            one.entry = Entry(told.id, told.bytes, told.kind, told.title, told.pages, told.chunks, vectors)
        return one


def spoken(title: str, piece: Chunk) -> str:
    """A chunk as it is embedded: what it is about stands in its headings more often than in itself."""
    headings = [heading for heading in piece.headings if heading != title]
    return f"{': '.join([title, *headings])}. {piece.text}"


def _stacked(waiting: list[Future[Array]]) -> Array:
    return np.stack([future.result() for future in waiting]).astype(np.float32)
