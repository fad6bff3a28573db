"""The picture library: what is found by words, by pictures, by both, and what is said where nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import BadValue
from core.settings import Settings
from retrievers.background import Background
from retrievers.catalog import open_intake, open_pictures
from retrievers.channels import NoVector, ask
from retrievers.found import FoundPicture
from retrievers.ledger import UnknownPicture
from retrievers.pictures import NoPictures, NoVectors, PictureLibrary
from retrievers.query import Filters, Query
from tests.conftest import settings_over
from tests.gallery import COLOURS, THINGS, fill, picture
from tests.library import Library
from tests.library import fill as draw_many

Shown = dict[Path, tuple[str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gallery") / "pictures"


@pytest.fixture(scope="module")
def shown(folder: Path) -> Shown:
    return fill(folder)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, models: Path, folder: Path, shown: Shown) -> PictureLibrary:
    settings = settings_over(tmp_path_factory.mktemp("library"), models)
    assert open_intake(settings).folder(folder).new == len(shown)
    return open_pictures(settings)


def what(shown: Shown, hits: tuple[FoundPicture, ...]) -> list[tuple[str, str]]:
    return [shown[hit.picture.paths[0]] for hit in hits]


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_thing_of_a_colour_is_found_before_all_others(
    library: PictureLibrary, shown: Shown, thing: str, colour: str
) -> None:
    found = library.search(Query(f"a {colour} {thing}", k=2, group=False))
    assert what(shown, found.hits) == [(thing, colour)] * 2 and not found.no_good_match
    assert all(hit.confidence > 0.9 for hit in found.hits)


def test_a_hit_says_what_of_it_fits(library: PictureLibrary) -> None:
    best = library.search(Query("a red fish")).hits[0]
    assert {"words", "picture"} == best.channels.keys()
    assert best.channels["picture"].score == pytest.approx(1 - (best.channels["picture"].distance or 0))
    assert any(reason == "named fish" for reason in best.why) and any("red" in reason for reason in best.why)
    assert best.as_dict()["why"] == list(best.why) and 0 < best.score <= 1


def test_gray_is_grey(library: PictureLibrary) -> None:
    for text in ("a grey and white cup", "A Gray and White cup"):
        asked = ask(Query(text, negative=text), library.ledger, library.index, library.embeddings)
        assert set(asked.colours) == set(asked.negative_colours) == {"white", "grey"}


def test_each_channel_finds_by_itself(library: PictureLibrary, shown: Shown) -> None:
    by_words = library.search(Query("fish", channels=("words",), k=8, group=False)).hits
    assert {thing for thing, _ in what(shown, by_words)} == {"fish"} and "picture" not in by_words[0].channels
    by_look = library.search(Query("green", channels=("picture",), k=6, group=False)).hits
    assert {colour for _, colour in what(shown, by_look)} == {"green"} and "words" not in by_look[0].channels


def test_what_the_library_does_not_hold_is_no_good_match(library: PictureLibrary) -> None:
    for text in ("a locomotive", "the queen of England", "red violin", "mathematical formula", "ein rotes Klavier"):
        found = library.search(Query(text))
        assert found.no_good_match and not found.hits and 0 < len(found.closest) <= 3, text
        assert all(hit.confidence < 0.5 for hit in found.closest)
    shown_anyway = library.search(Query("a locomotive", min_confidence=0))
    assert len(shown_anyway.hits) == 5 and not shown_anyway.no_good_match


def test_a_picture_finds_those_that_are_like_it(library: PictureLibrary, shown: Shown) -> None:
    asked = picture("kite", "yellow", 7)
    found = library.search(Query(image=asked, k=2, group=False))
    assert {colour for _, colour in what(shown, found.hits)} == {"yellow"}
    assert found.hits[0].channels.keys() == {"likeness"} and "alike" in found.hits[0].why[0]


def test_words_make_no_picture_less_like_another(tmp_path: Path, models: Path) -> None:
    settings, folder = settings_over(tmp_path / "data", models), tmp_path / "2024"
    folder.mkdir()
    for number, colour in enumerate(COLOURS):
        picture("cup", colour).save(folder / f"{colour} cup.png")
        for other in range(1, 4):
            picture("cup", colour, other).save(folder / f"IMG_{number}{other:03}.png")
    open_intake(settings).folder(folder)
    library = open_pictures(settings)
    for colour in COLOURS:
        best = library.search(Query(image=picture("cup", colour), group=False)).hits[0]
        assert best.picture.name == f"{colour} cup.png" and best.confidence > 0.5
        assert best.channels["likeness"].score == pytest.approx(1, abs=0.01)


def test_like_this_leaves_this_out(library: PictureLibrary, shown: Shown) -> None:
    this = library.search(Query("a blue kite")).hits[0].picture
    found = library.search(Query(like=this.id, k=5, group=False))
    assert this.id not in [hit.id for hit in found.hits]
    assert what(shown, found.hits)[0] == ("kite", "blue")
    with pytest.raises(UnknownPicture):
        library.search(Query(like="0" * 16))


def test_words_and_a_picture_together(library: PictureLibrary, shown: Shown) -> None:
    green_fish = picture("fish", "green", 9)
    both = what(shown, library.search(Query("cup", image=green_fish, k=2, group=False)).hits)
    assert both == [("cup", "green")] * 2
    words_alone = what(shown, library.search(Query("cup", image=green_fish, image_weight=0, k=8, group=False)).hits)
    assert {thing for thing, _ in words_alone} == {"cup"} and len({colour for _, colour in words_alone}) == 4


def test_what_is_not_wanted_is_left_out(library: PictureLibrary, shown: Shown) -> None:
    found = library.search(Query("kite", negative="red", k=24, group=False))
    assert ("kite", "red") not in what(shown, found.hits) and ("kite", "blue") in what(shown, found.hits)[:6]
    without_fish = library.search(Query("blue", negative="fish", k=24, group=False))
    assert all(thing != "fish" for thing, _ in what(shown, without_fish.hits))
    without_red_kites = what(
        shown, library.search(Query("kite", negative="red kite", k=24, min_confidence=0, group=False)).hits
    )
    assert ("kite", "red") not in without_red_kites
    assert {("kite", "blue"), ("kite", "green"), ("kite", "yellow"), ("cup", "red")} <= set(without_red_kites)


def test_what_is_only_a_little_like_what_is_not_wanted_stays(tmp_path: Path, models: Path) -> None:
    clothes = ("dress", "hat", "pants", "shirt", "shoes", "skirt")
    for number, name in enumerate(name for name in clothes for _ in range(4)):
        (tmp_path / "clothing" / name).mkdir(parents=True, exist_ok=True)
        picture("cup", "blue", number).save(tmp_path / "clothing" / name / f"{number:04}.png")
    settings = settings_over(tmp_path / "data", models)
    open_intake(settings).folder(tmp_path / "clothing")
    for wanted, unwanted in permutations(clothes, 2):
        hits = open_pictures(settings).search(Query(wanted, negative=unwanted, k=24, group=False)).hits
        labels = [label for hit in hits for label in hit.picture.labels]
        assert labels.count(wanted) == 4 and unwanted not in labels, (wanted, unwanted)


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (Filters(label=("cup",)), 8),
        (Filters(label=("cup", "fish")), 16),
        (Filters(colour=("red",)), 6),
        (Filters(label=("kite",), colour=("blue",)), 2),
        (Filters(min_width=161), 0),
        (Filters(max_width=160, min_height=120), 24),
        (Filters(source=("upload",)), 0),
        (Filters(before=datetime(2001, 1, 1)), 0),
        (Filters(after=datetime(2001, 1, 1)), 24),
    ],
)
def test_filters_leave_what_meets_them(library: PictureLibrary, filters: Filters, count: int) -> None:
    found = library.search(Query("a cup, a kite, a fish", filters=filters, k=24, min_confidence=0, group=False))
    assert found.total == count == len(found.hits)
    assert bool(found.notes) == (count == 0)


def test_pages_follow_each_other(library: PictureLibrary) -> None:
    whole = [hit.id for hit in library.search(Query("a red cup", k=24, min_confidence=0, group=False)).hits]
    pages = [
        library.search(Query("a red cup", k=7, offset=at, min_confidence=0, group=False)).hits
        for at in (0, 7, 14, 21, 28)
    ]
    assert [hit.id for page in pages for hit in page] == whole and len(whole) == 24 and not pages[-1]


def test_pages_have_each_picture_once_however_deep_they_are(tmp_path: Path, models: Path) -> None:
    settings, folder = settings_over(tmp_path / "data", models), tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    things = ["cup", "kite", "fish", "tree", "house", "boat", "chair", "lamp", "dress", "shoe"]
    for number in range(600):
        noise = rng.integers(0, 255, 3) + rng.integers(-30, 30, (24, 32, 3))
        said = " ".join(rng.choice(things, 2))
        Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(folder / f"{said} {number:03}.png")
    open_intake(settings).folder(folder)
    library = open_pictures(settings)
    for group in (False, True):
        asked = Query("blue boat and a lamp", min_confidence=0, group=group)
        whole = [hit.id for hit in library.search(replace(asked, k=600)).hits]
        paged = [hit.id for at in range(0, 650, 50) for hit in library.search(replace(asked, k=50, offset=at)).hits]
        assert paged == whole and len(set(paged)) == len(paged) and (group or len(paged) == 600)


def test_pictures_that_are_nearly_the_same_are_one_hit(tmp_path: Path, models: Path) -> None:
    settings = settings_over(tmp_path / "data", models)
    folder = tmp_path / "pictures"
    fill(folder)
    first = folder / "cup" / "0000.png"
    Image.open(first).resize((120, 90)).save(folder / "cup" / "smaller.png")
    Image.open(first).save(folder / "cup" / "softer.jpg", quality=60)
    open_intake(settings).folder(folder)
    library = open_pictures(settings)
    grouped = library.search(Query("a red cup", k=30, min_confidence=0)).hits
    single = library.search(Query("a red cup", k=30, min_confidence=0, group=False)).hits
    leader = next(hit for hit in grouped if hit.same)
    assert len(leader.same) == 2 and len(single) == 26
    assert len(grouped) + sum(len(hit.same) for hit in grouped) == 26
    assert not {hit.id for hit in grouped} & {other for hit in grouped for other in hit.same}


def test_an_empty_library_says_so(settings: Settings) -> None:
    with pytest.raises(NoPictures):
        open_pictures(settings).search(Query("a cup"))


def test_pictures_of_another_model_are_no_empty_library(tmp_path: Path, models: Path, folder: Path) -> None:
    settings = settings_over(tmp_path / "data", models)
    fill(folder)
    open_intake(settings).folder(folder)
    library = open_pictures(settings)
    with library.ledger.file.writing() as db:
        db.execute("update vector set model = 'another'")
    library.index.delete(list(library.index.rows()))
    with pytest.raises(NoVectors, match="none of the library's 24 pictures"):
        library.search(Query("a cup"))


def test_a_picture_without_a_vector_is_told_and_no_failure(tmp_path: Path, models: Path) -> None:
    settings, folder = settings_over(tmp_path / "data", models), tmp_path / "pictures"
    fill(folder)
    open_intake(settings).folder(folder)
    library = open_pictures(settings)
    lost = library.search(Query("a red cup")).hits[0].id
    with library.ledger.file.writing() as db:
        db.execute("update vector set model = 'another' where picture = ?", (lost,))
    library.index.delete([lost])
    with pytest.raises(NoVector, match=lost):
        library.search(Query(like=lost))
    for text in ("a red cup", "a locomotive"):
        found = library.search(Query(text))
        assert lost not in [hit.id for hit in found.hits] and "1 of 24 pictures cannot be found" in found.notes[0]


def test_what_is_surely_no_hit_fills_no_page(library: PictureLibrary, shown: Shown) -> None:
    found = library.search(Query("a red cup", k=24, group=False)).hits
    assert 2 <= len(found) < 24 and all(hit.confidence >= 0.1 for hit in found)
    assert set(what(shown, found[:2])) == {("cup", "red")}


def test_half_of_a_character_is_refused(library: PictureLibrary) -> None:
    with pytest.raises(BadValue):
        library.search(Query("cup\ud800"))


def test_deep_pages_of_several_channels_follow_each_other(tmp_path: Path) -> None:
    drawn = Library(tmp_path / "data")
    draw_many(tmp_path / "pics", 420)
    drawn.intake.folder(tmp_path / "pics")
    library = PictureLibrary(drawn.ledger, drawn.index, drawn.embeddings, Background(drawn.index, drawn.embeddings))
    asked = Query("red cross", like=drawn.named("box-001.jpg"), group=False, min_confidence=0)
    pages = [library.search(replace(asked, k=60, offset=at)).hits for at in range(0, 480, 60)]
    whole = library.search(replace(asked, k=480)).hits
    assert [hit.id for page in pages for hit in page] == [hit.id for hit in whole]
    assert {hit.id for hit in whole} == drawn.ids - {asked.like} and len(whole) == 419
