"""Pipeline: files to entries of the ledger, on every core: read, hash, decode, measure, embed.

One task per core takes a batch of files at a time; what it makes is written by the thread that asked. Few batches are
on their way at once, so memory does not grow with the library.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from PIL import Image

from core.colours import Array
from core.errors import AtelierError, BadSetting, ModelMissing, NoSuchFile, StoreError
from retrievers.base import PictureEmbeddings
from retrievers.ingest.entries import Entry, Standing
from retrievers.ingest.journal import Journal
from retrievers.ingest.look import Content, decode, looks, read_content, refusal
from retrievers.ingest.said import Note, Place, digest_of, said_of
from retrievers.ingest.walk import Found

AHEAD = 2  # batches that wait beside those that are worked on
FATAL = (StoreError, ModelMissing, BadSetting)  # no fault of one file

Made = TypeVar("Made")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Work:
    """A file to read; `called` is what messages call it."""

    found: Found
    root: bytes
    source: str
    note: Note
    called: str

    def place(self, found: Found) -> Place:
        return Place(found.path, self.root, self.source, found.mtime_ns, self.note)


class Pipeline:
    """For one model; `Journal` says what the ledger knows already."""

    def __init__(self, journal: Journal, embeddings: PictureEmbeddings, max_pixels: int | None) -> None:
        self._journal, self._embeddings, self._max_pixels = journal, embeddings, max_pixels

    def run(self, work: Sequence[Work], gone: Collection[bytes]) -> Iterator[list[Entry]]:
        """Entries of files, in their order, batch by batch; `gone` are paths that count no more."""
        return self._spread(lambda batch: self._take(batch, frozenset(gone)), work)

    def again(self, wanted: Sequence[tuple[str, str, Sequence[bytes]]]) -> Iterator[list[tuple[str, str, Array]]]:
        """Vectors of pictures that the ledger knows: from id, words and paths to id, digest and vector.

        A picture whose files cannot be read, or have become another, is left out.
        """
        return self._spread(self._embed_again, wanted)

    def _spread(self, make: Callable[[Sequence[Item]], Made], items: Sequence[Item]) -> Iterator[Made]:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        size = max(1, min(self._embeddings.batch, -(-len(items) // cores)))
        flying: deque[Future[Made]] = deque()
        pool = ThreadPoolExecutor(cores, "ingest")
        try:
            for start in range(0, len(items), size):
                flying.append(pool.submit(make, items[start : start + size]))
                if len(flying) >= cores + AHEAD:
                    yield flying.popleft().result()
            while flying:
                yield flying.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _take(self, batch: Sequence[Work], gone: frozenset[bytes]) -> list[Entry]:
        entries, contents = list[Entry](), list[Content | None]()
        for work in batch:
            entry, content = self._read(work)
            entries.append(entry)
            contents.append(content)
        standing = self._journal.standing({entry.id for entry in entries if entry.id is not None})
        pictures: dict[int, tuple[Image.Image, str]] = {}
        for i, (work, content) in enumerate(zip(batch, contents, strict=True)):
            if content is not None:
                try:
                    entries[i], picture, words = self._look(entries[i], work, content, standing.get(content.id), gone)
                except Exception as error:  # noqa: BLE001 - one file's failure must not stop the others
                    entries[i] = self._failed(entries[i], error, work)
                else:
                    if picture is not None:
                        pictures[i] = (picture, words)
            contents[i] = None  # its bytes are not needed any more
        for i, vector in self._embed(pictures).items():
            if isinstance(vector, Exception):
                entries[i] = self._failed(entries[i], vector, batch[i])
            else:
                entries[i] = replace(entries[i], vector=vector, digest=self._digest(pictures[i][1]))
        return entries

    def _read(self, work: Work) -> tuple[Entry, Content | None]:
        entry = Entry(work.found, work.place(work.found))
        try:
            if not work.found.regular:
                raise NoSuchFile(work.called, "it is no file")
            content = read_content(work.found.path)
        except Exception as error:  # noqa: BLE001 - one file's failure must not stop the others
            return self._failed(entry, error, work), None
        return Entry(content.found, work.place(content.found), content.id), content

    def _look(
        self, entry: Entry, work: Work, content: Content, there: Standing | None, gone: frozenset[bytes]
    ) -> tuple[Entry, Image.Image | None, str]:
        """The entry with its looks; the picture and its words where it has to be embedded."""
        if there is not None:
            words = self._words(entry.place, there, gone)
            if self._digest(words) in there.digests:
                return entry, None, words
        picture = decode(content, work.called, self._max_pixels, self._embeddings.wanted)
        seen = looks(content, picture)
        caption = seen.caption
        words = said_of([entry.place], caption).words if there is None else self._words(entry.place, there, gone)
        return replace(entry, looks=seen if there is None else None), picture, words

    @staticmethod
    def _words(place: Place, there: Standing, gone: frozenset[bytes]) -> str:
        others = [other for other in there.places if other.path not in gone and other.path != place.path]
        return said_of([*others, place], there.embedded_caption).words

    def _digest(self, words: str) -> str:
        return digest_of(words) if self._embeddings.reads_words else ""

    def _failed(self, entry: Entry, error: Exception, work: Work) -> Entry:
        if isinstance(error, FATAL):
            raise error
        return Entry(entry.found, entry.place, error=refusal(error, work.called))

    def _embed(self, pictures: dict[int, tuple[Image.Image, str]]) -> dict[int, Array | Exception]:
        """The vector of each picture, or why it has none; where a batch fails, its pictures are tried one by one."""
        if not pictures:
            return {}
        try:
            rows = list(pictures.values())
            said = [words if self._embeddings.reads_words else "" for _, words in rows]
            vectors = self._embeddings.embed_pictures([image for image, _ in rows], said)
            return dict(zip(pictures, vectors, strict=True))
        except FATAL:
            raise
        except Exception as error:  # noqa: BLE001 - one picture's failure must not stop the others
            if len(pictures) == 1:
                return dict.fromkeys(pictures, error)
            return {i: vector for i, one in pictures.items() for vector in self._embed({i: one}).values()}

    def _embed_again(self, batch: Sequence[tuple[str, str, Sequence[bytes]]]) -> list[tuple[str, str, Array]]:
        pictures: dict[int, tuple[Image.Image, str]] = {}
        for i, (id_, words, paths) in enumerate(batch):
            for path in paths:
                try:
                    content = read_content(path)
                    if content.id == id_:
                        called = os.fsdecode(path)
                        pictures[i] = (decode(content, called, self._max_pixels, self._embeddings.wanted), words)
                        break
                except FATAL:
                    raise
                except AtelierError:  # its other files may do; and the next ingest says what is wrong
                    continue
        made = self._embed(pictures).items()
        return [(batch[i][0], self._digest(batch[i][1]), v) for i, v in made if not isinstance(v, Exception)]
