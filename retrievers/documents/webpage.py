"""Webpage: headings and paragraphs of HTML, without scripts, styles, menus and forms; pictures by their alternative
text."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from retrievers.documents.reading import Block, Reading, plain

_NOT_READ = "script style noscript template svg math nav footer form button select option iframe object canvas dialog"
_APART = (
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer h1"
    " h2 h3 h4 h5 h6 header hr html legend li main ol p pre section summary table tbody tfoot thead tr ul"
)
_EMPTY = "area base br col embed hr img input link meta source track wbr"
_SILENT, _BLOCKS, _VOID = frozenset(_NOT_READ.split()), frozenset(_APART.split()), frozenset(_EMPTY.split())
_CELLS = frozenset(("td", "th"))
WORDS = 3  # of an alternative text that says something


def read_webpage(text: str) -> Reading:
    page = _Page()
    page.feed(_closed(without_comments(text)))
    page.close()
    page.flush()
    return Reading("html", plain("".join(page.title))[:200], None, _whole(page.blocks))


def without_comments(text: str) -> str:
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join([*kept, text[at:]])


def _closed(text: str) -> str:
    """A page in which every `<` begins a tag that ends; the parser would look for the end of others again and again."""
    first, *parts = text.split("<")
    return first + "".join(f"<{part}" if ">" in part else f"&lt;{part}" for part in parts)


def _whole(blocks: list[Block]) -> Iterator[Block]:
    """The blocks without empty ones."""
    return (block for block in blocks if block.text)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title: list[str] = []
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._level = 0
        self._silent: list[str] = []  # elements that are open and not read
        self._titled = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in _VOID:
            if tag == "img" and not self._silent and len((told.get("alt") or "").split()) >= WORDS:
                self._text.append(f" {told['alt']} ")
            elif tag in ("br", "hr") and not self._silent:
                self._text.append(" ")
            return
        if self._silent or tag in _SILENT or "hidden" in told or told.get("aria-hidden") == "true":
            if tag not in ("body", "html"):
                self._silent.append(tag)
            return
        if tag == "title" and not self.title:
            self._titled = True
        elif tag in _BLOCKS:
            self.flush()
            self._level = int(tag[1]) if len(tag) == 2 and tag[1].isdigit() else 0
        elif tag in _CELLS and "".join(self._text).strip():
            self._text.append(", ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif self._silent:
            return
        elif tag == "title":
            self._titled = False
        elif tag in _BLOCKS:
            self.flush()

    def handle_data(self, data: str) -> None:
        if self._titled:
            self.title.append(data)
        elif not self._silent:
            self._text.append(data)

    def flush(self) -> None:
        """What was read since the last block, as one."""
        self.blocks.append(Block(plain("".join(self._text)).replace(" ,", ","), self._level))
        self._text, self._level = [], 0
