"""Dataset: the first pictures of a Hugging Face data set, saved as files with their labels and captions beside them.

The set is streamed, so that a thousand pictures of a million cost a thousand. What is saved is not saved again.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
from datasets.utils.file_utils import xopen
from PIL import Image

from core import images
from core.errors import BadInput, BadSetting, StoreFull
from core.files import write_whole
from retrievers.ingest.report import Tell
from retrievers.ingest.said import Note
from retrievers.ingest.sidecar import write_note
from retrievers.ledger_file import is_full

CAPTIONS = ("caption", "captions", "text", "description", "prompt", "title")  # names of columns that tell of a picture
MOST_LABELS = 50  # of one picture

datasets.disable_progress_bars()


class DatasetUnusable(BadInput):
    def __init__(self, name: str, reason: str, remedy: str) -> None:
        super().__init__(f"the data set {name!r} cannot be used ({reason})", remedy, name=name, reason=reason)


@dataclass(frozen=True)
class Columns:
    """Which columns of a data set are looked at."""

    picture: str
    captions: tuple[str, ...]
    others: dict[str, Any]  # name to feature; labels lie in some of them, at any depth


def save_dataset(
    name: str, folder: Path, limit: int, split: str = "train", image_column: str | None = None, tell: Tell | None = None
) -> Path:
    """Save the first `limit` pictures of a data set below `folder`; where they lie.

    `name` is one on the hub, a local folder or a parquet file. A row without a picture becomes a file without bytes, so
    that ingest says what is wrong with it. Raises `DatasetUnusable`, `StoreFull`, `BadSetting`, and what `tell` raises.
    """
    place = folder / _slug(name, split, image_column)
    try:
        place.mkdir(parents=True, exist_ok=True)
        saved = {path.stem for path in place.iterdir() if not path.name.startswith(".") and path.suffix != ".json"}
        first = next(number for number in itertools.count() if _stem(number) not in saved)
        if first < limit:
            for number, (data, note) in enumerate(_rows(name, split, image_column, first, limit), first):
                if _stem(number) not in saved:
                    path = place / f"{_stem(number)}{_suffix(data)}"
                    write_note(os.fsencode(path), note)  # first: where the picture is, its note is too
                    write_whole(path, data)
                if tell is not None:
                    tell(number + 1, limit, _stem(number))
    except OSError as error:
        reason = error.strerror or str(error)
        if is_full(error):
            raise StoreFull(str(place), reason) from error
        raise BadSetting("DATA_DIR", str(place), reason) from error
    return place


def _rows(name: str, split: str, image_column: str | None, first: int, limit: int) -> Iterator[tuple[bytes, Note]]:
    """Bytes and notes of the rows from `first` to `limit`."""
    try:
        rows = _load(name, split)
        features = rows.features or rows._resolve_features().features
        columns = _columns(name, features, image_column)
        rows = rows.cast_column(columns.picture, datasets.Image(decode=False))
        for row in itertools.islice(rows.skip(first), limit - first):
            yield _bytes(row[columns.picture]), _note(row, columns)
    except (DatasetUnusable, GeneratorExit):
        raise
    except Exception as error:  # the hub, pyarrow and each format raise errors of their own
        first_line = str(error).strip().partition("\n")[0] or type(error).__name__
        remedy = "check the name, the split and the network; a local folder or a .parquet file will do as well"
        raise DatasetUnusable(name, first_line, remedy) from error


def _load(name: str, split: str) -> Any:
    path = Path(name).expanduser()
    if path.is_file():
        kind = {".parquet": "parquet", ".arrow": "arrow"}.get(path.suffix.lower())
        if kind is None:
            raise DatasetUnusable(name, "that file is neither .parquet nor .arrow", "name such a file, or a folder")
        return datasets.load_dataset(kind, data_files={split: str(path)}, split=split, streaming=True)
    if (path / "state.json").exists() or (path / "dataset_dict.json").exists():
        kept = datasets.load_from_disk(str(path))
        if isinstance(kept, datasets.DatasetDict):
            if split not in kept:
                raise DatasetUnusable(name, f"it has no split {split!r}", f"use one of: {', '.join(kept)}")
            kept = kept[split]
        return kept.to_iterable_dataset()
    if not path.is_dir() and not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name):
        raise DatasetUnusable(name, "there is no such file or folder", "name one, or a data set on the hub: owner/name")
    return datasets.load_dataset(str(path) if path.is_dir() else name, split=split, streaming=True)


def _columns(name: str, features: Any, image_column: str | None) -> Columns:
    pictures = [column for column, feature in features.items() if isinstance(feature, datasets.Image)]
    if image_column is None and not pictures:
        told = f"its columns are {', '.join(features)}"
        raise DatasetUnusable(name, f"no column has pictures; {told}", "name the column that has their bytes")
    if image_column is not None and image_column not in features:
        remedy = f"use one of: {', '.join(pictures or features)}"
        raise DatasetUnusable(name, f"it has no column {image_column!r}", remedy)
    captions = tuple(column for column in features if column.lower() in CAPTIONS)
    picture = image_column or pictures[0]
    return Columns(picture, captions, {column: one for column, one in features.items() if column != picture})


def _bytes(picture: Any) -> bytes:
    if not picture:
        return b""
    if picture["bytes"] is not None:
        return bytes(picture["bytes"])
    with xopen(picture["path"], "rb") as file:
        return bytes(file.read())


def _note(row: dict[str, Any], columns: Columns) -> Note:
    labels = dict.fromkeys(
        label for column, feature in columns.others.items() for label in _labels(feature, row.get(column))
    )
    said = [text for column in columns.captions for text in _texts(row.get(column))]
    return Note(tuple(labels)[:MOST_LABELS], (), ". ".join(dict.fromkeys(said))[: images.MAX_CAPTION])


def _labels(feature: Any, value: Any) -> Iterator[str]:
    """The names of all class labels in a value, as its feature says where they lie."""
    if value is None:
        return
    if isinstance(feature, datasets.ClassLabel):
        if isinstance(value, int) and 0 <= value < (feature.num_classes or 0):
            yield str(feature.int2str(value))
    elif isinstance(feature, dict):
        for rows in value if isinstance(value, list) else [value]:  # a list of structures, or one
            for key, inner in feature.items():
                yield from _labels(inner, rows.get(key))
    else:
        inner = feature[0] if isinstance(feature, list) else getattr(feature, "feature", None)
        if inner is not None and isinstance(value, dict):  # a list of structures that is kept as a structure of lists
            for key, column in value.items():
                for one in column or ():
                    yield from _labels(inner[key], one)
        elif inner is not None:
            for one in value:
                yield from _labels(inner, one)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def _stem(number: int) -> str:
    return f"{number:06}"


def _suffix(data: bytes) -> str:
    try:
        with Image.open(io.BytesIO(data), formats=images.FORMATS) as opened:
            kind = str(opened.format)
    except Exception:  # noqa: BLE001 - ingest says what is wrong with it
        kind = "JPEG"
    return {"HEIF": ".heic", "JPEG": ".jpg"}.get(kind, f".{kind.lower()}")


def _slug(name: str, split: str, image_column: str | None) -> str:
    """A folder's name; of a local set with a hash of where and what it is, since two may be called alike."""
    path = Path(name).expanduser()
    what = [split, image_column or ""]
    if path.exists():
        found = path.stat()
        stamp = (found.st_size, found.st_mtime_ns) if path.is_file() else ()
        what += [str(path.resolve()), repr(stamp)]
        name = path.stem
    digest = hashlib.sha256("\0".join(what).encode("utf-8", "replace")).hexdigest()[:8]
    return f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')[:80] or 'pictures'}-{digest}"
