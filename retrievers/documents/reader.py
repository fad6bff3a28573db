"""Reader: the bytes of a document as a reading, whatever kind they are of."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import PurePath

from retrievers.documents.kind import kind_of
from retrievers.documents.markdown import read_markdown
from retrievers.documents.plaintext import read_plaintext
from retrievers.documents.reading import Reading, plain
from retrievers.documents.refusals import DocumentTooLarge, EmptyDocument
from retrievers.documents.webpage import read_webpage

MOST_PAGES = 5_000
ReadPdf = Callable[[bytes, str, int], Reading]  # of bytes called so, with at most so many pages


class Reader:
    """`read_pdf` is handed in, since it is a heavy leaf."""

    def __init__(self, read_pdf: ReadPdf, max_bytes: int, most_pages: int = MOST_PAGES) -> None:
        self.max_bytes, self._read_pdf, self._most_pages = max_bytes, read_pdf, most_pages

    def check(self, name: str, size: int) -> None:
        """Raises `DocumentTooLarge`."""
        if size > self.max_bytes:
            raise DocumentTooLarge(name, size, self.max_bytes)

    def read(self, data: bytes, name: str) -> Reading:
        """A reading with a title: its own, its first heading where it begins with one, or its name.

        Raises the errors of refusals.py; of a PDF, going through its blocks may raise `DamagedDocument` too.
        """
        self.check(name, len(data))
        kind, text = kind_of(data, name)
        if kind == "pdf":
            reading = self._read_pdf(data, name, self._most_pages)
        else:
            read = {"markdown": read_markdown, "html": read_webpage, "text": read_plaintext}[kind]
            reading = read(text)
        first = next(reading.blocks, None)
        if first is None:
            raise EmptyDocument(name, "text")
        heading = first.text if 0 < first.level <= 3 else ""
        title = reading.title or heading or plain(PurePath(name.replace("\\", "/")).stem) or "document"
        return Reading(reading.kind, title[:200], reading.pages, chain([first], reading.blocks))
