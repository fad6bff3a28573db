"""Descriptions as they are searched: the nearest sentence, and an index that keeps up with the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from core.errors import StoreMismatch
from core.settings import Settings
from generators.vision.description import Description
from generators.vision.sentences import LONGEST, MOST, sentences, words
from retrievers.catalog import open_intake, open_pictures, open_sentences
from retrievers.descriptions.sentences import NAMED, Sentences
from retrievers.faiss_index import FaissIndex
from retrievers.models import open_sentence_embeddings
from retrievers.query import Filters, Query
from tests.conftest import settings_over
from tests.gallery import fill

SAID = (
    ["A dog runs along a beach.", "The sea is rough."],
    ["An old man reads a newspaper.", "He sits in an armchair."],
    ["A red sports car is parked in a street at night."],
    ["A bowl of ripe strawberries.", "The bowl is white."],
)


def everything(ids: Sequence[str]) -> Sequence[str]:
    return ids


@pytest.fixture
def filled(tmp_path: Path, models: Path) -> Settings:
    settings = settings_over(tmp_path / "data", models)
    fill(tmp_path / "pictures")
    open_intake(settings).folder(tmp_path / "pictures")
    return settings


def describe(settings: Settings) -> tuple[Sentences, list[str]]:
    """The first pictures described by SAID, and embedded."""
    shelf = open_sentences(settings)
    ids = shelf.archive.wanted("test")[: len(SAID)]
    for id_, said in zip(ids, SAID, strict=True):
        shelf.archive.keep(id_, "test", {"caption": " ".join(said)}, said, " ".join(said))
    made = shelf.embed()
    assert made == (4, sum(map(len, SAID)) + 4)  # and a row of each picture's folder name
    return shelf, ids


def test_a_picture_is_as_near_as_its_nearest_sentence(filled: Settings) -> None:
    shelf, ids = describe(filled)
    for text, number in (("a puppy at the seaside", 0), ("somebody with a paper", 1), ("fruit", 3), ("automobile", 2)):
        hits = shelf.search(text, 4, everything)
        assert hits[0].picture == ids[number] and len({hit.picture for hit in hits}) == 4, text
        assert hits[0].of(shelf.archive.of(ids)[hits[0].picture]) in SAID[number]
    assert [hit.picture for hit in shelf.search("fruit", 4, lambda found: [id_ for id_ in found if id_ == ids[0]])] == [
        ids[0]
    ]


def test_words_that_others_gave_are_a_row_of_their_own_and_no_sentence(filled: Settings) -> None:
    shelf, ids = describe(filled)
    best = shelf.search("cup", 1, everything)[0]
    assert best.part == NAMED and best.of(shelf.archive.of(ids)[best.picture]) is None


def test_nothing_is_embedded_twice_and_what_changes_is_embedded_anew(filled: Settings, tmp_path: Path) -> None:
    shelf, ids = describe(filled)
    assert shelf.embed() == (0, 0)
    shelf.archive.keep(ids[0], "better", {"caption": "A train."}, ["A train crosses a bridge."], "")
    assert shelf.embed() == (1, 2) and shelf.index.count() == 10
    assert shelf.search("railway", 1, everything)[0].picture == ids[0]
    assert shelf.search("a puppy at the seaside", 1, everything)[0].score < 0.5
    (tmp_path / "pictures/cup").rename(tmp_path / "pictures/mug")
    open_intake(filled).folder(tmp_path / "pictures")
    assert shelf.embed().pictures == 4  # their names are others


def test_what_leaves_the_library_leaves_the_index(filled: Settings) -> None:
    shelf, ids = describe(filled)
    open_intake(filled).remove(ids[0])
    assert shelf.embed() == (0, 0) and not any(id_.startswith(ids[0]) for id_ in shelf.index.rows())


def test_an_index_that_was_lost_or_is_not_whole_is_made_again(filled: Settings) -> None:
    shelf, ids = describe(filled)
    rows = sorted(shelf.index.rows())
    shelf.index.delete([row for row in rows if row.startswith(ids[1])][:1])
    assert shelf.embed().pictures == 1 and sorted(shelf.index.rows()) == rows
    shelf.index.delete(rows)
    assert shelf.embed().pictures == 4 and sorted(shelf.index.rows()) == rows


def test_another_model_s_index_is_refused(filled: Settings) -> None:
    class Other:
        identity, dimension = "another model", 384

    describe(filled)
    name = next((filled.data_dir / "faiss").iterdir()).name
    with pytest.raises(StoreMismatch, match="another model"):
        FaissIndex(name, Other(), filled.data_dir / "faiss")
    assert FaissIndex(name, open_sentence_embeddings(filled), filled.data_dir / "faiss").count() == 11


@pytest.mark.parametrize("kind", ["Flat", "IVFFlat"])
def test_search_by_description_says_which_sentence(tmp_path: Path, models: Path, kind: str) -> None:
    settings = settings_over(tmp_path / "data", models, faiss_index_type=kind, faiss_nlist=2)
    fill(tmp_path / "pictures")
    open_intake(settings).folder(tmp_path / "pictures")
    _, ids = describe(settings)
    library = open_pictures(settings)
    for channels in (("picture", "description", "words"), ("description",)):
        found = library.search(Query("a puppy at the seaside", channels=channels, k=3))  # type: ignore[arg-type]
        assert found.hits[0].id == ids[0] and "described: “A dog runs along a beach.”" in found.hits[0].why
        assert found.hits[0].channels["description"].place == 1 and found.hits[0].description is not None
    assert library.search(Query("a steam locomotive")).no_good_match
    assert library.search(Query("a puppy at the seaside", filters=Filters(label=("fish",)))).no_good_match
    silent = library.search(Query("a puppy at the seaside", channels=("picture", "words"), min_confidence=0))
    assert all("description" not in hit.channels for hit in silent.hits)


def test_a_colour_alone_makes_no_described_thing(filled: Settings) -> None:
    describe(filled)
    found = open_pictures(filled).search(Query("a red lighthouse", channels=("description",)))
    assert found.no_good_match


def test_statements_are_short_and_each_is_said_once() -> None:
    told = Description(
        caption="A man stands on a hill. A man stands on a hill. He wears a hat! " + "Words " + "and words " * 60,
        objects=tuple(f"thing number {number} of many" for number in range(40)),
        colours=("navy blue", "white"),
        setting="outdoors, at dusk",
        mood="calm",
        tags=("hill", "man"),
    )
    made = sentences(told)
    assert made[:2] == ("A man stands on a hill.", "He wears a hat!") and len(made) <= MOST
    assert all(0 < len(sentence) <= LONGEST for sentence in made) and len(set(made)) == len(made)
    assert "thing number 39 of many" in words(told)
    assert sentences(Description(caption="A hill.")) == ("A hill.",)
    short = sentences(Description(caption="A hill.", colours=("red",), objects=("hill", "tree"), mood="calm"))
    assert short == ("A hill.", "It shows hill and tree.", "Mood: calm.", "Colours: red.")


def test_a_sentence_of_a_description_that_was_replaced_says_nothing(filled: Settings) -> None:
    shelf, ids = describe(filled)
    (before,) = shelf.search("a puppy at the seaside", 1, everything)
    shelf.archive.keep(ids[0], "better", {"caption": "A tax form."}, ["A tax form on a desk."], "")
    assert before.of(shelf.archive.of(ids)[ids[0]]) is None


def test_a_few_pictures_are_looked_through_one_by_one(filled: Settings) -> None:
    shelf, ids = describe(filled)
    whole = shelf.search("fruit", 4, everything)
    assert shelf.search("fruit", 4, everything, ids) == whole
    assert [hit.picture for hit in shelf.search("fruit", 4, everything, ids[1:3])] == [
        hit.picture for hit in whole if hit.picture in ids[1:3]
    ]
    assert shelf.search("fruit", 4, everything, []) == [] == shelf.search("fruit", 4, everything, ["0" * 16])
