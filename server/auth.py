"""The gate: who may ask, and as whom. With keys whoever sends one; without, only this machine, under its own name.

Without keys a web page elsewhere could still reach a server on this machine through its visitor's browser, so a request
that names another host, or writes on behalf of another site, is refused.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import AtelierError, ForeignOrigin, MissingKey, Refused
from server import page
from server.errors import answer
from server.keys import KeyRing, digest
from server.wrong_keys import WrongKeys

log = logging.getLogger("atelier")

OPEN_PATHS = ("/healthz",)
READING = ("GET", "HEAD", "OPTIONS")


class OpenToTheWorld(Refused):
    def __init__(self, host: str) -> None:
        super().__init__(
            f"listening on {host} lets other machines in, and there is no key: API_KEYS is empty",
            "make a key, or listen on 127.0.0.1",
            host=host,
        )


@dataclass(frozen=True)
class Caller:
    """Who asks: the name of a key."""

    name: str
    everything: bool = False  # sees the jobs of all keys
    here: bool = False  # the user of this machine who runs the server: may name folders anywhere on it

    @property
    def only(self) -> str | None:
        """Whose jobs this caller sees; None for everybody's."""
        return None if self.everything else self.name


LOCAL = Caller("local", everything=True)  # this machine, where there are no keys
COMMAND_LINE = Caller("local", everything=True, here=True)


def caller_of(request: Request) -> Caller:
    """Who sent this request."""
    caller: Caller = request.state.caller
    return caller


class KeyGate:
    """ASGI middleware: with keys, all but OPEN_PATHS and the page's files needs `X-API-Key` or `Authorization: Bearer`.

    `private` is the key that this machine's command line finds in a file that only its user can read; `origins` are
    the other sites that may write where there are no keys.
    """

    def __init__(self, app: ASGIApp, ring: KeyRing, private: str, origins: Iterable[str] = ()) -> None:
        self.app, self._ring, self._private = app, ring, digest(private)
        self._origins, self._wrong = frozenset(origins), WrongKeys()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS and not page.is_open(scope["path"]):
            caller = self._caller(Headers(scope=scope), scope["method"], (scope.get("client") or ("",))[0])
            if isinstance(caller, AtelierError):
                return await answer(caller)(scope, receive, send)
            scope.setdefault("state", {})["caller"] = caller
        await self.app(scope, receive, send)

    def _caller(self, headers: Headers, method: str, address: str) -> Caller | AtelierError:
        keys, given = self._ring.keys(), _given(headers)
        hashed = digest(given) if given else ""
        if compare_digest(hashed, self._private):
            return COMMAND_LINE
        if not self._ring.closed:
            return self._without_keys(headers, method)
        if not given:
            return MissingKey()
        if (refusal := self._wrong.refusal(address, hashed)) is not None:
            return refusal
        known = [key for key in keys if compare_digest(hashed, key.sha256)]  # every one, however soon one fits
        if known:
            self._wrong.forgive(address, hashed)
            return Caller(known[0].name)
        self._wrong.count(address)
        log.warning("a key that nobody has came from %s: sha256 %s...", address or "nowhere", hashed[:12])
        return MissingKey()

    def _without_keys(self, headers: Headers, method: str) -> Caller | AtelierError:
        host = headers.get("host", "")
        if not is_loopback(_host(f"//{host}")):
            return ForeignOrigin("Host", host)
        origin = headers.get("origin", "")
        if method in READING or origin.lower() in self._origins:
            return LOCAL
        if origin and not is_loopback(_host(origin)):
            return ForeignOrigin("Origin", origin)
        site = headers.get("sec-fetch-site", "none")
        return ForeignOrigin("Sec-Fetch-Site", site) if site == "cross-site" else LOCAL


def _given(headers: Headers) -> str:
    """The key that a request has; empty where it has none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else "")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def check_exposure(host: str, ring: KeyRing) -> None:
    """Raise `OpenToTheWorld` where a server without a key would listen beyond this machine."""
    if not is_loopback(host.strip("[]")) and not ring.keys():
        raise OpenToTheWorld(host)


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
