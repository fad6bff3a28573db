"""The descriptions in the ledger: which are wanted, which are a picture's own, and what becomes of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import StoreError
from retrievers.descriptions.archive import Archive
from retrievers.ledger import Ledger
from retrievers.ledger_file import LedgerOlder
from retrievers.ledger_tables import SCHEMA
from tests.describers import Blinded
from tests.library import Library, draw, fill

TOLD = {"caption": "A kite in the sky.", "objects": ["kite"]}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(tmp_path / "data")
    fill(tmp_path / "pictures", 6)
    made.intake.folder(tmp_path / "pictures")
    return made


@pytest.fixture
def archive(library: Library) -> Archive:
    return Archive(library.ledger)


def ids(archive: Archive, engine: str = "one", **asked: object) -> list[str]:
    return archive.wanted(engine, **asked)  # type: ignore[arg-type]


def test_what_is_described_is_not_wanted_again(archive: Archive) -> None:
    first, *others = ids(archive)
    assert archive.keep(first, "one", TOLD, ["A kite in the sky."], "kite sky")
    assert ids(archive) == others and ids(archive, "another") == [first, *others] == ids(archive, anew=True)
    kept = archive.of([first, others[0]])
    assert kept[first].told == TOLD and kept[first].engine == "one" and others[0] not in kept
    assert archive.counts() == {"one": 1} and archive.any()


def test_a_description_is_found_word_by_word_and_as_seen(library: Library, archive: Archive) -> None:
    first = ids(archive)[0]
    revision = library.ledger.revision
    archive.keep(first, "one", TOLD, [], "a kite in the sky")
    (match,) = library.ledger.match("kites", 5)
    assert match.id == first and match.words == match.seen == ("kites",) and library.ledger.revision > revision
    archive.keep(first, "one", TOLD, [], "an umbrella")
    assert not library.ledger.match("kites", 5) and library.ledger.match("umbrella", 5)[0].id == first


def test_words_of_a_description_outlast_a_new_name(library: Library, archive: Archive, tmp_path: Path) -> None:
    first = ids(archive)[0]
    path = library.ledger.get(first).paths[0]
    archive.keep(first, "one", TOLD, [], "a kite")
    path.rename(path.with_name("renamed.png"))
    library.intake.folder(tmp_path / "pictures")
    assert library.ledger.match("kite", 5) and library.ledger.match("renamed", 5)


def test_failures_for_good_are_left_and_others_tried_again(archive: Archive) -> None:
    first, second, *others = ids(archive)
    archive.fail(first, "one", Blinded(False), again=False)
    archive.fail(second, "one", Blinded(True), again=True)
    assert ids(archive) == [second, *others] and ids(archive, force=True) == [first, second, *others]
    told = {failure.picture: failure for failure in archive.failures("one")}
    assert told.keys() == {first, second} and told[first].error["type"] == "blinded" and not archive.failures("other")
    archive.keep(first, "one", TOLD, [], "")
    assert [failure.picture for failure in archive.failures()] == [second]


def test_the_latest_engine_s_description_is_the_picture_s_own_and_none_is_lost(archive: Archive) -> None:
    first = ids(archive)[0]
    for engine in ("one", "two"):
        archive.keep(first, engine, {"caption": engine}, [], engine)
    assert archive.of([first])[first].engine == "two"
    assert archive.choose("one") == 1 and archive.choose("one") == 0
    assert archive.of([first])[first].told == {"caption": "one"} and first not in ids(archive, "two")
    assert archive.ledger.match("one", 5)[0].id == first and not archive.ledger.match("two", 5)


def test_a_picture_that_left_keeps_nothing_new_and_comes_back_with_what_it_had(
    library: Library, archive: Archive, tmp_path: Path
) -> None:
    wanted = library.ledger.get(ids(archive)[0])
    archive.keep(wanted.id, "one", TOLD, [], "kite")
    data = wanted.paths[0].read_bytes()
    wanted.paths[0].unlink()
    library.intake.folder(tmp_path / "pictures")
    assert not archive.keep(wanted.id, "two", TOLD, [], "") and archive.counts() == {}
    wanted.paths[0].write_bytes(data)
    library.intake.folder(tmp_path / "pictures")
    assert archive.of([wanted.id])[wanted.id].engine == "one" and library.ledger.match("kite", 5)
    library.intake.remove(wanted.id)
    assert wanted.id not in archive.of([wanted.id])


def test_those_below_a_folder_alone(library: Library, archive: Archive, tmp_path: Path) -> None:
    red = ids(archive, below=tmp_path / "pictures/red")
    assert len(red) == 2 and set(red) < set(ids(archive))
    paths = [path for id_ in red for path in library.ledger.get(id_).paths]
    assert {path.parent.name for path in paths} == {"red"}
    assert ids(archive, below=paths[0]) == [red[0]]
    assert ids(archive, below=tmp_path / "pictures/re") == [] and len(ids(archive, most=3)) == 3


def old_ledger(path: Path) -> None:
    """A ledger as it was before there were descriptions."""
    with closing(Ledger(path).file) as file, file.writing() as db:
        for table in ("description", "undescribed", "spoken_for"):
            db.execute(f"drop table {table}")
        db.execute("pragma user_version = 1")


def test_a_ledger_of_before_is_brought_up_to_date(tmp_path: Path) -> None:
    made = Library(tmp_path / "data")
    draw("red", "disc").save(tmp_path / "red disc.png")
    made.intake.folder(tmp_path / "red disc.png")
    made.ledger.close()
    path = tmp_path / "data/library/ledger.db"
    old_ledger(path)
    with pytest.raises(LedgerOlder, match="older version"):
        Ledger(path, read_only=True)
    archive = Archive(Ledger(path))
    (wanted,) = archive.wanted("one")
    assert archive.keep(wanted, "one", TOLD, [], "kite")
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma user_version").fetchone()[0] == SCHEMA
    again = Archive(Ledger(path, read_only=True))
    assert again.of([wanted])[wanted].told == TOLD
    with pytest.raises(StoreError, match="reading alone"):
        again.keep(wanted, "one", TOLD, [], "")
