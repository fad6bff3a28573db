"""Shelf: style pictures in folders, with the names and words that belong to them.

A picture's name and words come from, in this order: its entry in the shipped folder's `styles.json`; a `.json` beside
it that has `name` and `words`; a `.txt` beside it with words; the caption in its own metadata; its file name.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import images
from core.errors import (
    AtelierError,
    BadSetting,
    BadValue,
    CorruptCatalogue,
    NoSuchFile,
    StyleExists,
    StyleUnreadable,
)
from core.files import write_new, write_whole
from core.once import Once

CATALOGUE = "styles.json"
RESERVED = ("styles", "search")  # the catalogue's name, and a path of the server's
NAME_LENGTH, WORDS_LENGTH, ID_LENGTH = 120, 4_000, 60  # characters
ID_BYTES, NOTE_LENGTH = 180, 65_536

State = tuple[str, int, int]  # path, time of change in ns, bytes


@dataclass(frozen=True)
class Style:
    """A style picture and what is known of it."""

    id: str
    name: str
    words: str  # medium, palette, light, mood, era, use: what a person might search by
    path: Path = field(repr=False)
    licence: str = "unknown"
    shipped: bool = False
    digest: str = field(default="", repr=False)  # sha256 of the picture's bytes

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


def signature(*folders: Path) -> tuple[State, ...]:
    """The state of every file in the folders: it changes when anything does."""
    return tuple(state for folder in folders for path in _files(folder) if (state := _state(path)) is not None)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []
    except OSError as error:
        raise CorruptCatalogue(str(folder), error.strerror or str(error)) from error


def _state(path: Path) -> State | None:
    try:
        found = path.stat()
    except OSError:  # removed between listing and looking, or a link that leads nowhere
        return None
    return str(path), found.st_mtime_ns, found.st_size


def read_shelf(shipped: Path, added: Path, max_pixels: int = images.MAX_PIXELS) -> Shelf:
    """The styles of both folders. A picture that cannot be used becomes a problem of its own and spoils no other;
    raises `CorruptCatalogue` where the shipped `styles.json` itself cannot be read."""
    styles: dict[str, Style] = {}
    problems: dict[str, AtelierError] = {}
    for style in _read_folders(shipped, added):
        if style.id in styles or style.id in problems:
            continue  # the first keeps the name, the shipped before the added
        if isinstance(style, _Unreadable):
            problems[style.id] = style.problem
            continue
        try:
            digest = _check(style.path, max_pixels)
        except AtelierError as error:
            problems[style.id] = StyleUnreadable(style.id, str(style.path), error.message)
        else:
            known = (style.id, style.name, style.words, style.path, style.licence, style.shipped)
            styles[style.id] = Style(*known, digest)
    return Shelf(styles, problems)


@dataclass(frozen=True)
class _Unreadable:
    id: str
    problem: AtelierError


def _check(path: Path, max_pixels: int) -> str:
    """The sha256 of a picture that can be decoded; what has not changed is not looked at again."""
    return _checked((_state(path), path, max_pixels))


def _decode_once(key: tuple[State | None, Path, int]) -> str:
    _, path, max_pixels = key
    if not path.is_file():  # a pipe would be read for ever
        raise NoSuchFile(str(path), "it is no file")
    images.read(path, max_pixels, wanted=64)
    return hashlib.sha256(path.read_bytes()).hexdigest()


_checked: Once[tuple[State | None, Path, int], str] = Once(_decode_once, keep=100_000, name="style_files")


def _read_folders(shipped: Path, added: Path) -> Iterator[Style | _Unreadable]:
    entries = _read_catalogue(shipped / CATALOGUE)
    listed = {entry["picture"] for entry in entries}
    for entry in entries:
        path = shipped / Path(entry["picture"]).name
        yield Style(entry["id"], entry["name"], entry["words"], path, str(entry.get("licence", "unknown")), True)
    for folder in (shipped, added):
        for path in _files(folder):
            if path.suffix.lower() in images.SUFFIXES and not (folder == shipped and path.name in listed):
                yield _from_file(path, folder == shipped)


def _read_catalogue(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["styles"]
        for number, entry in enumerate(entries):
            missing = [key for key in ("id", "name", "picture", "words") if not isinstance(entry.get(key), str)]
            if missing:
                raise CorruptCatalogue(str(path), f"style number {number + 1} has no text for {', '.join(missing)}")
    except json.JSONDecodeError as error:
        raise CorruptCatalogue(str(path), f"line {error.lineno}: {error.msg}") from error
    except (OSError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CorruptCatalogue(str(path), f"it holds no list of styles: {error!r}") from error
    return list(entries)


def _from_file(path: Path, shipped: bool) -> Style | _Unreadable:
    stem = path.stem.encode("utf-8", "replace").decode()  # a name from a disk of another encoding
    plain = re.sub(r"[\s_-]+", " ", stem).strip()
    name = plain[:1].upper() + plain[1:NAME_LENGTH] or stem
    try:
        note = _read_note(path.with_suffix(".json"))
        if note is not None:
            return Style(style_id(stem), note["name"], note["words"], path, note["licence"], shipped)
        text = path.with_suffix(".txt")
        words = _read_start(text) if text.is_file() else _caption(path)
    except (OSError, ValueError, RecursionError) as error:
        return _Unreadable(style_id(stem), StyleUnreadable(style_id(stem), str(path), f"its note: {error}"))
    return Style(style_id(stem), name, _clean(words)[:WORDS_LENGTH], path, shipped=shipped)


def _read_note(path: Path) -> dict[str, Any] | None:
    """Name and words from a `.json` beside a picture; one that has neither belongs to another program."""
    if path.name == CATALOGUE or not path.is_file():
        return None
    told = json.loads(_read_start(path))
    if not (isinstance(told, dict) and isinstance(told.get("name"), str) and isinstance(told.get("words"), str)):
        return None
    name, words = _clean(told["name"])[:NAME_LENGTH], _clean(told["words"])[:WORDS_LENGTH]
    licence = _clean(str(told.get("licence", "unknown")))[:NAME_LENGTH]
    return {"name": name or path.stem, "words": words, "licence": licence or "unknown"}


def _read_start(path: Path) -> str:
    """The first NOTE_LENGTH bytes of a file as text."""
    with path.open("rb") as file:
        return file.read(NOTE_LENGTH).decode("utf-8", "replace")


def _caption(path: Path) -> str:
    return images.caption(path.read_bytes()) if path.is_file() else ""


def _clean(words: str) -> str:
    """Words without control characters, as a text file that is none might have them."""
    return "".join(" " if _has_control(letter) else letter for letter in words).strip()


def style_id(name: str) -> str:
    """A name as an id of letters and digits of any script and hyphens; a name without any gets a hash."""
    plain = unicodedata.normalize("NFKC", name).lower()
    slug = re.sub(r"[\W_]+", "-", plain).strip("-")[:ID_LENGTH]
    slug = slug.encode("utf-8", "ignore")[:ID_BYTES].decode("utf-8", "ignore").strip("-")  # file names have limits
    if not slug:
        return f"style-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"
    return f"style-{slug}" if slug in RESERVED else slug


def put(folder: Path, data: bytes, name: str, words: str, licence: str, max_pixels: int) -> Style:
    """Write a picture with its note into the folder, whole or not at all, and return its style. Without words, it gets
    those of its own caption.

    Raises `BadValue` for a text that cannot be, and what `images.decode` raises for the picture.
    """
    name, words, licence = name.strip(), words.strip(), licence.strip()
    for field_, text, longest in (("name", name, NAME_LENGTH), ("licence", licence, NAME_LENGTH)):
        if not text or len(text) > longest or _has_control(text):
            raise BadValue(field_, text, f"1 to {longest} characters, on one line")
    if len(words) > WORDS_LENGTH or _has_control(words, allowed="\n\r\t"):
        raise BadValue("words", words, f"at most {WORDS_LENGTH} characters of text")
    picture = images.fit(images.decode(data, "style picture", max_pixels, wanted=1024), 1024)
    words = words or images.caption(data)
    path = folder / f"{style_id(name)}.jpg"
    note = json.dumps({"name": name, "words": words, "licence": licence}, ensure_ascii=False, indent=2)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.with_suffix(".json").exists():
            raise StyleExists(path.stem)
        write_new(path, images.to_jpeg(picture, quality=95))
        write_whole(path.with_suffix(".json"), note.encode())
    except FileExistsError:  # another process was faster
        raise StyleExists(path.stem) from None
    except OSError as error:
        raise BadSetting("DATA_DIR", str(folder), error.strerror or str(error)) from error
    return Style(path.stem, name, words, path, licence)


def _has_control(text: str, allowed: str = "") -> bool:
    """Whether a text has control characters or halves of characters; joiners, as emoji need them, are none."""
    return any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in allowed for letter in text)


def take_away(style: Style) -> None:
    """Delete a style's picture and our note of it; a `.txt` that somebody put there stays."""
    try:
        style.path.unlink(missing_ok=True)
        note = style.path.with_suffix(".json")
        if note.is_file() and _is_ours(note):
            note.unlink()
    except OSError as error:
        raise BadSetting("DATA_DIR", str(style.path), error.strerror or str(error)) from error


def _is_ours(note: Path) -> bool:
    try:
        return _read_note(note) is not None
    except (OSError, ValueError, RecursionError):
        return False
