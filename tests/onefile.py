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
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


OPEN_CLIP = {
    "embeddings.position_embedding.weight": "positional_embedding",
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "final_layer_norm.": "ln_final.",
    "encoder.layers.": "transformer.resblocks.",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn": "attn",
}


def describe(folder: Path, beside: Path) -> None:
    """What a file does not hold, of the model in `folder`: its configurations and tokenizers."""
    for name in ("*.json", "*.txt"):
        for path in folder.rglob(name):
            place = beside / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())


def write(folder: Path, path: Path) -> None:
    """Write Stable Diffusion 1.5 or SDXL in `folder` as one file."""
    tensors: dict[str, torch.Tensor] = {}
    unet = load_file(folder / "unet/diffusion_pytorch_model.safetensors")
    lone = not any(name.startswith("up_blocks.0.attentions.") for name in unet)
    for name, weight in unet.items():
        tensors[f"model.diffusion_model.{_unet(name, lone)}"] = weight
    for name, weight in load_file(folder / "vae/diffusion_pytorch_model.safetensors").items():
        square = weight[:, :, None, None] if "attentions" in name and weight.ndim == 2 else weight
        tensors[f"first_stage_model.{_vae(name)}"] = square.contiguous()
    second = folder / "text_encoder_2/model.safetensors"
    first = "conditioner.embedders.0" if second.is_file() else "cond_stage_model"
    for name, weight in load_file(folder / "text_encoder/model.safetensors").items():
        tensors[f"{first}.transformer.text_model.{name.removeprefix('text_model.')}"] = weight
    if second.is_file():
        for name, weight in _open_clip(load_file(second)).items():
            tensors[f"conditioner.embedders.1.model.{name}"] = weight
    save_file(tensors, path)


def _open_clip(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """SDXL's second text encoder: query, key and value lie in one matrix, and the projection on its side."""
    made = {}
    for name, weight in weights.items():
        found = re.fullmatch(r"text_model\.(.*self_attn)\.q_proj\.(weight|bias)", name)
        if name == "text_projection.weight":
            made["text_projection"] = weight.T.contiguous()
        elif found is not None:
            three = [weights[name.replace(".q_proj.", f".{which}_proj.")] for which in "qkv"]
            made[_renamed(f"{found[1]}.in_proj_{found[2]}")] = torch.cat(three)
        elif not re.search(r"\.[kv]_proj\.", name):
            made[_renamed(name.removeprefix("text_model."))] = weight
    return made


def _renamed(name: str) -> str:
    for ours, theirs in OPEN_CLIP.items():
        name = name.replace(ours, theirs)
    return name


def _unet(name: str, lone: bool) -> str:
    """`lone`: the first block on the way up has no attention, as Stable Diffusion 1.5's has none."""
    for ours, theirs in UNET.items():
        if name.startswith(f"{ours}."):
            return _inner(name.replace(ours, theirs, 1))
    side, block, what, layer, rest = re.fullmatch(r"(up|down)_blocks\.(\d)\.(\w+?)\.(\d)\.(.*)", name).groups()  # type: ignore[union-attr]
    number, position = 3 * int(block) + int(layer), {"resnets": "0", "attentions": "1"}.get(what)
    if side == "down":
        place = f"input_blocks.{number + 1}" if position else f"input_blocks.{3 * int(block) + 3}"
        return _inner(f"{place}.{position}.{rest}" if position else f"{place}.0.op.{rest.removeprefix('conv.')}")
    upsampler = "1" if lone and block == "0" else "2"
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
