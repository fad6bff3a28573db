"""Uploads: pictures that are kept in the library's own folder, each in a folder of its id, under the name it came
with."""

from __future__ import annotations

import io
import os
import unicodedata
from pathlib import Path

from PIL import Image

from core import images
from core.errors import AtelierError, BadInput, BadSetting, StoreFull
from core.files import write_whole
from retrievers.ingest.look import picture_id
from retrievers.ingest.said import Note
from retrievers.ingest.sidecar import beside, write_note
from retrievers.ledger_file import is_full

LONGEST = 150  # bytes of a name; file systems take 255, and a sidecar and a part being written add to it


class Uploads:
    """`DATA_DIR/library/uploads`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def check(self, data: bytes, called: str, max_pixels: int | None) -> str:
        """The id of a picture whose head is in order; raises what `images.probe` does."""
        images.probe(data, called, max_pixels)
        return picture_id(data)

    def keep(self, id_: str, name: str, data: bytes, note: Note) -> bytes:
        """Write a picture with what is told of it; its path. Raises `StoreFull` and `BadSetting`."""
        path = self.folder / id_ / safe_name(name, data)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if note != Note():
                write_note(os.fsencode(path), note)
            write_whole(path, data)
        except OSError as error:
            reason = error.strerror or str(error)
            raise (
                StoreFull(str(self.folder), reason)
                if is_full(error)
                else BadSetting("DATA_DIR", str(self.folder), reason)
            ) from error
        return os.fsencode(os.path.realpath(path))

    def id_of(self, path: bytes) -> str:
        """The id of an upload by its path."""
        return os.fsdecode(os.path.basename(os.path.dirname(path)))

    def holds(self, path: Path) -> bool:
        """Whether a file is one of these."""
        return Path(os.path.realpath(self.folder)) in path.parents

    def discard(self, path: bytes) -> None:
        """Delete an upload with its folder. Raises `BadSetting`."""
        file = Path(os.fsdecode(path))
        try:
            file.unlink(missing_ok=True)
            Path(os.fsdecode(beside(path))).unlink(missing_ok=True)
            if file.parent.exists() and not any(file.parent.iterdir()):
                file.parent.rmdir()
        except OSError as error:
            raise BadSetting("DATA_DIR", str(file), error.strerror or str(error)) from error

    @staticmethod
    def is_fault_of(error: AtelierError) -> bool:
        """Whether an error is of one file, and the others can go on."""
        return isinstance(error, BadInput)


def safe_name(name: str, data: bytes) -> str:
    """A name that any folder takes: no path, no control characters, not hidden, with the suffix of a picture."""
    plain = name.replace("\\", "/").rpartition("/")[2].encode("utf-8", "replace").decode()
    plain = "".join(letter for letter in plain if unicodedata.category(letter)[0] != "C").strip(" .")
    stem, suffix = os.path.splitext(plain)
    if suffix.lower() not in images.SUFFIXES:
        stem, suffix = plain, _suffix(data)
    short = stem.encode()[: LONGEST - len(suffix)].decode("utf-8", "ignore")
    return (short or "picture") + suffix


def _suffix(data: bytes) -> str:
    with Image.open(io.BytesIO(data), formats=images.FORMATS) as opened:
        return {"HEIF": ".heic"}.get(str(opened.format), f".{str(opened.format).lower()}")
