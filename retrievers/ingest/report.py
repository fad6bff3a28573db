"""Report: what became of each file of an ingest, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from retrievers.ledger import shown

Outcome = Literal["new", "changed", "renamed", "unchanged", "gone", "failed", "kept"]
OUTCOMES: tuple[Outcome, ...] = ("new", "changed", "renamed", "unchanged", "gone", "failed")
Tell = Callable[[int, int, str], object]  # files done, files in all, the last one; what it raises ends the ingest


@dataclass(frozen=True)
class Result:
    """What became of one file."""

    path: str  # as it may be shown; of an upload, the name it came with
    outcome: Outcome
    id: str | None = None
    error: Mapping[str, Any] | None = None  # as errors' `as_dict` gives it

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {"path": self.path, "id": self.id, "outcome": self.outcome}
        return told if self.error is None else {**told, "error": dict(self.error)}


@dataclass
class Report:
    """Counts of all files; results of each but the unchanged ones of a folder, which may be very many."""

    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    results: list[Result] = field(default_factory=list)

    def add(self, path: bytes, outcome: Outcome, id: str | None = None, error: Mapping[str, Any] | None = None) -> None:
        """`kept`: what could not be looked at, and stays as it is; it counts as failed."""
        self.counts["failed" if outcome == "kept" else outcome] += 1
        self.results.append(Result(shown(path), outcome, id, error))

    def __getattr__(self, name: str) -> int:
        if name in OUTCOMES:
            return self.counts[name]
        raise AttributeError(name)

    @property
    def failures(self) -> list[Result]:
        return [result for result in self.results if result.error is not None]

    def as_dict(self) -> dict[str, Any]:
        counts: dict[str, int] = {outcome: self.counts[outcome] for outcome in OUTCOMES}
        return {**counts, "seconds": round(self.seconds, 3), "results": [one.as_dict() for one in self.results]}
