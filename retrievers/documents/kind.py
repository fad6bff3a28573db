"""Kind: what a document is, by its bytes; its name decides only where the bytes leave it open."""

from __future__ import annotations

import re

from retrievers.documents.encoding import decode
from retrievers.documents.reading import Kind
from retrievers.documents.refusals import EmptyDocument, UnknownKind

SUFFIXES = (".pdf", ".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml")  # that are looked for in folders
PDF_HEAD = 1_024  # bytes in which a PDF may begin, by the notes of its first implementation

_OTHERS = (
    (b"PK\x03\x04", "a ZIP archive, as Word, OpenDocument and EPUB files are"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"{\\rtf", "RTF"),
    (b"%!PS", "PostScript"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
)
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_TAG = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|table|tr|td|span|br|article|section|main|a|b|i|em|strong)\b[^<>]*>", re.I
)
_MARK = re.compile(r"<(?:[a-z][a-z0-9]*|!doctype)\b[^<>]*>", re.I)
_HEADING = re.compile(r"^#{1,6} +\S.*\n(?:\s*\n|$)", re.M)  # a comment of a program is followed by more of it
_FRONT = re.compile(r"---[ \t]*\n[\w-]+[ \t]*:[^\n]*\n(?:[^\n]*\n){0,200}?---[ \t]*\n")


def kind_of(data: bytes, name: str) -> tuple[Kind, str]:
    """The kind, and the text where that is not a PDF. Raises `EmptyDocument` and `UnknownKind`."""
    if not data:
        raise EmptyDocument(name, "bytes")
    if b"%PDF-" in data[:PDF_HEAD]:
        return "pdf", ""
    for begins, found in _OTHERS:
        if data.startswith(begins):
            raise UnknownKind(name, found)
    text = decode(data)
    if text is None:
        raise UnknownKind(name, "no text")
    if not text.strip():
        raise EmptyDocument(name, "text")
    return _of_text(text.replace("\r\n", "\n").replace("\r", "\n"), name.lower())


def _of_text(text: str, name: str) -> tuple[Kind, str]:
    marked = name.endswith((".md", ".markdown"))
    if _PAGE.match(text[:20_000]) or (not marked and len(_TAG.findall(text[:20_000])) >= 3):
        return "html", text
    if name.endswith((".html", ".htm", ".xhtml")) and _MARK.search(text):
        return "html", text
    if marked or _FRONT.match(text) or len(_HEADING.findall(text[:20_000])) >= 2:
        return "markdown", text
    return "text", text
