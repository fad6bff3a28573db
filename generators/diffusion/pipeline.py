"""Pipeline: the components of a text-to-image model with ControlNet and IP-Adapter, loaded once, on one device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.models.attention import BasicTransformerBlock
from diffusers.utils import logging as diffusers_logging
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer
from transformers.utils import logging as transformers_logging

from core.settings import Settings
from generators.checkpoints import Checkpoint, find, refusing_to_load, shown
from generators.device import device_of, dtype_of, in_memory
from generators.diffusion.adapters import Adapter, find_adapter
from generators.diffusion.checkpoints import (
    INDEX,
    UNET_WEIGHTS,
    Kind,
    check_controlnet,
    check_described,
    find_model,
    kind_of,
    scheduler_config,
)
from generators.diffusion.lineage import lineage
from generators.diffusion.offload import Offload

VARIANTS = 64  # of a compiled block: its widths, either network, layouts of memory
WITHOUT_CHECKER: dict[str, Any] = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


@dataclass(frozen=True)
class Pipeline:
    """Weights, shared by all requests and changed by none."""

    name: str
    kind: Kind
    checkpoint: Checkpoint
    adapter: Adapter
    device: torch.device
    dtype: torch.dtype
    tokenizers: tuple[Any, ...]  # one each; SDXL has two
    text_encoders: tuple[Any, ...]
    unet: Any
    controlnet: Any  # without its embedding of the picture, which is
    control_embedding: Any  # run once per request
    vae: Any
    offload: Offload  # of the VAE and the text encoders; they are used where it has them at home
    compiled: bool  # the blocks of UNet and ControlNet, when they are first run
    scheduler: Mapping[str, Any]  # the checkpoint's own configuration
    models: Mapping[str, str]  # what each of them is, by name and content
    zeros_for_no_negative: bool  # SDXL stands zeros for an empty negative prompt

    @property
    def style_width(self) -> int:
        """Numbers of an image embedding, as the adapter's projection takes them."""
        projection = self.unet.encoder_hid_proj.image_projection_layers[0]
        width: int = (projection.proj_in if self.adapter.hidden else projection.image_embeds).in_features
        return width


def compile_every_variant() -> None:
    """Have all variants compiled that this thread runs. PyTorch keeps that number by thread; beyond it, 8 unless it is
    set, nothing more is compiled, and a line of the log alone tells so."""
    torch._dynamo.config.recompile_limit = VARIANTS


def load(settings: Settings) -> Pipeline:
    """Load what the settings name. Raises `ModelMissing` and `BadSetting`, naming file and setting."""
    name = settings.diffusion_model
    assert name is not None, "the catalogue opens diffusion where a model is named"
    device = device_of(settings.device)
    dtype = dtype_of(device, settings.use_fp16)
    half = dtype != torch.float32
    model, file = find_model(name)
    kind = kind_of(model)
    check_described(model, kind, file)
    unet_config = model.config("unet/config.json")
    controlnet = find("CONTROLNET_MODEL", settings.controlnet_model)
    check_controlnet(controlnet, unet_config)
    adapter = find_adapter(settings.ip_adapter_model, kind, unet_config, half)
    for library in (diffusers_logging, transformers_logging):
        library.disable_progress_bar()
        library.set_verbosity_error()  # they warn of what is done on purpose here
    vae_dtype = torch.float32 if kind == "sdxl" and model.config("vae/config.json").get("force_upcast", True) else dtype
    parts = _from_folder(model, kind, dtype, vae_dtype) if file is None else _from_file(model, file, kind)
    control: Any = component(controlnet, ControlNetModel, "", UNET_WEIGHTS, dtype, half)
    _put_on(adapter, kind, parts)
    modules = [part for part in (*parts.values(), control) if isinstance(part, torch.nn.Module)]
    for module in modules:
        in_memory(module.requires_grad_(False).eval().to(device, vae_dtype if module is parts["vae"] else dtype))
    if device.type == "cuda":
        for module in (parts["unet"], control, parts["vae"]):
            module.to(memory_format=torch.channels_last)
    embedding = _split_off_embedding(control)
    if settings.compile:
        for block in (*parts["unet"].modules(), *control.modules()):
            if isinstance(block, BasicTransformerBlock):  # the same code again and again: compiled once
                block.compile(dynamic=True)
    return Pipeline(
        name=shown(name),
        kind=kind,
        checkpoint=model,
        adapter=adapter,
        device=device,
        dtype=dtype,
        tokenizers=tuple(parts[key] for key in ("tokenizer", "tokenizer_2") if key in parts),
        text_encoders=tuple(parts[key] for key in ("text_encoder", "text_encoder_2") if key in parts),
        unet=parts["unet"],
        controlnet=control,
        control_embedding=embedding,
        vae=parts["vae"],
        offload=Offload([parts[key] for key in ("vae", "text_encoder", "text_encoder_2") if key in parts], device),
        compiled=settings.compile,
        scheduler=scheduler_config(model),
        models=lineage(model, file, kind, controlnet, adapter, str(dtype).removeprefix("torch.")),
        zeros_for_no_negative=kind == "sdxl" and model.config(INDEX).get("force_zeros_for_empty_prompt", True),
    )


