from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from core.errors import StoreFull
from retrievers.ingest.look import picture_id
from retrievers.ingest.uploads import safe_name
from retrievers.ledger import UnknownPicture
from tests.library import Library, as_bytes, draw, fill


@pytest.fixture
def pics(tmp_path: Path) -> Path:
    return tmp_path / "pics"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def test_uploads_are_kept_and_told_one_by_one(library: Library) -> None:
    good, other = as_bytes(draw("red", "disc")), as_bytes(draw("blue", "box"), "JPEG")
    files = [
        ("../../red boat.png", good), ("broken.png", b"junk"), ("again.png", good), ("", other), ("x.png", good[:300]),
    ]  # fmt: skip
    told: list[int] = []
    report = library.intake.upload(files, lambda done, total, last: told.append(done), tags=["sea", "été"])
    assert [result.outcome for result in report.results] == ["new", "failed", "unchanged", "new", "failed"]
    assert [result.path for result in report.results] == [
        "../../red boat.png",
        "broken.png",
        "again.png",
        "picture",
        "x.png",
    ]
    assert report.results[4].error is not None and "x.png cannot be read" in report.results[4].error["message"]
    assert report.new == 2 and report.failed == 2 and told[0] == 0
    assert library.ledger.problems() == [] and library.is_in_order
    picture = library.ledger.get(picture_id(good))
    assert picture.source == "upload" and picture.tags == ("sea", "été") and picture.labels == ()
    assert picture.words == "red boat, sea, été" and picture.name == "red boat.png"
    assert library.ledger.match("ete", 5)[0].words == ("ete",)
    (kept,) = picture.paths
    assert kept.read_bytes() == good and library.folder / "uploads" in kept.parents
    pictures = [path for path in (library.folder / "uploads").rglob("*") if path.suffix in (".png", ".jpeg")]
    assert len(pictures) == 2
    again = library.intake.upload([("red boat.png", good)], tags=["sea", "boat"])
    assert again.changed == 1 and library.ledger.get(picture.id).tags == ("sea", "été", "boat") and library.is_in_order


def test_safe_names() -> None:
    data = as_bytes(draw("red", "disc"))
    assert safe_name("a/b\\c.JPG", data) == "c.JPG" and safe_name("", data) == "picture.png"
    assert safe_name("..", data) == "picture.png" and safe_name("x.exe", data) == "x.exe.png"
    assert safe_name("\0\n.png", data) == "png.png" and len(safe_name("é" * 500 + ".png", data).encode()) <= 150
    assert safe_name("\ud800.png", data) == "?.png"


def test_what_was_taken_out_stays_out_until_it_changes(library: Library, pics: Path) -> None:
    path, *_ = fill(pics, 4)
    library.intake.folder(pics)
    id_ = library.named(path.name)
    library.intake.remove(id_)
    assert path.exists() and library.ledger.count() == 3 and library.is_in_order
    with pytest.raises(UnknownPicture):
        library.intake.remove(id_)
    assert library.intake.folder(pics).unchanged == 4
    os.utime(path, ns=(5, 5))
    path.rename(path.with_name("moved.png"))
    assert library.intake.folder(pics).new == 0 and id_ not in library.ids  # its content is what it was
    draw("red", "bar", 61).save(path)
    assert library.intake.folder(pics).new == 1 and library.ledger.count() == 4
    library.intake.folder(pics, force=True)
    assert id_ in library.ids and library.is_in_order


def test_a_removed_upload_is_deleted_and_may_come_back(library: Library) -> None:
    data = as_bytes(draw("red", "disc"))
    library.intake.upload([("boat.png", data)], tags=["x"])
    library.intake.remove(picture_id(data))
    assert list((library.folder / "uploads").rglob("*")) == [] and library.ledger.count() == 0 == library.index.count()
    assert library.intake.upload([("boat.png", data)]).new == 1


def test_an_upload_that_finds_no_room_is_store_full(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    data = as_bytes(draw("red", "disc"))
    place = Path("/dev/full")
    if not place.exists():
        pytest.skip("this system has no /dev/full")

    def full(path: Path, data: bytes) -> None:
        with place.open("wb", buffering=0) as file:
            file.write(data)

    monkeypatch.setattr("retrievers.ingest.uploads.write_whole", full)
    with pytest.raises(StoreFull, match=os.strerror(errno.ENOSPC)):
        library.intake.upload([("x.png", data)])
    assert library.ledger.count() == 0
