"""Towers: the two encoders of a CLIP, whatever computes them."""

from __future__ import annotations

from typing import Protocol

from core.colours import Array
from retrievers.sight import Sight
from retrievers.tokens import Vocabulary


class Towers(Protocol):
    """Pixels and tokens in, unit rows of one space out. Thread-safe."""

    vocabulary: Vocabulary
    sight: Sight
    dimension: int
    precision: str  # that it computes in: float32, bfloat16, float16
    runtime: str  # what computes, with its version
    device: str  # cpu, cuda, mps
    megabytes: int  # of memory that the weights of both take there
    batch: int  # pictures or texts that are best computed together
    lanes: int  # calls that are computed side by side; more of them wait

    def see(self, pixels: Array) -> Array:
        """float32 of shape (n, 3, height, width), as `sight` prepares them -> (n, dimension)."""
        ...

    def read(self, tokens: Array) -> Array:
        """int64 of shape (n, tokens), as `vocabulary` cuts them; never padded -> (n, dimension)."""
        ...
