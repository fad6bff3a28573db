"""Pictures in and out: bytes to a checked RGB picture, and back to PNG or JPEG.

Whatever comes in, an RGB picture comes out: turned as its EXIF says, transparency laid on white, sixteen bits scaled
to eight, the first frame of an animation. The number of pixels is checked before any of them is decoded.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps, IptcImagePlugin, UnidentifiedImageError
from PIL.ExifTags import Base

from core.apart import EndedByItself, Part, TookTooLong, apart
from core.errors import AtelierError, BadValue, PictureTooLarge, PictureTooNarrow, PictureTooSmall, UnreadablePicture
from core.files import read_bytes
from core.settings import get_settings

try:  # HEIC, the format of many phones, where the package is installed
    from pillow_heif import register_heif_opener
except ImportError:
    HEIC = False
else:
    register_heif_opener()
    HEIC = True

Image.MAX_IMAGE_PIXELS = None  # our own limit (MAX_PIXELS) is checked first, and names the size
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", *(("HEIF",) if HEIC else ()))
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", *((".heic",) if HEIC else ()))
MAX_PIXELS = 40_000_000
MIN_SIDE = 16  # px; less than that is no drawing
MAX_ASPECT = 8
LARGE = 12_000_000  # pixels; what is larger is shrunk before it is converted, to spare memory
MAX_CAPTION = 2_000  # characters
PASSES = 32  # over a JPEG, of which a hostile one has a million; programs write about ten
BOUNDED = ("PNG", "JPEG", "WEBP", "GIF", "BMP")  # what takes time by its pixels alone, a JPEG by its passes as well

_places, _places_apart = BoundedSemaphore(os.cpu_count() or 1), BoundedSemaphore(os.cpu_count() or 1)
_WINDOWS_TAGS = (Base.XPTitle, Base.XPComment, Base.XPSubject, Base.XPKeywords)
_IPTC_RECORDS = ((2, 5), (2, 120), (2, 25))  # title, caption, keywords


def decode(
    data: bytes, name: str = "picture", max_pixels: int | None = MAX_PIXELS, wanted: int | None = None
) -> Image.Image:
    """An RGB picture from the bytes of a file.

    `wanted` is the long side in px that is needed: what is larger is decoded, or at once shrunk, to a scale that has
    it. Raises `UnreadablePicture`, `PictureTooLarge`, `PictureTooSmall` or `PictureTooNarrow`, each naming `name`.
    What may take any time is decoded in another process, and refused after DECODE_SECONDS.
    """
    with _opened(data, name) as opened:
        check_size(name, *opened.size, max_pixels)
        if opened.format in BOUNDED and (opened.format != "JPEG" or data.count(b"\xff\xda") <= PASSES):
            return _checked(opened, name, max_pixels, wanted)
    with _places_apart:  # of their own: those that take long hold up no others
        return _decoded_apart(data, name, max_pixels, wanted)


def _decoded_apart(data: bytes, name: str, max_pixels: int | None, wanted: int | None) -> Image.Image:
    told = {"name": name, "max_pixels": max_pixels, "wanted": wanted}
    seconds = get_settings().decode_seconds
    try:
        ((size, pixels),) = apart("core.images:decode_here", data, seconds, **told)
    except TookTooLong:
        raise UnreadablePicture(name, f"its decoder took more than {seconds:g} s (DECODE_SECONDS)") from None
    except EndedByItself as error:
        raise UnreadablePicture(name, f"its decoder broke: {error.message}") from None
    return Image.frombytes("RGB", (size["width"], size["height"]), pixels)


def decode_here(data: bytes, name: str, max_pixels: int | None, wanted: int | None) -> Iterator[Part]:
    """What the other process does."""
    with _opened(data, name) as opened:
        picture = _checked(opened, name, max_pixels, wanted)
    yield {"width": picture.width, "height": picture.height}, picture.tobytes()


def probe(data: bytes, name: str = "picture", max_pixels: int | None = MAX_PIXELS) -> None:
    """Raise what `decode` would say of these bytes by their head alone: no picture, too large, small or narrow."""
    with _opened(data, name) as opened:
        check_size(name, *opened.size, max_pixels)


def take(
    image: Image.Image, name: str = "picture", max_pixels: int | None = MAX_PIXELS, wanted: int | None = None
) -> Image.Image:
    """`decode` for a picture that Pillow has opened already."""
    with _refusing_damage(name):
        return _checked(image, name, max_pixels, wanted)


def given(picture: object, name: str, max_pixels: int, wanted: int | None = None) -> tuple[Image.Image, bytes]:
    """What a caller hands over as a picture: Pillow's, the bytes of a file, or its path; -> the picture, and the bytes
    of its file. Raises `BadValue` for anything else, and what `decode` and `read` do."""
    if isinstance(picture, Image.Image):
        taken = take(picture, name, max_pixels, wanted)
        return taken, to_png(taken)
    if isinstance(picture, bytes):
        return decode(picture, name, max_pixels, wanted), picture
    if isinstance(picture, (str, Path)):
        data = read_bytes(Path(picture))
        return decode(data, str(picture), max_pixels, wanted), data
    raise BadValue(name, picture, "a Pillow picture, the bytes of a file, or its path")


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[Image.Image]:
    if not data:
        raise UnreadablePicture(name, "it has 0 bytes")
    with _refusing_damage(name), Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        yield opened


@contextmanager
def _refusing_damage(name: str) -> Iterator[None]:
    """Whatever a decoder raises on damaged bytes, as `UnreadablePicture`; one picture per processor core at a time."""
    with _places:  # forty requests at once would hold forty pictures of MAX_PIXELS
        try:
            yield
        except AtelierError:
            raise
        except UnidentifiedImageError:
            raise UnreadablePicture(name, "its bytes are of no picture format that is known here") from None
        except Exception as error:  # each format's library raises errors of its own
            raise UnreadablePicture(name, f"the file is damaged: {error}") from error


def _checked(opened: Image.Image, name: str, max_pixels: int | None, wanted: int | None) -> Image.Image:
    check_size(name, *opened.size, max_pixels)
    spare = 1
    if wanted is not None:
        scale = wanted / max(opened.size)
        opened.draft("RGB", (round(opened.width * scale), round(opened.height * scale)))
        if opened.width * opened.height > LARGE:
            spare = max(1, max(opened.size) // wanted)
    opened.load()
    return to_rgb(_turned(opened), spare)


def _turned(image: Image.Image) -> Image.Image:
    """The picture as its EXIF turns it; as it lies where its EXIF is broken."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - metadata can be broken in as many ways as there are programs that write it
        return image


