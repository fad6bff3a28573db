"""Walk: the picture files below a folder, each folder once, however links lead round."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.errors import AtelierError, NoSuchFile
from core.images import SUFFIXES

_SUFFIXES = tuple(suffix.encode() for suffix in SUFFIXES)


@dataclass(frozen=True)
class Found:
    """A file as the walk met it; times in ns."""

    path: bytes
    size: int
    mtime_ns: int
    ctime_ns: int
    regular: bool = True  # False: a pipe, a device, or a link to nothing; it is never opened


@dataclass
class Walk:
    """`for found in walk` goes through the files; `unread` then has the folders that could not be read, and why.

    Folders are walked in the order of their names, those behind links last, so that a file that can be reached in
    two ways always gets the same path. Hidden files and folders are left out, and the folders `but`.
    """

    root: bytes
    but: Collection[bytes] = ()  # real paths
    unread: dict[bytes, AtelierError] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Found]:
        known: set[tuple[int, int]] = set()
        folders, behind_links = deque([self.root]), deque[bytes]()
        while folders or behind_links:
            folder = (folders or behind_links).popleft()
            try:
                looked = os.stat(folder)
                if (looked.st_dev, looked.st_ino) in known or os.path.realpath(folder) in self.but:
                    continue
                known.add((looked.st_dev, looked.st_ino))
                with os.scandir(folder) as entries:
                    here = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                self.unread[folder] = NoSuchFile(os.fsdecode(folder), error.strerror or str(error))
                continue
            for entry in here:
                if entry.name.startswith(b"."):
                    continue
                if _is_folder(entry):
                    (behind_links if entry.is_symlink() else folders).append(entry.path)
                elif entry.name.lower().endswith(_SUFFIXES):
                    yield look_at(entry.path)

    def is_blind(self, path: bytes) -> bool:
        """Whether a path lies in a folder that could not be read, so that nothing can be said of it."""
        return any(path.startswith(folder.rstrip(b"/") + b"/") for folder in self.unread)


def _is_folder(entry: Any) -> bool:
    try:
        return bool(entry.is_dir())
    except OSError:  # links that lead round in a circle
        return False


def look_at(path: bytes) -> Found:
    """One file as it lies there; one that is gone or cannot be looked at has no size."""
    try:
        found = os.stat(path)
    except OSError:
        return Found(path, -1, 0, 0, regular=False)
    return Found(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns, stat.S_ISREG(found.st_mode))
