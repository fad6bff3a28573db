"""Rates: how often one key may ask, and how much of it at a time; 429 says when there is room again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import Settings
from server.auth import Caller
from server.errors import answer
from server.refusals import TooOften

HERE = 50  # times as much for this machine without keys, and its command line
MOST = 10_000  # callers that are remembered


@dataclass
class _Account:
    """A bucket of requests that fills evenly, and those that are under way."""

    left: float
    when: float
    under_way: int = 0


class Rates:
    """ASGI middleware inside the gate, which knows who asks; what has no caller (the page's files, /healthz) passes."""

    def __init__(self, app: ASGIApp, settings: Settings, now: Callable[[], float] = time.monotonic) -> None:
        self.app, self._now = app, now
        self._per_minute, self._at_once = settings.requests_per_minute, settings.concurrent_requests
        self._accounts: dict[str, _Account] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller | None = scope.get("state", {}).get("caller") if scope["type"] == "http" else None
        if caller is None:
            return await self.app(scope, receive, send)
        account = self._account(caller)
        refusal = self._refusal(caller, account)
        if refusal is not None:
            return await answer(refusal)(scope, receive, send)
        account.left -= 1
        account.under_way += 1
        try:
            await self.app(scope, receive, send)
        finally:
            account.under_way -= 1

    def _account(self, caller: Caller) -> _Account:
        """The caller's, filled up to now."""
        most, now = self._per_minute * _times(caller), self._now()
        account = self._accounts.setdefault(caller.name, _Account(most, now))
        account.left = min(most, account.left + (now - account.when) * most / 60)
        account.when = now
        if len(self._accounts) > MOST:
            self._accounts = {name: one for name, one in self._accounts.items() if one.under_way}
            self._accounts[caller.name] = account
        return account

    def _refusal(self, caller: Caller, account: _Account) -> TooOften | None:
        times = _times(caller)
        if account.left < 1:
            wait = math.ceil((1 - account.left) * 60 / (self._per_minute * times))
            limit = f"{self._per_minute * times:,} a minute (REQUESTS_PER_MINUTE)"
            return TooOften(f"{caller.name} asks too often", limit, wait)
        if account.under_way >= self._at_once * times:
            limit = f"{self._at_once * times:,} at a time (CONCURRENT_REQUESTS)"
            return TooOften(f"{caller.name} has {account.under_way:,} requests under way", limit, 1)
        return None


def _times(caller: Caller) -> int:
    return HERE if caller.everything else 1
