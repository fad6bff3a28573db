"""Objects: the JSON object in what a model wrote, with whatever stands around it.

Models put code fences and sentences round their JSON, and leave commas at the end of lists.
Every pass over the text is linear: a text of any length and kind costs what its length costs.
"""

from __future__ import annotations

import json
import re
from typing import Any

MOST_TRIED = 20  # braces that may begin the object
DEEPEST = 40  # levels of nesting; parsers that call themselves end the process somewhere beyond
SIGNS = re.compile(r'\\.|["{}\[\]]', re.DOTALL)
STRINGS = re.compile(r'("(?:[^"\\]|\\.)*(?:"|$))', re.DOTALL)
PLAIN_QUOTES = str.maketrans({"“": '"', "”": '"'})


def find_object(text: str) -> dict[str, Any] | None:
    """The first JSON object of the text that holds anything; None where there is none, or half of one."""
    text = _spoken(text)
    start, empty = text.find("{"), None
    for _ in range(MOST_TRIED):
        if start < 0:
            break
        end = _end(text, start)
        found = _parsed(text[start:end]) if end is not None else None
        if found:
            return found
        empty = found if empty is None else empty
        start = text.find("{", start + 1 if found is None else end)
    return empty


def broken_off(text: str) -> bool:
    """Whether an object begins in the text and does not end."""
    spoken = _spoken(text)
    start = spoken.find("{")
    return start >= 0 and _end(spoken, start) is None


def _spoken(text: str) -> str:
    """What stands behind the thoughts of a model that thinks aloud."""
    return text.rpartition("</think>")[2]


def _end(text: str, start: int) -> int | None:
    """Where the brace at `start` is closed; None where it is not, or where the nesting is absurd."""
    depth, quote = 0, ""
    for found in SIGNS.finditer(text, start):
        sign = found.group()
        if quote:
            quote = "" if sign == quote else quote
        elif sign == '"':
            quote = sign
        elif sign in "{[":
            depth += 1
            if depth > DEEPEST:
                return None
        elif sign in "}]":
            depth -= 1
            if depth == 0:
                return found.end()
    return None


def _parsed(text: str) -> dict[str, Any] | None:
    """The object, as JSON, as JSON with commas too many, or with typographic quotes as well."""
    mended = _without_spare_commas(text)
    for attempt in (text, mended, mended.translate(PLAIN_QUOTES)):
        try:
            found = json.loads(attempt, strict=False)  # not strict: line ends within strings
        except (ValueError, RecursionError):
            continue
        return found if isinstance(found, dict) else None
    return None


def _without_spare_commas(text: str) -> str:
    """Without the commas in front of a closing bracket; those within strings stay."""
    parts = STRINGS.split(text)
    parts[::2] = [re.sub(r",[\s,]*", _unless_spare, part) for part in parts[::2]]
    return "".join(parts)


def _unless_spare(commas: re.Match[str]) -> str:
    return "" if commas.string[commas.end() : commas.end() + 1] in ("}", "]") else commas.group()
