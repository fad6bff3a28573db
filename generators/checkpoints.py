"""Checkpoints: where a model's files lie, and whether they are whole. No weights are read here.

A setting names a repository of the Hugging Face hub, looked up in its cache, or a folder in the same layout. Nothing is
downloaded, and pickled weights are never opened: loading one runs whatever its author wrote.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

from core.errors import AtelierError, ModelMissing
from core.settings import ROOT

WEIGHTS = ".safetensors"
MAX_HEADER = 100_000_000  # bytes, as safetensors itself has it


def _patterns(*wanted: str, without: tuple[str, ...] = ()) -> str:
    """Options of `hf download`; each pattern has its own."""
    return " ".join([f"--include '{one}'" for one in wanted] + [f"--exclude '{one}'" for one in without])


PARTS = {  # of a repository, most of which hold the same weights several times
    "TEXT_TO_IMAGE_MODEL": _patterns("*.json", "*.txt", "*/*.safetensors", without=("*non_ema*", "*fp16*")),
    "CONTROLNET_MODEL": _patterns("*.json", "*.safetensors", without=("*fp16*",)),
    "IP_ADAPTER_MODEL": _patterns("models/ip-adapter_sd15.safetensors", "models/image_encoder/*"),
    "VISION_LANGUAGE_MODEL": _patterns("*.json", "*.safetensors", "*.jinja", "*.txt", "*.model"),
}


@dataclass(frozen=True)
class Checkpoint:
    """What a setting names, found on disk. Every method raises `ModelMissing`."""

    setting: str
    name: str  # what the setting says
    folder: Path
    on_hub: bool

    def missing(self, what: str, reason: str) -> ModelMissing:
        """The error that names a file, the setting and how to get the file."""
        if self.on_hub:
            remedy = f"run `hf download {self.name} {what}`, or set {self.setting} to a folder that has it"
        else:
            remedy = f"put it into {self.folder}, or set {self.setting} to a model that has it"
        return ModelMissing(f"{self.setting}={self.name}", f"{what}: {reason}", remedy)

    def file(self, name: str) -> Path:
        """A file that is there."""
        path = self.folder / name
        if not path.is_file():
            named = [path.with_suffix(ending).name for ending in (".bin", ".ckpt")] + [f"pytorch_{path.stem}*.bin"]
            pickled = any(found for pattern in named for found in path.parent.glob(pattern))
            raise self.missing(name, "only pickled weights are there, which are not opened" if pickled else "not there")
        return path

    def config(self, name: str) -> dict[str, Any]:
        """A file of JSON."""
        try:
            found = json.loads(self.file(name).read_text(encoding="utf-8"))
        except ValueError as error:
            raise self.missing(name, f"no JSON: {error}") from None
        if not isinstance(found, dict):
            raise self.missing(name, "it is no configuration")
        return found

    def header(self, name: str) -> dict[str, Any]:
        """What a file of weights says it holds, by name; its length is checked against that."""
        path = self.file(name)
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            try:
                told: Any = json.loads(file.read(length)) if 2 <= length <= min(size, MAX_HEADER) else None
                tensors = {key: value for key, value in told.items() if key != "__metadata__"}
                whole = 8 + length + max(value["data_offsets"][1] for value in tensors.values())
            except (AttributeError, KeyError, TypeError, ValueError):
                raise self.missing(name, "it is damaged or no safetensors file") from None
        if size != whole:
            raise self.missing(name, f"it is damaged: it has {size:,} of {whole:,} bytes")
        return tensors

    def count(self, name: str) -> int:
        """Numbers that a file of weights holds."""
        return sum(prod(tensor["shape"]) for tensor in self.header(name).values())

    def weights(self, folder: str, stem: str, half: bool) -> list[str]:
        """The files with the weights of a component: one, or the parts that an index names. Checked to be whole."""
        variant, place = self.variant(folder, stem, half), f"{folder}/".lstrip("/")
        index = f"{place}{stem}{WEIGHTS}.index.json"
        if (self.folder / index).is_file():
            return [f"{place}{part}" for part in self._parts(index)]
        return [f"{place}{stem}{WEIGHTS if variant is None else f'.{variant}{WEIGHTS}'}"]

    def variant(self, folder: str, stem: str, half: bool) -> str | None:
        """`fp16` or None: which weights of a component there are, checked to be whole; half precision by preference."""
        plain, small = f"{folder}/{stem}{WEIGHTS}".lstrip("/"), f"{folder}/{stem}.fp16{WEIGHTS}".lstrip("/")
        index = self.folder / f"{plain}.index.json"
        if index.is_file():
            for part in self._parts(f"{plain}.index.json"):
                self.header(f"{folder}/{part}".lstrip("/"))
            return None
        for name in (small, plain) if half else (plain, small):
            if (self.folder / name).is_file():
                self.header(name)
                return "fp16" if name == small else None
        self.file(plain)
        raise AssertionError("file() raises for what is not there")

    def _parts(self, index: str) -> list[str]:
        """The files that an index names."""
        named = self.config(index).get("weight_map")
        if not isinstance(named, dict) or not named:
            raise self.missing(index, "it names no weights")
        return sorted(set(named.values()))

    def check_tokenizer(self, folder: str) -> None:
        """Refuse a folder without a vocabulary, of which the library would make an empty one."""
        if (self.folder / folder / "tokenizer.json").is_file():
            self.config(f"{folder}/tokenizer.json")
        else:
            self.file(f"{folder}/vocab.json"), self.file(f"{folder}/merges.txt")

    def identity(self, *names: str) -> str:
        """16 hexadecimal digits that tell these files from others, weights by what they hold and how they begin and
        end."""
        digest = hashlib.sha256()
        for name in names:
            path = self.file(name)
            if name.endswith(WEIGHTS):
                digest.update(json.dumps(self.header(name), sort_keys=True).encode())
            with path.open("rb") as file:
                for start in (0, max(0, path.stat().st_size - 1_000_000)):
                    file.seek(start)
                    digest.update(file.read(1_000_000))
        return digest.hexdigest()[:16]


def find(setting: str, name: str) -> Checkpoint:
    """The folder that a setting names, as a path (relative to the checkout) or as a hub id in the cache."""
    path = ROOT / Path(name).expanduser()
    if path.is_dir():
        return Checkpoint(setting, name, path, on_hub=False)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name) or name.startswith("."):
        raise ModelMissing(f"{setting}={name}", "there is no such folder", f"set {setting} to a folder or to a hub id")
    try:
        return Checkpoint(setting, name, Path(snapshot_download(name, local_files_only=True)), on_hub=True)
    except (LocalEntryNotFoundError, HFValidationError):
        remedy = f"run `hf download {name} {PARTS[setting]}`, or set {setting} to a folder"
        raise ModelMissing(f"{setting}={name}", "it is not in the Hugging Face cache", remedy) from None


def shown(name: str) -> str:
    """A model's name as anybody may see it: a hub id, or the last part of a path."""
    return Path(name).name if (ROOT / Path(name).expanduser()).exists() else name


@contextmanager
def refusing_to_load(model: Checkpoint, what: str) -> Iterator[None]:
    """Whatever a library raises at files that it cannot load, as `ModelMissing`."""
    try:
        yield
    except AtelierError:
        raise
    except Exception as error:  # each library raises errors of its own
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelMissing(f"{model.setting}={model.name}", f"{what}: {first}", "get these files anew") from error
