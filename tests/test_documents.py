from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from retrievers.documents.chunks import LEAST, MOST, Chunk, chunks
from retrievers.documents.hyphens import Vocabulary
from retrievers.documents.pdf import read_pdf
from retrievers.documents.reader import Reader
from retrievers.documents.reading import Block, Reading
from retrievers.documents.refusals import (
    DamagedDocument,
    DocumentTooLarge,
    EmptyDocument,
    LockedDocument,
    NoText,
    TooManyPages,
    UnknownKind,
    UnreadableDocument,
)
from retrievers.documents.sentences import sentences
from tests import pdfs
from tests.pdfs import HEIGHT, LEADING, WIDTH, Line, Pdf, column

READER = Reader(read_pdf, 5_000_000, most_pages=400)
CHURCH = (
    "The nave is a long stone hall whose ribbed vaults rise forty metres above the chequered floor of the pale church. "
    "Coloured light falls through the rose window in the west and paints the columns red and blue.",
    "Outside, flying buttresses lean on the walls like the oars of a great ship, and grey gargoyles look out over the "
    "roofs of the town and the river.",
)
QUAY = (
    "The harbour front is a row of narrow wooden houses, painted ochre, white and oxblood red, whose gables look over "
    "the water. Nets hang between the posts, and the quay smells of tar.",
    "In the evening the lamps are lit one after the other, and the whole row stands upside down in the black basin.",
)


def read(data: bytes, name: str = "guide.pdf") -> tuple[Reading, list[Block]]:
    reading = READER.read(data, name)
    return reading, list(reading.blocks)


def texts(data: bytes, name: str = "guide.pdf") -> list[str]:
    return [block.text for block in read(data, name)[1]]


# PDF


def test_paragraphs_and_headings_of_a_pdf() -> None:
    made = Pdf("A guide to two towns")
    made.page([Line("The church", y=760, size=20, bold=True), *column(CHURCH, top=720)])
    made.page([Line("The harbour", y=760, size=14, bold=True), *column(QUAY, top=720)])
    reading, blocks = read(made.data())
    assert (reading.kind, reading.title, reading.pages) == ("pdf", "A guide to two towns", 2)
    assert [(block.text, block.page) for block in blocks if block.level] == [("The church", 1), ("The harbour", 2)]
    assert [block.text for block in blocks if not block.level] == [*CHURCH, *QUAY]


@pytest.mark.parametrize("order", ["by column", "by row"])
def test_two_columns_are_read_one_after_the_other(order: str) -> None:
    left, right = column(CHURCH, 72, 700, 38), column(QUAY, 320, 700, 38)
    pairs = [line for pair in itertools.zip_longest(left, right) for line in pair if line]
    made = Pdf()
    made.page([Line("Two towns", y=760, size=20), *([*left, *right] if order == "by column" else pairs)])
    assert texts(made.data()) == ["Two towns", *CHURCH, *QUAY]


def test_a_table_is_read_row_by_row() -> None:
    made = Pdf()
    rows = [(f"Item {i}", f"what there is to say of item number {i} of this list") for i in range(12)]
    cells = [
        Line(text, x, 700 - LEADING * i) for i, row in enumerate(rows) for text, x in zip(row, (72, 200), strict=True)
    ]
    made.page(cells)
    assert " ".join(texts(made.data())).startswith(" ".join([*rows[0], *rows[1]]))


def test_words_that_were_parted_at_line_ends_are_whole() -> None:
    made = Pdf()
    said = [
        "The colon-",
        "nade of the well-",
        "known palace was re-",
        "built by Anglo-",
        "Saxon masons in 1990-",
        "1995.",
    ]
    made.page([Line(text, y=700 - LEADING * i) for i, text in enumerate(said)])
    assert texts(made.data()) == [
        "The colonnade of the well-known palace was rebuilt by Anglo-Saxon masons in 1990-1995."
    ]


def test_a_hyphen_stays_where_the_text_has_the_word_with_it() -> None:
    vocabulary = Vocabulary(["the copper-clad dome", "a copper-", "clad tower"])
    assert vocabulary.joined(["a copper-", "clad tower"]) == "a copper-clad tower"
    assert Vocabulary().joined(["a cop-", "per tower"]) == "a copper tower"


