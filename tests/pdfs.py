"""PDF files made on the spot: text where a test wants it, columns, running heads, pictures alone, locked ones."""

from __future__ import annotations

import io
import textwrap
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pypdf import PdfReader, PdfWriter

WIDTH, HEIGHT = 595, 842  # points of an A4 page
LEFT, TOP, LEADING = 72, 770, 14


@dataclass(frozen=True)
class Line:
    """A line of text, its baseline at `y` points from the page's foot."""

    text: str
    x: float = LEFT
    y: float = TOP
    size: float = 11
    bold: bool = False


@dataclass
class Pdf:
    """`page` after `page`, then `data`."""

    title: str = ""
    pages: list[bytes] = field(default_factory=list)

    def page(self, lines: Iterable[Line]) -> None:
        """Each line in a text object of its own, in this order, as most programs write them."""
        self.pages.append(b"\n".join(_shown(line) for line in lines))

    def draw(self, operators: bytes) -> None:
        self.pages.append(operators)

    def data(self) -> bytes:
        count = len(self.pages)
        kids = " ".join(f"{7 + 2 * i} 0 R" for i in range(count))
        grey = zlib.compress(bytes(range(256)))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
            b"<< /Type /XObject /Subtype /Image /Width 16 /Height 16 /ColorSpace /DeviceGray /BitsPerComponent 8"
            b" /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(grey), grey),
            b"<< /Title (%s) >>" % _escaped(self.title),
        ]
        for i, operators in enumerate(self.pages):
            packed = zlib.compress(operators)
            objects += [
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {8 + 2 * i} 0 R"
                " /Resources << /Font << /F1 3 0 R /F2 4 0 R >> /XObject << /I1 5 0 R >> >> >>".encode(),
                b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed),
            ]
        return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.5\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _shown(line: Line) -> bytes:
    font = b"F2" if line.bold else b"F1"
    return b"BT /%s %g Tf %g %g Td (%s) Tj ET" % (font, line.size, line.x, line.y, _escaped(line.text))


def _escaped(text: str) -> bytes:
    plain = text.encode("cp1252", "replace")
    return plain.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def column(paragraphs: Iterable[str], x: float = LEFT, top: float = TOP, letters: int = 84) -> list[Line]:
    """Paragraphs one below the other, each line of at most so many letters."""
    lines: list[Line] = []
    y = top
    for paragraph in paragraphs:
        for text in textwrap.wrap(paragraph, letters):
            lines.append(Line(text, x, y))
            y -= LEADING
        y -= LEADING * 0.6
    return lines


def prose(*paragraphs: str, title: str = "") -> bytes:
    """One page of paragraphs."""
    made = Pdf(title)
    made.page(column(paragraphs))
    return made.data()


def pictures_alone(pages: int = 2) -> bytes:
    """Pages as a scanner makes them: a picture each, and no text."""
    made = Pdf()
    for _ in range(pages):
        made.draw(b"q 400 0 0 600 90 120 cm /I1 Do Q")
    return made.data()


def locked(data: bytes, user: str, owner: str = "the owner's own") -> bytes:
    """The same file, encrypted; it opens by the user's password, which may be empty."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(user, owner, algorithm="AES-256")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def book(pages: int, title: str = "A long book") -> bytes:
    """Running heads, page numbers, a heading on every fifth page, and about 1,800 characters of prose on each."""
    made = Pdf(title)
    for number in range(1, pages + 1):
        head = title if number % 2 else f"Part {number // 40 + 1}"
        lines = [Line(head, LEFT, 810, 9)]
        if number % 5 == 1:
            lines.append(Line(f"{number // 5 + 1} {PLACES[number % len(PLACES)].title()}", LEFT, TOP, 16, True))
        lines += column(_paragraphs(number), top=TOP - 30)
        lines.append(Line(str(number), WIDTH / 2, 40, 9))
        made.page(lines)
    return made.data()


PLACES = ("harbour", "market hall", "lighthouse", "old bridge", "railway station", "palm house", "town library")
_COLOURS = ("pale", "red", "ochre", "grey", "white", "green", "blue", "golden", "brown")
_THINGS = ("brick", "granite", "glass", "timber", "slate", "copper", "sandstone", "plaster", "iron", "marble", "tile")
_LIGHTS = ("at noon", "under low clouds", "in the first snow", "by lamplight", "after rain", "in a thin mist")


def _paragraphs(number: int) -> list[str]:
    found = []
    for part in range(4):
        said = []
        for step in range(4):
            seed = number * 31 + part * 7 + step * 3
            place, thing = PLACES[(number + part) % len(PLACES)], _THINGS[seed % len(_THINGS)]
            colour, light = _COLOURS[seed % len(_COLOURS)], _LIGHTS[(seed + part) % len(_LIGHTS)]
            said.append(
                f"The {place} of district {seed % 97} shows {colour} {thing} walls {light}, and steps lead down to"
                f" the water."
            )
        found.append(" ".join(said))
    return found
