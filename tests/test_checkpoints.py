"""Checkpoints that are missing, damaged, or made for another model: which file, which setting, what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import BadSetting, ModelMissing
from core.settings import ROOT
from generators.diffusion.checkpoints import NOISE, find, kind_of
from generators.diffusion.inventory import ROLES
from generators.diffusion.pipeline import device_of, load
from generators.diffusion.schedulers import make_scheduler
from generators.orders import SCHEDULERS
from tests import onefile, tiny
from tests.conftest import diffusing
from tests.test_process import atelier


@pytest.fixture
def own(checkpoints: Path, tmp_path: Path) -> Path:
    """The checkpoints, to be damaged."""
    return Path(shutil.copytree(checkpoints, tmp_path / "models"))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def edit(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def pickle_only(path: Path) -> None:
    path.rename(path.with_suffix(".bin"))


UNET = "sd15/unet/diffusion_pytorch_model.safetensors"
ADAPTER = "ip-adapter/models/ip-adapter_sd15.safetensors"


@pytest.mark.parametrize(
    ("damage", "path", "said"),
    [
        (
            truncate,
            UNET,
            r"TEXT_TO_IMAGE_MODEL=.*unet/diffusion_pytorch_model.safetensors: it is damaged: it has .* of",
        ),
        (Path.unlink, UNET, r"TEXT_TO_IMAGE_MODEL=.*unet/diffusion_pytorch_model.safetensors: not there"),
        (pickle_only, UNET, "only pickled weights"),
        (Path.unlink, "sd15/scheduler/scheduler_config.json", "scheduler/scheduler_config.json: not there"),
        (shutil.rmtree, "sd15/tokenizer", "tokenizer/vocab.json: not there"),
        (lambda path: path.write_text("{"), "sd15/unet/config.json", "unet/config.json: no JSON"),
        (lambda path: edit(path, in_channels=9), "sd15/unet/config.json", "inpainting"),
        (truncate, "controlnet/diffusion_pytorch_model.safetensors", "CONTROLNET_MODEL=.*damaged"),
        (Path.unlink, ADAPTER, "IP_ADAPTER_MODEL=.*models/ip-adapter_sd15.safetensors: not there"),
        (truncate, ADAPTER, "IP_ADAPTER_MODEL=.*damaged"),
        (shutil.rmtree, "ip-adapter/models/image_encoder", "no image encoder"),
    ],
)
def test_what_is_missing_is_named(own: Path, damage: Callable[[Path], object], path: str, said: str) -> None:
    if "image_encoder" in path:
        shutil.rmtree(own / "ip-adapter/sdxl_models")
    damage(own / path)
    with pytest.raises(ModelMissing, match=said):
        load(diffusing(own, own / "data"))


@pytest.mark.parametrize(
    "name",
    [
        *("tokenizer/tokenizer.json", "scheduler/scheduler_config.json", "vae/config.json", "text_encoder/config.json"),
        *("safety_checker/model.safetensors", "feature_extractor/preprocessor_config.json"),
    ],
)
def test_the_doctor_misses_what_loading_would_miss(own: Path, name: str) -> None:
    settings = diffusing(own, own / "data", safety_checker=True)
    assert "unet" in ROLES["diffusion"](settings)
    (own / "sd15" / name).unlink()
    with pytest.raises(ModelMissing, match=name.partition("/")[0]):
        ROLES["diffusion"](settings)


@pytest.mark.parametrize(
    "name",
    [
        *("model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json"),
        *("tokenizer/tokenizer.json", "scheduler/scheduler_config.json"),
    ],
)
def test_the_doctor_misses_what_one_file_does_not_hold(own: Path, name: str) -> None:
    onefile.write(own / "sd15", own / "painted.safetensors")
    onefile.describe(own / "sd15", own / "painted")
    settings = diffusing(own, own / "data", text_to_image_model=str(own / "painted.safetensors"))
    load(settings)
    assert "painted 0." in ROLES["diffusion"](settings)
    (own / "painted" / name).unlink()
    told = name.partition("/")[0]  # a tokenizer may have other files
    for ask in (load, ROLES["diffusion"]):
        with pytest.raises(ModelMissing, match=f"{told}.*not there.*{own}/painted,"):
            ask(settings)


@pytest.mark.parametrize(
    ("field", "value", "known"),
    [
        ("beta_schedule", "cosine", "scaled_linear"),
        ("prediction_type", "velocity", "v_prediction"),
        ("timestep_spacing", "even", "leading"),
    ],
)
def test_noise_that_no_scheduler_knows_is_refused(own: Path, field: str, value: str, known: str) -> None:
    settings = diffusing(own, own / "data")
    edit(own / "sd15/scheduler/scheduler_config.json", **{field: value})
    said = rf"TEXT_TO_IMAGE_MODEL=.*scheduler/scheduler_config.json: its {field} is '{value}'.*{known}"
    for ask in (load, ROLES["diffusion"]):
        with pytest.raises(ModelMissing, match=said):
            ask(settings)


@pytest.mark.parametrize(("field", "values"), NOISE.items())
def test_noise_that_is_accepted_is_sampled_by_every_scheduler(field: str, values: tuple[str, ...]) -> None:
    latents = torch.zeros(1, 4, 8, 8)
    for value in values:
        for name in SCHEDULERS:
            scheduler = make_scheduler(name, {**tiny.NOISE, "clip_sample": False, field: value})
            scheduler.set_timesteps(4)
            scheduler.step(latents, scheduler.timesteps[0], latents)  # raises for what it does not know


def test_the_doctor_looks_for_the_device(own: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("it is there")
    with pytest.raises(BadSetting, match="DEVICE"):
        ROLES["device"](diffusing(own, own / "data", device="cuda"))


def test_weights_that_fit_no_network_are_refused(own: Path) -> None:
    weights = load_file(own / UNET)
    save_file({name: weight[:1].clone() for name, weight in weights.items()}, own / UNET)
    with pytest.raises(ModelMissing, match=r"TEXT_TO_IMAGE_MODEL=.*unet"):
        load(diffusing(own, own / "data"))


@pytest.mark.parametrize(
    ("setting", "folder", "said"),
    [
        ("controlnet_model", "controlnet-xl", "CONTROLNET_MODEL=.*cross_attention_dim is 64, and .* is 32"),
        ("text_to_image_model", "sdxl", "CONTROLNET_MODEL=.*cross_attention_dim is 32, and .* is 64"),
        ("ip_adapter_model", "ip-adapter/sdxl_models/ip-adapter_sdxl.safetensors", "IP_ADAPTER_MODEL=.*64, and .* 32"),
        ("ip_adapter_model", "controlnet/models/diffusion_pytorch_model.safetensors", "IP_ADAPTER_MODEL"),
        ("text_to_image_model", "nowhere", "TEXT_TO_IMAGE_MODEL=.*no such folder"),
    ],
)
def test_models_that_do_not_fit_each_other(
    checkpoints: Path, tmp_path: Path, setting: str, folder: str, said: str
) -> None:
    with pytest.raises(ModelMissing, match=said):
        load(diffusing(checkpoints, tmp_path, **{setting: str(checkpoints / folder)}))


def test_a_model_of_the_hub_is_found_in_its_cache_or_the_download_is_named(tmp_path: Path) -> None:
    script = (
        "import sys; from generators.diffusion.checkpoints import find\n"
        "from core.errors import ModelMissing\n"
        "found = find('TEXT_TO_IMAGE_MODEL', 'some/model'); print(found.folder)\n"
        "for ask in (lambda: found.file('unet/config.json'), lambda: find('CONTROLNET_MODEL', 'other/model')):\n"
        "    try: ask()\n"
        "    except ModelMissing as error: print(error)\n"
        "print('torch' in sys.modules)\n"
    )
    cached = tmp_path / "models--some--model"
    (cached / "snapshots/abc").mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs/main").write_text("abc")
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found, part, whole, torch_there = done.stdout.splitlines()
    assert found == str(cached / "snapshots/abc") and torch_there == "False"
    assert "`hf download some/model unet/config.json`" in part and "TEXT_TO_IMAGE_MODEL" in part
    assert "`hf download other/model --include '*.json'" in whole and "CONTROLNET_MODEL" in whole


def test_half_precision_takes_its_own_files_where_there_are_any(own: Path) -> None:
    path = own / UNET
    halves = {name: weight.half() for name, weight in load_file(path).items()}
    save_file(halves, path.with_name("diffusion_pytorch_model.fp16.safetensors"))
    model = find("TEXT_TO_IMAGE_MODEL", str(own / "sd15"))
    assert model.variant("unet", "diffusion_pytorch_model", half=True) == "fp16"
    assert model.variant("unet", "diffusion_pytorch_model", half=False) is None
    assert model.variant("vae", "diffusion_pytorch_model", half=True) is None
    path.unlink()
    assert load(diffusing(own, own / "data")).unet.dtype == torch.float32


def test_kinds_and_identities(checkpoints: Path) -> None:
    assert [kind_of(find("TEXT_TO_IMAGE_MODEL", str(checkpoints / name))) for name in ("sd15", "sdxl")] == [
        "sd",
        "sdxl",
    ]
    model = find("CONTROLNET_MODEL", str(checkpoints / "controlnet"))
    other = find("CONTROLNET_MODEL", str(checkpoints / "controlnet-xl"))
    weights = "diffusion_pytorch_model.safetensors"
    assert model.identity(weights) == model.identity(weights) != other.identity(weights)


def diagnosed(checkpoints: Path, data: Path, **environment: str) -> dict[str, dict[str, str]]:
    """What the doctor finds in a process of its own, by what it looked at."""
    named = {"TEXT_TO_IMAGE_MODEL": "sd15", "CONTROLNET_MODEL": "controlnet", "IP_ADAPTER_MODEL": "ip-adapter"}
    models = {setting: str(checkpoints / folder) for setting, folder in named.items()}
    done = atelier("doctor", "--json", data=data, **models, **environment)
    return {finding["what"]: finding for finding in json.loads(done.stdout)}


def test_a_device_that_is_hidden_is_refused_by_name(checkpoints: Path, tmp_path: Path) -> None:
    """As on a machine without CUDA."""
    found = diagnosed(checkpoints, tmp_path, DEVICE="cuda", CUDA_VISIBLE_DEVICES="")["device"]
    assert not found["ok"] and "DEVICE" in found["found"] and "cuda" in found["found"]
    assert "CUDA_VISIBLE_DEVICES" in found["found"] + found["remedy"]


@pytest.mark.slow
def test_the_processor_is_there_where_devices_are_hidden(checkpoints: Path, tmp_path: Path) -> None:
    assert diagnosed(checkpoints, tmp_path, DEVICE="cpu", CUDA_VISIBLE_DEVICES="")["device"]["ok"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_a_worker_sees_the_card_that_it_was_given(checkpoints: Path, tmp_path: Path) -> None:
    last = torch.cuda.device_count() - 1
    shown = {"CUDA_VISIBLE_DEVICES": str(last)}
    assert diagnosed(checkpoints, tmp_path, DEVICE="cuda", **shown)["device"]["found"] == "DEVICE=cuda is cuda"
    assert not diagnosed(checkpoints, tmp_path, DEVICE="cuda:1", **shown)["device"]["ok"]
    script = (
        "import torch; from generators.diffusion.pipeline import device_of\n"
        "print(torch.cuda.get_device_properties(device_of('cuda')).uuid)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **shown},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(torch.cuda.get_device_properties(last).uuid)


def test_a_device_that_is_not_there() -> None:
    assert device_of("cpu").type == "cpu"
    if not torch.cuda.is_available():
        with pytest.raises(BadSetting, match="DEVICE"):
            device_of("cuda:0")
