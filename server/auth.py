"""Keys: who may ask. With API_KEYS whoever sends one; without, only this machine, under its own name.

Without keys a web page elsewhere could still reach a server on this machine through its visitor's browser, so a request
that names another host, or writes on behalf of another site, is refused.
"""

from __future__ import annotations

import ipaddress
from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import AtelierError, ForeignOrigin, MissingKey, OpenToTheWorld
from server.errors import answer

OPEN_PATHS = ("/healthz",)
READING = ("GET", "HEAD", "OPTIONS")


class KeyGate:
    """ASGI middleware: with keys, every path but OPEN_PATHS needs `X-API-Key` or `Authorization: Bearer`."""

    def __init__(self, app: ASGIApp, keys: tuple[str, ...]) -> None:
        self.app, self.keys = app, [key.encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS:
            headers = Headers(scope=scope)
            refusal = self._check_key(headers) if self.keys else _check_origin(headers, scope["method"])
            if refusal is not None:
                return await answer(refusal)(scope, receive, send)
        await self.app(scope, receive, send)

    def _check_key(self, headers: Headers) -> AtelierError | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else "")
        return None if any(compare_digest(given.encode(), key) for key in self.keys) else MissingKey()


def _check_origin(headers: Headers, method: str) -> AtelierError | None:
    host = headers.get("host", "")
    if not is_loopback(_name(f"//{host}")):
        return ForeignOrigin("Host", host)
    if method in READING:
        return None
    origin = headers.get("origin", "")
    if origin and not is_loopback(_name(origin)):
        return ForeignOrigin("Origin", origin)
    site = headers.get("sec-fetch-site", "none")
    return ForeignOrigin("Sec-Fetch-Site", site) if site == "cross-site" else None


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def check_exposure(host: str, keys: tuple[str, ...]) -> None:
    """Raise `OpenToTheWorld` where a server without keys would listen beyond this machine."""
    if not keys and not is_loopback(host.strip("[]")):
        raise OpenToTheWorld(host)


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
