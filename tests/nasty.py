"""Pictures that nobody makes by mistake: cut off, lying about their size, unfolding to gigabytes, going in circles, or
something else; and odd ones that are pictures all the same. All are made here, by name."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image

MEGA = 1_000_000


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    held = io.BytesIO()
    image.save(held, kind, **options)
    return held.getvalue()


def drawn() -> Image.Image:
    """Something to see: a cross in grain."""
    pixels = np.random.default_rng(1).integers(180, 255, (96, 128, 3), np.uint8)
    pixels[40:52], pixels[:, 60:72] = 20, 40
    return Image.fromarray(pixels)


def flag() -> Image.Image:
    """A quarter red, a quarter green, half of it blue: no two sides are alike."""
    pixels = np.full((96, 128, 3), (40, 60, 200), np.uint8)
    pixels[:48, :64], pixels[:48, 64:] = (220, 30, 30), (40, 180, 60)
    return Image.fromarray(pixels)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes, bits: int = 8, colour: int = 0) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks)


@cache
def zeros(size: int) -> bytes:
    """So many zeros, a thousandth as long."""
    packer = zlib.compressobj(9)
    block = b"\0" * MEGA
    return b"".join(packer.compress(block) for _ in range(size // MEGA)) + packer.flush()


END = chunk(b"IEND", b"")


def tiff(*entries: tuple[int, int, int, int], after: int = 0, tail: bytes = b"") -> bytes:
    """One directory of (tag, type, count, value), and where the next one is."""
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8) + body + struct.pack("<I", after) + tail


def bmp(width: int, height: int, offset: int = 54) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, offset) + head + b"\x80" * 300


def jpeg_of_size(width: int, height: int) -> bytes:
    data = saved(drawn(), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def gif_of(frames: int) -> bytes:
    """A head, and so many pictures of it, each of one colour."""
    two = saved(Image.new("P", (32, 32)), "GIF")
    start = two.index(b",")
    return two[:start] + two[start:-1] * frames + b";"


def jpeg_with_marks() -> bytes:
    return saved(drawn(), "JPEG", restart_marker_blocks=4)


def marked(jpeg: bytes) -> bytes:
    """Every mark says that it is the seventh."""
    for number in range(8):
        jpeg = jpeg.replace(b"\xff" + bytes([0xD0 + number]), b"\xff\xd7")
    return jpeg


def strips(count: int) -> bytes:
    """A picture of 16 by so many pixels, each line of which is the same strip."""
    entries = (
        *((256, 4, 1, 16), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
        *((273, 4, count, 122), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, count, 122 + 4 * count)),
    )
    places, sizes = struct.pack("<I", 8) * count, struct.pack("<I", 16) * count
    return tiff(*entries, tail=places + sizes)


def turned(image: Image.Image, turn: int) -> Image.Image:
    """As a camera keeps it that was held so: what EXIF's number `turn` asks to be undone."""
    undone = {
        **{2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM},
        **{5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE},
        8: Image.Transpose.ROTATE_270,
    }
    return image.transpose(undone[turn]) if turn in undone else image


