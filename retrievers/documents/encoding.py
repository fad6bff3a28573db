"""Encoding: the bytes of a text as text: by its mark, by what it says of itself, or by what fits."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAID = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
HEAD = 2_048  # bytes in which a page says its encoding
ZEROS = 0.3  # share of a half's bytes that are 0 in UTF-16 of a language with spaces and punctuation
CONTROLS = 0.02  # share of control characters beyond which bytes are no text


def decode(data: bytes) -> str | None:
    """The text; None where the bytes are none."""
    for encoding in _candidates(data):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return text if _is_text(text) else None
    return None


def _candidates(data: bytes) -> list[str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return [encoding]
    even, odd = data[0:4_096:2], data[1:4_096:2]
    if len(odd) > 1 and odd.count(0) > ZEROS * len(odd) > 3 * even.count(0):
        return ["utf-16-le"]
    if len(even) > 1 and even.count(0) > ZEROS * len(even) > 3 * odd.count(0):
        return ["utf-16-be"]
    said = _SAID.search(data[:HEAD])
    named = [said[1].decode("ascii", "replace").lower()] if said else []
    safe = [name for name in named if not name.startswith(("utf-16", "utf-32")) and _is_for_text(name)]
    return ["utf-8", *safe, "cp1252", "latin-1"]  # what is UTF-8 by accident hardly exists


def _is_for_text(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return False


def _is_text(text: str) -> bool:
    controls = sum(letter < " " and letter not in "\t\n\r\f\x0b\x1b" for letter in text[:100_000])
    return "\x00" not in text[:100_000] and controls <= CONTROLS * min(len(text), 100_000)
