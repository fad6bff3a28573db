from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core import images
from core.errors import BadInput, NoSuchFile, PictureTooLarge, PictureTooNarrow, PictureTooSmall, UnreadablePicture
from tests.conftest import drawing, noise


def encoded(image: Image.Image, format_: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def declared(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(17_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UnreadablePicture),
        (b"not a picture at all", UnreadablePicture),
        (b"%PDF-1.7 ...", UnreadablePicture),
        (encoded(noise(300, 200), "JPEG")[:-4000], UnreadablePicture),
        (encoded(noise(300, 200))[:2000], UnreadablePicture),
        (encoded(noise(300, 200), "WEBP")[:500], UnreadablePicture),
        (declared(12_000, 12_000), PictureTooLarge),
        (encoded(Image.new("L", (1, 1))), PictureTooSmall),
        (encoded(Image.new("L", (15, 15))), PictureTooSmall),
        (encoded(Image.new("L", (10_000, 3))), PictureTooNarrow),
    ],
)
def test_a_bad_file_is_refused_by_name(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"sketch\.png"):
        images.decode(data, "sketch.png")


def test_the_size_is_checked_before_a_pixel_is_decoded() -> None:
    bomb = declared(12_000, 12_000)
    assert len(bomb) < 20_000
    with pytest.raises(PictureTooLarge, match=r"12000x12000 px; the limit is 40,000,000"):
        images.decode(bomb, "bomb")


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_formats(format_: str) -> None:
    image = images.decode(encoded(drawing(64, 48), format_))
    assert (image.mode, image.size) == ("RGB", (64, 48))
    assert np.asarray(image).mean() > 200


@pytest.mark.skipif(not images.HEIC, reason="pillow-heif is not installed")
def test_heic() -> None:
    assert images.decode(encoded(drawing(64, 48), "HEIF")).size == (64, 48)


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    assert np.asarray(images.decode(encoded(clear))).min() == 255
    palette = Image.new("P", (32, 32), 0)
    palette.putpalette([0, 0, 0] * 256)
    assert np.asarray(images.decode(encoded(palette, "PNG", transparency=0))).min() == 255


def test_sixteen_bits_are_scaled() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    grey = np.asarray(images.decode(encoded(Image.fromarray(ramp))))
    assert abs(grey.mean() - 127.5) < 1.5
    assert (grey.min(), grey.max()) == (0, 255)


def test_cmyk_and_floats_become_rgb() -> None:
    assert images.decode(encoded(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG")).getpixel((5, 5))[0] > 200
    assert np.asarray(images.decode(encoded(Image.fromarray(np.ones((32, 32), np.float32)), "TIFF"))).min() == 255


def test_the_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert images.decode(out.getvalue()).getpixel((3, 3)) == (255, 0, 0)


def test_exif_turns_the_picture() -> None:
    image = Image.new("RGB", (64, 32), "white")
    image.paste("black", (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees
    turned = images.decode(encoded(image, "JPEG", exif=exif))
    assert turned.size == (32, 64)
    assert turned.getpixel((16, 10))[0] < 60 < 200 < turned.getpixel((16, 50))[0]


def test_a_broken_turn_loses_no_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = bytearray(encoded(drawing(64, 48), "JPEG", exif=exif))
    place = data.index(b"\x12\x01\x03\x00") if b"\x12\x01\x03\x00" in data else data.index(b"\x01\x12\x00\x03")
    data[place + 2 : place + 4] = b"\x0b\x00" if data[place] == 0x12 else b"\x00\x0b"  # a float, which is no turn
    assert sorted(images.decode(bytes(data)).size) == [48, 64]


def test_a_large_jpeg_is_decoded_at_the_scale_that_is_needed() -> None:
    data = encoded(noise(2000, 1500), "JPEG")
    assert max(images.decode(data, wanted=500).size) == 500
    assert max(images.decode(data, wanted=501).size) == 1000


def test_captions_are_read_from_the_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "A harbour at dusk"
    exif[0x9C9E] = "boats;lanterns".encode("utf-16-le")
    assert images.caption(encoded(drawing(64, 48), "JPEG", exif=exif)) == "A harbour at dusk. boats;lanterns"
    text = PngInfo()
    text.add_text("Description", "Pencil study")
    assert images.caption(encoded(drawing(64, 48), "PNG", pnginfo=text)) == "Pencil study"
    assert images.caption(encoded(drawing(64, 48))) == images.caption(b"nothing") == images.caption(b"") == ""


def test_a_caption_decodes_no_pixel() -> None:
    bomb = declared(12_000, 12_000)
    tracemalloc.start()
    assert images.caption(bomb) == ""
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_a_flipped_byte_is_a_picture_or_a_refusal(format_: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "words"
    data = encoded(drawing(64, 48), format_, **({} if format_ == "GIF" else {"exif": exif}))
    rng = np.random.default_rng(0)
    for place, value in zip(rng.integers(0, len(data), 300), rng.integers(0, 256, 300), strict=True):
        broken = data[:place] + bytes([value]) + data[place + 1 :]
        images.caption(broken)
        try:
            assert images.decode(broken, max_pixels=1_000_000).mode == "RGB"
        except BadInput as error:
            assert error.remedy


def test_what_is_larger_than_needed_is_shrunk_at_once() -> None:
    large = Image.new("L", (4_800, 3_600), 200)
    deep = Image.fromarray(np.full((3_600, 4_800), 51_400, np.uint16))
    for image in (large, large.convert("RGB"), large.convert("RGBA"), deep):
        shrunk = images.decode(encoded(image, compress_level=1), wanted=400)
        assert (shrunk.size, shrunk.getpixel((9, 9))) == ((400, 300), (200, 200, 200))
    assert images.decode(encoded(drawing(1600, 1200)), wanted=400).size == (1600, 1200)  # small enough as it is


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"nowhere\.png"):
        images.read(tmp_path / "nowhere.png")


def test_png_round_trip() -> None:
    image = noise(50, 40)
    assert np.array_equal(np.asarray(images.decode(images.to_png(image))), np.asarray(image))
