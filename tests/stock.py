"""The stock pipelines of diffusers, one picture at a time: what every picture of the batcher must equal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers import StableDiffusionControlNetImg2ImgPipeline, StableDiffusionControlNetPipeline

from core import images
from generators.orders import PaintOrder, Sampling

SCHEDULERS = {
    "ddim": "DDIMScheduler",
    "dpm++2m": "DPMSolverMultistepScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler-a": "EulerAncestralDiscreteScheduler",
    "unipc": "UniPCMultistepScheduler",
    "lcm": "LCMScheduler",
}


class Stock:
    """StableDiffusionControlNetPipeline over weights of its own, with the IP-Adapter where `adapter` is named."""

    def __init__(
        self, checkpoints: Path, adapter: str | None = "ip-adapter/models/ip-adapter_sd15.safetensors"
    ) -> None:
        controlnet = diffusers.ControlNetModel.from_pretrained(checkpoints / "controlnet")
        self.pipe = StableDiffusionControlNetPipeline.from_pretrained(
            checkpoints / "sd15", controlnet=controlnet, safety_checker=None, feature_extractor=None
        )
        self.config = self.pipe.scheduler.config
        self.adapter = adapter is not None
        if adapter is not None:
            root, folder, name = adapter.split("/")
            self.pipe.load_ip_adapter(str(checkpoints / root), subfolder=folder, weight_name=name)
        self.pipe.set_progress_bar_config(disable=True)

    def pixels(self, order: PaintOrder) -> np.ndarray:
        sampling = order.sampling or Sampling()
        guided = sampling.guidance_scale > 1
        pipe: Any = self.pipe
        more: dict[str, Any] = {"image": order.edges.canny}
        if sampling.strength is not None:
            parts = {**pipe.components, "requires_safety_checker": False}
            pipe = StableDiffusionControlNetImg2ImgPipeline(**parts)
            pipe.set_progress_bar_config(disable=True)
            more = {"image": order.edges.page, "control_image": order.edges.canny, "strength": sampling.strength}
        pipe.scheduler = getattr(diffusers, SCHEDULERS[sampling.scheduler]).from_config(self.config)
        if self.adapter:
            more["ip_adapter_image_embeds"] = [self.embeds(order, guided)]
            self._set_scale(pipe, sampling, bool(order.references))
        return pipe(
            **self.words(order.prompt, sampling.negative_prompt, guided),
            **more,
            num_inference_steps=sampling.num_inference_steps,
            guidance_scale=sampling.guidance_scale,
            controlnet_conditioning_scale=float(sampling.controlnet_conditioning_scale),
            control_guidance_start=sampling.control_guidance_start,
            control_guidance_end=sampling.control_guidance_end,
            generator=torch.Generator("cpu").manual_seed(order.seed),
            output_type="np",
        ).images[0]

    @torch.inference_mode()
    def embeds(self, order: PaintOrder, guided: bool) -> torch.Tensor:
        """The image embeddings that the pipeline itself makes, averaged by weight."""
        if not order.references:
            return torch.zeros(1 + guided, 1, 24)
        total, whole = None, sum(reference.weight for reference in order.references)
        for reference in order.references:
            picture = images.decode(reference.picture)
            made = self.pipe.prepare_ip_adapter_image_embeds([picture], None, torch.device("cpu"), 1, guided)[0]
            total = made * reference.weight / whole + (0 if total is None else total)
        assert total is not None
        return total if len(order.references) > 1 else made

    @staticmethod
    def _set_scale(pipe: Any, sampling: Sampling, styled: bool) -> None:
        scale = sampling.ip_adapter_scale if styled else 0.0
        modes = {"style": {"up": {"block_1": scale}}, "composition": {"down": {"block_2": scale}, "mid": scale}}
        pipe.set_ip_adapter_scale(modes.get(sampling.style_mode, scale))

    @torch.inference_mode()
    def words(self, prompt: str, negative: str, guided: bool) -> dict[str, Any]:
        """The prompts as they are where they are short; else windows of 75 tokens, the shorter one repeated."""
        rows = [self.windows(prompt), self.windows(negative)]
        if not guided:
            rows = rows[:1]
        if all(len(row) == 1 for row in rows):
            return {"prompt": prompt, "negative_prompt": negative if guided else None}
        encoded = [self.pipe.text_encoder(torch.tensor(row))[0].reshape(1, -1, 32) for row in rows]
        length = int(np.lcm.reduce([len(row) for row in rows])) * 77
        named = dict(zip(("prompt_embeds", "negative_prompt_embeds"), encoded, strict=False))
        return {name: torch.cat([embeds] * (length // embeds.shape[1]), 1) for name, embeds in named.items()}

    def windows(self, text: str) -> list[list[int]]:
        ids = self.pipe.tokenizer(text, add_special_tokens=False, verbose=False).input_ids
        begin, end = self.pipe.tokenizer.bos_token_id, self.pipe.tokenizer.eos_token_id
        rows = [ids[start : start + 75] for start in range(0, max(1, len(ids)), 75)]
        return [[begin, *row, *[end] * (76 - len(row))] for row in rows]
