"""Options: what may be said of a design besides its sketch, by whatever door, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import ConfigDict, Field, ValidationError
from typing_extensions import TypedDict

from chains.sampling import SamplingOptions, sampling_of
from core.errors import BadValue, UnknownField
from core.settings import Settings, get_settings
from generators import edges
from generators.catalog import named
from generators.edges import MAX_THRESHOLD
from generators.medium import MediumName
from generators.orders import MAX_REFERENCES, MAX_SEED, Mode, Sampling, SchedulerName, StyleMode, Touch

MAX_PICTURES = 8
PLAIN = {
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid boolean": "true or false",
    "a valid string": "text",
}


class DesignOptions(SamplingOptions):
    """What may be said besides the sketch, and what holds where nothing is; the HTTP form has the same fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str = Field("", description="what it shall look like; finds the style")
    style: str | None = Field(None, description="an id, or several as id:weight,...; default: found by the prompt")
    top_k: int = Field(1, ge=1, le=MAX_REFERENCES, description="styles to blend when they are found by the prompt")
    seed: int = Field(0, ge=0, le=MAX_SEED, description="of the first picture; the next has the next")
    n: int = Field(1, ge=1, le=MAX_PICTURES, description="pictures")
    best_of: int = Field(1, ge=1, le=MAX_PICTURES, description="candidates per picture; the most faithful is kept")
    mode: Mode = "quality"
    width: int | None = Field(None, description="px, a multiple of 8; default: by the sketch's shape, or square")
    height: int | None = None
    low_threshold: int = Field(50, ge=0, le=MAX_THRESHOLD, description="of Canny")
    high_threshold: int = Field(150, ge=0, le=MAX_THRESHOLD, description="of Canny")
    medium: MediumName | None = Field(None, description="what the sketch is; default: found by looking at it")
    engine: str | None = Field(None, description="painter or diffusion; default: what the settings set up")


class DesignRequest(TypedDict, total=False):
    """What a caller sends: a sketch, a prompt or a style, and any other of the options."""

    sketch: Image.Image | bytes | Path | str | None  # a picture, the bytes of its file, or where it lies; or a prompt
    prompt: str
    style: str | None
    top_k: int
    seed: int
    n: int
    best_of: int
    mode: Mode
    width: int | None
    height: int | None
    low_threshold: int
    high_threshold: int
    medium: MediumName | None
    engine: str | None
    negative_prompt: str | None
    num_inference_steps: int | None
    guidance_scale: float | None
    controlnet_conditioning_scale: float | None
    ip_adapter_scale: float | None
    style_mode: StyleMode | None
    control_guidance_start: float | None
    control_guidance_end: float | None
    strength: float | None
    scheduler: SchedulerName | None


def read_options(
    request: Mapping[str, Any], settings: Settings | None = None
) -> tuple[DesignOptions, Sampling | Touch]:
    """The options of a request with its engine named, and what that is to do.

    Raises `UnknownField` and `BadValue`, naming the first that cannot be, and `ModelMissing` for an engine without one.
    """
    if not isinstance(request, Mapping):
        raise BadValue("request", request, "a dict with a sketch and a prompt or a style, or with a prompt alone")
    told = {key: value for key, value in request.items() if key != "sketch" and value not in (None, "")}
    for key in told:
        if key not in DesignOptions.model_fields:
            raise UnknownField(str(key), ["sketch", *DesignOptions.model_fields])
    try:
        options = DesignOptions.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        raise BadValue(field, first["input"], plainly(str(first["msg"]))) from None
    pictures = options.n * options.best_of
    if pictures > MAX_PICTURES:
        allowed = f"at most {MAX_PICTURES // options.n} where n is {options.n}"
        raise BadValue("best_of", options.best_of, allowed)
    last = MAX_SEED + 1 - pictures
    if options.seed > last:
        raise BadValue("seed", options.seed, f"a whole number from 0 to {last} for {pictures} pictures")
    edges.check_sides(width=options.width, height=options.height)
    edges.check_thresholds(options.low_threshold, options.high_threshold)
    chosen = get_settings() if settings is None else settings
    options = options.model_copy(update={"engine": named(options.engine, chosen)})
    assert options.engine is not None
    sampling = sampling_of(options, options.engine, chosen)
    if isinstance(sampling, Sampling):  # what a default was today
        options = options.model_copy(update={"num_inference_steps": sampling.num_inference_steps})
    return options, sampling


def plainly(message: str) -> str:
    """What a field takes, from what pydantic says of a value that it does not."""
    allowed = message.replace("Input should be ", "").partition(", unable to parse")[0]
    for theirs, ours in PLAIN.items():
        allowed = allowed.replace(theirs, ours)
    return allowed[:1].lower() + allowed[1:]
