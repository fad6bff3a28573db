"""Observer: sees every request come and go; gives it an id, counts it and writes its line of the log."""

from __future__ import annotations

import logging
import time
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import trail
from server.metrics import Metrics
from server.trail import Trail

access = logging.getLogger("atelier.access")

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NOWHERE = "(none)"  # no such path, or refused before a route was looked for
QUIET = ("/healthz", "/metrics")  # asked every few seconds by machines
SAFE = "/:@!$&'()*+,;=~"  # in a path as it is shown
LEFT = 499  # the client was gone before it was answered; nginx has it so


class Observer:
    """ASGI middleware, around all others."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        start = time.perf_counter()
        state = scope.setdefault("state", {})
        mine = state["trail"] = Trail(trail.request_id(Headers(scope=scope).get("x-request-id", "")), state=state)
        trail.begin(mine)
        status, stream = LEFT, False

        async def marked(message: Message) -> None:
            nonlocal status, stream
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = mine.request_id
                status, stream = message["status"], headers.get("content-type", "").startswith("text/event-stream")
            await send(message)

        self.metrics.in_flight.inc()
        try:
            await self.app(scope, receive, marked)
        except Exception:
            status = 500
            mine.error = mine.error or "internal_error"
            raise
        finally:
            self.metrics.in_flight.dec()
            took = time.perf_counter() - start
            method, route = method_of(scope), route_of(scope)
            self.metrics.answered(method, route, status, None if stream else took, mine.error)
            _write(scope["path"], mine.error, method, route, status, took * 1000)


def method_of(scope: Scope) -> str:
    """One of few, whatever a client makes up."""
    return scope["method"] if scope["method"] in METHODS else "other"


def route_of(scope: Scope) -> str:
    """The template of the route, never the path: there is no end of paths."""
    template = getattr(scope.get("route"), "path_format", None)
    if template is not None:
        return str(template)
    if scope.get("endpoint") is None:
        return NOWHERE
    mounted = scope.get("root_path", "")
    return f"{mounted}/*" if mounted else str(scope["path"])  # a route without parameters is its own template


def _write(path: str, error: str, method: str, route: str, status: int, ms: float) -> None:
    level = logging.DEBUG if route in QUIET and status < 400 else logging.INFO
    told: dict[str, Any] = {"method": method, "route": route, "status": status, "ms": round(ms, 1)}
    if error:
        told["error"] = error
    why = f" {error}" if error else ""
    access.log(level, "%s %s %d%s %.1f ms", method, quote(path, SAFE), status, why, ms, extra={"told": told})
