"""A server that speaks OpenAI's chat completions, looks at the pictures it is sent, and fails as it is told.

    with OpenAIServer(faults=["busy: 1", None, "server error"]) as server:
        server.lend(monkeypatch)  # sets OPENAI_BASE_URL and OPENAI_API_KEY, and the same of Groq
        ...
        assert server.requests == 3 and server.most_at_once <= 4

A script is a list by the number of the request (nothing is wrong behind its end), or a function of it. `FAULTS` has
the names; what stands behind a name and a colon is its value: "busy: 2" (Retry-After in seconds), "busy: date 2" (the
same as an HTTP date), "too large: 600" (413 for what is larger than 600 px, else an answer).
"""

from __future__ import annotations

import base64
import io
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from typing import Any

import pytest
from PIL import Image

from tests.chat_server import ChatServer, Reply, Seen, as_json, look

KEY = "sk-test-0123456789abcdefghij"  # what the tests set as OPENAI_API_KEY
SORRY = "I'm sorry, but I can't help with describing this image."
POLICY = "The prompt triggered our content management policy."
GERMAN = {
    "caption": "Ein rotes Quadrat auf einem weißen Grund, und nichts ist daneben.",
    **{"objects": ["Quadrat"], "colours": ["rot", "weiß"], "setting": "drinnen", "mood": "ruhig", "tags": ["rot"]},
}
JAPANESE = {
    "caption": "白い背景の上に赤い四角形があります。",
    **{"objects": ["四角形"], "colours": ["赤", "白"], "setting": "室内", "mood": "静か", "tags": ["赤"]},
}


class OpenAIServer(ChatServer):
    """`url` is what OPENAI_BASE_URL takes; `root` is the same without /v1, for clients that add a path of their own."""

    def __enter__(self) -> OpenAIServer:
        super().__enter__()
        return self

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    def lend(self, monkeypatch: pytest.MonkeyPatch, key: str = KEY) -> None:
        """Have the clients of OpenAI and Groq ask this server."""
        for name, value in {"OPENAI_BASE_URL": self.url, "GROQ_API_BASE": self.root, "NO_PROXY": "127.0.0.1"}.items():
            monkeypatch.setenv(name, value)
        for name in ("OPENAI_API_KEY", "GROQ_API_KEY"):
            monkeypatch.setenv(name, key)

    def read(self, number: int, path: str, headers: Mapping[str, str], body: Any) -> Seen | None:
        if not path.endswith("/chat/completions"):
            return None
        contents = [message.get("content") or "" for message in body["messages"]]
        parts = [part for one in contents for part in ([{"type": "text", "text": one}] if type(one) is str else one)]
        pictures = [_opened(part["image_url"]["url"]) for part in parts if part["type"] == "image_url"]
        texts = tuple(part["text"] for part in parts if part["type"] == "text")
        key = headers.get("Authorization", "").removeprefix("Bearer ")
        return Seen(number, body["model"], texts, tuple(pictures), key, body, self.fault(number))

    def answer(self, seen: Seen) -> Reply:
        name, _, value = (seen.fault or "").partition(": ")
        return FAULTS[name](seen, value) if name else completion(seen, said(seen))


def said(seen: Seen) -> str:
    """The story or the scene that is asked for; else the description of what was sent, or a word where nothing was."""
    asked = "\n".join(seen.texts)
    if "Answer with the story alone" in asked:
        return rest_of_story(seen) if "You were cut off" in asked else story(seen.texts, seen.pictures)
    if "Choose the one moment" in asked:
        return json.dumps(scene(asked))
    return json.dumps(look(seen.pictures[0])) if seen.pictures else "Hello."


def story(texts: Sequence[str], pictures: Sequence[Image.Image]) -> str:
    """A story with the colours that were seen and with all that was sent between marks, so that it can be found."""
    (asked,) = (text for text in texts if "Answer with the story alone" in text)
    seen = f"It was {' and '.join(look(pictures[0])['colours'])}." if pictures else "Nobody had seen it."
    caption = next((line for line in asked.splitlines() if line.startswith("Caption: ")), "Caption: none")
    quoted = " ".join(f"Somebody said {words}." for words in re.findall("<<<(.*?)>>>", asked, re.DOTALL))
    return (
        f"Title: The Kettle of Mr Poll\n\nMr Poll sat by the window of the mill. {seen} "
        f"{caption.removeprefix('Caption: ')}\n\nThen the wind came, and Mr Poll heard it. "
        f"{quoted or 'Nobody said a word.'}\n\nIn the end there was soup."
    )


def rest_of_story(seen: Seen) -> str:
    """What follows on the part that the model is shown again."""
    whole = story(seen.texts, seen.pictures)
    begun = next(text for text in seen.texts if whole.startswith(text) and text)
    return whole[len(begun) :]


def scene(asked: str) -> dict[str, Any]:
    """A scene with the first words of the story that was sent."""
    words = re.search("The story: <<<(.*?)>>>", asked, re.DOTALL)
    first = " ".join(words[1].split()[:6]) if words else "nothing"
    told = {"setting": "by the sea", "subjects": ["an old man"], "mood": "calm", "light": "evening light"}
    return {**told, "prompt": f"an old man by the sea in evening light, with {first}"}