def odd() -> dict[str, bytes]:
    """Files of many kinds that all show `flag`, in colour or in grey."""
    picture, blank = flag(), Image.new("RGB", (128, 96), "white")
    grey, clear = picture.convert("L"), picture.convert("RGBA")
    clear.putpixel((0, 0), (0, 0, 0, 0))
    palette = picture.quantize(64)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    jpeg = saved(picture, "JPEG", quality=95)
    found = {
        "sixteen bits": saved(deep, "PNG"),
        "sixteen bits of a tiff": saved(deep, "TIFF"),
        "shares of one": saved(Image.fromarray(np.asarray(grey).astype(np.float32) / 255), "TIFF"),
        "inks": saved(picture.convert("CMYK"), "JPEG", quality=95),
        "inks of a tiff": saved(picture.convert("CMYK"), "TIFF"),
        "a palette": saved(palette, "PNG"),
        "a palette with what is clear": saved(palette, "PNG", transparency=bytes([255] * 63 + [254])),
        "grey with what is clear": saved(clear.convert("LA"), "PNG"),
        "colours with what is clear": saved(clear, "WEBP", lossless=True),
        "a png that moves": saved(picture, "PNG", save_all=True, append_images=[blank] * 3),
        "a webp that moves": saved(picture, "WEBP", save_all=True, append_images=[blank] * 3, lossless=True),
        "a gif that moves": saved(palette, "GIF", save_all=True, append_images=[blank.quantize(2)] * 3),
        "a tiff of two pages": saved(picture, "TIFF", save_all=True, append_images=[blank]),
        "two pictures of a camera": saved(picture, "MPO", save_all=True, append_images=[blank], quality=95),
        "in passes": saved(picture, "JPEG", progressive=True, quality=95),
        "with marks": saved(picture, "JPEG", restart_marker_blocks=4, quality=95),
        "with a profile that is none": saved(picture, "JPEG", icc_profile=b"nonsense" * 40, quality=95),
        "with words of no kind": saved(picture, "JPEG", exif=b"Exif\0\0" + b"\xff" * 60_000, quality=95),
        "with a page behind it": jpeg + b"%PDF-1.4\n<script>alert(1)</script>",
        "with an archive behind it": saved(picture, "PNG") + b"PK\x05\x06" + b"\0" * 18,
        "packed by lzw": saved(picture, "TIFF", compression="tiff_lzw"),
        "packed as a jpeg in a tiff": saved(picture, "TIFF", compression="jpeg", quality=95),
        "a line each strip": saved(picture, "TIFF", tiffinfo={278: 1}, compression="tiff_deflate"),
    }
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        found[f"turned {turn}"] = saved(turned(picture, turn), "JPEG", exif=exif, quality=95)
    return found


