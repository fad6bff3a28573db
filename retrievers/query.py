"""Query: what is looked for in the picture library, and which pictures may be found at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, get_args

from PIL import Image
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from core.colours import BASIC_TERMS
from core.errors import BadValue
from core.settings import check_text
from retrievers.picture import SHARE
from retrievers.where import Condition, Where

Channel = Literal["picture", "description", "words"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
MOST = 1_000  # hits of one answer
DEEPEST = 10_000  # place of the last hit that may be asked for
DAY, NUMBER = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"[+-]?[\d.]+")
GOOD = 0.5  # confidence of a good match


def _read_moment(told: Any) -> Any:
    """A text of a number is refused: pydantic takes 2024 for a second of the year 1970."""
    if isinstance(told, str) and NUMBER.fullmatch(told.strip()):
        raise PydanticCustomError("datetime", "a date, as 2024-05-01, or a time, as 2024-05-01T18:30")
    return told


def _read_end(told: Any) -> Any:
    """A day alone is all of it."""
    day = told if isinstance(told, str) else told.isoformat() if type(told) is date else ""
    return f"{day.strip()}T23:59:59.999999" if DAY.fullmatch(day.strip()) else _read_moment(told)


class Filters(BaseModel):
    """What a picture must be, whatever is looked for; several values mean any of them, several colours all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: tuple[str, ...] = Field((), description="the folders it lies in, or its data set's labels")
    tag: tuple[str, ...] = ()
    colour: tuple[str, ...] = Field((), description=f"that it shows: {', '.join(BASIC_TERMS)}")
    colour_share: float = Field(SHARE, ge=0, le=1, description="of the picture, at least")
    medium: tuple[str, ...] = Field((), description="photograph, painting, line drawing, picture")
    source: tuple[str, ...] = Field((), description="folder, upload, dataset")
    min_width: int | None = Field(None, ge=1, description="px")
    max_width: int | None = Field(None, ge=1)
    min_height: int | None = Field(None, ge=1)
    max_height: int | None = Field(None, ge=1)
    after: Annotated[datetime | None, BeforeValidator(_read_moment)] = Field(
        None, description="taken then or later; without a time zone it is UTC"
    )
    before: Annotated[datetime | None, BeforeValidator(_read_end)] = Field(
        None, description="taken then or earlier; a day without a time is all of that day"
    )

    def where(self) -> Where:
        """The same as conditions. Raises `BadValue` for a colour that is none."""
        named = {"label": self.label, "tag": self.tag, "medium": self.medium, "source": self.source}
        conditions = [Condition(key, "in", values) for key, values in named.items() if values]
        for key, least, most in (
            ("width", self.min_width, self.max_width),
            ("height", self.min_height, self.max_height),
            ("taken", _seconds(self.after), _seconds(self.before)),
        ):
            conditions += [Condition(key, ">=", least)] if least is not None else []
            conditions += [Condition(key, "<=", most)] if most is not None else []
        for colour in self.colour:
            if colour not in BASIC_TERMS:
                raise BadValue("filters.colour", colour, f"one of {', '.join(BASIC_TERMS)}")
            conditions.append(Condition(f"colour:{colour}", ">=", self.colour_share))
        return tuple(conditions)


def _seconds(moment: datetime | None) -> float | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@dataclass(frozen=True)
class Query:
    """What is looked for: words, a picture, or both; `like` is a picture of the library."""

    text: str = ""
    image: Image.Image | None = None
    like: str | None = None
    negative: str = ""  # words for what the pictures shall not show
    text_weight: float = 1.0
    image_weight: float = 1.0
    description_weight: float = 1.0  # of what descriptions say, beside names and looks
    channels: tuple[Channel, ...] = CHANNELS  # by which words are looked for
    filters: Filters = field(default_factory=Filters)
    k: int = 5
    offset: int = 0
    min_confidence: float = GOOD  # of the best hit, or nothing has been found
    group: bool = True  # show one of pictures that are nearly the same

    def check(self, max_chars: int) -> None:
        """Raise `BadValue` for what cannot be looked for."""
        if not self.text.strip() and self.image is None and self.like is None:
            raise BadValue("text", self.text, "words for what is looked for, or a picture that it is like")
        if self.image is not None and self.like is not None:
            raise BadValue("like", self.like, "nothing where there is a picture to be like already")
        for name, text in (("text", self.text), ("negative", self.negative)):
            check_text(name, text, max_chars)
        if not 1 <= self.k <= MOST:
            raise BadValue("k", self.k, f"a whole number from 1 to {MOST:,}")
        if not 0 <= self.offset <= DEEPEST - self.k:
            raise BadValue("offset", self.offset, f"a whole number from 0 to {DEEPEST - self.k:,} with k={self.k}")
        if not 0 <= self.min_confidence <= 1:
            raise BadValue("min_confidence", self.min_confidence, "a number from 0 to 1")
        for name, weight in self._weights():
            if not 0 <= weight <= 100:
                raise BadValue(name, weight, "a number from 0 to 100")
        pictured = self.image is not None or self.like is not None
        if not ((self.text_weight and self.text.strip()) or (self.image_weight and pictured)):
            name = "image_weight" if pictured else "text_weight"
            raise BadValue(name, 0, "more than 0 where there is nothing else to look for")
        if self.channels == ("description",) and not self.description_weight and not pictured:
            raise BadValue("description_weight", 0, "more than 0 where there is nothing else to look for")
        if not self.channels or not set(self.channels) <= set(CHANNELS):
            raise BadValue("channels", ", ".join(self.channels), f"some of {', '.join(CHANNELS)}")

    def _weights(self) -> tuple[tuple[str, float], ...]:
        names = ("text_weight", "image_weight", "description_weight")
        return tuple((name, getattr(self, name)) for name in names)
