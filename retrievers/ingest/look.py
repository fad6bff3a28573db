"""Look: read a picture file and see what its bytes and pixels say."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

from PIL import ExifTags, Image

from core import images
from core.errors import AtelierError, BadInput, NoSuchFile
from core.measures import measure
from retrievers.ingest.walk import Found
from retrievers.nearness import perceptual_hash

LARGEST = 512 * 2**20  # bytes of a file; no picture of MAX_PIXELS has more
MEASURED = 384  # px of the long side that core.measures wants
ID_LENGTH = 16

Answer = TypeVar("Answer")


class FileTooLarge(BadInput):
    def __init__(self, path: str, size: int) -> None:
        super().__init__(
            f"{path} has {size:,} bytes; the limit is {LARGEST:,}",
            "save it smaller, or as JPEG",
            path=path,
            size=size,
            limit=LARGEST,
        )


class FileUnsteady(BadInput):
    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changes while it is read", "ingest again when it is written", path=path)


@dataclass(frozen=True)
class Content:
    """The bytes of a file, and the file as it was when they were read."""

    found: Found
    data: bytes
    id: str


@dataclass(frozen=True)
class Looks:
    """What a picture's bytes and pixels say of it, whatever it is called."""

    width: int  # px, as it is shown
    height: int
    bytes: int
    exif_taken: float | None  # unix seconds
    near: str
    colours: dict[str, float]
    medium: str
    seen: str
    caption: str


def picture_id(data: bytes) -> str:
    """The id of a picture: the first 16 hexadecimal digits of the sha256 of its file's bytes."""
    return hashlib.sha256(data).hexdigest()[:ID_LENGTH]


def read_content(path: bytes) -> Content:
    """Read a file; once more where it changes meanwhile. Raises `NoSuchFile`, `FileTooLarge` and `FileUnsteady`."""
    for _ in range(2):
        before, data, after = _read(path)
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size:
            found = Found(path, after.st_size, after.st_mtime_ns, after.st_ctime_ns)
            return Content(found, data, picture_id(data))
    raise FileUnsteady(os.fsdecode(path))


def _read(path: bytes) -> tuple[os.stat_result, bytes, os.stat_result]:
    name = os.fsdecode(path)
    try:
        with open(path, "rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size > LARGEST:
                raise FileTooLarge(name, before.st_size)
            return before, file.read(LARGEST + 1), os.fstat(file.fileno())
    except OSError as error:
        raise NoSuchFile(name, error.strerror or str(error)) from error


def decode(content: Content, called: str, max_pixels: int | None, short_side: int) -> Image.Image:
    """The picture, decoded no larger than twice what is needed for a short side of `short_side` px.

    Raises what `core.images.decode` does, naming what it is `called`.
    """
    width, height = _on_head(content.data, lambda opened: opened.size) or (1, 1)
    wanted = max(MEASURED, -(-short_side * max(width, height) // max(1, min(width, height))))
    picture = images.decode(content.data, called, max_pixels, wanted)
    spare = max(picture.size) // wanted
    return picture.reduce(spare) if spare > 1 else picture


def looks(content: Content, picture: Image.Image) -> Looks:
    """Measure a picture that was decoded from this content."""
    measures = measure(picture)
    width, height = _on_head(content.data, lambda opened: opened.size) or picture.size
    if (width > height) != (picture.width > picture.height) and picture.width != picture.height:
        width, height = height, width  # turned, as its EXIF says
    return Looks(
        width,
        height,
        len(content.data),
        _on_head(content.data, _taken),
        perceptual_hash(picture),
        {term: round(share, 4) for term, share in measures.colours.items()},
        measures.medium,
        measures.words(),
        images.caption(content.data),
    )


def _on_head(data: bytes, ask: Callable[[Image.Image], Answer]) -> Answer | None:
    """What the head of a file says, without its pixels; None where it is damaged."""
    try:
        with Image.open(io.BytesIO(data), formats=images.FORMATS) as opened:
            return ask(opened)
    except Exception:  # noqa: BLE001 - heads can be broken in as many ways as there are programs that write them
        return None


def _taken(opened: Image.Image) -> float | None:
    """When a picture was taken, as its EXIF says; without a time zone it counts as UTC, the same everywhere."""
    exif = Image.Exif()
    exif.load(opened.info.get("exif", b""))
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    told = camera.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = str(camera.get(ExifTags.Base.OffsetTimeOriginal) or "")
    zone = timezone(timedelta(hours=int(offset[:3]), minutes=int(offset[0] + offset[4:6]))) if len(offset) == 6 else UTC
    return datetime.strptime(str(told).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone).timestamp()


def refusal(error: Exception, called: str) -> AtelierError:
    """Any failure of one file as an error that can be recorded."""
    if isinstance(error, AtelierError):
        return error
    return BadInput(f"{called} cannot be taken in ({type(error).__name__}: {error})", "ingest it again", name=called)
