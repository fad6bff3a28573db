"""Checkpoint: the files of a CLIP in the layout of transformers, found and checked before anything heavy reads them.

A name is a folder, or `owner/name` on the hub, with `@revision` where another than its main branch is meant. Folders
come first, then the hub's cache. Nothing is downloaded: 600 MB are the user's to spend. Weights are safetensors only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadSetting, ModelMissing
from core.settings import ROOT

SETTING = "EMBEDDING_MODEL"
DEFAULT = "openai/clip-vit-base-patch32"
# main of that repository has its weights as a pickle only; this commit is the hub's own conversion of them
PINNED = {DEFAULT: "c237dc49a33fc61debc9276459120b7eac67e7ef"}
WANTED = ("*.json", "*.txt", "model*.safetensors")  # of a repository that holds the same weights in four formats
WEIGHTS, SHARDS = "model.safetensors", "model.safetensors.index.json"
PROJECTIONS = ("text_projection.weight", "visual_projection.weight")
SAMPLES, SAMPLE = 256, 4096  # blocks of a weights file that go into its digest, and bytes of each


@dataclass(frozen=True)
class Checkpoint:
    """A CLIP whose files are all there."""

    name: str  # as the hub knows it, or the folder's own
    folder: Path
    digest: str  # 12 hexadecimal digits of configurations, vocabulary and weights
    size: int  # bytes of its weights


def find_checkpoint(named: str, cache: Path | None = None) -> Checkpoint:
    """The checkpoint that a folder or a name on the hub means. Nothing is downloaded.

    `cache` is the hub's cache where that is not the usual one. Raises `ModelMissing`, which names the file and the
    command that gets it, and `BadSetting`.
    """
    folder = _folder(named)
    if folder is not None:
        remedy = f"put a CLIP there, as by: {command(DEFAULT)} --local-dir {folder}; or set {SETTING} to another"
        _refuse_gaps(named, folder, remedy)
        return _checked(folder.name, folder, remedy)
    repository, _, revision = named.partition("@")
    if not re.fullmatch(r"([\w.-]+/)?[\w.-]+", repository):
        raise BadSetting(SETTING, named, f"it is no folder, and no name on the hub as {DEFAULT} is")
    revisions = [revision] if revision else [*filter(None, [PINNED.get(repository)]), "main"]
    remedy = f"{command(named)}; or set {SETTING} to a folder that has its files"
    folders = [folder for one in revisions if (folder := _cached(repository, one, cache)) is not None]
    whole = [folder for folder in folders if not missing(folder)]
    if not whole and not folders:
        raise ModelMissing(named, f"{WEIGHTS} and what belongs to it are not in {_place(cache)}", remedy)
    folder = [*whole, *folders][0]
    _refuse_gaps(named, folder, remedy)
    return _checked(repository, folder, remedy)


def command(named: str) -> str:
    """The command that gets a checkpoint from the hub."""
    repository, _, revision = named.partition("@")
    chosen = revision or PINNED.get(repository)
    which = f" --revision {chosen}" if chosen else ""
    patterns = " ".join(f"--include '{pattern}'" for pattern in WANTED)
    return f"hf download {repository}{which} {patterns}"


def missing(folder: Path) -> list[str]:
    """The files that a checkpoint needs and the folder has not; one of several that would do stands for all."""
    gaps = [] if (folder / "config.json").is_file() else ["config.json"]
    if not _any(folder, "preprocessor_config.json", "processor_config.json"):
        gaps.append("preprocessor_config.json")
    if not ((folder / "tokenizer.json").is_file() or _all(folder, "vocab.json", "merges.txt")):
        gaps.append("tokenizer.json")
    weights = _weights(folder)
    gaps += [name for name in weights if not (folder / name).is_file()]
    return gaps


def _any(folder: Path, *names: str) -> bool:
    return any((folder / name).is_file() for name in names)


def _all(folder: Path, *names: str) -> bool:
    return all((folder / name).is_file() for name in names)


def _weights(folder: Path) -> list[str]:
    """The names of the files that shall hold the weights: one, or those that an index lists."""
    if (folder / WEIGHTS).is_file() or not (folder / SHARDS).is_file():
        return [WEIGHTS]
    listed = _json(str(folder), folder / SHARDS, "restore it").get("weight_map")
    names = set(listed.values()) if isinstance(listed, dict) else set()
    return sorted(Path(str(name)).name for name in names) or [WEIGHTS]


def _folder(named: str) -> Path | None:
    """The folder of that name; None where it is to be looked for on the hub."""
    path = Path.home() / named[2:] if named.startswith("~/") else ROOT / named
    if path.is_dir():
        return path
    if named.startswith(("/", ".", "~")) or path.exists():
        raise ModelMissing(named, f"there is no folder {path}", f"set {SETTING} to a folder, or to a name as {DEFAULT}")
    return None


def _cached(repository: str, revision: str, cache: Path | None) -> Path | None:
    """The folder of a revision in the hub's cache."""
    from huggingface_hub import try_to_load_from_cache  # 0.2 s that a folder does not need

    try:
        found = try_to_load_from_cache(repository, "config.json", cache, revision)
    except ValueError as error:
        raise BadSetting(SETTING, repository, str(error)) from error
    return Path(found).parent if isinstance(found, str) else None


