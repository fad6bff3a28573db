"""Timing: work done again and again, and what its rounds took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Times:
    """Seconds of each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.rounds)

    def __str__(self) -> str:
        spread = f" ({min(self.rounds):.2f} to {max(self.rounds):.2f})" if len(self.rounds) > 1 else ""
        return f"{self.median:.2f} s{spread}"


def measured(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def taking_turns(*works: Callable[[], object], most: int = 5, within: float = 20.0) -> list[Times]:
    """What each work takes: all in turn, `most` times or until `within` seconds are gone. Warm them up before."""
    begun, rounds = time.perf_counter(), [[measured(work) for work in works]]
    while len(rounds) < most and time.perf_counter() - begun < within:
        rounds.append([measured(work) for work in works])
    return [Times(times) for times in zip(*rounds, strict=True)]
