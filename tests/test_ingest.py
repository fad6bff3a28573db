from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image

from core.errors import BadValue, NoSuchFile, StoreBusy, StoreFull
from core.owner import own
from core.settings import ROOT
from retrievers.ingest.intake import Intake
from retrievers.ingest.look import FileUnsteady, picture_id, read_content
from retrievers.ingest.uploads import safe_name
from retrievers.ingest.walk import Walk
from retrievers.ledger import Ledger, UnknownPicture
from tests.library import Colours, Library, PlainIndex, draw, fill


@pytest.fixture
def pics(tmp_path: Path) -> Path:
    return tmp_path / "pics"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def as_bytes(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def is_in_order(library: Library) -> bool:
    """Whether files, ledger and index say the same."""
    found = library.intake.compare()
    return found.sound and not found.changed_files and library.index.kept.keys() == library.ids


def test_a_second_run_does_nothing(library: Library, pics: Path) -> None:
    fill(pics, 20)
    report = library.intake.folder(pics)
    assert report.new == 20 == len(report.results) and report.failed == 0
    assert report.as_dict()["results"][0].keys() == {"path", "id", "outcome"}
    again = library.intake.folder(pics)
    assert again.unchanged == 20 and again.results == [] and again.new == 0
    assert library.embeddings.embedded == 20 == library.index.written and is_in_order(library)


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
    assert len(library.ids - before) == 1 and len(library.ids) == 11 and is_in_order(library)
    assert library.ledger.match("elsewhere", 5)[0].id in before


def test_a_renamed_folder_keeps_all_its_vectors(library: Library, pics: Path) -> None:
    fill(pics, 12)
    library.intake.folder(pics)
    (pics / "red").rename(pics / "crimson")
    report = library.intake.folder(pics)
    assert report.renamed == 3 and report.gone == 0 and library.embeddings.embedded == 12 and is_in_order(library)
    assert library.ledger.match("crimson", 9) and not [m for m in library.ledger.match("red", 9) if "red" not in m.seen]


def test_two_files_that_change_places_keep_their_vectors(library: Library, pics: Path) -> None:
    one, other, *_ = fill(pics, 8)
    library.intake.folder(pics)
    before = library.ids
    one.rename(pics / "between")
    other.rename(one)
    (pics / "between").rename(other)
    report = library.intake.folder(pics)
    assert report.changed == 2 and library.embeddings.embedded == 8 and library.ids == before and is_in_order(library)


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
    assert is_in_order(library)
    with library.ledger.file.reading() as db:
        assert db.execute("select count(*) from vector").fetchone()[0] == 6  # none of words that are no more


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
    assert is_in_order(library)


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


def test_links_hidden_files_and_other_files(library: Library, pics: Path) -> None:
    fill(pics, 4)
    (pics / "red/loop").symlink_to(pics, target_is_directory=True)
    (pics / "a link").symlink_to(pics / "red", target_is_directory=True)
    (pics / "self").symlink_to(pics / "self")
    (pics / ".hidden").mkdir()
    draw("red", "bar", 50).save(pics / ".hidden/x.png")
    draw("red", "bar", 51).save(pics / ".x.png")
    (pics / "notes.txt").write_text("no picture")
    outside = pics.parent / "outside"
    fill(outside, 2, seed=200)
    (pics / "z").symlink_to(outside, target_is_directory=True)
    assert library.intake.folder(pics).new == 6 and library.intake.folder(pics).unchanged == 6
    assert all(
        "loop" not in str(path) and "a link" not in str(path) for p in library.ledger.page(0, 9) for path in p.paths
    )


def test_what_cannot_be_read_is_kept(library: Library, pics: Path, tmp_path: Path) -> None:
    fill(pics, 8)
    library.intake.folder(pics)
    pics.rename(tmp_path / "away")
    with pytest.raises(NoSuchFile, match="pics"):
        library.intake.folder(pics)
    assert library.ledger.count() == 8
    found = library.intake.compare()
    assert len(found.out_of_reach) == 8 and found.missing_files == [] and found.sound
    library.intake.repair()
    assert library.ledger.count() == 8 == library.index.count()
    (tmp_path / "away").rename(pics)
    assert library.intake.folder(pics).unchanged == 8


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become somebody who may not read")
def test_a_folder_that_may_not_be_read_is_said_and_its_files_stay() -> None:
    """In a process that is nobody, in a folder that everybody may enter."""
    with tempfile.TemporaryDirectory() as place:
        root, data = Path(place) / "pics", Path(place) / "data"
        fill(root, 8)
        Library(data).intake.folder(root)
        (root / "red").chmod(0)
        (root / "blue/box-001.jpg").chmod(0)
        os.utime(root / "blue/box-001.jpg", ns=(1, 1))
        subprocess.run(["chown", "-R", "65534", place], check=True)
        script = (
            "import os, sys; from pathlib import Path; from tests.library import Library\n"
            f"os.setuid(65534)\nlibrary = Library(Path({str(data)!r}))\n"
            f"report = library.intake.folder(Path({str(root)!r}))\n"
            "print(report.failed, report.gone, library.ledger.count(), *sorted(r.outcome for r in report.results))\n"
            "print(*(problem.reason for problem in library.ledger.problems()))"
        )
        told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
        assert told.stdout.splitlines()[0] == "2 0 7 failed kept", told.stderr
        assert "Permission denied" in told.stdout
        (root / "blue/box-001.jpg").chmod(0o644)  # which changes neither its size nor its time of change
        (root / "red").chmod(0o755)
        report = Library(data).intake.folder(root)
        assert report.changed == 1 and report.unchanged == 7 and Ledger(data / "library/ledger.db").count() == 8


def test_only_what_is_below_the_root_can_be_gone(library: Library, pics: Path) -> None:
    paths = fill(pics, 8)
    library.intake.folder(pics)
    twin = pics / "red2"
    fill(twin, 1, seed=300)
    library.intake.folder(pics)
    shutil.rmtree(pics / "red2")
    paths[1].unlink()
    assert library.intake.folder(pics / "red").gone == 0  # `red2` is not below `red`
    assert library.intake.folder(paths[3]).unchanged == 1
    assert library.intake.folder(pics).gone == 2


def test_a_folder_taken_in_twice_keeps_the_name_of_the_upper_one(library: Library, pics: Path) -> None:
    fill(pics, 8)
    library.intake.folder(pics / "red")
    assert library.ledger.get(library.named("disc-000.png")).words == "red, disc"
    library.intake.folder(pics)
    picture = library.ledger.get(library.named("disc-000.png"))
    assert picture.words == "pics, red, disc" and picture.labels == ("red",)
    draw("red", "bar", 44).save(pics / "red/bar.png")
    report = library.intake.folder(pics / "red")
    assert (report.new, report.unchanged) == (1, 2)
    assert library.ledger.get(library.named("bar.png")).words == "pics, red, bar" and is_in_order(library)


def test_the_data_directory_is_left_out_of_a_walk_and_refused_as_a_root(tmp_path: Path) -> None:
    library = Library(tmp_path / "home/data")
    fill(tmp_path / "home/pics", 3)
    fill(tmp_path / "home/data/styles", 3, seed=70)
    assert library.intake.folder(tmp_path / "home").new == 3
    for path in (tmp_path / "home/data", tmp_path / "home/data/library"):
        with pytest.raises(BadValue, match="the library's own"):
            library.intake.folder(path)
    with pytest.raises(NoSuchFile):
        library.intake.folder(tmp_path / "nowhere")


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
    assert library.ledger.problems() == [] and is_in_order(library)


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
    assert library.ledger.count() == 12 == library.index.count() and is_in_order(library)
    report = library.intake.folder(pics)
    assert (report.new, report.unchanged) == (28, 12) and library.embeddings.embedded <= 40 + 4 * 16


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
    assert library.ledger.problems() == [] and is_in_order(library)
    picture = library.ledger.get(picture_id(good))
    assert picture.source == "upload" and picture.tags == ("sea", "été") and picture.labels == ()
    assert picture.words == "red boat, sea, été" and picture.name == "red boat.png"
    assert library.ledger.match("ete", 5)[0].words == ("ete",)
    (kept,) = picture.paths
    assert kept.read_bytes() == good and library.folder / "uploads" in kept.parents
    pictures = [path for path in (library.folder / "uploads").rglob("*") if path.suffix in (".png", ".jpeg")]
    assert len(pictures) == 2
    again = library.intake.upload([("red boat.png", good)], tags=["sea", "boat"])
    assert again.changed == 1 and library.ledger.get(picture.id).tags == ("sea", "été", "boat") and is_in_order(library)


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
    assert path.exists() and library.ledger.count() == 3 and is_in_order(library)
    with pytest.raises(UnknownPicture):
        library.intake.remove(id_)
    assert library.intake.folder(pics).unchanged == 4
    os.utime(path, ns=(5, 5))
    path.rename(path.with_name("moved.png"))
    assert library.intake.folder(pics).new == 0 and id_ not in library.ids  # its content is what it was
    draw("red", "bar", 61).save(path)
    assert library.intake.folder(pics).new == 1 and library.ledger.count() == 4
    library.intake.folder(pics, force=True)
    assert id_ in library.ids and is_in_order(library)


def test_a_removed_upload_is_deleted_and_may_come_back(library: Library) -> None:
    data = as_bytes(draw("red", "disc"))
    library.intake.upload([("boat.png", data)], tags=["x"])
    library.intake.remove(picture_id(data))
    assert list((library.folder / "uploads").rglob("*")) == [] and library.ledger.count() == 0 == library.index.count()
    assert library.intake.upload([("boat.png", data)]).new == 1


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
    assert report.unchanged + report.new == 60 and report.new >= 60 - done and is_in_order(library)
    assert library.ledger.count() == 60 == library.index.count()


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


def test_what_is_walked_is_in_a_fixed_order(pics: Path) -> None:
    fill(pics, 10)
    walked = [found.path for found in Walk(os.fsencode(pics))]
    assert walked == [found.path for found in Walk(os.fsencode(pics))] and len(walked) == 10
