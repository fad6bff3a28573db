from __future__ import annotations

import io
import json
import shutil
import tomllib
from pathlib import Path

import datasets
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Image, List, Value
from PIL import Image as Pictures

from core.errors import BadInput
from core.settings import ROOT, Settings
from retrievers.catalog import ingest_dataset, open_intake
from retrievers.ingest.dataset import DatasetUnusable, save_dataset
from retrievers.ingest.look import picture_id
from retrievers.ingest.survey import DATASET
from tests.library import COLOURS, SHAPES, Library, draw

FEATURES = Features(
    {
        "number": Value("int64"),
        "image": Image(),
        "label": ClassLabel(names=["kite", "sailing boat"]),
        "caption": Value("string"),
        "objects": {"bbox": List(List(Value("float32"))), "category": List(ClassLabel(names=["sleeve", "zip"]))},
    }
)


def as_bytes(number: int) -> bytes:
    out = io.BytesIO()
    draw(list(COLOURS)[number % 4], SHAPES[number % 5], number).save(out, ("PNG", "JPEG")[number % 2])
    return out.getvalue()


def rows(count: int) -> Dataset:
    return Dataset.from_dict(
        {
            "number": list(range(count)),
            "image": [{"bytes": as_bytes(i), "path": None} for i in range(count)],
            "label": [i % 2 for i in range(count)],
            "caption": [f"seen at harbour {i}" if i % 3 else None for i in range(count)],
            "objects": [{"bbox": [[0.0, 1.0]] * (i % 3), "category": [1, 0, 1][: i % 3]} for i in range(count)],
        },
        features=FEATURES,
    )


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("set") / "Drawn Things.parquet"
    rows(30).to_parquet(path)
    return path


def pictures(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.suffix != ".json")


