"""Documents that nobody writes by mistake: PDFs that are cut off, locked, go in circles or unfold to gigabytes, and
texts of what is no text; all made here, by name."""

from __future__ import annotations

import zlib

from tests import pdfs
from tests.nasty import MEGA, drawn, saved, zeros


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
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"


def written(content: bytes, font: bytes = FONT, *more: bytes, filters: bytes = b"") -> bytes:
    """A page of this content in this font, and objects from the sixth on."""
    return pdf(CATALOGUE, PAGES, PAGE, stream(content, filters), font, *more)


def lettered(mapping: bytes, content: bytes = b"BT /F 12 Tf 72 700 Td <00010002> Tj ET") -> bytes:
    """A page whose font says by `mapping`, a CMap's middle, what its two letters are."""
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /ToUnicode 6 0 R"
    font += b" /DescendantFonts [7 0 R] >>"
    cmap = b"/CIDInit /ProcSet findresource begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    below = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (A) /Ordering (B) >> >>"
    return written(content, font, stream(cmap + mapping + b"\nendcmap end"), below)


def pages(count: int) -> bytes:
    """So many empty pages."""
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    return pdf(CATALOGUE, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count), *[PAGE] * count)


def deep(levels: int) -> bytes:
    """Pages of pages of pages."""
    down = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 3) for number in range(levels)]
    return pdf(CATALOGUE, *down, PAGE)


SHOWN = b"BT /F 12 Tf 72 700 Td (%s) Tj ET"


def texts(size: int) -> dict[str, bytes]:
    """What is called a text; the long ones are of about `size` bytes."""
    return {
        "half a character.md": b"# A house\n\n\xff\xfe\xed\xa0\x80 and more",
        "zero bytes.txt": b"a\0b\0c\0" * 1_000,
        "one word.txt": b"x" * size,
        "right to left.md": "\u202e# \u05d1\u05d9\u05ea\n\n\u200f\u05d1\u05d9\u05ea".encode(),
        "headings without end.md": b"# a\n" * (size // 20),
        "tags without end.html": b"<div>" * 50_000 + b"house",
        "entities.html": b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 1_000 + b'">]><p>' + b"&b;" * (size // 40),
        "marks without end.md": b"[" * (size // 40) + b"![](" * (size // 40),
        "quotes in quotes.md": b">" * (size // 10) + b" a house",
        "scripts.html": b"<script>alert(1)</script><p onload=alert(1)>a house on a hill</p>" + b"<!--" * 1_000,
        "marks over one letter.txt": ("a" + "\u0301" * (size // 10)).encode(),
        "a table of one line.md": b"|" * (size // 40) + b"\n" + b"|-" * (size // 80),
        "half of a pair.html": b"<p>&#xD800; &#0; &#x110000; a house on a hill</p>",
    }


def documents() -> dict[str, bytes]:
    whole, nested = pdfs.book(3), b"[" * 20_000 + b"]" * 20_000
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
        "nested without end": pdf(CATALOGUE, PAGES, PAGE, nested),
        "words that unfold": written(folded, filters=b"/Filter /FlateDecode"),
        "words that unfold thrice": written(twice, filters=b"/Filter [/FlateDecode /FlateDecode /FlateDecode]"),
        "a length below zero": pdf(CATALOGUE, PAGES, PAGE, stream(SHOWN % b"hill", length=-5), FONT),
        "a length beyond its end": pdf(CATALOGUE, PAGES, PAGE, stream(SHOWN % b"hill", length=2**31), FONT),
        "a form that shows itself": pdf(
            *(CATALOGUE, PAGES, PAGE.replace(b"<< /Font << /F 5 0 R >> >>", b"<< /XObject << /A 4 0 R >> >>")),
            stream(b"/A Do", b"/Type /XObject /Subtype /Form /Resources << /XObject << /A 4 0 R >> >>"),
        ),
        "scripts": pdf(action % (b"JavaScript", b"JS", b"app.alert(1)"), PAGES, PAGE, stream(b"BT ET")),
        "a program to launch": pdf(action % (b"Launch", b"F", b"/bin/sh"), PAGES, PAGE, stream(b"BT ET")),
        "operators without end": written(b"q " * 400_000),
        "zero bytes": b"%PDF-1.4\n" + b"\0" * 5_000,
        "a table in a circle": whole[: whole.rindex(b"startxref")] + b"startxref\n9\n%%EOF",
        "5,001 pages": pages(5_001),
        "pages of pages of pages": deep(3_000),
        "outlines in a circle": pdf(
            b"<< /Type /Catalog /Pages 2 0 R /Outlines 5 0 R >>",
            *(PAGES, PAGE, stream(b"BT ET"), b"<< /Type /Outlines /First 6 0 R /Last 6 0 R /Count 1 >>"),
            b"<< /Title (round) /Parent 5 0 R /Next 6 0 R /Prev 6 0 R /First 6 0 R /Last 6 0 R >>",
        ),
        "objects within themselves": pdf(
            *(CATALOGUE, PAGES, PAGE),
            stream(b"4 0 3 20 << /Type /Page >>", b"/Type /ObjStm /N 2 /First 8 /Extends 4 0 R"),
        ),
        "a length that is itself": pdf(*(CATALOGUE, PAGES, PAGE), b"<< /Length 4 0 R >>\nstream\nBT ET\nendstream"),
        "scanned": pdfs.pictures_alone(),
        "letters without names": lettered(b""),
        "halves of pairs": lettered(b"2 beginbfchar <0001> <D800> <0002> <DFFF> endbfchar"),
        "zeros for letters": lettered(b"2 beginbfchar <0001> <0000> <0002> <0000> endbfchar"),
        "right to left": lettered(b"2 beginbfchar <0001> <05D1> <0002> <05EA> endbfchar"),
        "four billion letters": lettered(b"1 beginbfrange <00000000> <FFFFFFFF> <0000> endbfrange"),
        "a letter that is a book": lettered(b"1 beginbfchar <0001> <" + b"0041" * 500_000 + b"> endbfchar"),
        "one word": written(SHOWN % (b"x" * 500_000)),
        "every letter alone": written(b"BT /F 12 Tf 72 700 Td" + b" (x) Tj" * 100_000 + b" ET"),
        "brackets without end": written(b"[" * 200_000),
        "places that are none": written(b"BT /F 12 Tf 1e400 -1e400 nan 0 0 1e999 Tm (house) Tj ET"),
        "lines that unfold": written(b"\x81A" * 2_000_000 + b"\x80", filters=b"/Filter /RunLengthDecode"),
        "a row of a billion columns": written(
            zlib.compress(b"\2" * 100),
            filters=b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 1000000000 >>",
        ),
        "a filter that is none": written(b"BT ET", filters=b"/Filter /Crypt"),
        "a title of half a pair": pdfs.prose("A house on a hill.").replace(b"/Title ()", b"/Title <FEFFD800>"),
        "a file within": pdf(
            b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(../../x) 5 0 R] >> >> >>",
            *(PAGES, PAGE, stream(b"BT ET"), stream(b"MZ", b"/Type /EmbeddedFile")),
        ),
    }
