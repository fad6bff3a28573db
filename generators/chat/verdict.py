"""Verdict: what an error of a provider's package means, whichever package it is.

The errors of openai, groq, anthropic, google-genai, ollama and httpx have no base in common and their packages need
not be installed: they are known by what they carry, and by the names of their classes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from generators.chat.errors import (
    ProviderBroken,
    ProviderBusy,
    ProviderFailed,
    ProviderRefuses,
    ProviderSilent,
    RequestImpossible,
)

BUSY = (429, 503, 529)
REFUSING = (401, 402, 403, 404, 410)
PASSING = (408, 409, 425)  # of the request's own making, as it seems, and yet gone the next time
NO_MONEY = re.compile(r"insufficient_quota|credit balance is too low|insufficient balance", re.IGNORECASE)
BAD_KEY = re.compile(r"api[ _]key (not valid|not found|expired|is invalid)|invalid api[ _]key", re.IGNORECASE)
NO_MEMORY = re.compile(r"requires more (system )?memory", re.IGNORECASE)  # Ollama, of a model it cannot load
GOOGLES_DELAY = re.compile(r"retryDelay['\"]?:\s*['\"]?(\d+(?:\.\d+)?)s")  # in the body, in place of a header
UNREACHED = ("ConnectError", "ConnectTimeout", "ConnectionRefusedError", "gaierror")
CLOSED = ("ConnectionError", "APIConnectionError", "TransportError", "NetworkError", "ProtocolError", "OSError")


@dataclass(frozen=True)
class Verdict:
    """Which failure it is, and whether another attempt may help: after `seconds`, where the provider names them."""

    kind: type[ProviderFailed]
    what: str
    told: str
    remedy: str
    seconds: float | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passing(self) -> bool:
        return self.kind in (ProviderBusy, ProviderSilent, ProviderBroken)

    def failure(self, name: str, attempts: int) -> ProviderFailed:
        """The error to raise after so many attempts."""
        often = f"{self.what}, {attempts} times" if attempts > 1 else self.what
        return self.kind(name, often, self.told, self.remedy, attempts=attempts, **self.data)


def judge(error: BaseException, name: str, key: str, timeout: float) -> Verdict:
    """The verdict on an error that a model of that name has raised; `key` is the name of its key."""
    chain = list(_chain(error))
    status, told = _status(chain), _told(chain)
    if status is None:
        return _without_status(chain, timeout)
    everything = f"{_code(chain)} {' '.join(map(str, chain))}"
    data: dict[str, Any] = {"status": status, "code": _code(chain)}
    if status == 402 or NO_MONEY.search(everything):
        return Verdict(ProviderRefuses, "wants to be paid", told, f"pay it, or change {key} or the model", data=data)
    if status in REFUSING or BAD_KEY.search(everything) or NO_MEMORY.search(everything):
        return _refusing(status, told, name, key, data)
    if status in BUSY:
        seconds = _seconds(chain)
        data = data if seconds is None else {**data, "retry_after": round(seconds)}
        return Verdict(ProviderBusy, "is busy", told, _LATER, seconds, data)
    if status >= 500 or status in PASSING:
        return Verdict(ProviderBroken, f"fails (HTTP {status})", told, _ANOTHER, data=data)
    if status >= 400:
        return Verdict(RequestImpossible, f"does not take this request (HTTP {status})", told, _OTHER_MODEL, data=data)
    return Verdict(ProviderBroken, f"gives no answer (HTTP {status})", told, _ADDRESS, data=data)


_LATER = "ask again later, lower PROVIDER_REQUESTS, or raise PROVIDER_ATTEMPTS"
_ANOTHER = "ask again later; if it stays so, ask the provider or name another model"
_OTHER_MODEL = "name a model that takes it"
_ADDRESS = "check the provider's address in the environment and in .env"


def _refusing(status: int, told: str, name: str, key: str, data: dict[str, Any]) -> Verdict:
    provider, _, model = name.partition(":")
    if status == 401 or BAD_KEY.search(told):
        remedy = f"set {key} in the environment or in .env to a key that it knows"
        return Verdict(ProviderRefuses, "does not know the key", told, remedy, data=data)
    if status == 403:
        return Verdict(ProviderRefuses, "forbids it", told, f"change {key} or the model", data=data)
    if status in (404, 410):
        pull = f"ollama pull {model}" if provider == "ollama" else "check the model's name, and the provider's address"
        return Verdict(ProviderRefuses, "is not there", told, pull, data=data)
    return Verdict(ProviderRefuses, "cannot be run there", told, "name a smaller model", data=data)


def _without_status(chain: list[BaseException], timeout: float) -> Verdict:
    names = {kind.__name__ for error in chain for kind in type(error).__mro__}
    root = f"{type(chain[-1]).__name__}: {chain[-1]}".removesuffix(": ")
    where = _where(chain)
    if names.intersection(UNREACHED):
        remedy = f"start it, or correct its address in the environment or in .env{where and f'; it was {where}'}"
        return Verdict(ProviderSilent, "cannot be reached", root, remedy, data={"reached": False})
    if any("Timeout" in name for name in names):
        remedy = "ask again later, or raise PROVIDER_TIMEOUT_SECONDS"
        return Verdict(ProviderSilent, f"says nothing for {timeout:g} s", "", remedy, data={"reached": True})
    if names.intersection(CLOSED):
        return Verdict(ProviderSilent, "breaks the connection off", root, _ANOTHER, data={"reached": True})
    return Verdict(ProviderBroken, "answers what is no answer", root, _ADDRESS)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from."""
    one: BaseException | None = error
    for _ in range(10):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__


