from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image

from core.errors import StoreBusy, StoreFull
from core.owner import own
from core.settings import ROOT
from retrievers.ingest.intake import Intake
from retrievers.ingest.look import FileUnsteady, picture_id, read_content
from tests.library import Colours, Library, as_bytes, draw, fill


@pytest.fixture
def pics(tmp_path: Path) -> Path:
    return tmp_path / "pics"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def test_a_second_run_does_nothing(library: Library, pics: Path) -> None:
    fill(pics, 20)
    report = library.intake.folder(pics)
    assert report.new == 20 == len(report.results) and report.failed == 0
    assert report.as_dict()["results"][0].keys() == {"path", "id", "outcome"}
    again = library.intake.folder(pics)
    assert again.unchanged == 20 and again.results == [] and again.new == 0
    assert library.embeddings.embedded == 20 == library.index.written and library.is_in_order


def test_renamed_changed_and_deleted_files(library: Library, pics: Path) -> None:
    paths = fill(pics, 12)
    library.intake.folder(pics)
    before = library.ids
    paths[0].rename(pics / "elsewhere.png")
    draw("blue", "cross", 99).save(paths[1])
    paths[2].unlink()
    report = library.intake.folder(pics)
    assert (report.renamed, report.changed, report.gone, report.unchanged) == (1, 1, 1, 9)
    assert {result.outcome for result in report.results} == {"renamed", "changed", "gone"}
    assert library.embeddings.embedded == 13  # the changed one alone
    assert len(library.ids - before) == 1 and len(library.ids) == 11 and library.is_in_order
    assert library.ledger.match("elsewhere", 5)[0].id in before


def test_a_renamed_folder_keeps_all_its_vectors(library: Library, pics: Path) -> None:
    fill(pics, 12)
    library.intake.folder(pics)
    (pics / "red").rename(pics / "crimson")
    report = library.intake.folder(pics)
    assert report.renamed == 3 and report.gone == 0 and library.embeddings.embedded == 12 and library.is_in_order
    assert library.ledger.match("crimson", 9) and not [m for m in library.ledger.match("red", 9) if "red" not in m.seen]


def test_two_files_that_change_places_keep_their_vectors(library: Library, pics: Path) -> None:
    one, other, *_ = fill(pics, 8)
    library.intake.folder(pics)
    before = library.ids
    one.rename(pics / "between")
    other.rename(one)
    (pics / "between").rename(other)
    report = library.intake.folder(pics)
    assert report.changed == 2 and library.embeddings.embedded == 8 and library.ids == before and library.is_in_order


def test_a_model_that_reads_words_follows_them(tmp_path: Path, pics: Path) -> None:
    library = Library(tmp_path / "data", Colours("words-1", reads_words=True))
    paths = fill(pics, 6)
    library.intake.folder(pics)
    paths[0].rename(pics / "red/sailing boat.png")
    shutil.copy(paths[1], pics / "a copy.jpg")
    library.intake.folder(pics)
    for id_ in library.ids:
        picture = library.ledger.get(id_)
        wanted = library.embeddings.embed_image(Image.open(picture.paths[0]).convert("RGB"), picture.words)
        assert np.allclose(library.index.kept[id_][0], wanted, atol=1e-3), picture.words
    assert library.is_in_order
    with library.ledger.file.reading() as db:
        assert db.execute("select count(*) from vector").fetchone()[0] == 6  # none of words that are no more


def test_a_folder_that_holds_the_library_leaves_its_uploads_in_it(library: Library, tmp_path: Path, pics: Path) -> None:
    fill(pics, 2)
    library.intake.upload([("sent.png", as_bytes(draw("red", "cross", 70)))])
    sent = library.named("sent.png")
    for _ in range(2):
        report = library.intake.folder(tmp_path)
        assert report.gone == 0 and sent in library.ids and len(library.ids) == 3
    assert library.is_in_order


def test_two_files_of_one_content_are_one_picture(library: Library, pics: Path) -> None:
    path, *_ = fill(pics, 4)
    copy = pics / "second" / "holiday.png"
    copy.parent.mkdir()
    shutil.copy(path, copy)
    report = library.intake.folder(pics)
    assert report.new == 5 and library.ledger.count() == 4
    picture = library.ledger.get(library.named("holiday.png"))
    assert set(picture.paths) == {path, copy} and set(picture.labels) == {"red", "second"}
    path.unlink()
    assert library.intake.folder(pics).gone == 1 and library.ledger.count() == 4
    assert library.ledger.get(picture.id).paths == (copy,) and not library.ledger.match("disc", 9)[1:]
    assert library.is_in_order


