"""Denoiser: one forward pass of ControlNet and UNet over branches of many requests, each with what is its own.

Both networks take a timestep per line of the batch. ControlNet's scale is a tensor of one number per line; the layers
of the adapter multiply by whatever stands in their `scale`, which is such a tensor too.
"""

from __future__ import annotations

from math import lcm

import torch
from diffusers.models.attention_processor import IPAdapterAttnProcessor2_0

from core.errors import BadValue
from generators.diffusion.checkpoints import Kind
from generators.diffusion.pipeline import Pipeline
from generators.diffusion.rows import Branch
from generators.orders import StyleMode

MAX_WINDOWS = 12  # of prompts in one pass; keys of the attention cost little beside its queries
# Layers that carry colours and strokes, and layers that carry the arrangement: InstantStyle (Wang et al. 2024).
LAYERS: dict[Kind, dict[StyleMode, tuple[str, ...]]] = {
    "sd": {"full": ("",), "style": ("up_blocks.1.",), "composition": ("down_blocks.2.", "mid_block.")},
    "sdxl": {"full": ("",), "style": ("up_blocks.0.attentions.1.",), "composition": ("down_blocks.2.attentions.1.",)},
}


class Scales:
    """A scale per line of the batch, in place of an adapter layer's single one: it answers to `== 0` and `*`."""

    def __init__(self) -> None:
        self.none = True
        self.values = torch.zeros(1)

    def set(self, values: list[float], like: torch.Tensor) -> None:
        self.none = not any(values)
        self.values = torch.tensor(values, dtype=like.dtype, device=like.device).view(-1, 1, 1)

    def __eq__(self, other: object) -> bool:
        return other == 0 and self.none

    def __mul__(self, states: torch.Tensor) -> torch.Tensor:
        return self.values * states


class Denoiser:
    """Owns the networks; one thread may call it."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._layers: dict[str, Scales] = {}
        for name, processor in pipeline.unet.attn_processors.items():
            if isinstance(processor, IPAdapterAttnProcessor2_0):
                self._layers[name] = Scales()
                processor.scale = [self._layers[name]]

    def check_mode(self, mode: StyleMode) -> None:
        """Refuse a mode that would switch the style off: one whose layers this UNet does not have."""
        wanted = LAYERS[self._pipeline.kind][mode]
        if not any(name.startswith(wanted) for name in self._layers):
            raise BadValue("style_mode", mode, f"full with {self._pipeline.name}, whose layers are arranged otherwise")

    @torch.inference_mode()
    def predict(self, branches: list[Branch]) -> None:
        """Set the noise of each branch, in float32; leave it None where it is not finite."""
        dtype = self._pipeline.dtype
        scaled = {id(branch.row): branch.row.scaled() for branch in branches}
        latents = torch.cat([scaled[id(branch.row)] for branch in branches]).to(dtype)
        timesteps = torch.stack([branch.row.timestep.to(latents.device, torch.float32) for branch in branches])
        windows = lcm(*(branch.prompt.windows for branch in branches))
        prompts = torch.cat([branch.prompt.repeated(windows) for branch in branches])
        conditions = self._conditions(branches)
        down, middle = self._control(branches, latents, timesteps, prompts, conditions)
        self._set_scales(branches, latents)
        noise = self._pipeline.unet(
            latents,
            timesteps,
            encoder_hidden_states=prompts,
            down_block_additional_residuals=down,
            mid_block_additional_residual=middle,
            added_cond_kwargs={**conditions, "image_embeds": [self._styles(branches, latents)]},
            return_dict=False,
        )[0].float()
        finite = noise.isfinite().flatten(1).all(1).tolist()
        for number, branch in enumerate(branches):
            branch.noise = noise[number : number + 1] if finite[number] else None

    def _control(
        self,
        branches: list[Branch],
        latents: torch.Tensor,
        timesteps: torch.Tensor,
        prompts: torch.Tensor,
        conditions: dict[str, torch.Tensor],
    ) -> tuple[list[torch.Tensor] | None, torch.Tensor | None]:
        """What ControlNet adds, run for those lines alone that follow a sketch in this step."""
        scales = [branch.row.control_scale for branch in branches]
        chosen = [number for number, scale in enumerate(scales) if scale]
        if not chosen:
            return None, None
        every = len(chosen) == len(branches)
        lines = torch.tensor(chosen, device=latents.device)
        controls = [branches[number].row.control for number in chosen]
        down, middle = self._pipeline.controlnet(
            latents if every else latents[lines],
            timesteps if every else timesteps[lines],
            encoder_hidden_states=prompts if every else prompts[lines],
            controlnet_cond=torch.cat([control for control in controls if control is not None]),
            conditioning_scale=torch.tensor([scales[number] for number in chosen]).view(-1, 1, 1, 1).to(latents),
            added_cond_kwargs=conditions if every else {key: value[lines] for key, value in conditions.items()},
            return_dict=False,
        )
        if every:
            return list(down), middle
        return [_spread(each, lines, len(branches)) for each in down], _spread(middle, lines, len(branches))

    def _conditions(self, branches: list[Branch]) -> dict[str, torch.Tensor]:
        """What SDXL is told besides: the pooled prompt, and the picture's size, crop and wanted size."""
        if self._pipeline.kind == "sd":
            return {}
        pooled = torch.cat([branch.prompt.pooled for branch in branches if branch.prompt.pooled is not None])
        times = [[*branch.row.size, 0, 0, *branch.row.size] for branch in branches]
        return {"text_embeds": pooled, "time_ids": torch.tensor(times, dtype=pooled.dtype, device=pooled.device)}

    def _styles(self, branches: list[Branch], latents: torch.Tensor) -> torch.Tensor:
        """Image embeddings, zeros where a picture has no style; its scale is 0 there."""
        given = next((branch.style for branch in branches if branch.style is not None), None)
        if given is None:
            width = self._pipeline.style_width
            shape = (1, 1, 1, width) if self._pipeline.adapter.hidden else (1, 1, width)
            given = torch.zeros(shape, dtype=latents.dtype, device=latents.device)
        none = torch.zeros_like(given)
        return torch.cat([none if branch.style is None else branch.style for branch in branches])

    def _set_scales(self, branches: list[Branch], latents: torch.Tensor) -> None:
        layers = LAYERS[self._pipeline.kind]
        for name, scales in self._layers.items():
            scales.set(
                [
                    branch.row.sampling.ip_adapter_scale
                    if branch.style is not None and name.startswith(layers[branch.row.sampling.style_mode])
                    else 0.0
                    for branch in branches
                ],
                latents,
            )


def go_together(branches: list[Branch]) -> bool:
    """Whether branches of one size can share a forward pass: their prompts repeated to one length are not too long."""
    lengths = {branch.prompt.windows for branch in branches}
    return len(lengths) == 1 or lcm(*lengths) <= MAX_WINDOWS


def _spread(residual: torch.Tensor, lines: torch.Tensor, count: int) -> torch.Tensor:
    whole = residual.new_zeros((count, *residual.shape[1:]))
    whole[lines] = residual
    return whole
