"""Orders: the one object that decides a picture, and what comes back for it, or why nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Literal, Protocol, runtime_checkable

from PIL import Image

from core.errors import AtelierError, BadValue, Refused
from generators.edges import Edges

Mode = Literal["preview", "quality"]
MODES: tuple[Mode, ...] = ("preview", "quality")
MAX_SEED = 2**32 - 1
MAX_REFERENCES = 4
StyleMode = Literal["full", "style", "composition"]
STYLE_MODES: tuple[StyleMode, ...] = ("full", "style", "composition")
SchedulerName = Literal["ddim", "dpm++2m", "euler", "euler-a", "unipc", "lcm"]
SCHEDULERS: tuple[SchedulerName, ...] = ("ddim", "dpm++2m", "euler", "euler-a", "unipc", "lcm")
MAX_STEPS, LCM_STEPS = 200, 50  # LCM draws its steps from the 50 that it was distilled from


@dataclass(frozen=True)
class Reference:
    """A style to wear: the bytes of its picture and its share of the blend."""

    id: str
    picture: bytes = field(repr=False)
    weight: float = 1.0  # relative to the other references


@dataclass(frozen=True)
class Sampling:
    """How diffusion goes from noise to a picture. Names and meanings are those of diffusers."""

    negative_prompt: str = ""
    num_inference_steps: int = 20
    guidance_scale: float = 7.5  # classifier-free (Ho and Salimans 2022); at 1 and below there is none
    controlnet_conditioning_scale: float = 1.5
    ip_adapter_scale: float = 0.8
    style_mode: StyleMode = "full"  # what is taken of a reference: all, its colours and strokes, its arrangement
    control_guidance_start: float = 0.0  # share of the steps from which the sketch is followed
    control_guidance_end: float = 1.0
    strength: float | None = None  # img2img from the sketch's page; 1 keeps nothing of its colours
    scheduler: SchedulerName = "dpm++2m"  # no noise of its own, one pass a step, done at 20 (Lu et al. 2022)

    def __post_init__(self) -> None:
        most = LCM_STEPS if self.scheduler == "lcm" else MAX_STEPS
        _check_range("num_inference_steps", self.num_inference_steps, 1, most)
        _check_range("guidance_scale", self.guidance_scale, 0, 100)
        _check_range("controlnet_conditioning_scale", self.controlnet_conditioning_scale, 0, 10)
        _check_range("ip_adapter_scale", self.ip_adapter_scale, 0, 10)
        _check_range("control_guidance_start", self.control_guidance_start, 0, 1)
        _check_range("control_guidance_end", self.control_guidance_end, self.control_guidance_start, 1)
        if self.style_mode not in STYLE_MODES:
            raise BadValue("style_mode", self.style_mode, " or ".join(STYLE_MODES))
        if self.scheduler not in SCHEDULERS:
            raise BadValue("scheduler", self.scheduler, " or ".join(SCHEDULERS))
        if self.strength is not None and not self._least_strength() <= self.strength <= 1:
            alone = self.num_inference_steps == 1
            taken = "1 alone" if alone else f"numbers from {self._least_strength():g} to 1"
            steps = f"num_inference_steps={self.num_inference_steps}"
            allowed = f"{taken} with {steps}, of which it takes that share; more steps allow less"
            raise BadValue("strength", self.strength, allowed)

    def _least_strength(self) -> float:
        """That which takes one step, in thousandths."""
        return ceil(1000 / self.num_inference_steps) / 1000


@dataclass(frozen=True)
class Touch:
    """How closely the painter keeps to the sketch and to the style, by the names and on the scales of diffusion."""

    controlnet_conditioning_scale: float = 1.5  # 0 draws none of the sketch's lines, 3 and more draw broad ones
    ip_adapter_scale: float = 0.8  # 0 fills plainly, in natural colours; 1.6 and more exaggerate the style

    def __post_init__(self) -> None:
        _check_range("controlnet_conditioning_scale", self.controlnet_conditioning_scale, 0, 10)
        _check_range("ip_adapter_scale", self.ip_adapter_scale, 0, 10)

    @property
    def lines(self) -> float:
        """The strength of lines: 1 by default, at most 2."""
        return min(2.0, self.controlnet_conditioning_scale / type(self).controlnet_conditioning_scale)

    @property
    def style(self) -> float:
        """The strength of the style: 1 by default, at most 2."""
        return min(2.0, self.ip_adapter_scale / type(self).ip_adapter_scale)


def _check_range(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # nor is NaN
        raise BadValue(field, value, f"numbers from {least:g} to {most:g}")


@dataclass(frozen=True)
class PaintOrder:
    """Everything that decides a picture. The same order gives the same picture, whatever runs beside it."""

    edges: Edges  # what to keep of the sketch
    references: tuple[Reference, ...]
    prompt: str = ""
    seed: int = 0
    mode: Mode = "quality"  # the painter's
    sampling: Sampling | None = None  # diffusion's, which then needs no reference; without it, what Sampling() says
    touch: Touch = Touch()  # the painter's

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise BadValue("seed", self.seed, f"a whole number from 0 to {MAX_SEED}")
        if self.mode not in MODES:
            raise BadValue("mode", self.mode, " or ".join(MODES))
        least = 1 if self.sampling is None else 0
        if not least <= len(self.references) <= MAX_REFERENCES:
            raise BadValue("style", len(self.references), f"{least} to {MAX_REFERENCES} styles")
        if any(not 0 < reference.weight <= 100 for reference in self.references):
            raise BadValue("style", [r.weight for r in self.references], "weights above 0, at most 100")


@dataclass(frozen=True)
class Painting:
    """A picture and the engine that made it."""

    image: Image.Image
    engine: str  # name and version, as in "painter 1.0"
    notes: tuple[str, ...] = ()  # what had to be done otherwise than usual
    models: Mapping[str, str] = field(default_factory=dict)  # what its engine read, role by role; a painter reads none


class Progress(Protocol):
    """Called as the work goes on; an error that it raises ends the work.

    `stage` names what is being done, `step` steps of `total` are finished, and `done` is the share of the time, 0..1.
    The last call has step = total. A long step has further calls, of the same stage and step, and so has a wait.
    """

    def __call__(self, stage: str, step: int, total: int, done: float) -> None: ...


@runtime_checkable
class Previewing(Protocol):
    """A progress that also wants to see the picture as it comes, small, after every step; not every engine shows it."""

    def preview(self, picture: Image.Image) -> None: ...


class PaintingFailed(AtelierError):
    """A generator could not make this picture; the others that it was making are not concerned."""

    def __init__(self, reason: str, remedy: str = "try again, and report it if it stays") -> None:
        super().__init__(f"the picture could not be painted ({reason})", remedy, reason=reason)


class OutOfMemory(PaintingFailed):
    def __init__(self, device: str, doing: str) -> None:
        reason = f"{device} is out of memory while {doing}"
        super().__init__(reason, "ask for a smaller picture, free memory there, or set DEVICE or USE_FP16")


class Diverged(PaintingFailed):
    def __init__(self, where: str) -> None:
        reason = f"its numbers left the range of numbers at {where}"
        super().__init__(reason, "lower guidance_scale and controlnet_conditioning_scale, or take another scheduler")


class PictureWithheld(Refused):
    def __init__(self, count: int = 1) -> None:
        every = "the picture, and it is" if count == 1 else f"all {count} pictures, and they are"
        super().__init__(
            f"the safety checker flags {every} withheld",
            "try another prompt or seed; SAFETY_CHECKER=false switches it off",
        )


class Generator(Protocol):
    """What makes pictures: `paint` takes an order and reports its stages."""

    engine: str
    together: bool  # several orders at once cost less than one after the other

    def paint(self, order: PaintOrder, progress: Progress | None = None) -> Painting: ...
