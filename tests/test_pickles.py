"""Weights that are pickles run whatever their author wrote: no loader opens one, whatever it is called."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
import torch

from core.errors import AtelierError
from core.settings import read_settings
from generators.diffusion.pipeline import load
from generators.llava.llava import Llava
from retrievers.models import open_embeddings
from tests.conftest import diffusing, drawing
from tests.tiny_clip import write_clip

NAMES = {  # what is in the place of model.safetensors
    "a .bin beside where it was": lambda path: path.with_suffix(".bin"),
    "a .ckpt": lambda path: path.with_suffix(".ckpt"),
    "a .pt": lambda path: path.with_suffix(".pt"),
    "the hub's old name": lambda path: path.with_name("pytorch_model.bin"),
    "its own name": lambda path: path,
}


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.place),)


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


def test_the_trap_is_one(sprung: Path, tmp_path: Path) -> None:
    torch.save(Trap(sprung), tmp_path / "model.bin")
    torch.load(tmp_path / "model.bin", weights_only=False)
    assert sprung.exists()


def set_up(weights: Path, name: str, sprung: Path) -> None:
    """A trap in the place of these weights."""
    weights.unlink()
    torch.save(Trap(sprung), NAMES[name](weights))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "weights",
    [
        *(f"sd15/{part}" for part in ("unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model")),
        *("sd15/text_encoder/model", "controlnet/diffusion_pytorch_model", "ip-adapter/models/ip-adapter_sd15"),
        "ip-adapter/models/image_encoder/model",
    ],
)
def test_diffusion(checkpoints: Path, tmp_path: Path, sprung: Path, weights: str, name: str) -> None:
    own = Path(shutil.copytree(checkpoints, tmp_path / "models"))
    shutil.rmtree(own / "ip-adapter/sdxl_models", ignore_errors=True)  # whose image encoder would be taken instead
    set_up(own / f"{weights}.safetensors", name, sprung)
    with pytest.raises(AtelierError):
        load(diffusing(own, own / "data"))
    assert not sprung.exists()


@pytest.mark.parametrize("file", ["model.ckpt", "model.bin", "model.pt", "model.safetensors"])
@pytest.mark.parametrize("setting", ["text_to_image_model", "controlnet_model", "ip_adapter_model"])
def test_a_file_that_a_setting_names(checkpoints: Path, tmp_path: Path, sprung: Path, file: str, setting: str) -> None:
    torch.save(Trap(sprung), tmp_path / file)
    shutil.copytree(checkpoints / "sd15", tmp_path / "model")  # what would describe it
    with pytest.raises(AtelierError):
        load(diffusing(checkpoints, tmp_path / "data", **{setting: str(tmp_path / file)}))
    assert not sprung.exists()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_clip(tmp_path: Path, sprung: Path, name: str, runtime: str) -> None:
    folder = write_clip(tmp_path / "clip")
    set_up(folder / "model.safetensors", name, sprung)
    told = read_settings(data_dir=tmp_path / "data", embedding_model=str(folder), embedding_runtime=runtime)
    with pytest.raises(AtelierError):
        open_embeddings(told).embed_query("a cat")
    assert not sprung.exists()


@pytest.mark.parametrize("name", NAMES)
def test_llava(llava_folder: Path, tmp_path: Path, sprung: Path, name: str) -> None:
    folder = Path(shutil.copytree(llava_folder, tmp_path / "llava"))
    set_up(folder / "model.safetensors", name, sprung)
    with pytest.raises(AtelierError):
        Llava(read_settings(vision_language_model=str(folder))).write([drawing()], ["what is it?"], 8, Event())
    assert not sprung.exists()
