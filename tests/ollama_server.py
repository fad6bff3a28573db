"""A server that speaks Ollama's /api/chat, in lines of JSON as its answers stream, and looks at the pictures."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

from PIL import Image

from tests.chat_server import ChatServer, Reply, Seen, as_json, look

KNOWN = "llama3.2-vision"


class OllamaServer(ChatServer):
    """`root` is what OLLAMA_HOST takes. It has one model, and `body` of what it has seen shows what else was asked."""

    def __enter__(self) -> OllamaServer:
        super().__enter__()
        return self

    def read(self, number: int, path: str, headers: Mapping[str, str], body: Any) -> Seen | None:
        if path != "/api/chat":
            return None
        messages = body["messages"]
        data = [one for message in messages for one in message.get("images") or ()]
        pictures = [Image.open(io.BytesIO(base64.b64decode(one, validate=True)), formats=["JPEG"]) for one in data]
        texts = tuple(message["content"] for message in messages)
        return Seen(number, body["model"], texts, tuple(pictures), headers.get("Authorization", ""), body)

    def answer(self, seen: Seen) -> Reply:
        if seen.model != KNOWN:
            return as_json(404, {"error": f"model '{seen.model}' not found"})
        said = json.dumps(look(seen.pictures[0]))
        told = {"model": seen.model, "created_at": "2026-01-01T00:00:00Z"}
        halves = (said[: len(said) // 2], said[len(said) // 2 :])
        lines: list[dict[str, Any]] = [
            {**told, "message": {"role": "assistant", "content": half}, "done": False} for half in halves
        ]
        counts = {"prompt_eval_count": 700, "eval_count": len(said) // 4, "total_duration": 1}
        lines.append(
            {**told, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop", **counts}
        )
        body = "".join(json.dumps(line) + "\n" for line in lines)
        return Reply(200, body.encode(), {"Content-Type": "application/x-ndjson"})
