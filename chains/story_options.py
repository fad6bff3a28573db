"""Story options: what may be said of a story, and of a picture of one, by whatever door, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import TypedDict

from chains.options import DesignOptions, plainly, read_options
from core.errors import BadValue, UnknownField
from core.settings import Settings, check_text
from generators.orders import MAX_SEED
from generators.stories.story import FEWEST, MOST, WORDS

LONGEST = 200_000  # characters of a story that becomes a picture
MOST_MEMORIES = 20
TOP_K = 3

Options = TypeVar("Options", bound=BaseModel)


class StoryOptions(BaseModel):
    """What may be said of a story besides its picture."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wish: str = Field("", description="what the story is to be about, besides the picture")
    words: int = Field(WORDS, ge=FEWEST, le=MOST, description="about how long it is")
    seed: int = Field(0, ge=0, le=MAX_SEED, description="another one tells another story")
    known: str = Field("", description="words that are known of the picture: what it is called, what it shows")
    top_k: int = Field(TOP_K, ge=0, le=MOST_MEMORIES, description="earlier stories that it may take up; 0: none")
    remember: bool = Field(True, description="keep it, so that later ones may take it up")


class StoryRequest(TypedDict, total=False):
    """What a caller sends: a picture, and any other of the options."""

    image: Image.Image | bytes | Path | str  # a picture, the bytes of its file, or where it lies
    wish: str
    words: int
    seed: int
    known: str
    top_k: int
    remember: bool


class PictureOptions(DesignOptions):
    """A story, and the options of a design without a sketch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    story: str = Field("", description="of which the picture shows a moment")
    top_k: int = Field(TOP_K, description="earlier ones whose looks it may take up; 0: none")
    remember: bool = Field(True, description="keep it, so that later ones may take it up")


class PictureRequest(TypedDict, total=False):
    """What a caller sends: a story, and any other of the options."""

    story: str
    top_k: int
    remember: bool
    style: str | None
    seed: int
    n: int
    mode: str
    width: int | None
    height: int | None
    engine: str | None


OWN = ("story", "top_k", "remember")


def read_story_options(request: Mapping[str, Any], settings: Settings) -> StoryOptions:
    """Raises `UnknownField` and `BadValue`, naming the first that cannot be."""
    told = _known(request, StoryOptions, "a dict with an image", "image")
    options = _validated(StoryOptions, told)
    for name in ("wish", "known"):
        check_text(name, getattr(options, name), settings.max_prompt_chars)
    return options


def read_picture_options(request: Mapping[str, Any], settings: Settings) -> PictureOptions:
    """Raises `UnknownField` and `BadValue`, naming the first that cannot be, and `ModelMissing`."""
    told = _known(request, PictureOptions, "a dict with a story")
    design, _ = read_options({key: value for key, value in told.items() if key not in OWN}, settings)
    own = {key: told[key] for key in OWN if key in told}
    if not isinstance(own.get("story", ""), str) or not own.get("story", "").strip():
        raise BadValue("story", own.get("story", ""), "the words of a story")
    if told.get("prompt"):
        raise BadValue("prompt", told["prompt"], "nothing here: the prompt is made of the story")
    if len(own["story"]) > LONGEST:
        raise BadValue("story", f"{len(own['story']):,} characters", f"at most {LONGEST:,} characters")
    check_text("story", own["story"], LONGEST)
    options = _validated(PictureOptions, {**design.model_dump(exclude=set(OWN)), **own})
    if not 0 <= options.top_k <= MOST_MEMORIES:
        raise BadValue("top_k", options.top_k, f"a whole number from 0 to {MOST_MEMORIES}")
    return options


def design_options(options: PictureOptions) -> dict[str, Any]:
    """What of them a design takes."""
    told = options.model_dump(exclude=set(OWN))
    return {**told, "top_k": 1}  # of styles


def _known(request: Mapping[str, Any], model: type[BaseModel], wanted: str, *more: str) -> dict[str, Any]:
    if not isinstance(request, Mapping):
        raise BadValue("request", request, wanted)
    for key in request:
        if key not in model.model_fields and key not in more:
            raise UnknownField(str(key), [*more, *model.model_fields])
    return {key: value for key, value in request.items() if key not in more and value is not None}


def _validated(model: type[Options], told: Mapping[str, Any]) -> Options:
    try:
        return model.model_validate(dict(told))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadValue(".".join(map(str, first["loc"])), first["input"], plainly(str(first["msg"]))) from None
