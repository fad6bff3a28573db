"""Pen: chooses every next token of every row, so that each follows its form, is heard as it grows, and can be ended.

A form is a list of blanks. What stands before a blank is written for the model, token by token, when it has filled the
one before: to the model it is its own answer so far. So all rows stay in one run of `generate`, each with its own form
at its own place, and what was computed for a token is never computed again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import torch
from transformers import LogitsProcessor, StoppingCriteria

from generators.llava.model import Model
from generators.vision.description import DescribingStopped

ANCHOR = "a"  # before what is encoded or decoded alone: tokenizers treat the first word of a text otherwise
Heard = Callable[[int, str], None]  # a row's number, and its whole answer so far


@dataclass(frozen=True)
class Blank:
    """A place in an answer that the model fills."""

    tokens: int  # most that it takes
    lead: str = ""  # what is written before it; of the first blank, that is in the question
    line: bool = False  # it ends at the line break


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. The same seed draws the same for a row, whatever shares its batch."""

    temperature: float = 0.0  # 0: always the likeliest
    seed: int | None = None  # None: another one every time

    def generator(self) -> torch.Generator:
        generator = torch.Generator("cpu")
        if self.seed is None:
            generator.seed()
        else:
            generator.manual_seed(self.seed)
        return generator


class Tongue:
    """What the words between two tokens of an answer are, as a tokenizer has them."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._anchor: list[int] = tokenizer.encode(ANCHOR, add_special_tokens=False)
        self._before = len(self._decoded(self._anchor))

    def ids(self, text: str) -> list[int]:
        """The tokens of a text that others stand before."""
        whole: list[int] = self._tokenizer.encode(ANCHOR + text, add_special_tokens=False)
        if whole[: len(self._anchor)] == self._anchor:
            return whole[len(self._anchor) :]
        alone: list[int] = self._tokenizer.encode(text, add_special_tokens=False)
        return alone

    def text(self, ids: Sequence[int]) -> str:
        return self._decoded([*self._anchor, *ids])[self._before :]

    def _decoded(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


@dataclass
class Answer:
    """What is written of one row."""

    blanks: Sequence[Blank]
    tongue: Tongue
    prefix: str = ""
    asked: int = 0  # tokens of the question
    ids: list[int] = field(default_factory=list)  # of the answer
    fields: list[str] = field(default_factory=list)  # what fills the blanks, one after the other
    cut: list[bool] = field(default_factory=list)  # whether that ended because there was no more room
    failed: bool = False  # its numbers left the range of numbers
    _lead: deque[int] = field(default_factory=deque)
    _field: list[int] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.failed or len(self.fields) == len(self.blanks)

    @property
    def text(self) -> str:
        """The whole answer so far, with what it was begun with."""
        return (self.prefix + self.tongue.text(self.ids)).strip()

    def take(self, wanted: int, ends: frozenset[int]) -> int | None:
        """The token that follows where the model wants this one; None where the answer has ended before it."""
        if self._lead:
            self.ids.append(self._lead.popleft())
            return self.ids[-1]
        blank = self.blanks[len(self.fields)]
        ended = wanted in ends or (blank.line and "\n" in self.tongue.text([*self._field, wanted]))
        if not ended:
            self._field.append(wanted)
            self.ids.append(wanted)
            if len(self._field) < blank.tokens:
                return wanted
        self._end_field(wanted if ended and wanted not in ends else None, not ended)
        if not ended:
            return wanted
        return None if self.done else self.take(wanted, ends)

    def _end_field(self, last: int | None, cut: bool) -> None:
        ids = self._field if last is None else [*self._field, last]  # that may have a word before its line break
        text = self.tongue.text(ids)
        self.fields.append((text.partition("\n")[0] if last is not None else text).strip())
        self.cut.append(cut)
        self._field = []
        if not self.done:
            self._lead.extend(self.tongue.ids(self.blanks[len(self.fields)].lead))


class Pen(LogitsProcessor):
    """Raises `DescribingStopped` before the next token once `stop` is set, and whatever `tell` raises."""

    def __init__(
        self, model: Model, answers: Sequence[Answer], sampling: Sampling, stop: Event, tell: Heard | None
    ) -> None:
        self._model, self._answers, self._stop, self._tell = model, answers, stop, tell
        self._temperature = sampling.temperature
        self._generators = [sampling.generator() for _ in answers]
        self._told = ["" for _ in answers]
        self._barred: torch.Tensor | None = None
        self.raised: Exception | None = None  # by `tell`

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores that leave one token of each row. All arguments are transformers' own: (rows, tokens) and (rows,
        vocabulary)."""
        if self._stop.is_set():
            raise DescribingStopped
        best = self._best(scores)
        tokens = [self._next(row, answer, best[row]) for row, answer in enumerate(self._answers)]
        chosen = torch.tensor(tokens, device=scores.device)[:, None]
        return torch.full_like(scores, -torch.inf).scatter_(1, chosen, 0.0)

    def _next(self, row: int, answer: Answer, best: int) -> int:
        after = None if answer.done else answer.take(best, self._model.ends)
        if self._tell is not None:
            self._say(row, answer, self._tell)
        return self._model.pad if after is None else after

    def _say(self, row: int, answer: Answer, tell: Heard) -> None:
        text = answer.text if answer.done else answer.text.rstrip("\ufffd")  # half of a character, as yet
        if text != self._told[row]:
            self._told[row] = text
            try:
                tell(row, text)
            except Exception as error:
                self.raised = error
                raise

    def _best(self, scores: torch.Tensor) -> list[int]:
        """The token that the model wants in each row; rows without numbers fail."""
        if self._barred is None:
            self._barred = torch.zeros(scores.shape[1], dtype=torch.bool)
            self._barred[len(self._model.tokenizer) :] = True  # the network may have more, as padding
            self._barred[[token for token in self._model.barred if token < scores.shape[1]]] = True
            self._barred = self._barred.to(scores.device)
        scores = scores.masked_fill(self._barred, -torch.inf)
        if self._temperature:
            # The largest of log-probabilities with Gumbel noise is a draw from them (Gumbel 1954).
            waits = [torch.empty(scores.shape[1]).exponential_(generator=draws) for draws in self._generators]
            scores = scores / self._temperature - torch.stack(waits).log().to(scores.device)
        highest, best = scores.max(dim=1)
        for answer, finite in zip(self._answers, highest.isfinite().tolist(), strict=True):
            answer.failed = answer.failed or (not answer.done and not finite)
        return [int(token) for token in best.tolist()]


class AllWritten(StoppingCriteria):
    """Says which rows have ended."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = answers

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        return torch.tensor([answer.done for answer in self._answers], device=input_ids.device)
