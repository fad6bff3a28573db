from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import BadSetting, NotFound, StoreDamaged, StoreError
from core.settings import ROOT
from retrievers.ingest.names import folders_below, said_by_name, said_by_path
from retrievers.ledger import Ledger, UnknownPicture
from retrievers.ledger_file import LedgerDamaged, LedgerNewer
from retrievers.nearness import as_numbers, distance, distances, perceptual_hash
from retrievers.vocabulary import Stems, query_words, searched
from tests.conftest import noise
from tests.library import Colours, Library, draw, fill


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data")


def put(library: Library, root: Path, *names: str) -> None:
    """Pictures under these names, each another one."""
    for i, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw("red", "disc", i).save(path)
    library.intake.folder(root)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("red-dress_IMG_1234", "red dress"),
        ("redDressOnTShirt", "red Dress On T Shirt"),
        ("IMG_20190812_101010", ""),
        ("DSC0001", ""),
        ("_MG_0042", ""),
        ("0d5a3c9e-7f1b-4a52-9c38-0123456789ab", ""),
        ("d41d8cd98f00b204e9800998ecf8427e", ""),
        ("kitten 1024x768", "kitten"),
        ("dress12", "dress"),
        ("100CANON", ""),
        ("mp3 player", "mp3 player"),
        ("image", "image"),
        ("a.b.c", "a b c"),
        ("robe_d'été", "robe d été"),
        ("赤いドレス", "赤いドレス"),
        ("", ""),
    ],
)
def test_names_without_what_cameras_and_programs_number_them_with(name: str, words: str) -> None:
    assert said_by_name(name) == words


def test_a_path_says_its_folders_and_its_stem() -> None:
    path = os.fsencode("/home/me/holiday_pictures/Norway 2019/red-boat.jpg")
    root = os.fsencode("/home/me/holiday_pictures")
    assert said_by_path(path, root) == ["holiday pictures", "Norway", "red boat"]
    assert said_by_path(path, root, whole=False) == ["red boat"]
    assert folders_below(path, root) == ["Norway 2019"] and folders_below(path, path.rpartition(b"/")[0]) == []
    assert said_by_path(b"/d/\xff\xfe.jpg", b"/d") == ["d"]


def test_words_of_a_query() -> None:
    assert query_words("The RED dresses, \"not\" the woman's! robe d'été") == [
        "red",
        "dresses",
        "woman",
        "robe",
        "d",
        "ete",
    ]
    assert query_words("the of and ... ?! \ud800") == []
    assert query_words("赤いドレス 猫") == ["赤い", "いド", "ドレ", "レス", "猫"]
    assert len(query_words(" ".join(f"w{i}" for i in range(1_000)))) == 64
    assert searched("赤いドレス T-shirts").split() == ["赤い", "いド", "ドレ", "レス", "t", "shirts", *"赤いドレス"]


def test_stems_are_those_of_the_index(library: Library, tmp_path: Path) -> None:
    assert Stems().of(["dresses", "dress", "running", "赤い", "dresses"]) == ["dress", "dress", "run", "赤い", "dress"]
    put(library, tmp_path / "pics", "running dresses.png")
    with library.ledger.file.reading() as db:
        assert {"run", "dress"} <= {row[0] for row in db.execute("select term from vocabulary")}


def test_words_find_pictures_and_say_which_matched(library: Library, tmp_path: Path) -> None:
    put(
        library,
        tmp_path / "pics",
        "dresses/summer robe.png",
        "dresses/IMG_0001.png",
        "shoes/boot.png",
        "赤いドレス.png",
    )
    both, one = library.ledger.match("a dress for the summer", 10)
    assert both.id == library.named("summer robe.png") and both.words == ("dress", "summer") and both.seen == ()
    assert one.id == library.named("IMG_0001.png") and one.words == ("dress",)
    assert both.score > one.score > 0
    assert [match.id for match in library.ledger.match("boots", 10)] == [library.named("boot.png")]
    assert [match.id for match in library.ledger.match("ドレス", 10)] == [library.named("赤いドレス.png")]
    assert [match.id for match in library.ledger.match("猫のドレ", 10)] == [library.named("赤いドレス.png")]
    assert [match.id for match in library.ledger.match("赤", 10)] == [library.named("赤いドレス.png")]
    assert len(library.ledger.match("dress", 1)) == 1
    assert library.ledger.frequencies("the dresses, Shoe or nothing") == {"dresses": 2, "shoe": 1, "nothing": 0}


def test_what_pixels_say_is_told_apart_from_names(library: Library, tmp_path: Path) -> None:
    put(library, tmp_path / "pics", "boat.png")
    (match,) = library.ledger.match("a red boat", 5)
    words = library.ledger.words_of(match.id)
    assert "red" in words["seen"].split() and "red" not in words["path"].split()
    assert match.words == ("red", "boat") and match.seen == ("red",)


