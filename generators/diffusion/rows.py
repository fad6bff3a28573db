"""Rows: requests under way. A row is a picture; it has one branch in a forward pass, or with guidance two."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import Any

import torch

from generators.diffusion.prompts import Prompt
from generators.diffusion.schedulers import takes_noise
from generators.orders import Diverged, Sampling


@dataclass(eq=False)
class Branch:
    """One line of a forward pass: the picture with its prompt, or with what to keep away from."""

    row: Row
    prompt: Prompt
    style: torch.Tensor | None  # image embeddings (1, 1, ...), None without a style
    noise: torch.Tensor | None = None  # what the UNet has found in the latents of this step


@dataclass(eq=False)
class Row:
    """The state of one request. The batcher's thread changes it; its caller waits for `moved`."""

    sampling: Sampling
    size: tuple[int, int]  # px: height, width
    latents: torch.Tensor  # float32, (1, 4, height / 8, width / 8)
    scheduler: Any
    timesteps: torch.Tensor
    generator: torch.Generator
    control: torch.Tensor | None  # the control picture embedded; None without a sketch
    branches: tuple[Branch, ...] = ()  # away from, towards; or towards alone
    clean: torch.Tensor | None = None  # the latents as the last step would have them without any noise
    step: int = 0  # steps that are done
    served: int = 0  # when it last had a step
    notes: tuple[str, ...] = ()  # what had to be done otherwise than usual
    error: Exception | None = None
    left: bool = False  # nobody waits for it any more
    moved: Event = field(default_factory=Event)

    @property
    def total(self) -> int:
        return len(self.timesteps)

    @property
    def ended(self) -> bool:
        return self.left or self.error is not None or self.step >= self.total

    @property
    def timestep(self) -> torch.Tensor:
        return self.timesteps[self.step]

    @property
    def control_scale(self) -> float:
        """How strongly this step follows the sketch; 0 outside the window of control."""
        start, end = self.sampling.control_guidance_start, self.sampling.control_guidance_end
        outside = self.step / self.total < start or (self.step + 1) / self.total > end
        return 0.0 if self.control is None or outside else self.sampling.controlnet_conditioning_scale

    def scaled(self) -> torch.Tensor:
        """The latents as the UNet takes them at this step."""
        scaled: torch.Tensor = self.scheduler.scale_model_input(self.latents, self.timestep)
        return scaled

    @torch.inference_mode()
    def advance(self) -> None:
        """Take a step along the noise that was found. Raises `Diverged` where that is no number."""
        found = [branch.noise for branch in self.branches]
        for branch in self.branches:
            branch.noise = None
        if any(noise is None for noise in found):
            raise Diverged(f"step {self.step + 1} of {self.total}")
        away, towards = found[0], found[-1]
        assert away is not None and towards is not None
        noise = towards if len(found) == 1 else away + self.sampling.guidance_scale * (towards - away)
        drawn = {"generator": self.generator} if takes_noise(self.sampling.scheduler) else {}
        made = self.scheduler.step(noise, self.timestep, self.latents, return_dict=False, **drawn)
        self.latents = made[0]
        self.clean = made[1] if len(made) > 1 else self.scheduler.model_outputs[-1]
        self.step += 1
