"""Places: where pictures are written, looked at before any work is done for them."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import BadValue


def places(output: Path, count: int) -> list[Path]:
    """A file for each picture: the one that is named, and beside it what is numbered; refuses what cannot be."""
    files = [output, *(output.with_stem(f"{output.stem}-{number}") for number in range(2, count + 1))]
    for file in files:
        check_place("output", file)
    return files


def check_place(name: str, file: Path) -> None:
    """Refuse what surely cannot be written, before any work is done for it."""
    if file.suffix.lower() != ".png":
        raise BadValue(name, str(file), "a file name that ends in .png")
    try:
        above = next(folder for folder in file.absolute().parents if folder.exists())
        possible = not file.is_dir() and above.is_dir() and os.access(above, os.W_OK)
    except OSError:  # a name that is too long, for example
        possible = False
    if not possible:
        raise BadValue(name, str(file), "a place that can be written")


def write(file: Path, data: bytes) -> None:
    from core.files import write_whole

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, data)
    except OSError as error:
        raise BadValue("output", str(file), f"a place that can be written ({error.strerror})") from error