@pytest.mark.parametrize("text", ["", "  ", "the of and", "?!*", '"', "🙂", "\0", "NEAR(", "-", "\ud800"])
def test_a_query_without_words_matches_nothing(library: Library, tmp_path: Path, text: str) -> None:
    put(library, tmp_path / "pics", "near.png")
    assert library.ledger.match(text, 10) == (library.ledger.match("near", 10) if text == "NEAR(" else [])


@pytest.mark.parametrize(
    "text",
    ['boat" OR "x', "boat AND NOT boat", "boat*", "path:boat", "{path}:boat", "boat; drop table", "^boat", "boat'"],
)
def test_syntax_in_a_query_is_none(library: Library, tmp_path: Path, text: str) -> None:
    put(library, tmp_path / "pics", "boat.png")
    assert [match.words for match in library.ledger.match(text, 10)] == [("boat",)]


def test_accents_make_no_difference(library: Library, tmp_path: Path) -> None:
    put(library, tmp_path / "pics", "robe d'été.png", "winter.png")
    for text in ("ETE", "été", "e\u0301te\u0301"):
        assert [match.id for match in library.ledger.match(text, 5)] == [library.named("robe d'été.png")]


def test_pictures_by_id_and_by_page(library: Library, tmp_path: Path) -> None:
    fill(tmp_path / "pics", 30)
    library.intake.folder(tmp_path / "pics")
    pages = [library.ledger.page(start, 7) for start in range(0, 35, 7)]
    ids = [picture.id for page in pages for picture in page]
    assert len(set(ids)) == 30 == library.ledger.count() and [len(page) for page in pages] == [7, 7, 7, 7, 2]
    assert [picture.id for picture in library.ledger.page(0, 100, newest_first=False)] == ids[::-1]
    assert list(library.ledger.many([ids[3], "no such", ids[1]])) == [ids[3], ids[1]]
    assert library.ledger.get(ids[0]) == library.ledger.many(ids)[ids[0]]
    for unknown in ("no such", "", "\ud800" * 3):
        with pytest.raises(UnknownPicture, match="the library has no picture"):
            library.ledger.get(unknown)
    assert issubclass(UnknownPicture, NotFound)


def test_a_row_is_what_an_index_takes(library: Library, tmp_path: Path) -> None:
    put(library, tmp_path / "pics", "sea/boats/red.png")
    picture = library.ledger.get(library.named("red.png"))
    row = picture.row()
    assert row["label"] == ["sea", "boats"] and "tag" not in row and row["source"] == "folder"
    assert (row["width"], row["height"], row["bytes"]) == (96, 72, (tmp_path / "pics/sea/boats/red.png").stat().st_size)
    assert "red" in row["colour"] and 0.12 < row["colour:red"] <= 1
    assert sum(value for key, value in row.items() if key.startswith("colour:")) == pytest.approx(1, abs=1e-3)
    assert row["taken"] == pytest.approx((tmp_path / "pics/sea/boats/red.png").stat().st_mtime)
    assert picture.words == "pics, sea, boats, red" and picture.paths == (tmp_path / "pics/sea/boats/red.png",)


def test_vectors_fill_an_index(library: Library, tmp_path: Path) -> None:
    fill(tmp_path / "pics", 25)
    library.intake.folder(tmp_path / "pics")
    batches = list(library.ledger.vectors("colours-1"))
    ids = [id_ for batch, _, _ in batches for id_ in batch]
    assert sorted(ids) == ids and set(ids) == library.ids
    for batch, matrix, rows in batches:
        assert matrix.dtype == np.float32 and matrix.shape == (len(batch), 32)
        assert np.allclose(matrix, library.index.vectors(batch)) and rows == [
            library.index.rows()[id_] for id_ in batch
        ]
    assert list(library.ledger.vectors("another model")) == []


def test_the_revision_follows_what_can_be_found(library: Library, tmp_path: Path) -> None:
    path = library.folder / "ledger.db"
    other = Ledger(path, read_only=True)
    paths = fill(tmp_path / "pics", 6)
    seen = [other.revision]
    library.intake.folder(tmp_path / "pics")
    seen.append(other.revision)
    library.intake.folder(tmp_path / "pics")
    assert other.revision == library.ledger.revision == seen[-1] > seen[0]  # nothing changed
    paths[0].unlink()
    library.intake.folder(tmp_path / "pics")
    assert other.revision > seen[-1] and other.count() == 5


def test_another_process_reads_while_one_writes(library: Library, tmp_path: Path) -> None:
    fill(tmp_path / "pics", 12)
    library.intake.folder(tmp_path / "pics")
    script = (
        "from pathlib import Path; from retrievers.ledger import Ledger\n"
        f"ledger = Ledger(Path({str(library.folder / 'ledger.db')!r}), read_only=True)\n"
        "print(ledger.count(), len(ledger.match('disc', 100)), ledger.revision)"
    )
    with library.ledger.file.writing() as db:
        db.execute("delete from spoken")
        told = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    assert told.split()[0] == "12" and int(told.split()[1]) > 0
    assert library.ledger.match("disc", 100) == []