def test_the_first_pictures_are_saved_as_they_are_with_what_is_told_of_them(parquet: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    place = save_dataset(str(parquet), tmp_path, 7, tell=lambda *step: told.append(step))
    assert place.parent == tmp_path and place.name.startswith("drawn-things-")
    assert [path.name for path in pictures(place)][:3] == ["000000.png", "000001.jpg", "000002.png"]
    assert [path.read_bytes() for path in pictures(place)] == [as_bytes(i) for i in range(7)]
    note = json.loads((place / "000002.png.json").read_text())
    assert note == {"labels": ["kite", "zip", "sleeve"], "tags": [], "caption": "seen at harbour 2"}
    assert told == [(i + 1, 7, f"{i:06}") for i in range(7)]


def test_what_is_saved_is_not_saved_again(parquet: Path, tmp_path: Path) -> None:
    place = save_dataset(str(parquet), tmp_path, 5)
    before = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    (place / "000003.jpg").unlink()
    del before[place / "000003.jpg"]
    assert save_dataset(str(parquet), tmp_path, 9) == place
    assert len(pictures(place)) == 9 and (place / "000003.jpg").read_bytes() == as_bytes(3)
    del before[place / "000003.jpg.json"]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(pictures(save_dataset(str(parquet), tmp_path, 1_000))) == 30  # there are no more
    moved = tmp_path / "elsewhere.parquet"
    shutil.copy2(parquet, moved)
    other = save_dataset(str(moved), tmp_path, 2)
    moved.unlink()
    assert other != place


def test_a_saved_set_needs_its_source_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    rows(4).to_parquet(folder / "train.parquet")
    place = save_dataset(str(folder), tmp_path / "data", 4)
    (folder / "train.parquet").unlink()
    assert len(pictures(save_dataset(str(folder), tmp_path / "data", 4))) == 4 and place.is_dir()


def test_folders_of_every_kind(tmp_path: Path) -> None:
    for name in ("kite", "boat"):
        (tmp_path / "files" / name).mkdir(parents=True)
        for i in range(3):
            (tmp_path / "files" / name / f"{i}.png").write_bytes(as_bytes(2 * i + 10 * len(name)))
    DatasetDict({"test": rows(5)}).save_to_disk(tmp_path / "kept")
    rows(5).save_to_disk(tmp_path / "one")
    place = save_dataset(str(tmp_path / "files"), tmp_path / "data", 10)
    notes = [json.loads(path.read_text())["labels"] for path in sorted(place.glob("*.json"))]
    assert sorted(map(tuple, notes)) == [("boat",)] * 3 + [("kite",)] * 3
    assert len(pictures(save_dataset(str(tmp_path / "kept"), tmp_path / "data", 3, split="test"))) == 3
    assert len(pictures(save_dataset(str(tmp_path / "one"), tmp_path / "data", 10))) == 5


def test_a_data_set_in_the_library(parquet: Path, tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    place = save_dataset(str(parquet), tmp_path / "data/datasets", 8)
    report = library.intake.folder(place, source=DATASET)
    assert report.new == 8 and library.intake.folder(place, source=DATASET).unchanged == 8
    picture = library.ledger.get(picture_id(as_bytes(2)))
    assert picture.source == "dataset" and picture.labels == ("kite", "zip", "sleeve")
    assert picture.words == "seen at harbour 2, kite, zip, sleeve" and picture.row()["label"] == list(picture.labels)
    assert library.ledger.words_of(picture.id).keys() == {"caption", "label", "seen"}
    found = {match.id for match in library.ledger.match("boats", 20)}
    assert found == {picture_id(as_bytes(i)) for i in range(1, 8, 2)}
    assert library.intake.compare().sound


def test_from_the_settings_into_the_library(parquet: Path, settings: Settings) -> None:
    steps: list[int] = []
    report = ingest_dataset(str(parquet), 6, tell=lambda done, total, last: steps.append(total), settings=settings)
    assert report.new == 6 and steps and open_intake(settings).ledger.count() == 6
    assert ingest_dataset(str(parquet), 6, settings=settings).unchanged == 6


def test_a_row_without_a_picture_is_told_by_ingest(tmp_path: Path) -> None:
    features = Features({"image": Image()})
    odd = [{"bytes": b"no picture", "path": None}, None, {"bytes": as_bytes(0), "path": None}]
    Dataset.from_dict({"image": odd}, features=features).to_parquet(tmp_path / "odd.parquet")
    library = Library(tmp_path / "data")
    report = library.intake.folder(save_dataset(str(tmp_path / "odd.parquet"), tmp_path / "sets", 3), source=DATASET)
    assert report.new == 1 and ["0 bytes" in problem.reason for problem in library.ledger.problems()] == [False, True]


def test_a_column_of_bytes_can_be_named(tmp_path: Path) -> None:
    table = Dataset.from_dict({"jpeg": [as_bytes(1), as_bytes(3)], "text": ["a boat", ["x"][0]]})
    table.to_parquet(tmp_path / "bytes.parquet")
    name = str(tmp_path / "bytes.parquet")
    with pytest.raises(DatasetUnusable, match=r"no column has pictures; its columns are jpeg, text"):
        save_dataset(name, tmp_path / "data", 2)
    place = save_dataset(name, tmp_path / "data", 2, image_column="jpeg")
    assert [path.read_bytes() for path in pictures(place)] == [as_bytes(1), as_bytes(3)]


def test_bad_names_and_columns_are_said(parquet: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and nothing more")
    (tmp_path / "empty").mkdir()
    DatasetDict({"test": rows(1)}).save_to_disk(tmp_path / "kept")
    Pictures.new("RGB", (20, 20)).save(tmp_path / "one.png")
    bad: list[tuple[tuple[str, int, str, str | None], str]] = [
        ((str(parquet), 3, "train", "picture"), r"no column 'picture'.*use one of: image"),
        ((str(tmp_path / "broken.parquet"), 3, "train", None), r"broken\.parquet' cannot be used"),
        ((str(tmp_path / "empty"), 3, "train", None), "cannot be used"),
        ((str(tmp_path / "one.png"), 3, "train", None), r"neither \.parquet nor \.arrow"),
        ((str(tmp_path / "kept"), 3, "train", None), r"no split 'train'.*use one of: test"),
        (("not a name at all", 3, "train", None), "no such file or folder.*owner/name"),
    ]
    for arguments, message in bad:
        with pytest.raises(DatasetUnusable, match=message):
            save_dataset(arguments[0], tmp_path / "data", *arguments[1:])
    assert issubclass(DatasetUnusable, BadInput)


def test_the_pinned_version_is_the_installed_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"]["datasets"] == [f"datasets=={datasets.__version__}"]
