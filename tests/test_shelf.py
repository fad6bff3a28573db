from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from core import images
from core.colours import words_of
from core.errors import BadValue, CorruptCatalogue, StyleExists, StyleUnreadable, UnreadablePicture
from core.settings import ROOT
from retrievers.shelf import put, read_shelf, style_id, take_away
from tests.conftest import noise

NOWHERE = Path("/nowhere")
LONG = json.dumps({"name": "A\u001b[31m\nx", "words": "w" * 50_000})


def picture(path: Path, colour: str = "teal") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64), colour).save(path)


def test_the_shipped_styles() -> None:
    shelf = read_shelf(ROOT / "styles", NOWHERE)
    assert not shelf.problems
    names = {style.name for style in shelf.styles.values()}
    assert {"Cyberpunk", "Ghibli-inspired watercolour", "Industrial blueprint"} <= names
    entries = json.loads((ROOT / "styles/styles.json").read_text())["styles"]
    for entry in entries:
        assert entry["licence"] == "CC0-1.0" and entry["made"]
        assert (ROOT / "styles" / entry["picture"]).stat().st_size <= 350_000
        assert max(images.read(ROOT / "styles" / entry["picture"]).size) == 768
        assert 2 <= entry["words"].count(". ") + 1 <= 3


def test_no_benchmark_prompt_stands_in_the_words() -> None:
    """Neither whole nor three words of it in a row; names of two words, as of films and houses, may."""
    prompts = json.loads((ROOT / "tests/data/style_prompts.json").read_text())["prompts"]
    for style in read_shelf(ROOT / "styles", NOWHERE).styles.values():
        words = " ".join(words_of(style.words))
        for prompt, _ in prompts:
            said = words_of(prompt)
            for start in range(len(said) - 2):
                assert " ".join(said[start : start + 3]) not in words, (style.id, prompt)


def test_a_dropped_picture_takes_its_words_from_the_text_beside_it(tmp_path: Path) -> None:
    picture(tmp_path / "old_sea-chart.png")
    (tmp_path / "old_sea-chart.txt").write_text("Sepia ink on parchment.\n")
    (style,) = read_shelf(tmp_path, NOWHERE).styles.values()
    assert (style.id, style.name, style.words) == ("old-sea-chart", "Old sea chart", "Sepia ink on parchment.")