def completion(seen: Seen, content: str | None, finish: str = "stop", refusal: str | None = None) -> Reply:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    tiles = sum(-(-picture.width // 512) * -(-picture.height // 512) for picture in seen.pictures)
    paid = 85 * len(seen.pictures) + 170 * tiles + sum(map(len, seen.texts)) // 4
    got = len(content or refusal or "") // 4
    usage = {"prompt_tokens": paid, "completion_tokens": got, "total_tokens": paid + got}
    if seen.body.get("stream"):
        return streamed(seen, content or "", finish)
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    told = {"id": f"chatcmpl-{seen.number}", "object": "chat.completion", "created": int(time.time())}
    return as_json(200, {**told, "model": seen.model, "choices": [choice], "usage": usage})


def streamed(seen: Seen, content: str, finish: str) -> Reply:
    """The answer in events of three words each."""
    told = {"id": f"chatcmpl-{seen.number}", "object": "chat.completion.chunk", "created": 1, "model": seen.model}
    words = re.findall(r"\S+\s*", content)
    parts = ["".join(words[at : at + 3]) for at in range(0, len(words), 3)]
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant", "content": ""}, None)]
    deltas += [({"content": part}, None) for part in parts]
    events = [
        {**told, "choices": [{"index": 0, "delta": delta, "finish_reason": why}]}
        for delta, why in [*deltas, ({}, finish)]
    ]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    return Reply(200, body.encode(), {"Content-Type": "text/event-stream"})


def refused(
    status: int, message: str, code: str | None = None, kind: str = "invalid_request_error", **headers: str
) -> Reply:
    return as_json(status, {"error": {"message": message, "type": kind, "param": None, "code": code}}, **headers)


def _opened(url: str) -> Image.Image:
    head, _, data = url.partition(",")
    assert head == "data:image/jpeg;base64", head
    picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=["JPEG"])
    picture.load()
    return picture


def _half(seen: Seen, _: str) -> Reply:
    whole = said(seen)
    return completion(seen, whole[: len(whole) // 2], "length")


def _busy(seen: Seen, when: str) -> Reply:
    kind, _, seconds = when.rpartition(" ")
    told = formatdate(time.time() + float(seconds), usegmt=True) if kind == "date" else seconds
    text = f"Rate limit reached for {seen.model} on requests per min (RPM): Limit 3, Used 3, Requested 1."
    return refused(429, text, "rate_limit_exceeded", "requests", **({"Retry_After": told} if told else {}))


def _echoing(seen: Seen, _: str) -> Reply:
    text = f"Incorrect API key provided: {seen.key}. You can find your API key at https://platform.openai.com."
    return refused(401, text, "invalid_api_key")


def _no_money(seen: Seen, _: str) -> Reply:
    text = "You exceeded your current quota, please check your plan and billing details."
    return refused(429, text, "insufficient_quota", "insufficient_quota")


def _too_large(seen: Seen, most: str, status: int = 413) -> Reply:
    if seen.side <= int(most):
        return completion(seen, said(seen))
    return refused(status, f"The image is too large: {seen.side} pixels; {most} are allowed.", "image_too_large")


def _long(seen: Seen, _: str) -> Reply:
    found = look(seen.pictures[0])
    return completion(seen, json.dumps({**found, "caption": f"{found['caption']} It is there. " * 3_000}))


def _broken_off(seen: Seen, _: str) -> Reply:
    whole = completion(seen, said(seen))
    return Reply(200, whole.body, whole.headers, cut=len(whole.body) // 2)


FAULTS: dict[str, Callable[[Seen, str], Reply]] = {
    "no story": lambda seen, _: completion(seen, "Hm."),
    "chatter": lambda seen, _: completion(seen, f"Sure! Here is your story:\n\n{said(seen)}\n\nI hope you like it!"),
    "untitled": lambda seen, _: completion(seen, said(seen).partition("\n\n")[2]),
    "no json": lambda seen, _: completion(seen, look(seen.pictures[0])["caption"]),
    "half": _half,
    "empty caption": lambda seen, _: completion(seen, json.dumps({**look(seen.pictures[0]), "caption": " "})),
    "german": lambda seen, _: completion(seen, json.dumps(GERMAN)),
    "japanese": lambda seen, _: completion(seen, json.dumps(JAPANESE)),
    "long": _long,
    "refusal": lambda seen, _: completion(seen, None, refusal=SORRY),
    "refusal text": lambda seen, _: completion(seen, SORRY),
    "content filter": lambda seen, _: completion(seen, "", "content_filter"),
    "wrong key": _echoing,
    "no money": _no_money,
    "pay": lambda seen, _: refused(402, "Insufficient balance.", "insufficient_balance"),
    "no model": lambda seen, _: refused(404, f"The model `{seen.model}` does not exist.", "model_not_found"),
    "busy": _busy,
    "overloaded": lambda seen, _: refused(503, "The engine is overloaded, try again later.", kind="server_error"),
    "server error": lambda seen, _: refused(500, "The server had an error.", kind="server_error"),
    "hang": lambda seen, _: Reply(200, b"", hang=True),
    "closes": lambda seen, _: Reply(200, b"", cut=-1),
    "broken off": _broken_off,
    "too large": _too_large,
    "too large, 400": lambda seen, most: _too_large(seen, most, 400),
    "filtered": lambda seen, _: refused(400, f"The response was filtered. {POLICY}", "content_filter"),
    "impossible": lambda seen, _: refused(400, "Unsupported parameter: messages."),
    "blind": lambda seen, _: refused(400, "Invalid content type. image_url is only supported by certain models."),
    "no choices": lambda seen, _: as_json(200, {"id": "x", "object": "chat.completion", "choices": [], "usage": None}),
    "no http json": lambda seen, _: Reply(200, b'{"choices": [', {"Content-Type": "application/json"}),
    "html": lambda seen, _: Reply(502, b"<html><h1>Bad gateway</h1></html>", {"Content-Type": "text/html"}),
}
