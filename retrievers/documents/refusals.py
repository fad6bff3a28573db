"""Refusals: what is wrong with a document that cannot be taken in.

UnreadableDocument (BadInput)
├── EmptyDocument     no bytes, no pages, or nothing but white space
├── UnknownKind       neither PDF nor HTML, Markdown or plain text
├── DamagedDocument   it begins as one of those and does not go on so
├── LockedDocument    it opens by a password alone
├── NoText            pages of pictures; nobody reads the letters in them
├── DocumentTooLarge  more bytes than MAX_UPLOAD_BYTES
└── TooManyPages      more than anybody searches in one piece
"""

from __future__ import annotations

from core.errors import BadInput

KINDS = "send a PDF, or HTML, Markdown or plain text"


class UnreadableDocument(BadInput):
    """One document cannot be taken in; the others are not concerned."""


class EmptyDocument(UnreadableDocument):
    def __init__(self, name: str, lacks: str) -> None:
        super().__init__(f"{name} is empty (it has no {lacks})", "send the whole file", name=name, lacks=lacks)


class UnknownKind(UnreadableDocument):
    def __init__(self, name: str, found: str) -> None:
        super().__init__(f"{name} is no document that can be read (it is {found})", KINDS, name=name, found=found)


class DamagedDocument(UnreadableDocument):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name} is damaged ({reason})",
            "send it again, or save it anew with the program that made it",
            name=name,
            reason=reason,
        )


class LockedDocument(UnreadableDocument):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is locked with a password", "save it without the password", name=name)


class NoText(UnreadableDocument):
    def __init__(self, name: str, pages: int) -> None:
        pictures = "its page is a picture" if pages == 1 else f"its {pages:,} pages are pictures"
        super().__init__(
            f"{name} has no text ({pictures}, and the letters in them are not read: OCR is not done)",
            "send it with a text layer, as programs for OCR add one",
            name=name,
            pages=pages,
        )


class DocumentTooLarge(UnreadableDocument):
    def __init__(self, name: str, size: int, limit: int) -> None:
        super().__init__(
            f"{name} is {size:,} bytes; the limit is {limit:,} bytes",
            "send it in parts, or raise MAX_UPLOAD_BYTES",
            name=name,
            size=size,
            limit=limit,
        )


class TooManyPages(UnreadableDocument):
    def __init__(self, name: str, pages: int, limit: int) -> None:
        super().__init__(
            f"{name} has {pages:,} pages; the limit is {limit:,}",
            "send it in parts",
            name=name,
            pages=pages,
            limit=limit,
        )
