"""Markdown: headings and paragraphs of CommonMark with front matter, without the marks; pictures by what they are said
to show."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from retrievers.documents.reading import Block, Reading, plain
from retrievers.documents.webpage import without_comments

LONGEST = 500  # letters of a line that may be a heading, a rule, or the line below the head of a table
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+)$", re.M | re.I)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTE = re.compile(r"\s{0,3}(?:>[ \t]?)+")
_DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:\s*\S+")
_CELLS = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$")  # the line below the head of a table

# a part is never longer than these, so that none is looked for through a whole book
_IN = r"[^\[\]]"
_TARGET = r"\((?:[^()\s]|\([^()\s]{0,200}\)){0,1000}(?:\s+\"[^\"]{0,400}\")?\s?\)"
_INLINE = (
    (re.compile(rf"!\[({_IN}*)\]{_TARGET}"), r"\1"),
    (re.compile(rf"\[\^{_IN}+\]"), ""),  # notes
    (re.compile(rf"\[({_IN}*)\]{_TARGET}"), r"\1"),
    (re.compile(rf"!?\[({_IN}+)\]\[{_IN}*\]"), r"\1"),
    (re.compile(r"<(https?://[^<>\s]+)>"), r"\1"),
    (re.compile(r"</?[a-zA-Z][^<>]{0,400}>"), ""),
    (re.compile(r"(?<!`)(`{1,4})(?!`)(.{1,400}?)\1"), r"\2"),
    (re.compile(r"(\*\*|__|~~)(?=\S)(.{1,400}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])(.{1,400}?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=[^\s_])(.{1,400}?)(?<=[^\s_])_(?![\w_])"), r"\1"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


def read_markdown(text: str) -> Reading:
    """Of a text with plain line ends."""
    front = _FRONT.match(text)
    named = _TITLE.search(front[1] or "") if front else None
    body = text[front.end() :] if front else text
    title = plain(named[1].strip().strip("\"'")) if named else ""
    return Reading("markdown", title, None, _blocks(without_comments(body).split("\n")))


def _blocks(lines: list[str]) -> Iterator[Block]:
    waiting: list[str] = []
    fence = ""

    def flush() -> Iterator[Block]:
        if not waiting:
            return
        text = _bare(" ".join(waiting))
        waiting.clear()
        if text:
            yield Block(text)

    for number, line in enumerate(lines):
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
                yield from flush()
            else:
                waiting.append(line)
            continue
        opened = _FENCE.match(line)
        bare = _QUOTE.sub("", line, count=1)
        short = len(line) <= LONGEST
        heading = _ATX.match(bare.rstrip()) if short else None
        if opened:
            yield from flush()
            fence = opened[1]
        elif not bare.strip() or _DEFINITION.match(line):
            yield from flush()
        elif heading:
            yield from flush()
            if text := _bare(heading[2] or ""):
                yield Block(text, len(heading[1]))
        elif waiting and _UNDERLINE.match(line) and len(waiting) <= 2:
            level = 1 if "=" in line else 2
            text = _bare(" ".join(waiting))
            waiting.clear()
            yield Block(text, level) if len(text) <= 160 else Block(text)
        elif short and (_RULE.match(line) or _CELLS.match(line)):
            yield from flush()
        elif _is_row(line, lines, number):
            yield from flush()
            cells = [cell for cell in map(_bare, re.split(r"(?<!\\)\|", line)) if cell]
            if cells:
                yield Block(", ".join(cells))
        else:
            if _ITEM.match(bare):
                yield from flush()
                bare = _ITEM.sub("", bare, count=1)
            waiting.append(bare.strip())
    yield from flush()


def _is_row(line: str, lines: list[str], number: int) -> bool:
    """Whether a line is one of a table: it has cells, and so has the one above or below."""
    if line.count("|") < 1 or not line.strip().strip("|"):
        return False
    beside = [lines[at] for at in (number - 1, number + 1) if 0 <= at < len(lines)]
    return line.lstrip().startswith("|") or any(len(one) <= LONGEST and _CELLS.match(one) for one in beside)


def _bare(text: str) -> str:
    """A text without marks, with its entities as characters."""
    for pattern, kept in _INLINE:
        text = pattern.sub(kept, text)
    return plain(html.unescape(text))
