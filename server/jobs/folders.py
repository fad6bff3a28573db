"""Folders: those that a request may name: below DATA_DIR, links followed, and not where the library keeps its own."""

from __future__ import annotations

from pathlib import Path

from core.errors import BadValue, NoSuchFile, Refused

OWN = ("chroma", "faiss", "library", "models", "style-embeds")  # below DATA_DIR, and nobody's pictures


class OutsideTheData(Refused):
    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder[:200]!r} is no folder of this server's data directory",
            "name a folder below DATA_DIR, or send the files: POST /pictures, POST /documents",
            folder=folder[:200],
        )


def folder_of(named: str, data_dir: Path, anywhere: bool) -> Path:
    """The folder that a name means: below the data directory, where it is not a whole path.

    With `anywhere`, for the command line of the server's user, any folder or file of this machine. Raises
    `OutsideTheData`, `NoSuchFile`.
    """
    home = data_dir.resolve()
    try:
        path = (home / named).resolve()
        there = path.exists()
    except (OSError, RuntimeError, ValueError) as error:  # a zero byte, a loop of links
        raise NoSuchFile(named[:200], "no file can be called that") from error
    own = [home / name for name in OWN]
    if not anywhere and (home not in path.parents or any(one == path or one in path.parents for one in own)):
        raise OutsideTheData(named)
    if not there or not (anywhere or path.is_dir()):
        raise NoSuchFile(named[:200], "there is no such folder")
    return path


def folder_to_take_in(named: str, data_dir: Path, anywhere: bool) -> str:
    """The same for what is taken in, as a text: a whole path as it was named, so that the library knows it again."""
    if anywhere:
        if not Path(named).is_absolute():
            raise BadValue("path", named, "the whole path of a folder or file on the server's machine")
        return named
    return str(folder_of(named, data_dir, anywhere))
