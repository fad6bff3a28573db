"""Storyteller: stories without a model, about what was measured of a picture and what others said of it.

    sight ── view ──┐
    known ── things ┼── telling ── beginning, turn, end
    memories ───────┘

The same order gives the same story. What it says of the picture was measured; the people and what happens are its own.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from threading import Event

from generators.stories.spelling import as_title, polished, sentences_of
from generators.stories.story import Story, StoryOrder, Tell
from generators.stories.telling import SHORT, Telling, prepare
from generators.vision.sight import see
from generators.writing import WritingStopped

INTERLUDES = (  # that a story is made longer with, and where
    *(("beginning", "hues"), ("beginning", "light"), ("beginning", "lines"), ("end", "sense"), ("middle", "light")),
    *(("middle", "hues"), ("middle", "sense"), ("end", "light"), ("beginning", "light"), ("middle", "lines")),
    *(("end", "sense"), ("middle", "sense"), ("end", "lines")),
)
DRAFTS, NEAR = 6, 0.2  # and the difference from the length that was asked for with which one is taken
SENTENCE = 13  # words of an interlude, about


class Storyteller:
    """The writer that is always there. Thread-safe; keeps nothing."""

    engine = "storyteller 1.0"
    sees = True

    def write(self, order: StoryOrder, tell: Tell | None, stop: Event) -> Story:
        """As `Writer` has it; `tell` hears the story grow by sentences."""
        if stop.is_set():
            raise WritingStopped
        telling, paragraphs = self._drafted(order)
        told = ""
        for paragraph in paragraphs:
            told += "\n\n" if told else ""
            for number, sentence in enumerate(sentences_of(paragraph)):
                if stop.is_set():
                    raise WritingStopped
                told += f" {sentence}" if number else sentence
                if tell is not None:
                    tell(told)
        notes = (*telling.notes, *_on_length(told, order.words))
        title = as_title(telling.grammar.expand("title"))
        return Story(title, told, self.engine, tuple(one.id for one in telling.recalled), notes=notes)

    def _drafted(self, order: StoryOrder) -> tuple[Telling, list[str]]:
        """The first of a few drafts that is about as long as was asked for, else the one that is nearest to it."""
        sight, drafts, plot = see(order.picture), [], ""
        for number in range(DRAFTS):
            draws = random.Random(zlib.crc32(repr((order.seed, order.known, order.wish, number)).encode()))
            telling = prepare(order, sight, draws, plot)
            plot = plot or telling.plot  # a longer one is not told less often
            paragraphs = list(self._paragraphs(order, telling))
            away = abs(sum(len(paragraph.split()) for paragraph in paragraphs) / max(1, order.words) - 1)
            drafts.append((away, number, telling, paragraphs))
            if away < NEAR:
                break
        _, _, telling, paragraphs = min(drafts, key=lambda draft: draft[:2])
        return telling, paragraphs

    def _paragraphs(self, order: StoryOrder, telling: Telling) -> Iterator[str]:
        grammar, plot = telling.grammar, telling.plot
        parts = {
            "beginning": [
                grammar.expand(name) for name in ("opening", "enter", "ground", "also", "hues") if name in telling.told
            ],
            "middle": [grammar.expand(name) for name in ("hero", f"{plot}.need", f"{plot}.turn")],
            "end": [grammar.expand(f"{plot}.close")],
        }
        if order.words >= SHORT:
            parts["beginning"].insert(1, telling.place.sentence)
            parts["middle"].insert(1, grammar.expand("colours"))
        parts["beginning"] += telling.lines
        ending = grammar.expand("ending")
        left = order.words - sum(len(text.split()) for texts in (*parts.values(), [ending]) for text in texts)
        for at, name in INTERLUDES:
            if left < SENTENCE / 2:
                break
            if grammar.has(name):
                before = at == "middle" and name != "sense"
                parts[at].insert(2 if before else len(parts[at]), grammar.expand(name))
                left -= SENTENCE
        parts["end"].append(ending)
        yield from (polished(" ".join(filter(None, texts))) for texts in parts.values())


def _on_length(text: str, words: int) -> Iterator[str]:
    """What there is to say where a story is much longer or shorter than was asked for."""
    written = len(text.split())
    if not 0.7 * words <= written <= 1.4 * words:
        yield f"{words} words were asked for; the storyteller has {written} to tell of this picture"
