"""Page: the web page in server/web, answered by the server itself; nothing is built, and no other host is asked.

It is a client of the HTTP API like any other. What it is made of is open to everybody; what it shows is not.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WEB = Path(__file__).with_name("web")
PARTS = ("css", "js", "tabs")  # its folders
OPEN = tuple(f"/{part}/" for part in PARTS)  # with all below them
FRAMES = "'self' https://colab.research.google.com https://*.googleusercontent.com"  # a notebook shows it in a frame

mimetypes.add_type("text/javascript", ".js")  # some systems take their table's word for plain text


def is_open(path: str) -> bool:
    """Whether this is a file of the page, which anybody may read."""
    return path == "/" or path.startswith(OPEN)


def policy() -> str:
    """The Content-Security-Policy: scripts and styles from here alone, and the one script that index.html holds."""
    scripts = re.findall(r"<script>(.*?)</script>", (WEB / "index.html").read_text(), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    own = " ".join(["'self'", *(f"'sha256-{digest}'" for digest in hashes)])
    return (
        f"default-src 'none'; script-src {own}; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
        f"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {FRAMES}"
    )


def install(app: FastAPI) -> None:
    """Answer `/` with the page, and the paths of its files with them."""
    headers = {
        "Content-Security-Policy": policy(),
        "Cache-Control": "no-cache",  # kept, and asked for again: an upgrade must not mix old modules with new ones
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    for part in PARTS:
        app.mount(f"/{part}", _served(WEB / part, headers), name=part)
    app.router.routes.append(Route("/", _served(WEB, headers), name="page"))


def _served(folder: Path, headers: dict[str, str]) -> ASGIApp:
    files = GZipMiddleware(StaticFiles(directory=folder, html=True), minimum_size=500)
    return _WithHeaders(files, headers)


class _WithHeaders:
    """ASGI: an application whose answers carry these headers too."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self.app, self.headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, marked)
