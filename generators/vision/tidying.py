"""Tidying: texts and lists of a model as a description takes them: clean, of bounded length, and each thing once.

A page may show what a model wrote, and a model may write what a picture told it to: no tags, no control characters,
nothing that turns the direction of the text around.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

TAG = re.compile(r"<!--[^<>]*-->|</?[a-zA-Z!?][^<>]*>")
HIDDEN = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
OPENED = re.compile(r"<(?=[a-zA-Z/!?])")  # a tag that does not end
PASSES = 4  # of taking tags out; one within another is left by the first
NOTHING = {
    *("", "null", "none", "n/a", "na", "nil", "unknown", "undefined", "unclear", "not visible", "not applicable"),
    *("not specified", "empty", "nothing", "-", "."),
}
BULLET = re.compile(r"^(?:[-*•·#]+\s*|\d{1,2}[.)]\s+)")
SENTENCE = re.compile(r"[.!?…][\"'”’)]?(?=\s|$)")


def tidied(text: str) -> str:
    """The text on one line, without tags, control characters, halves of characters and marks of direction."""
    for _ in range(PASSES):
        plain = html.unescape(TAG.sub(" ", HIDDEN.sub(" ", text)))
        if plain == text:
            break
        text = plain
    whole = OPENED.sub(" ", text)
    kept = (letter for letter in whole if letter.isspace() or unicodedata.category(letter) not in _UNWANTED)
    return " ".join("".join(kept).split())


_UNWANTED = ("Cc", "Cf", "Cs", "Co")


def means_nothing(text: str) -> bool:
    """Whether the text is one of the words for having nothing to say."""
    return text.casefold().strip(" .\"'") in NOTHING or not any(letter.isalnum() for letter in text)


def cut(text: str, most: int) -> str:
    """At most so many characters of the text: whole sentences where that leaves half of it, else whole words."""
    if len(text) <= most:
        return text
    head = text[:most]
    ends = [found.end() for found in SENTENCE.finditer(head)]
    if ends and ends[-1] >= most // 2:
        return head[: ends[-1]]
    words = text[: most - 3].rpartition(" ")[0] or text[: most - 3]
    return words.rstrip(" ,;:-") + "..."


def distinct(items: Iterable[str]) -> list[str]:
    """The items without bullets, quotes and full stops at their ends; each once, whatever its capitals."""
    found: dict[str, str] = {}
    for item in items:
        plain = BULLET.sub("", item.strip()).strip(" \"'.,;:")
        if not means_nothing(plain):
            found.setdefault(plain.casefold(), plain)
    return list(found.values())
