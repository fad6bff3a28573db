"""Keys: who may ask. Without API_KEYS everybody on this machine may, and nobody else can."""

from __future__ import annotations

import ipaddress
from hmac import compare_digest

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import MissingKey, OpenToTheWorld
from server.errors import answer

OPEN_PATHS = ("/healthz",)


class KeyGate:
    """ASGI middleware: with keys, every path but OPEN_PATHS needs `X-API-Key` or `Authorization: Bearer`."""

    def __init__(self, app: ASGIApp, keys: tuple[str, ...]) -> None:
        self.app, self.keys = app, [key.encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.keys and scope["path"] not in OPEN_PATHS:
            headers = Headers(scope=scope)
            scheme, _, token = headers.get("authorization", "").partition(" ")
            given = headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else "")
            if not any(compare_digest(given.encode(), key) for key in self.keys):
                return await answer(MissingKey())(scope, receive, send)
        await self.app(scope, receive, send)


def check_exposure(host: str, keys: tuple[str, ...]) -> None:
    """Raise `OpenToTheWorld` where a server without keys would listen beyond this machine."""
    if not keys and not _is_loopback(host):
        raise OpenToTheWorld(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
