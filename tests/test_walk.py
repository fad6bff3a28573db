from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.errors import BadValue, NoSuchFile
from core.settings import ROOT
from retrievers.ingest.walk import Walk
from retrievers.ledger import Ledger
from tests.library import Library, draw, fill


@pytest.fixture
def pics(tmp_path: Path) -> Path:
    return tmp_path / "pics"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


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
        (root / "green").chmod(0o444)  # its names can be read, its files cannot even be looked at
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
        assert told.stdout.splitlines()[0] == "4 0 7 failed kept kept kept", told.stderr
        assert "Permission denied" in told.stdout
        (root / "blue/box-001.jpg").chmod(0o644)  # which changes neither its size nor its time of change
        (root / "red").chmod(0o755)
        (root / "green").chmod(0o755)
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
    assert library.ledger.get(library.named("bar.png")).words == "pics, red, bar" and library.is_in_order


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
    for name in ("zero\0byte", "half of a character \ud800"):
        with pytest.raises(NoSuchFile, match="no file can be called that"):
            library.intake.folder(tmp_path / name)


def test_what_is_walked_is_in_a_fixed_order(pics: Path) -> None:
    fill(pics, 10)
    walked = [found.path for found in Walk(os.fsencode(pics))]
    assert walked == [found.path for found in Walk(os.fsencode(pics))] and len(walked) == 10
