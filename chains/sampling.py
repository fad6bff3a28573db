"""Sampling: what may be said of how a picture is made: all of it to diffusion, two strengths to the painter."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import BaseModel, Field

from core.errors import BadValue
from core.settings import Settings, check_text
from generators.orders import MAX_STEPS, Sampling, SchedulerName, StyleMode, Touch

PAINTERS = [field.name for field in fields(Touch)]


class SamplingOptions(BaseModel):
    """One field per field of `Sampling`; None leaves it to that, and to the settings."""

    negative_prompt: str | None = Field(None, description="what it shall not look like; by diffusion alone")
    num_inference_steps: int | None = Field(None, ge=1, le=MAX_STEPS, description="default: NUM_INFERENCE_STEPS, 20")
    guidance_scale: float | None = Field(None, description="how closely it keeps to the prompt; default 7.5, 1: freely")
    controlnet_conditioning_scale: float | None = Field(
        None, description="and to the sketch's lines, also by the painter; default 1.5, 0: not at all"
    )
    ip_adapter_scale: float | None = Field(
        None, description="and to the style, also by the painter; default 0.8, 0: not at all"
    )
    style_mode: StyleMode | None = Field(None, description="what is taken of the style; default: full")
    control_guidance_start: float | None = Field(None, description="share of the steps from which lines hold")
    control_guidance_end: float | None = Field(None, description="share of the steps up to which they do")
    strength: float | None = Field(None, description="begin with the sketch's own colours; 1 keeps none of them")
    scheduler: SchedulerName | None = Field(None, description="default: dpm++2m")

    def told(self) -> dict[str, Any]:
        """What somebody said of it."""
        return {name: value for name in SamplingOptions.model_fields if (value := getattr(self, name)) is not None}


def sampling_of(options: SamplingOptions, engine: str, settings: Settings) -> Sampling | Touch:
    """What diffusion, or the painter, is to do. Raises `BadValue`, also for what the painter does not obey."""
    told = options.told()
    if engine == "diffusion":
        check_text("negative_prompt", options.negative_prompt or "", settings.max_prompt_chars)
        return Sampling(**{"num_inference_steps": settings.num_inference_steps, **told})
    how = "" if settings.diffusion_model else ", once MODELS=full or TEXT_TO_IMAGE_MODEL sets it up"
    for name, value in told.items():
        if name not in PAINTERS:
            raise BadValue(name, value, f"nothing with engine={engine}; engine=diffusion takes it{how}")
    return Touch(**told)