def pictures() -> dict[str, bytes]:
    plain = {kind: saved(drawn(), kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")}
    jpeg, exif = plain["JPEG"], Image.Exif()
    exif[0x0112] = 9  # no turn is called that
    lines = chunk(b"IDAT", zlib.compress(b"\0" * 129 * 96))
    found = {
        "nothing": b"",
        "one byte": b"\x89",
        "a text": b"draw me a house",
        "a page": b"<!doctype html><script>alert(1)</script>",
        "an svg that reads files": b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><text>&x;</text></svg>',
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n(/etc/passwd) (r) file\nshowpage\n",
        "an archive": b"PK\x03\x04" + b"\0" * 200,
        "a photoshop file": b"8BPS\0\x01" + b"\0" * 6 + struct.pack(">HIIHH", 3, 60_000, 60_000, 8, 3) + b"\0" * 100,
        "a pdf that is a jpeg as well": b"%PDF-1.4\n" + jpeg,
        "png of no width": png(0, 100, lines, END),
        "png of four billion pixels": png(65_535, 65_535, chunk(b"IDAT", zeros(MEGA)), END),
        "png of minus one": png(2**32 - 1, 2**32 - 1, lines, END),
        "png that unfolds": png(6_000, 6_000, chunk(b"IDAT", zeros(36 * MEGA)), END),
        "png with less than it says": png(128, 96, chunk(b"IDAT", zlib.compress(b"\0" * 500)), END),
        "png with more than it says": png(128, 96, chunk(b"IDAT", zeros(200 * MEGA)), END),
        "png whose text unfolds": png(128, 96, chunk(b"zTXt", b"Comment\0\0" + zeros(300 * MEGA)), lines, END),
        "png whose profile unfolds": png(128, 96, chunk(b"iCCP", b"p\0\0" + zeros(300 * MEGA)), lines, END),
        "png with a wrong sum": png(128, 96, lines[:-1] + b"\0", END),
        "png of a depth that is none": png(128, 96, lines, END, bits=7),
        "png with a palette that is none": png(128, 96, lines, END, colour=3),
        "png with two heads": png(128, 96, png(64, 64)[8:], lines, END),
        "png without an end": png(128, 96, lines),
        "png with a chunk that never ends": png(128, 96, struct.pack(">I", 2**31 - 1) + b"IDATxxxx"),
        "jpeg of four billion pixels": jpeg_of_size(65_500, 65_500),
        "jpeg of no height": jpeg_of_size(128, 0),
        "jpeg of nothing but heads": b"\xff\xd8" + jpeg[2:20] * 3 + b"\xff\xd9",
        "jpeg with a turn that is none": saved(drawn(), "JPEG", exif=exif),
        "jpeg with words that go in circles": saved(
            drawn(), "JPEG", exif=b"Exif\0\0" + tiff((0x8769, 4, 1, 8), after=8)
        ),
        "jpeg without tables": jpeg.replace(b"\xff\xc4", b"\xff\xfe"),
        "jpeg with a profile that is none": saved(drawn(), "JPEG", icc_profile=b"nonsense" * 40),
        "gif of no size": b"GIF89a" + b"\0" * 7 + b";",
        "webp that lies of its length": plain["WEBP"][:4] + struct.pack("<I", 2**32 - 1) + plain["WEBP"][8:],
        "tiff in a circle": tiff((256, 3, 1, 8), (257, 3, 1, 8), after=8),
        "tiff of four billion pixels": tiff((256, 4, 1, 65_535), (257, 4, 1, 65_535), (258, 3, 1, 8), (273, 4, 1, 8)),
        "tiff with strips beyond its end": tiff(
            *((256, 4, 1, 64), (257, 4, 1, 64), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 2**31)),
            *((278, 4, 1, 64), (279, 4, 1, 2**31)),
        ),
        "tiff with a million entries": tiff((256, 4, 2**28, 8), (273, 4, 2**30, 8)),
        "tiff of no numbers": saved(Image.fromarray(np.full((96, 128), np.nan, np.float32)), "TIFF"),
        "tiff of many pages": saved(drawn(), "TIFF", save_all=True, append_images=[drawn()] * 50),
        "bmp of minus one": bmp(-1, 64),
        "bmp of four billion pixels": bmp(60_000, 60_000),
        "bmp that begins beyond its end": bmp(64, 64, 2**31),
        "avif of a head alone": plain["AVIF"][:40],
        "heic of a head alone": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 60,
        "a strip": saved(Image.new("RGB", (8_000, 8)), "PNG"),
        "a point": saved(Image.new("RGB", (1, 1)), "PNG"),
        "nothing but clear": saved(Image.new("RGBA", (96, 96)), "PNG"),
    }
    found |= {
        "png that unfolds to its last line": png(
            6_300, 6_300, chunk(b"IDAT", zeros(318 * MEGA)), END, bits=16, colour=6
        ),
        "png of a hundred thousand texts": png(128, 96, chunk(b"tEXt", b"a\0b") * 100_000, lines, END),
        "png of pictures that are not there": png(
            *(128, 96, chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)), chunk(b"fcTL", b"\xff" * 26), lines, END)
        ),
        "jpeg that begins anew": jpeg * 200,
        "jpeg whose marks are in disorder": marked(jpeg_with_marks()),
        "jpeg with words of no kind": saved(drawn(), "JPEG", exif=b"Exif\0\0" + b"\xff" * 60_000),
        "gif of 10,000 pictures": gif_of(10_000),
        "gif of a picture beyond its edge": plain["GIF"][:6] + struct.pack("<HH", 16, 16) + plain["GIF"][10:],
        "gif of four billion pixels": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + plain["GIF"][10:],
        "webp of four billion pixels": b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + b"\xff" * 6,
        "tiff of numbers without end": saved(Image.fromarray(np.full((96, 128), np.inf, np.float32)), "TIFF"),
        "tiff of a hundred thousand strips": strips(100_000),
        "a thread": saved(Image.new("L", (1, 100_000)), "PNG"),
        "an icon": saved(drawn(), "ICO"),
        "a bitmap of four billion pixels in words": b"P6\n65535 65535\n255\n" + b"\0" * 100,
        "a page called a picture": b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>",
    }
    for kind, data in plain.items():
        for share in (0.02, 0.3, 0.7, 0.98):
            found[f"{kind} cut off at {share:.0%}"] = data[: int(share * len(data))]
    return found
