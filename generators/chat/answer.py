"""Answer: what a chat model said, whichever provider's words it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import BaseMessage

from core.settings import redacted
from generators.chat.errors import shortened
from generators.usage import Usage

# the providers' words for why an answer ends, under OpenAI's
_LENGTH = ("length", "max_tokens", "model_length", "max_output_tokens")
_FILTERED = (
    *("content_filter", "refusal", "safety", "recitation", "prohibited_content", "blocklist", "spii", "image_safety"),
)


@dataclass(frozen=True)
class Answer:
    """Text, and why it ends: stop, length or content_filter; the provider's own word where it is none of these."""

    text: str
    finish: str = "stop"
    refusal: str | None = None  # what the model or its provider says instead of an answer
    usage: Usage = field(default_factory=Usage)


def answer_of(message: BaseMessage) -> Answer:
    """The answer that is in a message; keys in it are not passed on."""
    told = message.response_metadata
    word = next((str(told[key]) for key in ("finish_reason", "stop_reason", "done_reason") if told.get(key)), "stop")
    finish = _finish(word.rpartition(".")[2].lower())
    counts: dict[str, Any] = dict(getattr(message, "usage_metadata", None) or {})
    usage = Usage(1, int(counts.get("input_tokens") or 0), int(counts.get("output_tokens") or 0))
    return Answer(redacted(str(message.text)), finish, _refusal(message, finish, word), usage)


def _finish(word: str) -> str:
    if word in _LENGTH:
        return "length"
    if word in _FILTERED:
        return "content_filter"
    return "stop" if word in ("end_turn", "stop_sequence", "eos") else word


def _refusal(message: BaseMessage, finish: str, word: str) -> str | None:
    blocks = message.content if isinstance(message.content, list) else []
    refusals = [block["refusal"] for block in blocks if isinstance(block, dict) and block.get("refusal")]
    said = message.additional_kwargs.get("refusal") or next(iter(refusals), None)  # OpenAI's two protocols
    feedback = message.response_metadata.get("prompt_feedback")  # Google's
    blocked = feedback.get("block_reason") if isinstance(feedback, dict) else None
    if said:
        return shortened(str(said))
    if blocked:
        return shortened(f"the provider's filter: {blocked}")
    return f"the provider's filter: {word}" if finish == "content_filter" else None
