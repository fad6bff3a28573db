"""Survey: what lies below a folder, beside what the ledger knows of it: what is new there, and what is gone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import AtelierError, BadValue, NoSuchFile
from retrievers.ingest.entries import Known
from retrievers.ingest.journal import Journal
from retrievers.ingest.pipeline import Work
from retrievers.ingest.said import Note
from retrievers.ingest.sidecar import read_note
from retrievers.ingest.walk import Found, Walk, look_at

FOLDER, UPLOAD, DATASET = "folder", "upload", "dataset"


@dataclass(frozen=True)
class Survey:
    """Of one folder or file, by its real path."""

    root: bytes  # what is walked
    named_from: bytes  # the folder whose name, and those below it, say something of the pictures
    work: list[Work]  # files to read
    unchanged: int
    gone: set[bytes]
    unread: dict[bytes, AtelierError]  # folders and files that cannot be looked at; what they hold is kept as it is
    taken_in_below: set[bytes]  # files that were taken in before below a folder farther down


def survey(journal: Journal, library: Path, path: Path, source: str, force: bool) -> Survey:
    """Look round below `path`. Raises `NoSuchFile` where it is not there or cannot be read, and `BadValue` for the
    folder of the library itself."""
    try:
        root, own = os.fsencode(os.path.realpath(path)), os.fsencode(os.path.realpath(library))
    except ValueError as error:  # a zero byte, half a character
        raise NoSuchFile(str(path), "no file can be called that") from error
    if not os.path.exists(root):
        raise NoSuchFile(str(path), "there is no such file or folder")
    data = os.path.dirname(own)
    if root in (own, data) or _is_below(root, own):
        raise BadValue("path", str(path), "a folder with pictures; this one is the library's own")
    alone = not os.path.isdir(root)
    walk = Walk(root, (data,))
    found = {one.path: one for one in ([look_at(root)] if alone else walk)}
    if root in walk.unread:
        raise walk.unread[root]
    known = journal.known(root)
    if _is_below(data, root):  # uploads and data sets, round which the walk goes
        known = {one: before for one, before in known.items() if not _is_below(one, data)}
    named_from = os.path.dirname(root) if alone else root
    if source == FOLDER:
        named_from = _outermost(named_from, journal.roots())
    fresh = [one for one in found.values() if not _is_unchanged(known.get(one.path), one, force)]
    return Survey(
        root,
        named_from,
        [Work(one, named_from, source, _note(one.path, source), os.fsdecode(one.path)) for one in fresh],
        len(found) - len(fresh),
        {one for one in known if one not in found and not walk.is_blind(one)},
        walk.unread,
        {one for one in known.keys() & found.keys() if _lies_higher(named_from, known[one])},
    )


def _is_below(path: bytes, folder: bytes) -> bool:
    return path.startswith(folder.rstrip(b"/") + b"/")


def _outermost(root: bytes, roots: Iterable[bytes]) -> bytes:
    """The highest of the folders that were taken in and that hold this one; itself where none does."""
    above = [one for one in roots if root == one or _is_below(root, one)]
    return min([root, *above], key=len)


def _is_unchanged(known: Known | None, found: Found, force: bool) -> bool:
    return known is not None and known.is_unchanged(found, force)


def _lies_higher(root: bytes, before: Known) -> bool:
    return before.source == FOLDER and _is_below(before.root, root)


def _note(path: bytes, source: str) -> Note:
    return Note() if source == FOLDER else read_note(path)
