"""Why a provider of chat models gave no answer, as one tree.

ProviderFailed
├── ProviderRefuses       whatever is asked: no key, no money, no such model
├── ProviderBusy          it asks for patience, and for more than it gets
├── ProviderSilent        it cannot be reached, or says nothing within PROVIDER_TIMEOUT_SECONDS
├── ProviderBroken        it fails itself, or what it answers is no answer
└── RequestImpossible     this request alone: too large, or not as the model takes it

Each names the provider and the model, keeps what the server said without any key, and says what to do.
"""

from __future__ import annotations

from typing import Any

from core.errors import AtelierError
from core.settings import redacted
from generators.writing import WritingStopped

MOST_TOLD = 300  # characters of what a server said


class ProviderFailed(AtelierError):
    """A provider gave no answer."""

    def __init__(self, name: str, what: str, told: str, remedy: str, **data: Any) -> None:
        provider, _, model = name.partition(":")
        told = shortened(told)
        message = f"{name} {what}" + (f" ({told})" if told else "")
        super().__init__(message, remedy, provider=provider, model=model, told=told, **data)


class ProviderRefuses(ProviderFailed):
    """It would refuse every request: another one need not be tried."""


class ProviderBusy(ProviderFailed):
    """It may answer later; `retry_after` in its data has the seconds, where the provider named them."""


class ProviderSilent(ProviderFailed):
    """Nothing came back. `reached` in its data: whether there was a connection."""


class ProviderBroken(ProviderFailed):
    """It answered with a failure of its own, or with what is no answer."""


class RequestImpossible(ProviderFailed):
    """It would refuse this request each time; `status` and `code` in its data are the provider's own."""


class AskingStopped(WritingStopped):
    """Nobody wants the answer any more."""


def shortened(told: str) -> str:
    """What a server said, on one line, without keys."""
    line = " ".join(redacted(told).split())
    return line if len(line) <= MOST_TOLD else line[: MOST_TOLD - 3] + "..."
