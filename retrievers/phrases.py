"""Phrases: what is said of a picture, cut into the things that somebody may look for."""

from __future__ import annotations

import re

MOST_PHRASES = 32  # of one entry; the vector of the whole text has the rest
LEAST_WORDS = 4  # of a phrase; a single word is found by everything that shares it


def sayings(name: str, words: str) -> list[str]:
    """What an entry shall be found by: its name, everything together, and each phrase; no text twice.

    A text model blurs a long text into its average; a phrase of its own is found by those who mean just that.
    """
    return list(dict.fromkeys([name, f"{name}. {words}", *phrases(words)[:MOST_PHRASES]]))


def phrases(words: str) -> list[str]:
    """Words cut at their punctuation into phrases of at least LEAST_WORDS words; what is shorter joins the next."""
    found: list[str] = []
    waiting = ""
    for part in filter(None, (part.strip() for part in re.split(r"[.,:;!?\n]+", words))):
        waiting = f"{waiting}, {part}" if waiting else part
        if len(waiting.split()) >= LEAST_WORDS:
            found.append(waiting)
            waiting = ""
    return [*found, waiting] if waiting else found
