"""Files: read with a clear refusal, written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from core.errors import NoSuchFile


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; raises `NoSuchFile`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoSuchFile(str(path), error.strerror or str(error)) from error
    except ValueError as error:  # a zero byte, half a character
        raise NoSuchFile(str(path), "no file can be called that") from error


def write_new(path: Path, data: bytes) -> None:
    """`write_whole` for a file that must not be there yet, whoever else tries. Raises `FileExistsError`, `OSError`."""
    part = _beside(path)
    try:
        part.write_bytes(data)
        os.link(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write beside the file and move into place, so that nobody ever sees half of it. Raises `OSError`."""
    part = _beside(path)
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """A hidden name in the same folder that no other process or thread takes."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
