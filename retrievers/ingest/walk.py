"""Walk: the files of some kinds below a folder, pictures by default; each folder once, however links lead round."""

from __future__ import annotations

import errno
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
    """`for found in walk` goes through the files; `unread` then has what could not be looked at, and why.

    Folders are walked in the order of their names, those behind links last, so that a file that can be reached in
    two ways always gets the same path. Hidden files and folders are left out, and the folders `but`.
    """

    root: bytes
    but: Collection[bytes] = ()  # real paths
    suffixes: tuple[bytes, ...] = _SUFFIXES  # of the files, in small letters
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
                elif entry.name.lower().endswith(self.suffixes):
                    try:
                        yield look_at(entry.path)
                    except OSError as error:
                        self.unread[entry.path] = NoSuchFile(os.fsdecode(entry.path), error.strerror or str(error))

    def is_blind(self, path: bytes) -> bool:
        """Whether a path, or a folder it lies in, could not be looked at, so that nothing can be said of it."""
        return any(path == place or path.startswith(place.rstrip(b"/") + b"/") for place in self.unread)


def _is_folder(entry: Any) -> bool:
    try:
        return bool(entry.is_dir())
    except OSError:  # links that lead round in a circle
        return False


def look_at(path: bytes) -> Found:
    """One file as it lies there; what is gone, or a link to nothing, has no size. Raises `OSError` where that cannot be
    said, as in a folder that may not be entered."""
    try:
        found = os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return Found(path, -1, 0, 0, regular=False)
        raise
    return Found(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns, stat.S_ISREG(found.st_mode))
