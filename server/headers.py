"""Headers: what every answer tells browsers, and which other sites' pages may read answers (CORS_ORIGINS)."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import page

ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
DATA = {  # of what is no page: nothing in it runs, nobody frames it, no other site shows it, no proxy keeps it
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
MANUALS = ("/docs", "/redoc")  # their scripts come from elsewhere

SENT = (
    *("Accept", "Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "Prefer", "X-API-Key"),
    "ngrok-skip-browser-warning",
)
READ = (
    *("Location", "Preference-Applied", "Retry-After", "Server-Timing", "X-Engine", "X-Fidelity", "X-Job-Id"),
    *("X-Note", "X-Prompt", "X-Replay", "X-Request-Id", "X-Retrieved-Style", "X-Seed", "X-Style-Id", "X-Style-Score"),
)


def told_to_browsers(path: str) -> dict[str, str]:
    """The headers of an answer at that path."""
    return ALWAYS if page.is_open(path) or path.startswith(MANUALS) else {**ALWAYS, **DATA}


class SafeHeaders:
    """ASGI middleware: they go into every answer that does not have them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in told_to_browsers(scope["path"]).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, marked if scope["type"] == "http" else send)


class Cors:
    """ASGI middleware: pages of these origins may ask, and are told so before they are asked for a key; for all others
    there is no CORS."""

    def __init__(self, app: ASGIApp, origins: Iterable[str]) -> None:
        self.app, self._origins = app, tuple(origins)
        self._for_them = CORSMiddleware(
            app,
            allow_origins=self._origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=SENT,
            expose_headers=READ,
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = scope["type"] == "http" and Headers(scope=scope).get("origin", "").lower() in self._origins
        await (self._for_them if known else self.app)(scope, receive, send)
