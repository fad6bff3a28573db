"""Files that nobody makes by mistake: pictures and PDFs that are cut off, lie about their size, unfold to gigabytes, go
in circles, or are something else; all made here, by name."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image

from tests import pdfs

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
    pictures = [Image.new("P", (32, 32), number % 200) for number in range(frames)]
    return saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:])


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
        "gif of 2,000 pictures": gif_of(2_000),
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
    for kind, data in plain.items():
        for share in (0.02, 0.3, 0.7, 0.98):
            found[f"{kind} cut off at {share:.0%}"] = data[: int(share * len(data))]
    return found


def pdf(*objects: bytes, root: bytes = b"1 0 R", table: bool = True) -> bytes:
    """A PDF of these objects, the first of which is the catalogue."""
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    if not table:
        return out + b"%%EOF"
    start, rows = len(out), b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + rows
    out += b"trailer\n<< /Size %d /Root %s >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, root, start)
    return out


def stream(data: bytes, more: bytes = b"", length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (size, more, data)


CATALOGUE, PAGES = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>"


def documents() -> dict[str, bytes]:
    whole, deep = pdfs.book(3), b"[" * 20_000 + b"]" * 20_000
    folded = zeros(300 * MEGA)
    twice = zlib.compress(zlib.compress(zeros(900 * MEGA), 9), 9)
    action = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /%s /%s (%s) >> >>"
    return {
        "nothing": b"",
        "a head alone": b"%PDF-1.7\n",
        "a picture": saved(drawn(), "PNG"),
        "locked": pdfs.locked(whole, "secret"),
        "cut off": whole[: len(whole) // 2],
        "without its table": pdf(CATALOGUE, PAGES, PAGE, stream(b"BT ET"), table=False),
        "pages in a circle": pdf(CATALOGUE, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
        "a page that is its own parent": pdf(CATALOGUE, PAGES, b"<< /Type /Page /Parent 3 0 R /Contents 3 0 R >>"),
        "no pages": pdf(CATALOGUE, b"<< /Type /Pages /Kids [] /Count 0 >>"),
        "a billion pages that are not there": pdf(
            CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 1000000000 >>", PAGE
        ),
        "a root that is no catalogue": pdf(b"(hello)", PAGES, PAGE),
        "a root that is not there": pdf(CATALOGUE, PAGES, PAGE, root=b"99 0 R"),
        "nested without end": pdf(CATALOGUE, PAGES, PAGE, deep),
        "words that unfold": pdf(CATALOGUE, PAGES, PAGE, stream(folded, b"/Filter /FlateDecode")),
        "words that unfold thrice": pdf(
            CATALOGUE, PAGES, PAGE, stream(twice, b"/Filter [/FlateDecode /FlateDecode /FlateDecode]")
        ),
        "a length below zero": pdf(CATALOGUE, PAGES, PAGE, stream(b"BT ET", length=-5)),
        "a length beyond its end": pdf(CATALOGUE, PAGES, PAGE, stream(b"BT ET", length=2**31)),
        "a form that shows itself": pdf(
            *(CATALOGUE, PAGES, PAGE.replace(b"<< >>", b"<< /XObject << /A 4 0 R >> >>")),
            stream(b"/A Do", b"/Type /XObject /Subtype /Form /Resources << /XObject << /A 4 0 R >> >>"),
        ),
        "scripts": pdf(action % (b"JavaScript", b"JS", b"app.alert(1)"), PAGES, PAGE, stream(b"BT ET")),
        "a program to launch": pdf(action % (b"Launch", b"F", b"/bin/sh"), PAGES, PAGE, stream(b"BT ET")),
        "operators without end": pdf(CATALOGUE, PAGES, PAGE, stream(b"q " * 400_000)),
        "zero bytes": b"%PDF-1.4\n" + b"\0" * 5_000,
        "a table in a circle": whole[: whole.rindex(b"startxref")] + b"startxref\n9\n%%EOF",
    }
