"""Tokens: the texts of a CLIP, in windows that its text tower can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer


@dataclass(frozen=True)
class Vocabulary:
    """Thread-safe: a tokenizer is, once nothing about it changes."""

    words: Tokenizer  # neither pads nor cuts
    start: int  # the mark that begins every text
    end: int  # and the one that ends it, at which the tower looks
    window: int  # tokens that are read at once, without the marks

    def windows(self, text: str) -> list[list[int]]:
        """The tokens of a text between marks, in as many windows as it needs; no word of it is taken for a mark."""
        body = [
            one for one in self.words.encode(text, add_special_tokens=False).ids if one not in (self.start, self.end)
        ]
        parts = [body[i : i + self.window] for i in range(0, len(body), self.window)] or [[]]
        return [[self.start, *part, self.end] for part in parts]

    def as_dict(self) -> dict[str, Any]:
        return {"words": self.words.to_str(), "start": self.start, "end": self.end, "window": self.window}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Vocabulary:
        return cls(Tokenizer.from_str(told["words"]), int(told["start"]), int(told["end"]), int(told["window"]))
