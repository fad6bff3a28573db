"""Search options: what may be said of a search, by whatever door, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import TypedDict

from core import images
from core.errors import BadValue, UnknownField
from core.settings import Settings
from retrievers.query import CHANNELS, DEEPEST, GOOD, MOST, Channel, Filters, Query

PLAIN = {"valid tuple": "list", "valid dictionary or instance of Filters": "mapping of filters by name"}


class SearchOptions(BaseModel):
    """What may be said besides the picture that is looked for; the HTTP door has the same fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field("", description="what the pictures show")
    negative: str = Field("", description="what they shall not show")
    like: str | None = Field(None, description="id of a picture of the library that they are like")
    text_weight: float = Field(1.0, description="of the words, where there is a picture too; 0 to 100")
    image_weight: float = Field(1.0, description="and of the picture")
    description_weight: float = Field(1.0, description="of what descriptions say, beside names and looks")
    channels: tuple[Channel, ...] = Field(CHANNELS, description="by which words are looked for")
    filters: Filters = Field(default_factory=Filters, description="what a picture must be")
    k: int | None = Field(None, description=f"hits, 1 to {MOST:,}; default: TOP_K_RETRIEVAL, 5")
    offset: int = Field(0, description=f"hits that are left out first; together with k at most {DEEPEST:,}")
    min_confidence: float = Field(GOOD, description="of the best hit, or there is no good match; 0 shows any")
    group: bool = Field(True, description="show one of pictures that are nearly the same")


class SearchRequest(TypedDict, total=False):
    """What a caller sends: words, a picture or both, and any other of the options."""

    text: str
    image: Image.Image | bytes | Path | str  # a picture, the bytes of its file, or where it lies
    negative: str
    like: str | None
    text_weight: float
    image_weight: float
    description_weight: float
    channels: tuple[Channel, ...]
    filters: Mapping[str, Any]
    k: int | None
    offset: int
    min_confidence: float
    group: bool


def read_query(request: Mapping[str, Any], settings: Settings) -> Query:
    """The query of a request. Raises `UnknownField` and `BadValue`, naming the first that cannot be, and what
    `images.decode` raises."""
    if not isinstance(request, Mapping):
        raise BadValue("request", request, "a dict with text, an image, or like")
    told = {key: value for key, value in request.items() if key != "image" and value is not None}
    for key in told:
        if key not in SearchOptions.model_fields:
            raise UnknownField(str(key), ["image", *SearchOptions.model_fields])
    try:
        options = SearchOptions.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        field, allowed = ".".join(map(str, first["loc"])), str(first["msg"]).replace("Input should be ", "")
        if first["type"] == "extra_forbidden":
            raise UnknownField(field, [f"filters.{name}" for name in Filters.model_fields]) from None
        for theirs, ours in PLAIN.items():
            allowed = allowed.replace(theirs, ours)
        raise BadValue(field, first["input"], allowed[:1].lower() + allowed[1:]) from None
    fields = {name: getattr(options, name) for name in SearchOptions.model_fields}
    fields["k"] = settings.top_k_retrieval if options.k is None else options.k
    image = request.get("image")
    opened = None if image is None else images.given(image, "image", settings.max_pixels)[0]
    return Query(**fields, image=opened)
