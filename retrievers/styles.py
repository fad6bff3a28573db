"""Styles: find the style that a prompt means, in a library that keeps up with its folders."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock

from core import images
from core.errors import AtelierError, BadValue, NoStyles, StoreError, StyleExists, StyleProtected, UnknownStyle
from core.settings import check_text
from retrievers.base import Hit, Index, Metadata, PictureEmbeddings, Vector
from retrievers.shelf import Shelf, State, Style, put, read_shelf, signature, style_id, take_away

BLEND_WIDTH = 0.05  # of score; a style that much behind the best gets 1/e of its weight


@dataclass(frozen=True)
class FoundStyle:
    """A style with its score for a prompt; `score` is a cosine similarity, None where no prompt was given."""

    style: Style
    score: float | None
    weight: float = 1.0  # its share where several are blended

    @property
    def id(self) -> str:
        return self.style.id

    @property
    def name(self) -> str:
        return self.style.name


@dataclass(frozen=True)
class Found:
    """What was found for a prompt."""

    chosen: tuple[FoundStyle, ...]  # weights sum to 1
    runners_up: tuple[FoundStyle, ...]
    margin: float | None  # score of the best before that of the first runner-up; None where styles were named
    retrieved: bool  # False: the caller named the styles
    weak: float = 0.25  # score below which no style is close to the prompt; the embedding model's own

    @property
    def best(self) -> FoundStyle:
        return self.chosen[0]


class StyleLibrary:
    """The shipped styles and those that users add, searchable. Thread-safe; follows its folders at every call."""

    def __init__(
        self,
        shipped: Path,
        added: Path,
        embeddings: PictureEmbeddings,
        index: Index,
        max_pixels: int = images.MAX_PIXELS,
        max_prompt_chars: int = 10_000,
        own: Callable[[], object] | None = None,  # called before the folder is written to; raises where it may not be
    ) -> None:
        self._shipped, self._added = shipped, added
        self.embeddings, self.index = embeddings, index
        self._max_pixels, self._max_prompt_chars = max_pixels, max_prompt_chars
        self._own = own
        self._lock = RLock()  # a search never sees half of a change
        self._signature: tuple[State, ...] | None = None
        self._shelf = Shelf({}, {})

    def shelf(self) -> Shelf:
        """The styles as the folders have them now; new and changed ones are embedded, gone ones forgotten."""
        with self._lock:
            now = signature(self._shipped, self._added)
            if now != self._signature:
                self._shelf = self._bring_up_to_date(
                    read_shelf(self._shipped, self._added, max(self._max_pixels, images.MAX_PIXELS))
                )
                self._signature = now
            return self._shelf

    def all(self) -> list[Style]:
        return list(self.shelf().styles.values())

    def get(self, style_id: str) -> Style:
        """The style of that id; raises `UnknownStyle`, or why a style of that id cannot be used."""
        shelf = self.shelf()
        if style_id in shelf.problems:
            raise shelf.problems[style_id]
        if style_id not in shelf.styles:
            raise UnknownStyle(style_id, shelf.styles)
        return shelf.styles[style_id]

    def search(self, prompt: str) -> list[FoundStyle]:
        """All styles with their scores for a prompt, best first; raises `NoStyles` where there are none."""
        if not prompt.strip():
            raise BadValue("prompt", prompt, "words that say what the picture shall look like, where no style is named")
        check_text("prompt", prompt, self._max_prompt_chars)
        vector = self.embeddings.embed_query(prompt)
        with self._lock:
            styles, scores = self._score(vector)
            if not styles.keys() <= scores.keys():  # its rows were lost, as by a server that came back empty
                self._signature = None
                styles, scores = self._score(vector)
        found = [FoundStyle(style, scores[style.id]) for style in styles.values()]
        return sorted(found, key=lambda style: (-(style.score or 0.0), style.id))

    def find_style(self, prompt: str, top_k: int = 1) -> Found:
        """The best `top_k` styles for a prompt, weighted by score, and the runners-up."""
        if not 1 <= top_k <= 4:
            raise BadValue("top_k", top_k, "a whole number from 1 to 4")
        ranked = self.search(prompt)
        chosen, rest = ranked[:top_k], ranked[top_k:]
        best = chosen[0].score or 0.0
        shares = [math.exp(((style.score or 0.0) - best) / BLEND_WIDTH) for style in chosen]
        weighted = tuple(replace(s, weight=share / sum(shares)) for s, share in zip(chosen, shares, strict=True))
        margin = best - (rest[0].score or 0.0) if rest else None
        return Found(weighted, tuple(rest), margin, retrieved=True, weak=self.embeddings.weak)

    def choose(self, named: str, prompt: str = "") -> Found:
        """The styles that a caller names as `id` or `id:weight`, separated by commas, scored for the prompt."""
        wanted = parse_choice(named)
        styles = [self.get(style_id) for style_id, _ in wanted]
        try:
            scores = {found.id: found.score for found in self.search(prompt)} if prompt.strip() else {}
        except StoreError:  # what is named needs no search
            scores = {}
        whole = sum(weight for _, weight in wanted)
        chosen = tuple(
            FoundStyle(style, scores.get(style.id), weight / whole)
            for style, (_, weight) in zip(styles, wanted, strict=True)
        )
        return Found(chosen, (), None, retrieved=False)

    def add(self, data: bytes, name: str, words: str, licence: str = "unknown") -> Style:
        """Keep a picture as a style; it is searchable when this returns.

        Raises `StyleExists`, `BadInput`, and `StoreBusy` where another process owns the folder.
        """
        with self._lock:
            self._claim()
            shelf, wanted = self.shelf(), style_id(name.strip())
            if wanted in shelf.styles or wanted in shelf.problems:
                raise StyleExists(wanted)
            put(self._added, data, name, words, licence, self._max_pixels)
            return self.get(wanted)

    def remove(self, style_id: str) -> None:
        """Take an added style away. Raises `UnknownStyle`, `StyleProtected` for a shipped one, and `StoreBusy`."""
        with self._lock:
            self._claim()
            problem = self.shelf().problems.get(style_id)
            if problem is None:
                style = self.get(style_id)
            else:  # what cannot be used can still be removed
                path = Path(str(problem.data.get("path", "")))
                style = Style(style_id, style_id, "", path, shipped=path.parent != self._added)
            if style.shipped:
                raise StyleProtected(style_id, str(self._shipped))
            take_away(style)
            self.shelf()

    def _claim(self) -> None:
        if self._own is not None:
            self._own()

    def _score(self, vector: Vector) -> tuple[Mapping[str, Style], dict[str, float]]:
        styles = self.shelf().styles
        if not styles:
            raise NoStyles([str(self._shipped), str(self._added)])
        return styles, _scores(self.index.query(vector, k=1_000_000), self.embeddings.best_rows)

    def _bring_up_to_date(self, shelf: Shelf) -> Shelf:
        """Make the index hold exactly the rows of the shelf, embedding only what is new; -> what can be found."""
        wanted = {style.id: _fingerprint(style) for style in shelf.styles.values()}
        present: dict[str, list[tuple[str, Metadata]]] = defaultdict(list)
        for row, metadata in self.index.rows().items():
            present[str(metadata["style"])].append((row, metadata))
        whole = {
            style
            for style, rows in present.items()
            if all(m["fingerprint"] == wanted.get(style) and m["rows"] == len(rows) for _, m in rows)
        }
        self.index.delete([row for style, rows in present.items() if style not in whole for row, _ in rows])
        problems = dict(shelf.problems)
        for missing in wanted.keys() - whole:
            try:
                self._embed(shelf.styles[missing], wanted[missing])
            except AtelierError as error:  # its picture went away while we looked
                problems[missing] = error
        return Shelf({id_: style for id_, style in shelf.styles.items() if id_ not in problems}, problems)

    def _embed(self, style: Style, fingerprint: str) -> None:
        picture = images.read(style.path, None, wanted=512)
        vectors = self.embeddings.embed_entry(picture, style.name, style.words)
        row: Metadata = {"style": style.id, "fingerprint": fingerprint, "rows": len(vectors)}
        ids = [f"{style.id}#{number}" for number in range(len(vectors))]
        self.index.upsert(ids, vectors, [style.name] * len(vectors), [row] * len(vectors))


def parse_choice(named: str) -> list[tuple[str, float]]:
    """`cyberpunk:0.7, ukiyo-e:0.3` -> its ids with their weights."""
    wanted = []
    for part in named.split(","):
        style_id, _, weight = part.strip().partition(":")
        try:
            number = float(weight) if weight else 1.0
        except ValueError:
            number = math.nan
        if not style_id or not 0 < number <= 100:
            raise BadValue("style", part, "an id, or several as id:weight with weights above 0, at most 100")
        wanted.append((style_id, number))
    if len(wanted) > 4 or len({style_id for style_id, _ in wanted}) < len(wanted):
        raise BadValue("style", named, "at most 4 styles, each once")
    return wanted


def _scores(hits: Sequence[Hit], best_rows: Sequence[float]) -> dict[str, float]:
    """A style's score: the weighted mean of its best rows; a missing row counts as the style's last."""
    rows: dict[str, list[float]] = defaultdict(list)
    for hit in hits:  # best first
        rows[str(hit.metadata["style"])].append(hit.score)
    return {
        style: sum(weight * scores[min(i, len(scores) - 1)] for i, weight in enumerate(best_rows))
        for style, scores in rows.items()
    }


def _fingerprint(style: Style) -> str:
    told = "\0".join((style.digest, style.name, style.words))
    return hashlib.sha256(told.encode()).hexdigest()[:24]
