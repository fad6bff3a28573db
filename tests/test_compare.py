from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrievers.ingest.intake import Intake
from retrievers.ledger import Ledger
from tests.library import Colours, Library, PlainIndex, as_bytes, draw, fill


@pytest.fixture
def pics(tmp_path: Path) -> Path:
    return tmp_path / "pics"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def test_a_lost_or_new_index_is_filled_without_embedding(tmp_path: Path, pics: Path) -> None:
    library = Library(tmp_path / "data")
    fill(pics, 12)
    library.intake.folder(pics)
    rows = library.index.kept
    for index in (PlainIndex(), PlainIndex(in_memory=True), PlainIndex(in_memory=True)):
        opened = Library(tmp_path / "data", index=index)
        assert opened.intake.catch_up() == 12 and opened.embeddings.embedded == 0
        assert {id_: row for id_, (_, _, row) in index.kept.items()} == {id_: row for id_, (_, _, row) in rows.items()}
        assert opened.intake.catch_up() == 0
    index.delete(sorted(index.kept)[:3])
    index.upsert(["stranger"], np.ones((1, 32)), ["x"], [{}])
    assert opened.intake.catch_up() == 3 and index.kept.keys() == opened.ids


def test_a_link_to_nothing_is_no_file_that_is_missing(library: Library, pics: Path) -> None:
    fill(pics, 2)
    (pics / "broken.jpg").symlink_to(pics / "nowhere.jpg")
    assert library.intake.folder(pics).failed == 1 and library.intake.compare().sound
    (pics / "broken.jpg").unlink()
    assert library.intake.compare().missing_files == [str(pics / "broken.jpg")]


def test_what_one_index_missed_another_did_not(tmp_path: Path, pics: Path) -> None:
    fill(pics, 6)
    ledger, here, there = Ledger(tmp_path / "data/library/ledger.db"), PlainIndex(), PlainIndex()
    common = (Colours(), tmp_path / "data/library", None)
    one, other = Intake(ledger, here, *common, store="one"), Intake(ledger, there, *common, store="other")
    one.folder(pics)
    other.catch_up()
    (pics / "red/disc-000.png").unlink()
    other.folder(pics)
    assert here.count() == 6 and there.count() == 5
    assert one.catch_up() == 0 and here.kept.keys() == there.kept.keys()


def test_compare_finds_every_kind_of_damage_and_repair_mends_it(library: Library, pics: Path) -> None:
    paths = fill(pics, 12)
    library.intake.folder(pics)
    library.intake.upload([("boat.png", as_bytes(draw("red", "ring", 90)))], tags=["sea"])
    ids = [picture.id for picture in library.ledger.page(0, 20, newest_first=False)]
    upload = library.named("boat.png")
    mine = [id_ for id_ in ids if id_ != upload]
    paths[0].unlink()
    lost = next(id_ for id_ in mine if library.ledger.get(id_).paths == (paths[0],))
    mine.remove(lost)
    with library.ledger.file.writing() as db:
        db.execute("update vector set data = zeroblob(128) where picture = ?", (mine[0],))
        db.execute("update vector set data = x'00' where picture = ?", (mine[1],))
        db.execute("update vector set model = 'an older one' where picture = ?", (mine[2],))
        db.execute("delete from spoken where rowid = (select number from picture where id = ?)", (mine[3],))
        db.execute("delete from file where picture = ?", (upload,))
        db.execute("delete from picture where id = ?", (upload,))
    library.index.delete([mine[4]])
    vector, words, row = library.index.kept[mine[5]]
    library.index.kept[mine[5]] = (-vector, words, row)
    vector, words, row = library.index.kept[mine[6]]
    library.index.kept[mine[6]] = (vector, words, {**row, "name": "another"})
    library.index.upsert(["stranger"], np.ones((1, 32)), ["x"], [{}])
    found = library.intake.compare()
    assert not found.sound and found.missing_files == [str(paths[0])]
    assert found.damaged_vectors == sorted(mine[:2]) and found.of_another_model == [mine[2]] == found.without_vector
    assert found.without_words == [mine[3]] and found.pictures_without_row == [mine[4]]
    assert found.rows_that_differ == sorted(mine[5:7])
    assert found.rows_without_picture == sorted({"stranger", mine[2], upload})
    assert len(found.stray_uploads) == 1 and found.as_dict()["sound"] is False
    after = library.intake.repair()
    assert after.sound and after.as_dict()["mended"] == {
        "missing_files": 1, "stray_uploads": 1, "without_vector": 1, "of_another_model": 1, "damaged_vectors": 2,
        "without_words": 1, "rows_without_picture": 3, "pictures_without_row": 1, "rows_that_differ": 2,
    }  # fmt: skip
    assert library.ids == {*mine, upload} == library.index.kept.keys()
    assert library.ledger.get(upload).tags == ("sea",) and library.ledger.match("sea", 1)[0].id == upload
    assert library.intake.repair().mended == {}
