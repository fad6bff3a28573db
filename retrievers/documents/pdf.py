"""PDF: the text of a PDF, page by page, through LangChain's PyPDFLoader over pypdf.

The one file that imports langchain-community, which nobody maintains any more. The loader reads pages in pypdf's plain
mode, which keeps columns apart (its layout mode sets them side by side), and hands our visitor on to it, which hears
where each piece of text stands and in what typeface.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from pypdf.errors import DependencyError, FileNotDecryptedError, WrongPasswordError

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # that it is no longer maintained is known
    from langchain_community.document_loaders import PyPDFLoader

from core.apart import EndedByItself, Part, TookTooLong, apart
from core.errors import AtelierError, ModelMissing
from core.settings import get_settings
from retrievers.documents.layout import blocks_of
from retrievers.documents.page import Line, Piece, lines_of, piece
from retrievers.documents.reading import Block, Reading, plain
from retrievers.documents.refusals import DamagedDocument, EmptyDocument, LockedDocument, NoText, TooManyPages

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every fault that it mends


def read_pdf(data: bytes, name: str, most_pages: int) -> Reading:
    """Raises `LockedDocument`, `DamagedDocument`, `EmptyDocument`, `TooManyPages`; at the end of its blocks `NoText`
    where no page had any, and where a later page is damaged, `DamagedDocument`."""
    pages = _pages(data, name)
    first = next(pages, None)
    if first is None:
        raise EmptyDocument(name, "pages")
    count = int(first[1]["total_pages"])
    if count > most_pages:
        raise TooManyPages(name, count, most_pages)
    return Reading("pdf", _title(first[1]), count, _blocks(chain([first], pages), name, count))


def read_apart(data: bytes, name: str, most_pages: int) -> Reading:
    """`read_pdf` in another process, which is ended after DOCUMENT_SECONDS; its errors, and `DamagedDocument` then."""
    parts = _parts(data, name, most_pages)
    head = next(parts)
    return Reading("pdf", head["title"], head["pages"], (Block(**part) for part in parts))


def _parts(data: bytes, name: str, most_pages: int) -> Iterator[dict[str, Any]]:
    seconds = get_settings().document_seconds
    try:
        for part, _ in apart("retrievers.documents.pdf:read_here", data, seconds, name=name, most_pages=most_pages):
            yield part
    except TookTooLong:
        raise DamagedDocument(name, f"reading it took more than {seconds:g} s (DOCUMENT_SECONDS)") from None
    except EndedByItself as error:
        raise DamagedDocument(name, error.message) from None


def read_here(data: bytes, name: str, most_pages: int) -> Iterator[Part]:
    """What the other process does: what is known at once, then the blocks."""
    reading = read_pdf(data, name, most_pages)
    yield {"title": reading.title, "pages": reading.pages}, b""
    for block in reading.blocks:
        yield asdict(block), b""


def _blocks(pages: Iterator[tuple[list[Line], dict[str, Any]]], name: str, count: int) -> Iterator[Block]:
    found = False
    for block in blocks_of(lines for lines, _ in pages):
        found = True
        yield block
    if not found:
        raise NoText(name, count)


def _pages(data: bytes, name: str) -> Iterator[tuple[list[Line], dict[str, Any]]]:
    """The lines of each page, with what the loader tells of the file."""
    heard: list[Piece] = []

    def hear(text: str, around: Sequence[float], own: Sequence[float], font: Any, size: float) -> None:
        if text:
            heard.append(piece(text, around, own, str((font or {}).get("/BaseFont", "")), size))

    with tempfile.TemporaryDirectory() as folder, _translated(name):
        path = Path(folder) / "document.pdf"  # the loader reads files
        path.write_bytes(data)
        for document in PyPDFLoader(path, extraction_kwargs={"visitor_text": hear}).lazy_load():
            lines = lines_of(heard)
            heard.clear()
            yield lines, document.metadata


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except AtelierError:
        raise
    except (FileNotDecryptedError, WrongPasswordError) as error:
        raise LockedDocument(name) from error
    except DependencyError as error:
        raise ModelMissing("encrypted PDFs", str(error), "pip install cryptography") from error
    except Exception as error:  # pypdf fails in any way over what is damaged
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DamagedDocument(name, reason) from error


def _title(metadata: dict[str, Any]) -> str:
    """The title that its program wrote into it, where that is more than a file's name."""
    title = plain(str(metadata.get("title") or ""))
    if title.startswith("þÿ"):  # the mark of UTF-16, which its program did not keep to
        return ""
    poor = title.lower().endswith((".doc", ".docx", ".tex", ".indd", ".pdf", ".dvi")) or title.lower() in _POOR
    return "" if poor or not any(map(str.isalpha, title)) else title[:200]


_POOR = ("untitled", "title", "document", "microsoft word", "slide 1", "powerpoint presentation", "none")
