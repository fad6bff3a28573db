"""Answer: from what a model wrote to a story's title and text, or to the reason why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generators.stories.recollection import recollect
from generators.stories.spelling import as_title
from generators.stories.story import Remembered
from generators.vision.answer import APOLOGY
from generators.vision.tidying import tidied
from generators.writing import WritingFailed

LONGEST = 40_000  # characters of a story
LONGEST_TITLE = 80
SHORT = 500  # characters of an answer that may be nothing but a refusal
FEWEST = 12  # words of a story
_CHATTER = re.compile(
    r"^(?:sure|certainly|of course|absolutely|okay|ok|here(?:'s| is| are)|i(?:'d| would) be (?:happy|glad)|gladly)"
    r"\b[^\n]{0,200}?[:!.]\s*(?=\n|$)",
    re.I,
)
_FAREWELL = re.compile(
    r"^(?:\W*the end\W*|(?:i hope|let me know|feel free|would you like|if you(?:'d| would) like|please let)\b.*"
    r"|\W*word count\b.*)$",
    re.I | re.S,
)
_TITLE = re.compile(r"^\W{0,4}(?:title|story title)\W{0,4}:[\s*_“\"]*(.+)$", re.I)
_HEADING = re.compile(r"^#{1,6}\s+(.+)$")
_BOLD = re.compile(r"^(?:\*\*|__)(.+?)(?:\*\*|__)$")
_ENDS = re.compile(r".*[.!?…][\"”’')*_]*(?=\s|$)", re.S)
_RULE = re.compile(r"^[-*_=~\s]{3,}$")


class StoryRefused(WritingFailed):
    """The model, or its provider's filter, does not want to write about this."""

    def __init__(self, reason: str) -> None:
        shown = tidied(reason)[:200]
        super().__init__(
            f"the model refuses: {shown}", "change the wish, or let another model write it (LANGUAGE_MODEL)"
        )


class StoryEmpty(WritingFailed):
    """What came back is no story."""

    def __init__(self, said: str) -> None:
        shown = tidied(said)[:200]
        reason = f"the model wrote no story: {shown!r}" if shown else "the model wrote nothing"
        super().__init__(reason, "try again, or let another model write it (LANGUAGE_MODEL)")


@dataclass(frozen=True)
class Written:
    title: str
    text: str
    notes: tuple[str, ...] = ()


def read_story(said: str, refusal: str | None = None, cut_short: bool = False) -> Written:
    """The story in an answer. Raises `StoryRefused` and `StoryEmpty`, and nothing else, whatever the answer."""
    if refusal:
        raise StoryRefused(refusal)
    whole = said.rpartition("</think>")[2]
    if len(whole) < SHORT and APOLOGY.search(whole[:200].replace("’", "'")):
        raise StoryRefused(whole)
    title, body = _parted(_lines(whole))
    paragraphs = [text for text in (_plain(part) for part in re.split(r"\n\s*\n", body)) if text]
    while paragraphs and _FAREWELL.match(paragraphs[-1]):
        paragraphs.pop()
    text, notes = "\n\n".join(paragraphs), []
    if len(text) > LONGEST:
        text, cut_short = text[:LONGEST], True
    if cut_short:
        ended = _ENDS.match(text)
        if ended and len(ended[0]) < len(text):
            text = ended[0]
            notes.append("it was cut off, and ends with its last whole sentence")
    if len(text.split()) < FEWEST and sum(letter > "\u2fff" for letter in text) < 3 * FEWEST:  # scripts without spaces
        raise StoryEmpty(said)
    return Written(title or title_of(text), text.rstrip(), tuple(notes))


def heard(said: str) -> str:
    """What of an answer that still grows belongs to the story's text: nothing as long as that is not clear."""
    head, _, rest = said.rpartition("</think>")[2].lstrip().partition("\n")
    if not rest.strip():
        return "" if len(head) < 2 * LONGEST_TITLE else head
    _, body = _parted(_lines(said.rpartition("</think>")[2]))
    return "\n\n".join(text for text in (_plain(part) for part in re.split(r"\n\s*\n", body)) if text)


def title_of(text: str) -> str:
    """A title for a story that has none: whom it is about, else how it begins."""
    known = recollect(Remembered("", "", text))
    if known.person:
        return f"The Story of {known.person}"
    words = re.split(r"[,.;:!?…]", text.strip())[0].split()
    return as_title(" ".join(words[:7]))[:LONGEST_TITLE]


def used_in(text: str, memories: tuple[Remembered, ...]) -> tuple[str, ...]:
    """The ids of the earlier stories of which a name has come back."""
    known = ((memory.id, recollect(memory)) for memory in memories)
    names = ((identity, (one.person, one.place)) for identity, one in known)
    return tuple(
        key for key, told in names if any(name and re.search(rf"\b{re.escape(name)}\b", text) for name in told)
    )


def _lines(text: str) -> list[str]:
    """Its lines without fences, rules and what is said before a story."""
    kept = [line.rstrip() for line in text.strip().splitlines() if not line.strip().startswith("```")]
    kept = [line for line in kept if not line.strip() or not _RULE.match(line)]
    while kept and (not kept[0].strip() or _CHATTER.match(kept[0].strip())):
        kept.pop(0)
    return kept


def _parted(lines: list[str]) -> tuple[str, str]:
    """The title, and the lines behind it; empty where the first line is none."""
    if not lines:
        return "", ""
    first = lines[0].strip()
    for pattern in (_TITLE, _HEADING, _BOLD):
        found = pattern.match(first)
        if found:
            inner = _TITLE.match(found[1])
            return _as_title(inner[1] if inner else found[1]), "\n".join(lines[1:])
    alone = len(lines) > 1 and not lines[1].strip() and len(first) <= LONGEST_TITLE
    if alone and first[-1:] not in (".", "!", "?", ",", ";", ":", "…", "”") and len(first.split()) <= 10:
        return _as_title(first), "\n".join(lines[1:])
    return "", "\n".join(lines)


def _as_title(text: str) -> str:
    return _plain(text).strip(" \"“”'*_#.")[:LONGEST_TITLE].strip()


def _plain(paragraph: str) -> str:
    """A paragraph without headings, emphasis and tags."""
    lines = (re.sub(r"^#{1,6}\s+", "", line.strip()) for line in paragraph.splitlines())
    return tidied(re.sub(r"(\*\*|__|(?<!\w)[*_](?=\w)|(?<=[\w.,!?])[*_](?!\w))", "", " ".join(lines)))
