"""Checkpoints: where a model's files lie, whether they are whole, and what they hold. No weights are read here.

A setting names a repository of the Hugging Face hub, looked up in its cache, or a folder in the same layout. Nothing is
downloaded, and pickled weights are never opened: loading one runs whatever its author wrote.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

from core.errors import ModelMissing
from core.settings import ROOT, STABLE_DIFFUSION

Kind = Literal["sd", "sdxl"]
WEIGHTS = ".safetensors"
INDEX = "model_index.json"
SCHEDULER = "scheduler/scheduler_config.json"
SDXL = "stabilityai/stable-diffusion-xl-base-1.0"


def _patterns(*wanted: str, without: tuple[str, ...] = ()) -> str:
    """Options of `hf download`; each pattern has its own."""
    return " ".join([f"--include '{one}'" for one in wanted] + [f"--exclude '{one}'" for one in without])


UNET_WEIGHTS = "diffusion_pytorch_model"
COMPONENTS = {
    "unet": UNET_WEIGHTS,
    "vae": UNET_WEIGHTS,
    "text_encoder": "model",
}  # and their files
PARTS = {  # of a repository, most of which hold the same weights several times
    "TEXT_TO_IMAGE_MODEL": _patterns("*.json", "*.txt", "*/*.safetensors", without=("*non_ema*", "*fp16*")),
    "CONTROLNET_MODEL": _patterns("*.json", "*.safetensors", without=("*fp16*",)),
    "IP_ADAPTER_MODEL": _patterns("models/ip-adapter_sd15.safetensors", "models/image_encoder/*"),
}
NOISE = {  # what all schedulers of orders.py take
    "beta_schedule": ("linear", "scaled_linear", "squaredcos_cap_v2"),
    "prediction_type": ("epsilon", "v_prediction"),
    "timestep_spacing": ("leading", "linspace", "trailing"),
}
MAX_HEADER = 100_000_000  # bytes, as safetensors itself has it


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
            pickled = path.with_suffix(".bin").is_file() or path.with_suffix(".ckpt").is_file()
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

    def weights(self, folder: str, stem: str, half: bool) -> list[str]:
        """The files with the weights of a component: one, or the parts that an index names. Checked to be whole."""
        variant, place = self.variant(folder, stem, half), f"{folder}/".lstrip("/")
        index = f"{place}{stem}{WEIGHTS}.index.json"
        if (self.folder / index).is_file():
            return [f"{place}{part}" for part in sorted(set(self.config(index)["weight_map"].values()))]
        return [f"{place}{stem}{WEIGHTS if variant is None else f'.{variant}{WEIGHTS}'}"]

    def variant(self, folder: str, stem: str, half: bool) -> str | None:
        """`fp16` or None: which weights of a component there are, checked to be whole; half precision by preference."""
        plain, small = f"{folder}/{stem}{WEIGHTS}".lstrip("/"), f"{folder}/{stem}.fp16{WEIGHTS}".lstrip("/")
        index = self.folder / f"{plain}.index.json"
        if index.is_file():
            for part in sorted(set(self.config(f"{plain}.index.json").get("weight_map", {}).values())):
                self.header(f"{folder}/{part}".lstrip("/"))
            return None
        for name in (small, plain) if half else (plain, small):
            if (self.folder / name).is_file():
                self.header(name)
                return "fp16" if name == small else None
        self.file(plain)
        raise AssertionError("file() raises for what is not there")

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


def find_model(name: str) -> tuple[Checkpoint, Path | None]:
    """The folder of a text-to-image model; where that is one file, the folder that describes it, and the file.

    A file holds neither configuration nor tokenizer: they are looked for in a folder beside it, of its name without
    the ending, and else in those of the model that most such files are made from.
    """
    path = ROOT / Path(name).expanduser()
    if not name.endswith(WEIGHTS):
        return find("TEXT_TO_IMAGE_MODEL", name), None
    file = Checkpoint("TEXT_TO_IMAGE_MODEL", name, path.parent, on_hub=False)
    tensors = file.header(path.name)
    beside = path.with_suffix("")
    if beside.is_dir():
        return Checkpoint("TEXT_TO_IMAGE_MODEL", name, beside, on_hub=False), path
    origin = SDXL if any(key.startswith("conditioner.") for key in tensors) else STABLE_DIFFUSION
    try:
        return find("TEXT_TO_IMAGE_MODEL", origin), path
    except ModelMissing:
        reason = f"one file holds no configuration and no tokenizer, and those of {origin} are not in the cache"
        remedy = f"run `hf download {origin} --include '*.json' '*.txt'`, or put them into {beside.name}/ beside it"
        raise ModelMissing(f"TEXT_TO_IMAGE_MODEL={name}", reason, remedy) from None


def shown(name: str) -> str:
    """A model's name as anybody may see it: a hub id, or the last part of a path."""
    return Path(name).name if (ROOT / Path(name).expanduser()).exists() else name


def kind_of(checkpoint: Checkpoint) -> Kind:
    """Stable Diffusion or SDXL, by the UNet's configuration; refuses what takes other inputs."""
    config = checkpoint.config("unet/config.json")
    if config.get("in_channels", 4) != 4:
        raise checkpoint.missing("unet/config.json", f"it takes {config['in_channels']} channels: an inpainting model?")
    if config.get("time_cond_proj_dim") is not None:
        raise checkpoint.missing("unet/config.json", "guidance is an input of it; take a model of the usual kind")
    return "sdxl" if config.get("addition_embed_type") == "text_time" else "sd"


def parts_of(kind: Kind) -> dict[str, str]:
    """The folders of a model that hold weights, and what their files are called."""
    return COMPONENTS | {"text_encoder_2": "model"} if kind == "sdxl" else COMPONENTS


def check_described(model: Checkpoint, kind: Kind, file: Path | None) -> None:
    """Refuse a folder that lacks what tells how the weights are used, its own or those of `file`."""
    for name in [f"{part}/config.json" for part in parts_of(kind)] + ([] if file is None else [INDEX]):
        if not model.config(name):
            raise model.missing(name, "it is empty")
    for tokenizer in ("tokenizer", "tokenizer_2") if kind == "sdxl" else ("tokenizer",):
        model.check_tokenizer(tokenizer)
    scheduler_config(model)


def scheduler_config(model: Checkpoint) -> dict[str, Any]:
    """How the noise was that a model was trained with; refuses what not every scheduler here understands."""
    config = model.config(SCHEDULER)
    for key, known in NOISE.items():
        if key in config and config[key] not in known:
            raise model.missing(SCHEDULER, f"its {key} is {config[key]!r}, and only {', '.join(known)} can be sampled")
    return config


def check_controlnet(controlnet: Checkpoint, unet: dict[str, Any]) -> None:
    """Refuse a ControlNet that was trained with another kind of UNet; diffusers would fail in the middle of a step."""
    config = controlnet.config("config.json")
    for key in ("cross_attention_dim", "block_out_channels", "addition_embed_type"):
        if config.get(key) != unet.get(key):
            reason = f"its {key} is {config.get(key)}, and the text-to-image model's is {unet.get(key)}"
            raise controlnet.missing(
                "config.json", f"{reason}; a ControlNet for SDXL does not fit Stable Diffusion 1.5"
            )
