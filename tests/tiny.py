"""Tiny checkpoints with random weights in the hub's layout: Stable Diffusion 1.5's topology in 4 MB, and SDXL's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from safetensors.torch import save_file
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

WIDTH, SEEN, VISION = 32, 24, 32  # of the cross-attention, of an image embedding, of the image encoder
WIDE = 40  # of SDXL's second text encoder; in one file the two are told apart by their widths
WORDS = ("a", "photo", "of", "cat", "on", "red", "chair", "in", "style", "painting", "house", "blurry", "lake")
NOISE = {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
UNET: dict[str, Any] = {
    "sample_size": 8,
    "block_out_channels": (16, 32, 32, 32),
    "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
    "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    "cross_attention_dim": WIDTH,
    "attention_head_dim": 4,
    "norm_num_groups": 8,
}
UNET_XL: dict[str, Any] = {
    "sample_size": 8,
    "block_out_channels": (16, 32, 32),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "cross_attention_dim": 2 * WIDTH,
    "attention_head_dim": (2, 4, 4),
    "norm_num_groups": 8,
    "transformer_layers_per_block": (1, 1, 2),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": WIDTH + 6 * 8,
}


def build(root: Path) -> Path:
    """`sd15`, `controlnet`, `ip-adapter` and their SDXL kin under `root`."""
    tokens = tokenizer()
    parts = {"tokenizer": tokens, "text_encoder": text_encoder(CLIPTextModel, len(tokens)), "vae": vae()}
    torch.manual_seed(1)
    unet = UNet2DConditionModel(**UNET)
    pndm = PNDMScheduler(**NOISE, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1)
    safety = {"safety_checker": checker(), "feature_extractor": CLIPImageProcessorPil(size=32, crop_size=32)}
    StableDiffusionPipeline(**parts, **safety, unet=unet, scheduler=pndm).save_pretrained(root / "sd15")
    _unclip(root / "sd15")
    controlnet(unet).save_pretrained(root / "controlnet")
    ip_adapter(root / "ip-adapter/models", "ip-adapter_sd15.safetensors", unet, WIDTH)
    ip_adapter(root / "ip-adapter-plus/models", "ip-adapter-plus_sd15.safetensors", unet, WIDTH, plus=True)
    second = {"tokenizer_2": tokens, "text_encoder_2": text_encoder(CLIPTextModelWithProjection, len(tokens), WIDE)}
    parts["text_encoder"] = text_encoder(CLIPTextModel, len(tokens), 2 * WIDTH - WIDE)
    torch.manual_seed(4)
    unet_xl = UNet2DConditionModel(**UNET_XL)
    euler = EulerDiscreteScheduler(**NOISE, steps_offset=1)
    StableDiffusionXLPipeline(**parts, **second, unet=unet_xl, scheduler=euler).save_pretrained(root / "sdxl")
    _unclip(root / "sdxl")
    controlnet(unet_xl).save_pretrained(root / "controlnet-xl")
    ip_adapter(root / "ip-adapter/sdxl_models", "ip-adapter_sdxl.safetensors", unet_xl, 2 * WIDTH)
    return root


def _unclip(folder: Path) -> None:
    """The hub's file says so; diffusers' own default is made for models of pixels."""
    path = folder / "scheduler/scheduler_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "clip_sample": False}))


def tokenizer() -> CLIPTokenizer:
    """CLIP's layout: a symbol per byte, the same at a word's end, merges, and the two specials last."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet = [chr(byte) for byte in seen] + [chr(256 + extra) for extra in range(256 - len(seen))]
    vocabulary = alphabet + [symbol + "</w>" for symbol in alphabet]
    merges = []
    for word in WORDS:
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            if (parts[0], parts[1]) not in merges:
                merges.append((parts[0], parts[1]))
            parts = [parts[0] + parts[1], *parts[2:]]
            vocabulary += parts[:1] if parts[0] not in vocabulary else []
    vocabulary += ["<|startoftext|>", "<|endoftext|>"]
    ids = {token: number for number, token in enumerate(vocabulary)}
    return CLIPTokenizer(vocab=ids, merges=merges, model_max_length=77)