def read(path: Path, max_pixels: int | None = MAX_PIXELS, wanted: int | None = None) -> Image.Image:
    """`decode` for a file on disk; the errors name its path."""
    return decode(read_bytes(path), str(path), max_pixels, wanted)


def check_size(name: str, width: int, height: int, max_pixels: int | None) -> None:
    """Raise the error that fits a picture of this size, if one does."""
    if max_pixels is not None and width * height > max_pixels:
        raise PictureTooLarge(name, width, height, max_pixels)
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise PictureTooNarrow(name, width, height, MAX_ASPECT)
    if min(width, height) < MIN_SIDE:
        raise PictureTooSmall(name, width, height, MIN_SIDE)


def to_rgb(image: Image.Image, spare: int = 1) -> Image.Image:
    """Any picture as RGB, `spare` times smaller: transparency laid on white, sixteen bits scaled to eight."""
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image, spare)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        clear = image.convert("RGBA").convert("RGBa").reduce(spare).convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    even = image if image.mode in ("L", "RGB", "CMYK", "YCbCr") else image.convert("RGB")
    return even.reduce(spare).convert("RGB") if spare > 1 else even.convert("RGB")


def _from_deep(image: Image.Image, spare: int) -> Image.Image:
    """Sixteen-bit or floating-point grey as eight-bit RGB; Pillow's own conversion clips instead of scaling."""
    values = np.asarray(image)
    small = (max(1, image.width // spare), max(1, image.height // spare))
    if spare > 1 and values.dtype in (np.uint16, np.float32):
        values = cv2.resize(values, small, interpolation=cv2.INTER_AREA)
    scaled = np.nan_to_num(values.astype(np.float32))
    top = 65535.0 if image.mode.startswith("I") else max(1.0, float(scaled.max()))
    return Image.fromarray(np.clip(scaled / top * 255 + 0.5, 0, 255).astype(np.uint8)).convert("RGB")


def caption(data: bytes) -> str:
    """The words that a picture's own metadata say of it: title, description, keywords; empty where there are none.

    EXIF (ImageDescription and Windows' title, comment, subject and keywords), IPTC (title, caption, keywords) and the
    text chunks of PNG. No pixel is decoded. Raises nothing: a picture with broken metadata has no caption.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            exif = Image.Exif()
            exif.load(opened.info.get("exif", b""))  # getexif() would decode a PNG
            said = [exif.get(Base.ImageDescription), *(_utf16(exif.get(tag)) for tag in _WINDOWS_TAGS)]
            said += [opened.info.get(key) for key in ("Title", "Description", "Caption", "Keywords", "Subject")]
            said += _listed((IptcImagePlugin.getiptcinfo(opened) or {}).get(record) for record in _IPTC_RECORDS)
    except Exception:  # noqa: BLE001 - metadata can be broken in as many ways as there are programs that write it
        return ""
    words = [text.strip(" \0\n\t") for text in said if isinstance(text, str)]
    return ". ".join(dict.fromkeys(word for word in words if word))[:MAX_CAPTION]


def _utf16(value: object) -> str | None:
    return value.decode("utf-16-le", "ignore") if isinstance(value, bytes) else None


def _listed(values: Iterable[Any]) -> list[str]:
    """IPTC records as text; a record that may repeat is a list."""
    flat = [one for value in values if value for one in (value if isinstance(value, list) else [value])]
    return [one.decode("utf-8", "ignore") for one in flat if isinstance(one, bytes)]


def media_type(data: bytes) -> str:
    """The media type of a picture's file, by its head."""
    with _opened(data, "picture") as opened:
        return Image.MIME.get(opened.format or "", "application/octet-stream")


def fit(image: Image.Image, side: int) -> Image.Image:
    """The picture with its long side at most `side` px."""
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    return copy


def to_png(image: Image.Image) -> bytes:
    """PNG bytes of an RGB picture, in a sixth of the time of Pillow's default.

    Brush strokes never repeat, so looking for repetitions is in vain: averages of neighbours and runs are as small.
    """
    pixels = cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)
    how = {
        cv2.IMWRITE_PNG_COMPRESSION: 1,
        cv2.IMWRITE_PNG_FILTER: cv2.IMWRITE_PNG_FILTER_AVG,
        cv2.IMWRITE_PNG_STRATEGY: cv2.IMWRITE_PNG_STRATEGY_RLE,
    }
    return bytes(cv2.imencode(".png", pixels, [value for pair in how.items() for value in pair])[1])


def to_jpeg(image: Image.Image, quality: int = 90) -> bytes:
    """JPEG bytes."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
