"""Redaction: what a chain is given and gives back, as a trace may hold it: words whole, pictures as size and hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pydantic import BaseModel

from core.settings import redacted

DEEPEST, MOST, LONGEST = 6, 50, 10_000  # levels, entries of one, characters of one text
_DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(;[\w=-]+)*;base64,[A-Za-z0-9+/=_-]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]{256,}")  # nobody writes so long a word


def told(value: Any, depth: int = 0) -> Any:
    """The same for JSON; what is neither words nor numbers nor made of them is named by its type."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (str, Path)):
        return _text(str(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"{len(value):,} bytes, sha256 {_digest(bytes(value))}"
    if isinstance(value, Image.Image):
        return f"picture, {value.width}x{value.height} {value.mode}, sha256 {_digest(value.tobytes())}"
    if isinstance(value, np.generic):
        return value.item()
    if depth >= DEEPEST:
        return type(value).__name__
    if isinstance(value, BaseModel):
        return told({name: getattr(value, name) for name in type(value).model_fields}, depth)
    if is_dataclass(value) and not isinstance(value, type):
        return told({field.name: getattr(value, field.name) for field in fields(value)}, depth)
    if isinstance(value, Mapping):
        return {_text(str(key)): told(each, depth + 1) for key, each in list(value.items())[:MOST]}
    if isinstance(value, (Sequence, set, frozenset)):
        return [told(each, depth + 1) for each in list(value)[:MOST]]
    shape = getattr(value, "shape", None)
    return type(value).__name__ if shape is None else f"{type(value).__name__} of shape {tuple(shape)}"


def _text(text: str) -> str:
    text = _BASE64.sub(_hidden, _DATA_URI.sub(_hidden, text))
    return redacted(text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text):,} characters)")


def _hidden(found: re.Match[str]) -> str:
    return f"[{len(found[0]):,} characters of base64, sha256 {_digest(found[0].encode())}]"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