def test_without_a_text_the_caption_speaks(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Charcoal on grey paper"
    Image.new("RGB", (64, 64), "grey").save(tmp_path / "study.jpg", exif=exif)
    assert read_shelf(tmp_path, NOWHERE).styles["study"].words == "Charcoal on grey paper"
    style = put(tmp_path / "added", (tmp_path / "study.jpg").read_bytes(), "Study", "", "CC0-1.0", 40_000_000)
    assert style.words == "Charcoal on grey paper"


def test_a_file_that_is_no_picture_spoils_no_other(tmp_path: Path) -> None:
    picture(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"nothing")
    (tmp_path / "notes.md").write_text("not a style")
    shelf = read_shelf(tmp_path, NOWHERE)
    assert list(shelf.styles) == ["good"]
    assert isinstance(shelf.problems["bad"], StyleUnreadable)


def test_a_file_of_another_program_beside_a_picture_spoils_nothing(tmp_path: Path) -> None:
    picture(tmp_path / "trip.png")
    (tmp_path / "trip.json").write_text('{"camera": "x"}')
    picture(tmp_path / "broken.png")
    (tmp_path / "broken.json").write_text("{")
    picture(tmp_path / "dump.png")
    (tmp_path / "dump.txt").write_bytes(bytes(range(256)))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(tmp_path / "pipe.png")
    for name, note in (("half", '{"name": "A", "words": "\\ud800"}'), ("deep", "[" * 60_000), ("long", LONG)):
        picture(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.json").write_text(note)
    Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.png")).write_bytes((tmp_path / "trip.png").read_bytes())
    shelf = read_shelf(tmp_path, NOWHERE)
    assert set(shelf.styles) == {"trip", "dump", "caf", "half", "long"}
    assert set(shelf.problems) == {"broken", "folder", "link", "pipe", "deep"}
    json.dumps({name: problem.as_dict() for name, problem in shelf.problems.items()}).encode()
    assert len(shelf.styles["long"].words) == 4_000 and shelf.styles["long"].name.isprintable()
    assert shelf.styles["dump"].words.isprintable()


def test_the_pixel_limit_reaches_the_shelf(tmp_path: Path) -> None:
    picture(tmp_path / "small.png")
    assert "MAX_PIXELS" not in str(read_shelf(tmp_path, NOWHERE, 64 * 64).problems)
    assert "the limit is 4,000 pixels" in str(read_shelf(tmp_path, NOWHERE, 4_000).problems["small"])


def test_a_picture_is_looked_at_anew_only_when_it_changes(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    first = read_shelf(tmp_path, NOWHERE).styles["a"].digest
    assert read_shelf(tmp_path, NOWHERE).styles["a"].digest == first
    picture(tmp_path / "a.png", "red")
    assert read_shelf(tmp_path, NOWHERE).styles["a"].digest != first


def test_what_others_put_there_stays(tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("mine")
    (tmp_path / "old.json").write_text('{"camera": "x"}')
    take_away(put(tmp_path, images.to_png(noise(64, 64)), "New", "words", "CC0-1.0", 40_000_000))
    with pytest.raises(StyleExists):
        put(tmp_path, images.to_png(noise(64, 64)), "Old", "words", "CC0-1.0", 40_000_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.txt", "old.json"]


def test_of_two_processes_that_add_one_name_one_is_told(tmp_path: Path) -> None:
    def add(seed: int) -> str:
        try:
            return put(tmp_path, images.to_png(noise(300, 300, seed)), "Twin", "", "CC0-1.0", 40_000_000).id
        except StyleExists:
            return "exists"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == ["exists"] * 3 + ["twin"]


def test_a_name_as_long_as_names_may_be_fits_a_file_name(tmp_path: Path) -> None:
    assert put(tmp_path, images.to_png(noise(64, 64)), "\U00010330" * 60, "", "CC0-1.0", 40_000_000).path.is_file()


@pytest.mark.parametrize("name", ["Styles", "styles", "STYLES!", "Search"])
def test_reserved_names_get_another_id(tmp_path: Path, name: str) -> None:
    style = put(tmp_path, images.to_png(noise(64, 64)), name, "", "CC0-1.0", 40_000_000)
    assert style.id in ("style-styles", "style-search")
    assert list(read_shelf(NOWHERE, tmp_path).styles) == [style.id]


def test_names_may_have_joined_emoji_and_joiners(tmp_path: Path) -> None:
    for name in ("\U0001f469\u200d\U0001f3a8 portrait", "\u0646\u0645\u0627\u06cc\u200c\u0634"):
        assert put(tmp_path, images.to_png(noise(64, 64)), name, "", "CC0-1.0", 40_000_000).name == name


@pytest.mark.parametrize("text", ["{", "[]", '{"styles": [{"id": "a"}]}', '{"styles": "x"}', "", "\xff"])
def test_a_corrupt_catalogue_is_named_with_the_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "styles.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(CorruptCatalogue, match=r"styles\.json"):
        read_shelf(tmp_path, NOWHERE)


def test_put_and_take_away(tmp_path: Path) -> None:
    style = put(tmp_path, images.to_png(noise(1500, 900)), "北斎 🌊", "blue waves", "CC0-1.0", 40_000_000)
    assert style.id == "北斎"
    assert max(images.decode(style.read()).size) == 1024
    (found,) = read_shelf(NOWHERE, tmp_path).styles.values()
    assert (found.id, found.name, found.words, found.licence) == (style.id, style.name, style.words, style.licence)
    take_away(found)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\nb"])
def test_a_name_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadValue, match="name"):
        put(tmp_path, images.to_png(noise(64, 64)), name, "", "unknown", 40_000_000)


def test_a_broken_upload_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePicture):
        put(tmp_path, b"nothing", "name", "", "unknown", 40_000_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("Art Nouveau", "art-nouveau"), ("../../etc/passwd", "etc-passwd"), ("Ünïcode", "ünïcode"), ("🌊", "style-")],
)
def test_ids_are_safe(name: str, wanted: str) -> None:
    assert style_id(name).startswith(wanted)
    assert "/" not in style_id(name) and len(style_id("x" * 500)) <= 60
