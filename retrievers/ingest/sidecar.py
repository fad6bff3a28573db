"""Sidecar: labels, tags and captions in a JSON file beside a picture that we keep: an upload, or one of a data set."""

from __future__ import annotations

import json
import os
from pathlib import Path

from core.files import write_whole
from retrievers.ingest.said import Note


def beside(path: bytes) -> bytes:
    """`000001.jpg` -> `000001.jpg.json`."""
    return path + b".json"


def write_note(path: bytes, note: Note) -> None:
    """Write what is told of a picture, whole or not at all. Raises `OSError`."""
    told = {"labels": note.labels, "tags": note.tags, "caption": note.caption}
    text = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    write_whole(Path(os.fsdecode(beside(path))), text)


def read_note(path: bytes) -> Note:
    """What is told of a picture; nothing where there is no such file, or it is none of ours."""
    try:
        told = json.loads(Path(os.fsdecode(beside(path))).read_bytes())
        return Note(_texts(told["labels"]), _texts(told["tags"]), str(told["caption"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return Note()


def _texts(values: object) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()