def _from_folder(model: Checkpoint, kind: Kind, dtype: torch.dtype, vae_dtype: torch.dtype) -> dict[str, Any]:
    half = dtype != torch.float32
    parts: dict[str, Any] = {
        "unet": component(model, UNet2DConditionModel, "unet", UNET_WEIGHTS, dtype, half),
        "vae": component(model, AutoencoderKL, "vae", UNET_WEIGHTS, vae_dtype, half),
        "text_encoder": component(model, CLIPTextModel, "text_encoder", "model", dtype, half),
        "tokenizer": _tokenizer(model, "tokenizer"),
        "scheduler": None,
    }
    if kind == "sdxl":
        second = component(model, CLIPTextModelWithProjection, "text_encoder_2", "model", dtype, half)
        parts |= {"text_encoder_2": second, "tokenizer_2": _tokenizer(model, "tokenizer_2")}
    return parts


def _from_file(model: Checkpoint, file: Path, kind: Kind) -> dict[str, Any]:
    """The components of a file that a folder describes, in the names of the file's own world."""
    cls: Any = StableDiffusionXLPipeline if kind == "sdxl" else StableDiffusionPipeline
    without: dict[str, Any] = {"add_watermarker": False} if kind == "sdxl" else WITHOUT_CHECKER
    with refusing_to_load(model, file.name):
        whole = cls.from_single_file(str(file), config=str(model.folder), local_files_only=True, **without)
    names = ("unet", "vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "scheduler")
    return {name: whole.components[name] for name in names if name in whole.components}


def component(model: Checkpoint, cls: Any, folder: str, stem: str, dtype: torch.dtype, half: bool) -> Any:
    """A part of a checkpoint, on the CPU. Raises `ModelMissing`."""
    variant = model.variant(folder, stem, half)
    path: Path = model.folder / folder
    with refusing_to_load(model, folder or stem):
        return cls.from_pretrained(path, dtype=dtype, variant=variant, use_safetensors=True, local_files_only=True)


def _tokenizer(model: Checkpoint, folder: str) -> Any:
    model.check_tokenizer(folder)
    with refusing_to_load(model, folder):
        return CLIPTokenizer.from_pretrained(model.folder / folder, local_files_only=True)


def _put_on(adapter: Adapter, kind: Kind, parts: dict[str, Any]) -> None:
    """Put the adapter's layers into the UNet of `parts`; its image encoder stays on disk until a style is new."""
    cls: Any = StableDiffusionXLPipeline if kind == "sdxl" else StableDiffusionPipeline
    without = {"add_watermarker": False} if kind == "sdxl" else WITHOUT_CHECKER
    lender = cls(**parts, **without)  # it knows how to do that
    with refusing_to_load(adapter.checkpoint, adapter.file):
        place = {"subfolder": adapter.folder, "weight_name": adapter.weights, "image_encoder_folder": None}
        lender.load_ip_adapter(str(adapter.checkpoint.folder), **place, local_files_only=True)


def _split_off_embedding(controlnet: Any) -> Any:
    """Take the embedding of the control picture out of a ControlNet, which from then on takes what it would give."""
    embedding = controlnet.controlnet_cond_embedding
    controlnet.controlnet_cond_embedding = torch.nn.Identity()
    if controlnet.config.controlnet_conditioning_channel_order == "bgr":
        controlnet.register_to_config(controlnet_conditioning_channel_order="rgb")
        return torch.nn.Sequential(_Flipped(), embedding)
    return embedding


class _Flipped(torch.nn.Module):
    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return picture.flip(1)
