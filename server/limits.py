"""Limits: a body that is too long is refused before it is read, or as soon as it has become too long."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import BodyTooLarge
from server.errors import answer


class BodyLimit:
    """ASGI middleware: at most `limit` bytes of request body, whether its length is announced or not."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = next((value for key, value in scope["headers"] if key == b"content-length"), b"0")
        size = int(announced) if announced.isdigit() else 0
        if size > self.limit:
            return await answer(BodyTooLarge(self.limit, size))(scope, receive, send)
        received, refused = 0, False

        async def counted() -> Message:
            nonlocal received, refused
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                refused = True
                return {"type": "http.disconnect"}  # the form parser stops here; nothing more is kept
            return message

        async def unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        try:
            await self.app(scope, counted, unless_refused)
        except Exception:
            if not refused:
                raise
        if refused:
            await answer(BodyTooLarge(self.limit))(scope, receive, send)
