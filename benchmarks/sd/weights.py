"""Checkpoints of random weights: as large and as fast as Stable Diffusion 1.5's, which nobody need download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, ControlNetModel, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModelWithProjection

from tests import tiny


def write_checkpoints(root: Path, width: int) -> None:
    """Stable Diffusion 1.5, ControlNet, IP-Adapter and ViT-H, all narrower by `width` / 320."""
    words, seen = 768 * width // 320 // 32 * 32 or 32, 1024 * width // 320
    tokens = tiny.tokenizer()
    heads = {"num_attention_heads": 8 if width < 320 else 12, "num_hidden_layers": 12, "max_position_embeddings": 77}
    text = CLIPTextConfig(vocab_size=49408, hidden_size=words, intermediate_size=4 * words, **heads)
    sizes = {"hidden_size": 1280 * width // 320, "intermediate_size": 5120 * width // 320, "projection_dim": seen}
    vision = CLIPVisionConfig(**sizes, num_hidden_layers=32, num_attention_heads=16, image_size=224, patch_size=14)
    blocks = {
        "block_out_channels": (128, 256, 512, 512) if width == 320 else (32, 64, 64, 64),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
    }
    with torch.device("meta"):
        wide = {"block_out_channels": (width, 2 * width, 4 * width, 4 * width), "cross_attention_dim": words}
        like = {"norm_num_groups": 32, "attention_head_dim": 8, "sample_size": 64}
        unet = UNet2DConditionModel(**{**tiny.UNET, **wide, **like})
        controlnet = ControlNetModel.from_unet(unet, load_weights_from_unet=False)
        vae = AutoencoderKL(**blocks, layers_per_block=2, sample_size=512)
        encoders = CLIPTextModel(text), CLIPVisionModelWithProjection(vision)
    unet, controlnet, vae, encoder, viewer = map(materialised, (unet, controlnet, vae, *encoders))
    noise = PNDMScheduler(**tiny.NOISE, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1)
    without = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    parts = {"unet": unet, "vae": vae, "text_encoder": encoder, "tokenizer": tokens, "scheduler": noise}
    StableDiffusionPipeline(**parts, **without).save_pretrained(root / "sd", variant="fp16")
    controlnet.save_pretrained(root / "controlnet", variant="fp16")
    viewer.save_pretrained(root / "ip-adapter/models/image_encoder")
    adapter = {
        "proj.weight": (4 * words, seen),
        "proj.bias": (4 * words,),
        "norm.weight": (words,),
        "norm.bias": (words,),
    }
    tensors = {f"image_proj.{name}": torch.randn(shape).half() * 0.02 for name, shape in adapter.items()}
    for number, layer in enumerate(name for name in unet.attn_processors if "attn2" in name):
        hidden = unet.get_submodule(layer.removesuffix(".processor")).to_q.weight.shape[0]
        for what in ("to_k_ip", "to_v_ip"):
            tensors[f"ip_adapter.{2 * number + 1}.{what}.weight"] = torch.randn(hidden, words).half() * 0.02
    save_file(tensors, root / "ip-adapter/models/ip-adapter_sd15.safetensors")


def materialised(module: Any) -> Any:
    """A module off the meta device, in half precision, with weights that keep its numbers small."""
    module = module.half().to_empty(device="cpu")
    for name, weight in module.named_parameters():
        if weight.ndim > 1:
            weight.data.normal_(0, 0.02)
        else:
            weight.data.fill_(1.0 if name.endswith("weight") else 0.0)
    for name, buffer in module.named_buffers():
        if "position_ids" in name:
            buffer.copy_(torch.arange(buffer.shape[-1]).expand_as(buffer))
    return module
