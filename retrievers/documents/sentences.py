"""Sentences: where one ends and the next begins, in prose of languages with or without spaces."""

from __future__ import annotations

import re

_END = re.compile(r"(?:(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?:\[\d{1,3}\])*(?=\s)|[。！？]+[」』”]*)")
_BEGINS = re.compile(r"\s*[\"'“‘«(\[¿¡]*(?:[A-Z0-9\u00c0-\u00de\u0391-\u03a9\u0410-\u042f]|[^\x00-\u024f])")
_ABBREVIATIONS = (
    "mr mrs ms dr prof st sts jr sr no nos fig figs vol vols ch pp ed eds cf ca c vs etc al approx e.g i.e b d r fl gen"
    " col capt lt sgt rev hon mt ft jan feb mar apr jun jul aug sep sept oct nov dec bros co corp inc ltd op bzw z.b"
    " d.h u.a usw nr"
)
_SHORT = frozenset(_ABBREVIATIONS.split())


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, in order; joined by spaces they are the paragraph."""
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if _BEGINS.match(text, end.end()) and not _is_short(text[max(start, end.start() - 30) : end.start()], end[0]):
            found.append(text[start : end.end()].strip())
            start = end.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]


def _is_short(before: str, mark: str) -> bool:
    """Whether a full stop ends an abbreviation or an initial alone."""
    if mark != ".":
        return False
    word = before.rsplit(maxsplit=1)[-1].lstrip("(\"'“‘[") if before.split() else ""
    return word.lower() in _SHORT or (len(word) == 1 and word.isupper() and word != "I")
