"""Checkpoints of diffusion: what a text-to-image model and a ControlNet must hold. No weights are read here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from core.errors import ModelMissing
from core.settings import ROOT, STABLE_DIFFUSION
from generators.checkpoints import WEIGHTS, Checkpoint, find

Kind = Literal["sd", "sdxl"]
INDEX = "model_index.json"
SCHEDULER = "scheduler/scheduler_config.json"
SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
UNET_WEIGHTS = "diffusion_pytorch_model"
COMPONENTS = {
    "unet": UNET_WEIGHTS,
    "vae": UNET_WEIGHTS,
    "text_encoder": "model",
}  # and their files
NOISE = {  # what all schedulers of orders.py take
    "beta_schedule": ("linear", "scaled_linear", "squaredcos_cap_v2"),
    "prediction_type": ("epsilon", "v_prediction"),
    "timestep_spacing": ("leading", "linspace", "trailing"),
}


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