def _status(chain: list[BaseException]) -> int | None:
    """The HTTP status that the nearest error of the chain carries, under whatever name."""
    for error in chain:
        body = error.args[0] if error.args and isinstance(error.args[0], dict) else {}  # OpenRouter's, in a 200
        response = getattr(error, "response", None)
        codes = (getattr(error, "status_code", None), getattr(response, "status_code", None))
        for code in (*codes, getattr(error, "code", None), body.get("code")):
            if isinstance(code, int) and 100 <= code < 600:
                return code
    return None


def _bodies(chain: list[BaseException]) -> Iterator[dict[str, Any]]:
    """What the server said, where it was JSON: the part that is about the error."""
    for error in chain:
        for body in (getattr(error, "body", None), getattr(error, "details", None), *error.args[:1]):
            if isinstance(body, dict):
                inner = body.get("error")
                yield inner if isinstance(inner, dict) else body


def _told(chain: list[BaseException]) -> str:
    said = [str(body["message"]) for body in _bodies(chain) if body.get("message")]
    text = said[0] if said else str(getattr(chain[0], "error", None) or chain[0])
    return re.sub(r"<[^<>]*>", " ", text)


def _code(chain: list[BaseException]) -> str:
    words = (str(body[key]) for body in _bodies(chain) for key in ("code", "type", "status") if body.get(key))
    return next(words, "")


def _where(chain: list[BaseException]) -> str:
    """The address that was dialled, without path, name and password."""
    for error in chain:
        try:
            found = urlsplit(str(error.request.url))  # type: ignore[attr-defined]
        except (AttributeError, RuntimeError, ValueError):  # httpx has the attribute, and raises where it is not set
            continue
        return f"{found.scheme}://{found.netloc.rpartition('@')[2]}"
    return ""


def _seconds(chain: list[BaseException]) -> float | None:
    """The seconds for which the provider wants to be left alone; None where it does not say, or says what is past."""
    for error in chain:
        headers = getattr(getattr(error, "response", None), "headers", None) or {}
        for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
            seconds = delay(headers.get(name), headers.get("date"), scale)
            if seconds is not None:
                return seconds if seconds > 0 else None
    googles = GOOGLES_DELAY.search(" ".join(map(str, chain)))
    return float(googles.group(1)) if googles else None


def delay(told: str | None, date: str | None, scale: float) -> float | None:
    """Seconds from a header: a number, or a date, counted from the server's own clock where it gives one."""
    if not told:
        return None
    if re.fullmatch(r"\s*\d{1,9}(\.\d*)?\s*", told):
        return float(told) * scale
    try:
        now = parsedate_to_datetime(date).timestamp() if date else time.time()
        return parsedate_to_datetime(told).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