def bad_files(root: Path) -> dict[str, str]:
    """Files that cannot be taken in, with a word of the reason."""
    root.mkdir(parents=True, exist_ok=True)
    good = as_bytes(draw("red", "disc", size=(300, 200)), "JPEG")
    (root / "truncated.jpg").write_bytes(good[: len(good) // 2])
    (root / "empty.png").write_bytes(b"")
    (root / "text.jpg").write_bytes(b"this is no picture")
    (root / "one.png").write_bytes(as_bytes(Image.new("RGB", (1, 1))))
    (root / "long.png").write_bytes(as_bytes(Image.new("RGB", (2_000, 20))))
    (root / "bomb.png").write_bytes(as_bytes(Image.new("1", (12_000, 12_000))))
    (root / "broken link.png").symlink_to(root / "nowhere.png")
    os.mkfifo(root / "pipe.png")
    return {
        "truncated.jpg": "damaged", "empty.png": "0 bytes", "text.jpg": "no picture format", "one.png": "1x1 px",
        "long.png": "one side", "bomb.png": "the limit is", "broken link.png": "no file", "pipe.png": "no file",
    }  # fmt: skip


def test_bad_files_are_recorded_with_their_reasons_and_the_run_goes_on(library: Library, pics: Path) -> None:
    fill(pics, 6)
    reasons = bad_files(pics / "bad")
    report = library.intake.folder(pics)
    assert report.new == 6 and report.failed == len(reasons)
    told = {Path(problem.path).name: problem.reason for problem in library.ledger.problems()}
    assert told.keys() == reasons.keys() and all(word in told[name] for name, word in reasons.items()), told
    assert {Path(result.path).name for result in report.failures} == reasons.keys()
    assert library.intake.folder(pics).as_dict() | {"seconds": 0} == {
        **dict.fromkeys(("new", "changed", "renamed", "gone", "failed", "seconds"), 0),
        **{"unchanged": 6 + len(reasons), "results": []},
    }
    assert library.intake.folder(pics, force=True).failed == len(reasons)
    (pics / "bad/empty.png").write_bytes(as_bytes(draw("blue", "box", 77)))
    assert library.intake.folder(pics).changed == 1 and len(library.ledger.problems()) == len(reasons) - 1


def test_a_good_file_that_goes_bad_leaves_the_index(library: Library, pics: Path) -> None:
    path, *_ = fill(pics, 3)
    library.intake.folder(pics)
    path.write_bytes(b"overwritten")
    report = library.intake.folder(pics)
    assert report.failed == 1 and library.ledger.count() == 2 == library.index.count()
    assert [problem.path for problem in library.ledger.problems()] == [str(path)]


def test_unusual_pictures_are_taken_in(library: Library, pics: Path) -> None:
    pics.mkdir()
    base = draw("green", "box", size=(80, 60))
    Image.fromarray(np.linspace(0, 65_535, 4_800, dtype=np.uint16).reshape(60, 80)).save(pics / "deep.png")
    base.convert("CMYK").save(pics / "cmyk.jpg")
    base.convert("P").save(pics / "palette.gif", save_all=True, append_images=[base.rotate(90)])
    base.convert("RGBA").save(pics / "clear.webp")
    base.save(pics / "mislabelled.jpg", "PNG")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "A harbour at dawn"  # turned by 90 degrees
    exif.get_ifd(0x8769).update({0x9003: "2001:02:03 04:05:06", 0x9011: "+02:00"})
    base.save(pics / "turned.jpg", exif=exif)
    assert library.intake.folder(pics).new == 6 and library.ledger.problems() == []
    turned = library.ledger.get(library.named("turned.jpg"))
    assert (turned.width, turned.height) == (60, 80) and turned.caption == "A harbour at dawn"
    assert turned.taken == 981_165_906.0 and library.ledger.match("harbours", 3)[0].id == turned.id


def test_names_of_any_kind(library: Library, pics: Path) -> None:
    names = [b"\xff\xfe red.png", "赤い🙂.png".encode(), b"a" * 240 + b".png", b"new\nline.png", b"quote'\".PNG"]
    pics.mkdir()
    for i, name in enumerate(names):
        (pics / os.fsdecode(name)).write_bytes(as_bytes(draw("red", "box", i)))
    report = library.intake.folder(pics)
    assert report.new == 5 and library.intake.folder(pics).unchanged == 5
    for picture in library.ledger.page(0, 9):
        assert picture.name.encode() and read_content(os.fsencode(picture.paths[0])).id == picture.id
    assert any("\ufffd" in picture.name for picture in library.ledger.page(0, 9))
    for result in report.results:
        assert result.path.encode()
    (pics / os.fsdecode(names[0])).unlink()
    assert library.intake.folder(pics).gone == 1


def test_a_file_that_changes_while_it_is_read_ends_as_what_it_became(library: Library, pics: Path) -> None:
    path, *_ = fill(pics, 1)
    data = path.read_bytes()

    def write() -> None:
        for length in range(1, 30):
            path.write_bytes(data + b"\0" * 500_000 * length)

    writer = Thread(target=write)
    writer.start()
    while writer.is_alive():
        library.intake.folder(pics)
    writer.join()
    library.intake.folder(pics)
    assert library.named(path.name) == picture_id(path.read_bytes()) and library.ledger.count() == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="a file whose size is not what it holds")
def test_a_file_that_is_never_what_it_was_is_said() -> None:
    with pytest.raises(FileUnsteady, match="changes while it is read: ingest again"):
        read_content(b"/proc/self/status")


def test_a_file_that_vanishes_is_said(library: Library, pics: Path) -> None:
    paths = fill(pics, 9)

    def take_away(done: int, total: int, last: str) -> None:
        paths[8].unlink(missing_ok=True)

    report = library.intake.folder(pics, take_away)
    assert report.new + report.failed == 9 and library.ledger.count() == report.new
    library.intake.folder(pics)
    assert library.ledger.problems() == [] and library.is_in_order


def test_progress_is_told_and_can_end_the_run(library: Library, pics: Path) -> None:
    class Cancelled(Exception):
        pass

    fill(pics, 40)
    told: list[tuple[int, int, str]] = []

    def tell(done: int, total: int, last: str) -> None:
        told.append((done, total, last))
        if done >= 12:
            raise Cancelled

    with pytest.raises(Cancelled):
        library.intake.folder(pics, tell)
    assert [total for _, total, _ in told] == [40] * len(told) and told[0] == (0, 40, "") and told[-1][0] == 12
    assert library.ledger.count() == 12 == library.index.count() and library.is_in_order
    report = library.intake.folder(pics)
    assert (report.new, report.unchanged) == (28, 12) and library.embeddings.embedded <= 40 + 4 * 16


def test_who_does_not_own_the_directory_writes_nothing(tmp_path: Path, pics: Path) -> None:
    fill(pics, 3)
    data = tmp_path / "data"
    Library(data)
    take = f"from pathlib import Path; from core.owner import own; own(Path({str(data)!r}), 'the first')"
    script = f"{take}; print(1, flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None and other.stdout.readline() == "1\n"
        library = Library(data)
        index = library.index
        folder = library.folder
        intake = Intake(library.ledger, index, library.embeddings, folder, None, lambda: own(data, "the second"))
        calls = (lambda: intake.folder(pics), lambda: intake.upload([("x.png", b"")]), intake.catch_up, intake.repair)
        for call in (*calls, lambda: intake.remove("x")):
            with pytest.raises(StoreBusy, match=r"is owned by the first \(process \d+\)"):
                call()
        assert library.ledger.count() == 0 == index.written and not (library.folder / "uploads").exists()
    finally:
        other.communicate("\n")
    assert intake.folder(pics).new == 3
    own(data).release()


def test_a_full_disk_loses_nothing(library: Library, pics: Path) -> None:
    fill(pics, 60)
    with library.ledger.file.writing() as db:
        pages = db.execute("pragma page_count").fetchone()[0]
    writer = library.ledger.file._writer
    assert writer is not None
    writer.execute(f"pragma max_page_count = {pages + 12}")
    with pytest.raises(StoreFull, match=r"ledger\.db cannot take more .*make room there"):
        library.intake.folder(pics)
    done = library.ledger.count()
    assert 0 < done < 60
    writer.execute("pragma max_page_count = 1000000")
    report = library.intake.folder(pics)
    assert report.unchanged + report.new == 60 and report.new >= 60 - done and library.is_in_order
    assert library.ledger.count() == 60 == library.index.count()


def test_pictures_that_the_model_refuses_fail_alone(tmp_path: Path, pics: Path) -> None:
    class Choosy(Colours):
        def embed_pictures(self, pictures, words):  # type: ignore[no-untyped-def]
            if any(picture.size == (97, 72) for picture in pictures):
                raise ValueError("not this one")
            return super().embed_pictures(pictures, words)

    library = Library(tmp_path / "data", Choosy())
    fill(pics, 7)
    draw("red", "box", size=(97, 72)).save(pics / "odd.png")
    report = library.intake.folder(pics)
    assert report.new == 7 and [Path(result.path).name for result in report.failures] == ["odd.png"]
    assert "ValueError: not this one" in library.ledger.problems()[0].reason
