"""Logs: a line for each thing that happens, as text or as JSON, with its request, job and key, and without secrets."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from core.settings import Settings, secrets_of
from server import trail

HIDDEN = "***"
OURS = ("atelier", "uvicorn")  # others are named


class _Hiding(logging.Formatter):
    """Never lets a secret through, whoever wrote it into a message, an argument or a traceback."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def trace_of(self, record: logging.LogRecord) -> str:
        found = [self.formatException(record.exc_info)] if record.exc_info else []
        if record.stack_info:
            found.append(self.formatStack(record.stack_info))
        return "\n".join(found)


class TextLines(_Hiding):
    """The time, the level where it is no ordinary one, the message, and whose it is."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [datetime.fromtimestamp(record.created).strftime("%Y-%m-%d %H:%M:%S")]
        if record.levelno != logging.INFO:
            parts.append(record.levelname)
        parts.append(record.getMessage() if record.name.startswith(OURS) else f"{record.name}: {record.getMessage()}")
        if whose := " ".join(f"{name}={value}" for name, value in _whose().items()):
            parts.append(f"[{whose}]")
        trace = self.trace_of(record)
        return self.hide(" ".join(parts) + (f"\n{trace}" if trace else ""))


class JsonLines(_Hiding):
    """An object: time, level, logger, message, what is known of request, job and key, and what the record tells."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, Any] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_whose(),
            **getattr(record, "told", {}),
        }
        if trace := self.trace_of(record):
            told["traceback"] = trace
        clean = {name: self.hide(value) if isinstance(value, str) else value for name, value in told.items()}
        return json.dumps(clean, ensure_ascii=False)


def _whose() -> dict[str, str]:
    mine = trail.current()
    return {} if mine is None else mine.fields()


def configure(settings: Settings, secrets: Iterable[str] = ()) -> None:
    """Have every line of this process written so, to standard error; `secrets` are none to be seen beside those of the
    settings."""
    hidden = [*secrets, *secrets_of(settings)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(hidden) if settings.log_format == "json" else TextLines(hidden))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("atelier", "uvicorn"):
        mine = logging.getLogger(name)
        mine.handlers, mine.propagate = [], True
        mine.setLevel(logging.INFO)
    logging.captureWarnings(True)