def _place(cache: Path | None) -> str:
    from huggingface_hub import constants

    return f"the hub's cache {constants.HF_HUB_CACHE if cache is None else cache}"


def _refuse_gaps(named: str, folder: Path, remedy: str) -> None:
    gaps = missing(folder)
    if not gaps:
        return
    reason = f"{folder} has no {' and no '.join(gaps)}"
    if WEIGHTS in gaps and (pickles := sorted(path.name for path in folder.glob("*.bin"))):
        reason += f"; {', '.join(pickles)} may hold a program, so weights are read as safetensors only"
        if named.partition("@")[0] not in PINNED:  # the hub's own conversions wait there
            which = f"{SETTING} to owner/name@refs/pr/number of a pull request there that adds them"
            remedy = f"set {which}; or {remedy}"
    raise ModelMissing(named, reason, remedy)


def _checked(name: str, folder: Path, remedy: str) -> Checkpoint:
    """Refuse what is damaged or no CLIP; what is left is worth loading."""
    config = _json(name, folder / "config.json", remedy)
    kind = config.get("model_type")
    if kind != "clip":
        raise ModelMissing(name, f"{folder / 'config.json'} is of a model of type {kind!r}, not of a clip", remedy)
    weights = [folder / each for each in _weights(folder)]
    tensors = [tensor for path in weights for tensor in _header(name, path, remedy)]
    for projection in PROJECTIONS:
        if projection not in tensors:
            reason = f"{weights[0]} has no {projection}: it is no whole CLIP, which has texts and pictures in one space"
            raise ModelMissing(name, reason, remedy)
    small = [path for path in sorted(folder.iterdir()) if path.suffix in (".json", ".txt") and path.is_file()]
    digest = _digest([path for path in small if path.stem in _TOLD], weights)
    return Checkpoint(name, folder, digest, sum(path.stat().st_size for path in weights))


_TOLD = ("config", "preprocessor_config", "processor_config", "tokenizer", "tokenizer_config", "vocab", "merges")


def _json(name: str, path: Path, remedy: str) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelMissing(name, f"{path} cannot be read: {error}", remedy) from error
    if not isinstance(told, dict):
        raise ModelMissing(name, f"{path} holds no JSON object", remedy)
    return told


def _header(name: str, path: Path, remedy: str) -> Iterable[str]:
    """The names of the tensors in a safetensors file, whose length is checked against what it says of itself."""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > size - 8:
                raise ValueError(f"it has {size:,} bytes, less than its head")
            head = json.loads(file.read(length))
        end = max(entry["data_offsets"][1] for tensor, entry in head.items() if tensor != "__metadata__")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelMissing(name, f"{path} is cut off, or no safetensors file: {error}", remedy) from error
    if size != 8 + length + end:
        reason = f"{path} is damaged: it has {size:,} bytes, and its head tells of {8 + length + end:,}"
        raise ModelMissing(name, reason, f"fetch it anew, with --force-download: {remedy}")
    return [tensor for tensor in head if tensor != "__metadata__"]


def _digest(small: Iterable[Path], weights: Iterable[Path]) -> str:
    """Of the small files whole, and of the weights their head and blocks throughout: reading 600 MB takes a second."""
    seen = hashlib.sha256()
    for path in small:
        seen.update(path.name.encode() + b"\0" + path.read_bytes())
    for path in weights:
        size = path.stat().st_size
        with path.open("rb") as file:
            seen.update(size.to_bytes(8, "little") + file.read(8 + int.from_bytes(file.read(8), "little")))
            for number in range(SAMPLES):
                file.seek(max(0, size - SAMPLE) * number // (SAMPLES - 1))
                seen.update(file.read(SAMPLE))
    return seen.hexdigest()[:12]
