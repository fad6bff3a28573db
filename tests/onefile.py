"""A checkpoint in the hub's layout as one file, with the names that the authors' own code gives to the weights."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
UNET = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def write(folder: Path, path: Path) -> None:
    """Write Stable Diffusion 1.5 in `folder` as one file."""
    tensors: dict[str, torch.Tensor] = {}
    for name, weight in load_file(folder / "unet/diffusion_pytorch_model.safetensors").items():
        tensors[f"model.diffusion_model.{_unet(name)}"] = weight
    for name, weight in load_file(folder / "vae/diffusion_pytorch_model.safetensors").items():
        square = weight[:, :, None, None] if "attentions" in name and weight.ndim == 2 else weight
        tensors[f"first_stage_model.{_vae(name)}"] = square.contiguous()
    for name, weight in load_file(folder / "text_encoder/model.safetensors").items():
        tensors[f"cond_stage_model.transformer.text_model.{name.removeprefix('text_model.')}"] = weight
    save_file(tensors, path)


def _unet(name: str) -> str:
    for ours, theirs in UNET.items():
        if name.startswith(f"{ours}."):
            return _inner(name.replace(ours, theirs, 1))
    side, block, what, layer, rest = re.fullmatch(r"(up|down)_blocks\.(\d)\.(\w+?)\.(\d)\.(.*)", name).groups()  # type: ignore[union-attr]
    number, position = 3 * int(block) + int(layer), {"resnets": "0", "attentions": "1"}.get(what)
    if side == "down":
        place = f"input_blocks.{number + 1}" if position else f"input_blocks.{3 * int(block) + 3}"
        return _inner(f"{place}.{position}.{rest}" if position else f"{place}.0.op.{rest.removeprefix('conv.')}")
    upsampler = "1" if block == "0" else "2"
    place = f"output_blocks.{number if position else 3 * int(block) + 2}"
    return _inner(f"{place}.{position or upsampler}.{rest}")


def _inner(name: str) -> str:
    for ours, theirs in RESNET.items() if "transformer_blocks" not in name else ():
        name = re.sub(rf"(?<=\.){ours}(?=\.(weight|bias)$)", theirs, name)
    return name


def _vae(name: str) -> str:
    name = name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", name)
    if "mid_block.attentions.0." in name:
        head, _, rest = name.partition("mid_block.attentions.0.")
        inner, _, kind = rest.rpartition(".")
        return f"{head}mid.attn_1.{ATTENTION[inner]}.{kind}"
    name = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d)\.resnets", lambda found: f"up.{3 - int(found[1])}.block", name)
    return re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda found: f"up.{3 - int(found[1])}.upsample", name)
