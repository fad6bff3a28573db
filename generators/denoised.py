"""Denoised: how much this process has denoised, and how full its batches were; plain numbers that anybody may read."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True)
class Denoised:
    steps: int = 0  # of one picture each
    passes: int = 0  # through the networks
    branches: int = 0  # in those passes; a picture with guidance has two
    room: int = 0  # branches that those passes might have had
    seconds: float = 0.0  # of the denoising thread at work

    def __add__(self, other: Denoised) -> Denoised:
        return Denoised(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


class Account:
    """Thread-safe."""

    def __init__(self) -> None:
        self._total = Denoised()
        self._lock = Lock()

    def add(self, done: Denoised) -> None:
        with self._lock:
            self._total += done

    def total(self) -> Denoised:
        with self._lock:
            return self._total


DENOISED = Account()