def test_running_heads_and_page_numbers_are_dropped() -> None:
    said = " ".join(texts(pdfs.book(12)))
    assert "A long book" not in said and "Part 1" not in said
    assert all(part.count("district") for part in texts(pdfs.book(12)) if "walls" in part)
    made = Pdf()
    bodies = [CHURCH[:1], (CHURCH[1], QUAY[0]), QUAY[1:], (QUAY[0], CHURCH[0])]
    for number, (head, body) in enumerate(zip(["Of ships", "Of ships", "Of towers", "Of tar"], bodies, strict=True), 1):
        made.page([Line(f"{head} {number}", y=810, size=9), *column(body), Line(f"- {number} -", WIDTH / 2, 40, 9)])
    assert texts(made.data()) == [*itertools.chain(*bodies)]  # also without the head of a chapter of one page


def test_a_paragraph_goes_on_over_the_end_of_a_page() -> None:
    made = Pdf()
    lines = column([CHURCH[0]], letters=50)
    made.page([*column([QUAY[1]]), *[Line(line.text, y=120 - LEADING * i) for i, line in enumerate(lines[:2])]])
    made.page([Line(line.text, y=HEIGHT - 80 - LEADING * i) for i, line in enumerate(lines[2:])])
    _, blocks = read(made.data())
    assert blocks[-1] == Block(CHURCH[0], 0, 1, 2)


def test_the_title_is_the_first_heading_where_the_file_has_none() -> None:
    made = Pdf("Microsoft Word - draft7.doc")
    made.page([Line("Two towns", y=760, size=22), *column(CHURCH, top=700)])
    assert read(made.data())[0].title == "Two towns"
    assert read(pdfs.prose(*CHURCH), "my guide.pdf")[0].title == "my guide"


def test_turned_pages_are_read_and_text_in_the_margin_is_not() -> None:
    made = Pdf()
    lines = b" ".join(
        b"1 0 0 1 72 %d Tm (%s) Tj" % (700 - 14 * i, line.text.encode()) for i, line in enumerate(column(CHURCH))
    )
    made.draw(b"BT /F1 11 Tf " + lines + b" 0 1 -1 0 30 200 Tm (stamp in the margin) Tj ET")
    assert "stamp" not in " ".join(texts(made.data())) and texts(made.data())[0].startswith("The nave")
    turned = Pdf()
    lines = b" ".join(
        b"0 1 -1 0 %d 72 Tm (%s) Tj" % (100 + 14 * i, line.text.encode()) for i, line in enumerate(column(CHURCH))
    )
    turned.draw(b"BT /F1 11 Tf " + lines + b" ET")
    assert " ".join(texts(turned.data())) == " ".join(CHURCH)


def test_a_file_that_opens_without_a_password_is_read() -> None:
    assert texts(pdfs.locked(pdfs.prose(*CHURCH), "")) == list(CHURCH)


def test_two_hundred_pages_come_while_they_are_read() -> None:
    reading = READER.read(pdfs.book(200), "book.pdf")
    first = next(reading.blocks)
    assert reading.pages == 200 and first.page == 1
    assert max(block.page_to or 0 for block in reading.blocks) == 200


# what cannot be read


