"""Refusals: what is said to those who ask too much, too often, too slowly, or are gone.

AtelierError
├── BadInput
│   └── BodyTooSlow   fewer bytes a second than are waited for
├── Refused
│   └── TooOften      more than one address, or one key, may
├── Busy              as many wait for their turn as may
└── ClientLeft        nobody is there any more who could be answered
"""

from __future__ import annotations

from core.errors import AtelierError, BadInput, Refused


class BodyTooSlow(BadInput):
    def __init__(self, received: int, seconds: float, slowest: int) -> None:
        super().__init__(
            f"{received:,} bytes of the request body came in {seconds:.0f} s, and not the whole",
            f"send less, or on a better line: {slowest:,} bytes a second are waited for",
            received=received,
        )


class TooOften(Refused):
    """More than one address, or one key, may."""

    def __init__(self, what: str, limit: str, retry_after: int) -> None:
        super().__init__(
            f"{what}; the limit is {limit}",
            f"ask again in {retry_after} s, and less often",
            limit=limit,
            retry_after=retry_after,
        )


class Busy(AtelierError):
    """As many wait for their turn as may."""

    def __init__(self, what: str, waiting: int) -> None:
        super().__init__(
            f"{waiting:,} {what} wait for their turn already",
            "ask again in a second, and for one at a time",
            waiting=waiting,
            retry_after=1,
        )


class ClientLeft(AtelierError):
    """Nobody is there any more who could be answered."""

    def __init__(self) -> None:
        super().__init__("the client left before its turn came")
