"""Originals: the bytes of every document as they came, each in a folder of its id: from them the library can be made
anew."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePath

from core.errors import BadSetting, StoreFull
from core.files import write_whole
from retrievers.ledger_file import is_full

LONGEST = 150  # bytes of a name; file systems take 255, and a part being written adds to it


class Originals:
    """`DATA_DIR/library/documents`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, id_: str, name: str, data: bytes) -> None:
        """Write a document; one that is there whole is left alone. Raises `StoreFull` and `BadSetting`."""
        path = self.folder / id_ / safe_name(name)
        try:
            if self.path(id_) is not None:
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
        except OSError as error:
            reason = error.strerror or str(error)
            if is_full(error):
                raise StoreFull(str(self.folder), reason) from error
            raise BadSetting("DATA_DIR", str(self.folder), reason) from error

    def path(self, id_: str) -> Path | None:
        """Where a document lies; None where it does not."""
        folder = self.folder / id_
        try:
            found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found[0] if found else None

    def ids(self) -> Iterator[str]:
        """The documents that lie there."""
        try:
            folders = sorted(self.folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return
        yield from (folder.name for folder in folders if len(folder.name) == 16 and self.path(folder.name) is not None)

    def discard(self, id_: str) -> None:
        """Delete a document. Raises `BadSetting`."""
        try:
            shutil.rmtree(self.folder / id_)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise BadSetting("DATA_DIR", str(self.folder / id_), error.strerror or str(error)) from error


def safe_name(name: str) -> str:
    """A name that any folder takes: no path, no control characters, not hidden, not too long."""
    plain = name.replace("\\", "/").rpartition("/")[2].encode("utf-8", "replace").decode()
    plain = "".join(letter for letter in plain if unicodedata.category(letter)[0] != "C").strip(" .")
    suffix = PurePath(plain).suffix if len(PurePath(plain).suffix.encode()) <= 20 else ""
    stem = plain.removesuffix(suffix).encode()[: LONGEST - len(suffix.encode())].decode("utf-8", "ignore")
    return (stem or "document") + suffix