def test_reading_alone_writes_nothing_and_needs_no_library(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "data/library/ledger.db", read_only=True)
    assert ledger.count() == 0 == ledger.revision and ledger.match("x", 5) == [] == ledger.page(0, 5)
    assert not (tmp_path / "data").exists()
    library = Library(tmp_path / "data")
    put(library, tmp_path / "pics", "boat.png")
    assert ledger.count() == 1 and len(ledger.match("boat", 5)) == 1  # it is there now
    with pytest.raises(StoreError, match="reading alone"), ledger.file.writing():
        pass


def test_many_threads_read_and_one_writes(library: Library, tmp_path: Path) -> None:
    fill(tmp_path / "pics", 40)

    def look(_: int) -> int:
        for _ in range(30):
            ids = [picture.id for picture in library.ledger.page(0, 50)]
            assert set(library.ledger.many(ids)) <= {*ids}
            assert all(match.words == ("disc",) for match in library.ledger.match("disc", 50))
        return 1

    with ThreadPoolExecutor(6) as pool:
        looking = [pool.submit(look, i) for i in range(6)]
        library.intake.folder(tmp_path / "pics")
        assert sum(one.result() for one in looking) == 6


@pytest.mark.parametrize("bytes_", [b"no database at all" * 100, b"SQLite format 3\0" + bytes(4_000)])
def test_a_damaged_ledger_names_its_file_and_the_remedy(tmp_path: Path, bytes_: bytes) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(bytes_)
    for read_only in (False, True):
        with pytest.raises(
            LedgerDamaged,
            match=r"ledger\.db cannot be read \(.+\): restore it from a copy, or move it away and ingest again",
        ):
            Ledger(path, read_only)
    assert issubclass(LedgerDamaged, StoreDamaged) and path.read_bytes() == bytes_


def test_damage_in_the_middle_is_said_too(library: Library, tmp_path: Path) -> None:
    fill(tmp_path / "pics", 40)
    library.intake.folder(tmp_path / "pics")
    library.ledger.close()
    path = library.folder / "ledger.db"
    data = bytearray(path.read_bytes())
    data[8_192 : len(data) - 4_096] = os.urandom(len(data) - 12_288)
    path.write_bytes(data)
    with pytest.raises(LedgerDamaged, match="move it away"):
        Ledger(path).page(0, 100)


def test_a_ledger_of_another_program_or_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as db:
        db.execute("create table theirs (id)")
    with pytest.raises(LedgerDamaged, match="another program"):
        Ledger(tmp_path / "other.db")
    Ledger(tmp_path / "later.db").close()
    with closing(sqlite3.connect(tmp_path / "later.db")) as db:
        db.execute("pragma user_version = 99")
    for read_only in (False, True):
        with pytest.raises(LedgerNewer, match="schema 99"):
            Ledger(tmp_path / "later.db", read_only)


def test_a_folder_that_cannot_be_is_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BadSetting, match="DATA_DIR"):
        Ledger(tmp_path / "file" / "ledger.db")
    with pytest.raises(BadSetting, match="DATA_DIR"):
        Ledger(tmp_path / "file" / "library" / "ledger.db")


def test_two_ledgers_made_at_once_are_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ledgers = list(pool.map(lambda _: Ledger(tmp_path / "library/ledger.db"), range(8)))
    assert [ledger.count() for ledger in ledgers] == [0] * 8


def test_copies_of_a_picture_are_near_and_others_are_not() -> None:
    picture = draw("red", "ring", size=(400, 300))
    small, soft = (
        picture.resize((131, 98)),
        picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=16).convert("RGB"),
    )
    mine, others = perceptual_hash(picture), [perceptual_hash(noise(200, 150, seed)) for seed in range(20)]
    assert len(mine) == 16 and all(distance(mine, perceptual_hash(copy)) <= 6 for copy in (small, soft))
    assert min(distance(mine, other) for other in others) > 12
    assert list(distances(mine, as_numbers(others))) == [distance(mine, other) for other in others]
    assert perceptual_hash(Image.new("RGB", (64, 64), "red")) == "0" * 16


def test_the_words_of_the_embeddings_identity_are_kept_apart(tmp_path: Path) -> None:
    first = Library(tmp_path / "data", Colours("colours-1"))
    fill(tmp_path / "pics", 5)
    first.intake.folder(tmp_path / "pics")
    second = Library(tmp_path / "data", Colours("colours-2"))
    assert list(second.ledger.vectors("colours-2")) == [] and second.intake.compare().of_another_model == sorted(
        first.ids
    )
    assert second.intake.folder(tmp_path / "pics").unchanged == 5
    assert second.embeddings.embedded == 5 and second.index.kept.keys() == first.ids
    assert sum(len(ids) for ids, _, _ in second.ledger.vectors("colours-1")) == 5  # the way back costs nothing
