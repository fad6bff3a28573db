"""Data URIs: pictures inside JSON, as `data:image/png;base64,...` (RFC 2397)."""

from __future__ import annotations

import base64
import binascii
import re

from core.errors import BadValue

_HEAD = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?P<parameters>(;[^;,]*)*),", re.ASCII)
ALLOWED = "a picture as data:image/png;base64,..., or the base64 alone"


def read_picture(field: str, text: object) -> bytes:
    """The bytes of a picture's data URI, or of base64 alone. Raises `BadValue`, naming what it is instead."""
    if not isinstance(text, str) or not text.strip():
        raise BadValue(field, text, ALLOWED)
    told, body = text.strip(), text.strip()
    if told.startswith("data:"):
        head = _HEAD.match(told)
        if head is None:
            raise BadValue(field, told[:60], ALLOWED)
        kind = (head["type"] or "text/plain").lower()
        if not kind.startswith("image/"):
            raise BadValue(field, f"data of {kind}", ALLOWED)
        if ";base64" not in head["parameters"].lower():
            raise BadValue(field, told[:60], "base64 in a data URI: data:image/png;base64,...")
        body = told[head.end() :]
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadValue(field, body[:60], ALLOWED) from None
    if not data:
        raise BadValue(field, "a picture of 0 bytes", ALLOWED)
    return data
