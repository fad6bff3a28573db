"""Limits: a body that is too long is refused before it is read, or as soon as it has become too long; so is one that
comes too slowly."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import AtelierError, BodyTooLarge
from server.errors import answer
from server.refusals import BodyTooSlow

PATIENCE, SLOWEST = 30.0, 1_000  # s for a body of no length, and bytes that buy a second more


class BodyLimit:
    """ASGI middleware: at most `limit` bytes of request body, whether its length is announced or not."""

    def __init__(self, app: ASGIApp, limit: int, patience: float = PATIENCE) -> None:
        self.app, self.limit, self.patience = app, limit, patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = next((value for key, value in scope["headers"] if key == b"content-length"), b"0")
        size = int(announced) if announced.isdigit() else 0
        if size > self.limit:
            return await answer(BodyTooLarge(self.limit, size))(scope, receive, send)
        loop, received, whole = asyncio.get_running_loop(), 0, False
        begun, refusal = loop.time(), list[AtelierError]()

        async def counted() -> Message:
            nonlocal received, whole
            if whole:  # whoever waits now, waits for the client to leave
                return await receive()
            try:
                async with asyncio.timeout_at(begun + self.patience + received / SLOWEST):
                    message = await receive()
            except TimeoutError:
                refusal.append(BodyTooSlow(received, loop.time() - begun, SLOWEST))
                return {"type": "http.disconnect"}
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if received > self.limit:
                refusal.append(BodyTooLarge(self.limit))
                return {"type": "http.disconnect"}  # the form parser stops here; nothing more is kept
            return message

        async def unless_refused(message: Message) -> None:
            if not refusal:
                await send(message)

        try:
            await self.app(scope, counted, unless_refused)
        except Exception:
            if not refusal:
                raise
        if refusal:
            refused = answer(refusal[0])
            refused.headers["Connection"] = "close"  # what still comes of the body is no next request
            await refused(scope, receive, send)