def text_encoder(cls: Any, vocabulary: int, hidden: int = WIDTH) -> Any:
    torch.manual_seed(0)
    sizes = {"hidden_size": hidden, "intermediate_size": 64, "projection_dim": WIDTH, "num_hidden_layers": 2}
    special = {"bos_token_id": vocabulary - 2, "eos_token_id": vocabulary - 1, "pad_token_id": vocabulary - 1}
    return cls(CLIPTextConfig(vocab_size=vocabulary, num_attention_heads=4, **sizes, **special))


def controlnet(unet: UNet2DConditionModel) -> ControlNetModel:
    """A ControlNet whose last layers are not zero, as they are before training: those would hide everything."""
    torch.manual_seed(2)
    made = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 16, 16, 16))
    for layer in (*made.controlnet_down_blocks, made.controlnet_mid_block, made.controlnet_cond_embedding.conv_out):
        torch.nn.init.normal_(layer.weight, std=0.2)
    return made


def vae() -> AutoencoderKL:
    torch.manual_seed(3)
    return AutoencoderKL(
        block_out_channels=(8, 16, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=8,
        sample_size=64,
        scaling_factor=0.18215,
    )


def vision(projection: int) -> CLIPVisionConfig:
    sizes = {"hidden_size": VISION, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    return CLIPVisionConfig(**sizes, projection_dim=projection, image_size=32, patch_size=8)


def checker(begins: float = 2.0) -> StableDiffusionSafetyChecker:
    """A safety checker that flags what is nearer to one of its concepts; -1 and less is all, 1 and more is nothing."""
    torch.manual_seed(5)
    made = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision(SEEN).to_dict(), projection_dim=SEEN))
    made.concept_embeds_weights.data.fill_(begins)  # cosine similarities
    made.special_care_embeds_weights.data.fill_(2.0)
    return made


def ip_adapter(folder: Path, name: str, unet: UNet2DConditionModel, width: int, plus: bool = False) -> None:
    """An adapter with its image encoder, as h94/IP-Adapter has them; `plus` is the kind that reads hidden states."""
    torch.manual_seed(6)
    CLIPVisionModelWithProjection(vision(SEEN)).save_pretrained(folder / "image_encoder")
    generator = torch.Generator().manual_seed(7)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) * 0.3

    def norm(key: str, size: int) -> dict[str, torch.Tensor]:
        return {f"{key}.weight": torch.ones(size), f"{key}.bias": torch.zeros(size)}

    tensors = (
        {} if plus else {"proj.weight": drawn(4 * width, SEEN), "proj.bias": drawn(4 * width)} | norm("norm", width)
    )
    if plus:
        size = 64
        tensors |= {"latents": drawn(1, 16, size), "proj_in.weight": drawn(size, VISION), "proj_in.bias": drawn(size)}
        tensors |= {"proj_out.weight": drawn(width, size), "proj_out.bias": drawn(width)} | norm("norm_out", width)
        for layer in (f"layers.{number}" for number in range(4)):
            tensors |= norm(f"{layer}.0.norm1", size) | norm(f"{layer}.0.norm2", size) | norm(f"{layer}.1.0", size)
            tensors |= {f"{layer}.0.to_q.weight": drawn(size, size), f"{layer}.0.to_kv.weight": drawn(2 * size, size)}
            tensors |= {f"{layer}.0.to_out.weight": drawn(size, size)}
            tensors |= {f"{layer}.1.1.weight": drawn(4 * size, size), f"{layer}.1.3.weight": drawn(size, 4 * size)}
    tensors = {f"image_proj.{key}": value for key, value in tensors.items()}
    layers = [name for name in unet.attn_processors if "attn2" in name]
    widths = unet.config.block_out_channels
    for number, layer in enumerate(layers):
        block = -1 if layer.startswith("mid") else int(layer.split(".")[1])
        hidden = widths[-1] if block < 0 else widths[::-1][block] if layer.startswith("up") else widths[block]
        for what in ("to_k_ip", "to_v_ip"):
            tensors[f"ip_adapter.{2 * number + 1}.{what}.weight"] = drawn(hidden, width)
    save_file(tensors, folder / name)
