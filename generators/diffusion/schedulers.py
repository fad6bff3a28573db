"""Schedulers: how a step is taken. They remember the steps before, so that every request has one of its own."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from typing import Any

from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    UniPCMultistepScheduler,
)

from generators.orders import SchedulerName

_CLASSES: dict[SchedulerName, Any] = {
    "ddim": DDIMScheduler,
    "dpm++2m": DPMSolverMultistepScheduler,
    "euler": EulerDiscreteScheduler,
    "euler-a": EulerAncestralDiscreteScheduler,
    "unipc": UniPCMultistepScheduler,
    "lcm": LCMScheduler,
}
_NOISY = {name for name, cls in _CLASSES.items() if "generator" in signature(cls.step).parameters}


def make_scheduler(name: SchedulerName, config: Mapping[str, Any]) -> Any:
    """A new scheduler over the noise that the checkpoint was trained with."""
    unclipped = {"clip_sample": False} if name == "ddim" else {}  # latents are no pixels; DDIM's default is for those
    return _CLASSES[name].from_config({**config, **unclipped})


def takes_noise(name: SchedulerName) -> bool:
    """Whether a step may draw noise of its own, and so takes the request's generator."""
    return name in _NOISY