@pytest.mark.parametrize(
    ("make", "refusal", "said"),
    [
        (lambda: b"", EmptyDocument, "no bytes"),
        (lambda: b" \n\t\r\n", EmptyDocument, "no text"),
        (lambda: b"<html><body><script>alert(1)</script></body></html>", EmptyDocument, "no text"),
        (lambda: Pdf().data(), EmptyDocument, "no pages"),
        (lambda: b"%PDF-1.7\nnothing more", DamagedDocument, "damaged"),
        (lambda: pdfs.book(5)[:3000], DamagedDocument, "damaged"),
        (lambda: pdfs.locked(pdfs.prose(*CHURCH), "secret"), LockedDocument, "password"),
        (lambda: pdfs.pictures_alone(3), NoText, "3 pages are pictures.*OCR is not done"),
        (lambda: pdfs.book(401), TooManyPages, "401 pages; the limit is 400"),
        (lambda: b"PK\x03\x04" + bytes(200), UnknownKind, "ZIP"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), UnknownKind, "a picture"),
        (lambda: bytes(range(256)) * 20, UnknownKind, "no text"),
        (lambda: b"x " * 3_000_000, DocumentTooLarge, "limit is 5,000,000 bytes"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_refusals_name_the_file_and_the_remedy(
    make: Callable[[], bytes], refusal: type[UnreadableDocument], said: str
) -> None:
    with pytest.raises(refusal, match=said) as caught:
        read(make(), "odd.pdf")
    assert caught.value.data["name"] == "odd.pdf" and caught.value.remedy


# texts


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
def test_encodings(encoding: str) -> None:
    text = "Die Türme von Nördlingen sind rot. Die Dächer glänzen im Regen, und über den Gassen hängt blauer Rauch."
    assert texts(text.encode(encoding), "towers.txt") == [text]


def test_an_encoding_that_a_page_names() -> None:
    page = "<html><head><meta charset='koi8-r'></head><body><p>Красная площадь зимой</p></body></html>"
    assert texts(page.encode("koi8-r"), "page.html") == ["Красная площадь зимой"]


def test_the_content_decides_what_a_file_is() -> None:
    assert read(pdfs.prose(*CHURCH), "notes.txt")[0].kind == "pdf"
    assert read(b"<!doctype html><title>A page</title><p>Some words.</p>", "page.txt")[0].kind == "html"
    assert read(b"# A heading\n\nSome words.\n\n## Another\n\nMore words.", "notes.txt")[0].kind == "markdown"
    assert read(b"# a comment\n# of a program\nprint(1)", "program.txt")[0].kind == "text"
    assert read(b"Only words, < and > among them.", "page.html")[0].kind == "text"


def test_a_page_of_few_tags_is_one_by_its_name() -> None:
    page = b"<script>alert(1)</script><p onload=alert(1)>A house on a hill.</p>"
    assert texts(page, "page.html") == ["A house on a hill."] and read(page, "page.html")[0].kind == "html"
    assert read(page, "page.txt")[0].kind == "text"


def test_a_title_whose_letters_are_none_is_not_shown() -> None:
    data = pdfs.prose("A house on a hill.").replace(b"/Title ()", b"/Title <FEFFD800>")
    assert read(data, "hill.pdf")[0].title == "hill"


def test_plain_text_has_paragraphs_headings_and_pages() -> None:
    text = (
        "THE OLD HARBOUR\n\nNets hang between the\nposts, and the quay smells of tar. The win-\ndow is blue.\n\n"
        "Boats\n-----\nThey rock.\n\f\nChapter 2\n\nAnother page."
    )
    _, blocks = read(text.encode(), "harbour.txt")
    assert [(block.level, block.text, block.page) for block in blocks] == [
        (2, "THE OLD HARBOUR", 1),
        (0, "Nets hang between the posts, and the quay smells of tar. The window is blue.", 1),
        (2, "Boats", 1),
        (0, "They rock.", 1),
        (2, "Chapter 2", 2),
        (0, "Another page.", 2),
    ]


def test_markdown_without_its_marks() -> None:
    text = """---
title: "A *small* guide"
tags: [towns]
---
<!-- a note -->
Intro with **bold**, _leaning_ and `code`, a [link](http://x.y/z_(a)) and ![a red boat on the sand](boat.png).

Towers
======

> quoted
> words

- one
- two
  goes on

1. [x] done

## Table ##

| stone | colour |
|-------|:------:|
| tuff  | red    |

```python
x = 1
```

[ref]: http://example.org
snake_case_name stays, 5 * 3 * 2 too &amp; so on.
"""
    reading, blocks = read(text.encode(), "guide.md")
    assert (reading.kind, reading.title, reading.pages) == ("markdown", "A *small* guide", None)
    assert [(block.level, block.text) for block in blocks] == [
        (0, "Intro with bold, leaning and code, a link and a red boat on the sand."),
        (1, "Towers"),
        (0, "quoted words"),
        (0, "one"),
        (0, "two goes on"),
        (0, "done"),
        (2, "Table"),
        (0, "stone, colour"),
        (0, "tuff, red"),
        (0, "x = 1"),
        (0, "snake_case_name stays, 5 * 3 * 2 too & so on."),
    ]


def test_html_without_scripts_menus_and_styles() -> None:
    page = """<!-- a note --><html><head><title>Two &amp; towns</title><style>p {color: red}</style></head><body>
    <nav><a href="/">Home</a></nav><h1>The <em>church</em></h1><script>var x = "<p>no</p>";</script>
    <p>Grey stone,<br>red tiles. <img src=a.png alt="a rose window in the west"></p><div hidden>not this</div>
    <ul><li>one<li>two</ul><table><tr><td>tuff</td><td>red</td></tr></table><p>left open <b>bold
    <footer>© nobody</footer></body></html>"""
    reading, blocks = read(page.encode(), "page.html")
    assert (reading.kind, reading.title) == ("html", "Two & towns")
    assert [(block.level, block.text) for block in blocks] == [
        (1, "The church"),
        (0, "Grey stone, red tiles. a rose window in the west"),
        (0, "one"),
        (0, "two"),
        (0, "tuff, red"),
        (0, "left open bold"),
    ]


# sentences and chunks


def test_sentences() -> None:
    text = 'Dr. J. R. Smith of St. Paul\'s went in. "It is red!" he said. It cost 3.50 in 1999 (e.g. for tiles).'
    text += " Why? See fig. 3."
    assert sentences(text) == [
        "Dr. J. R. Smith of St. Paul's went in.",
        '"It is red!" he said.',
        "It cost 3.50 in 1999 (e.g. for tiles).",
        "Why?",
        "See fig. 3.",
    ]
    assert sentences("赤い塔がある。空は青い。") == ["赤い塔がある。", "空は青い。"]


def chunked(*blocks: Block) -> list[Chunk]:
    return list(chunks(blocks))


def test_chunks_keep_sections_pages_and_sentences() -> None:
    found = list(chunks(READER.read(pdfs.book(60), "book.pdf").blocks))
    assert [chunk.place for chunk in found] == list(range(len(found)))
    assert all(LEAST <= len(chunk.text) <= MOST for chunk in found)
    assert all(chunk.text[0].isupper() and chunk.text[-1] == "." for chunk in found)
    assert all(len(chunk.headings) == 1 and chunk.headings[0][0].isdigit() for chunk in found)
    pages = [(chunk.page, chunk.page_to) for chunk in found]
    assert pages == sorted(pages) and pages[0][0] == 1 and pages[-1][1] == 60


def test_chunks_of_one_long_paragraph_overlap_by_a_sentence() -> None:
    said = [f"Sentence number {i} speaks of the grey tower and of the green river below it." for i in range(40)]
    found = chunked(Block("The tower", 1), Block(" ".join(said), page=3, page_to=4))
    assert len(found) > 3 and max(len(chunk.text) for chunk in found) - min(len(chunk.text) for chunk in found) < 400
    for one, following in itertools.pairwise(found):
        last = sentences(one.text)[-1]
        assert following.text.startswith(last)
    assert {sentence for chunk in found for sentence in sentences(chunk.text)} == set(said)
    assert {(chunk.headings, chunk.page, chunk.page_to) for chunk in found} == {(("The tower",), 3, 4)}


def test_short_sections_join_the_one_before_under_the_same_heading() -> None:
    found = chunked(
        Block("Guide", 1), Block("Stone", 2), Block("Grey stone. " * 20), Block("Light", 2), Block("Red at dusk."),
        Block("Other guide", 1), Block("Nothing of that."),
    )  # fmt: skip
    assert [chunk.headings for chunk in found] == [("Guide",), ("Other guide",)]
    assert found[0].text.endswith("\nLight.\nRed at dusk.")


def test_headings_alone_are_found_too() -> None:
    found = chunked(Block("Guide", 1), Block("Red Towers", 2), Block("Blue Boats", 2), Block("End", 1))
    assert [(chunk.headings, chunk.text) for chunk in found] == [(("Guide",), "Red Towers\nBlue Boats"), ((), "End")]
    assert [chunk.text for chunk in chunks(READER.read(b"Red Towers", "a.txt").blocks)] == ["Red Towers"]


def test_a_text_without_sentences_is_cut_between_words() -> None:
    found = chunked(Block("tower " * 1_000))
    assert all(len(chunk.text) <= MOST for chunk in found)
    assert " ".join(chunk.text for chunk in found).split() == ["tower"] * 1_000
    assert all(len(chunk.text) <= MOST for chunk in chunked(Block("x" * 5_000)))
    assert chunked() == []
