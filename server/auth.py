"""Keys: who may ask, and as whom. With API_KEYS whoever sends one; without, only this machine, under its own name.

Without keys a web page elsewhere could still reach a server on this machine through its visitor's browser, so a request
that names another host, or writes on behalf of another site, is refused.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import AtelierError, ForeignOrigin, MissingKey, OpenToTheWorld
from core.settings import HASHED, named_key
from server import page
from server.errors import answer

OPEN_PATHS = ("/healthz",)
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Caller:
    """Who asks: the name of a key."""

    name: str
    everything: bool = False  # sees the jobs of all keys

    @property
    def only(self) -> str | None:
        """Whose jobs this caller sees; None for everybody's."""
        return None if self.everything else self.name


LOCAL = Caller("local", everything=True)  # this machine without keys, and its command line


def caller_of(request: Request) -> Caller:
    """Who sent this request."""
    caller: Caller = request.state.caller
    return caller


class KeyGate:
    """ASGI middleware: with keys, all but OPEN_PATHS and the page's files needs `X-API-Key` or `Authorization: Bearer`.

    `private` is the key that this machine's command line finds in a file that only its user can read.
    """

    def __init__(self, app: ASGIApp, keys: Iterable[str], private: str) -> None:
        self.app, self._closed = app, bool(keys := tuple(keys))
        self._callers = [(_digest(private), LOCAL), *map(_known, keys)]  # hashed: no key stays in memory here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS and not page.is_open(scope["path"]):
            headers = Headers(scope=scope)
            caller = self._caller(headers) if self._closed else _local(headers, scope["method"])
            if isinstance(caller, AtelierError):
                return await answer(caller)(scope, receive, send)
            scope.setdefault("state", {})["caller"] = caller
        await self.app(scope, receive, send)

    def _caller(self, headers: Headers) -> Caller | AtelierError:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else "")
        digest = _digest(given)
        known = [caller for secret, caller in self._callers if compare_digest(digest, secret)]
        return known[0] if known else MissingKey()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _known(entry: str) -> tuple[str, Caller]:
    """The hash of a key and whose it is; a key without a name is named by its hash, which gives nothing of it away."""
    name, key = named_key(entry)
    digest = key.removeprefix(HASHED) if key.startswith(HASHED) else _digest(key)
    return digest, Caller(name or f"key-{digest[:8]}")


def _local(headers: Headers, method: str) -> Caller | AtelierError:
    host = headers.get("host", "")
    if not is_loopback(_host(f"//{host}")):
        return ForeignOrigin("Host", host)
    if method in READING:
        return LOCAL
    origin = headers.get("origin", "")
    if origin and not is_loopback(_host(origin)):
        return ForeignOrigin("Origin", origin)
    site = headers.get("sec-fetch-site", "none")
    return ForeignOrigin("Sec-Fetch-Site", site) if site == "cross-site" else LOCAL


def _host(url: str) -> str:
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
