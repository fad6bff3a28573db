"""Shelf: style pictures in folders, with the names and words that belong to them.

A picture's name and words come from, in this order: its entry in the folder's `styles.json`; a `.json` beside it with
`name`, `words` and `licence`; a `.txt` beside it with words; the caption in its own metadata; its file name.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import images
from core.errors import AtelierError, BadValue, CorruptCatalogue, StyleUnreadable

CATALOGUE = "styles.json"
NAME_LENGTH, WORDS_LENGTH, ID_LENGTH = 120, 4_000, 60  # characters


@dataclass(frozen=True)
class Style:
    """A style picture and what is known of it."""

    id: str
    name: str
    words: str  # medium, palette, light, mood, era, use: what a person might search by
    path: Path = field(repr=False)
    licence: str = "unknown"
    shipped: bool = False

    def read(self) -> bytes:
        """The bytes of the picture; raises `StyleUnreadable` where it is gone."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise StyleUnreadable(self.id, str(self.path), error.strerror or str(error)) from error


@dataclass(frozen=True)
class Shelf:
    """What the folders held when they were read."""

    styles: Mapping[str, Style]
    problems: Mapping[str, AtelierError]  # by style id: what keeps it from being used


def signature(*folders: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file in the folders: it changes when anything does."""
    files = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_file()]
    found = []
    for path in sorted(files):
        try:
            state = path.stat()
        except FileNotFoundError:  # removed between listing and looking
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(found)


def read_shelf(shipped: Path, added: Path) -> Shelf:
    """The styles of both folders. A picture that cannot be used becomes a problem of its own and spoils no other;
    raises `CorruptCatalogue` where a `styles.json` itself cannot be read."""
    styles: dict[str, Style] = {}
    problems: dict[str, AtelierError] = {}
    for folder, is_shipped in ((shipped, True), (added, False)):
        for style in _read_folder(folder, is_shipped):
            if style.id in styles:
                continue  # the shipped one keeps its name
            try:
                images.read(style.path, wanted=64)
            except AtelierError as error:
                problems[style.id] = StyleUnreadable(style.id, str(style.path), error.message)
            else:
                styles[style.id] = style
    return Shelf(styles, problems)


def _read_folder(folder: Path, shipped: bool) -> list[Style]:
    if not folder.is_dir():
        return []
    listed = _read_catalogue(folder / CATALOGUE)
    found = [_from_entry(folder, entry, shipped) for entry in listed]
    known = {style.path for style in found}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in images.SUFFIXES and path not in known and not path.name.startswith("."):
            found.append(_from_file(path, shipped))
    return found


def _read_catalogue(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["styles"]
        for number, entry in enumerate(entries):
            missing = [key for key in ("id", "name", "picture", "words") if not isinstance(entry.get(key), str)]
            if missing:
                raise CorruptCatalogue(str(path), f"style number {number + 1} has no text for {', '.join(missing)}")
    except CorruptCatalogue:
        raise
    except json.JSONDecodeError as error:
        raise CorruptCatalogue(str(path), f"line {error.lineno}: {error.msg}") from error
    except (OSError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CorruptCatalogue(str(path), f"it holds no list of styles: {error!r}") from error
    return list(entries)


def _from_entry(folder: Path, entry: dict[str, Any], shipped: bool) -> Style:
    path = folder / Path(entry["picture"]).name
    return Style(entry["id"], entry["name"], entry["words"], path, str(entry.get("licence", "unknown")), shipped)


def _from_file(path: Path, shipped: bool) -> Style:
    note, text = path.with_suffix(".json"), path.with_suffix(".txt")
    if note.is_file():
        try:
            told = json.loads(note.read_text(encoding="utf-8"))
            return Style(path.stem, str(told["name"]), str(told["words"]), path, str(told["licence"]), shipped)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CorruptCatalogue(str(note), repr(error)) from error
    words = text.read_text(encoding="utf-8", errors="replace").strip() if text.is_file() else _caption(path)
    name = re.sub(r"[\s_-]+", " ", path.stem).strip().capitalize() or path.stem
    return Style(style_id(name), name, words[:WORDS_LENGTH], path, shipped=shipped)


def _caption(path: Path) -> str:
    try:
        return images.caption(path.read_bytes())
    except OSError:  # said where the picture itself is read
        return ""


def style_id(name: str) -> str:
    """A name as an id of letters and digits of any script and hyphens; a name without any gets a hash."""
    plain = unicodedata.normalize("NFKC", name).lower()
    slug = re.sub(r"[\W_]+", "-", plain).strip("-")[:ID_LENGTH].strip("-")
    return slug or f"style-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def put(folder: Path, data: bytes, name: str, words: str, licence: str, max_pixels: int) -> Style:
    """Write a picture with its note into the folder, whole or not at all, and return its style. Without words, it gets
    those of its own caption.

    Raises `BadValue` for a name or words that cannot be, and what `images.decode` raises for the picture.
    """
    name, words = name.strip(), words.strip() or images.caption(data)
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise BadValue("name", name, f"1 to {NAME_LENGTH} printable characters")
    if len(words) > WORDS_LENGTH:
        raise BadValue("words", words, f"at most {WORDS_LENGTH} characters")
    picture = images.fit(images.decode(data, "style picture", max_pixels), 1024)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{style_id(name)}.jpg"
    note = json.dumps({"name": name, "words": words, "licence": licence}, ensure_ascii=False, indent=2)
    _write(path.with_suffix(".json"), note.encode())
    _write(path, images.to_jpeg(picture, quality=95))  # last: a note without a picture is no style
    return Style(path.stem, name, words, path, licence)


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def take_away(style: Style) -> None:
    """Delete a style's picture and the notes beside it."""
    for path in (style.path, style.path.with_suffix(".json"), style.path.with_suffix(".txt")):
        path.unlink(missing_ok=True)
