"""Replay: a picture that was made here is made again from its own recipe, and compared.

    file ─ read ─ design chain ─ compare ─ replay

read     the recipe, and what of its styles has changed since
compare  the picture that was with the picture that is made now

It is `identical`, pixel by pixel; `close`, as on another machine whose arithmetic rounds otherwise; or `different`,
with everything that has changed since: the engine or its models, a style that is gone or was replaced, another sketch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
from PIL import Image

from chains import design
from chains.design import Design
from chains.options import DesignRequest
from core.errors import UnknownStyle
from core.settings import Settings, get_settings
from generators import recipe
from generators.recipe import NoRecipe
from retrievers.catalog import open_styles
from retrievers.styles import StyleLibrary

CLOSE = 4  # of 255; the most by which a value may differ on another machine


@dataclass(frozen=True)
class Replay:
    """What came of it; `largest_difference` is of 255, None where nothing could be painted."""

    verdict: Literal["identical", "close", "different"]
    differences: list[str]  # why, one sentence each
    largest_difference: int | None = None
    image: Image.Image | None = field(default=None, repr=False)
    recipe: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def as_dict(self) -> dict[str, Any]:
        told = {"verdict": self.verdict, "differences": self.differences, "recipe": dict(self.recipe)}
        return {**told, "largest_difference": self.largest_difference}


@dataclass(frozen=True)
class Asked:
    """A picture that is to be made again; `gone` where what it wore is not there any more, and nothing can be made."""

    kept: recipe.Kept
    sketch: bytes | None = field(repr=False)  # None where it is composed anew, or there was none
    changed: list[str]  # of its styles
    gone: bool

    @property
    def options(self) -> DesignRequest:
        """What to ask of the design chain, besides the sketch."""
        return _options(self.kept.recipe)


def read(data: bytes, sketch: bytes | None, library: StyleLibrary, name: str = "picture") -> Asked:
    """What a PNG asks for; `sketch` where the PNG does not carry it. Raises `NoRecipe`."""
    kept = recipe.read(data, name)
    of_words = "composition" in kept.recipe or not kept.recipe["sketch_sha256"]
    given = None if of_words else kept.sketch if sketch is None else sketch
    if given is None and not of_words:
        raise NoRecipe(name, "its sketch was too large to travel with it: give it as well")
    changed = _changed_styles(kept.recipe, library)
    gone = [difference for difference in changed if "is gone" in difference]
    return Asked(kept, given, gone or changed, bool(gone))


def replay(
    data: bytes,
    sketch: bytes | None = None,
    styles: StyleLibrary | None = None,
    settings: Settings | None = None,
    name: str = "picture",
) -> Replay:
    """Make the picture of a PNG again; `sketch` where the PNG does not carry it. Raises `NoRecipe`."""
    chosen = get_settings() if settings is None else settings
    library = open_styles(chosen) if styles is None else styles
    asked = read(data, sketch, library, name)
    if asked.gone:
        return compare(asked.kept, None, asked.changed)
    made = design.build(library, settings=chosen).invoke({**asked.options, "sketch": asked.sketch})
    return compare(asked.kept, made, asked.changed)


def compare(kept: recipe.Kept, made: Design | None, changed: list[str]) -> Replay:
    """The picture as it was and as it is made now, None where it cannot be, with what is known to have changed."""
    if made is None:
        return Replay("different", changed, recipe=kept.recipe)
    return _compare(kept, made, [*changed, *_changed_rest(kept.recipe, made)])


def _options(told: Mapping[str, Any]) -> DesignRequest:
    request = {key: told[key] for key in ("prompt", "mode", "width", "height", "low_threshold", "high_threshold")}
    request["style"] = ",".join(f"{style['id']}:{style['weight']!r}" for style in told["styles"])
    request["engine"] = told["engine"].partition(" ")[0]
    request["medium"] = told.get("medium_told")
    rest = {"seed": told["seeds"][0], "n": 1, "best_of": 1, "top_k": 1}
    return cast(DesignRequest, {**told.get("sampling", {}), **request, **rest})  # whatever sampling says besides


def _changed_styles(told: Mapping[str, Any], library: StyleLibrary) -> list[str]:
    changed = []
    for style in told["styles"]:
        try:
            now = library.get(style["id"])
        except UnknownStyle:
            changed.append(f"style {style['id']!r} is gone")
            continue
        if now.digest != style["sha256"]:
            changed.append(f"the picture of style {style['id']!r} is another one now")
    return changed


def _changed_rest(told: Mapping[str, Any], made: Design) -> list[str]:
    changed = []
    if told["sketch_sha256"] != made["recipe"]["sketch_sha256"]:
        changed.append("the sketch is another one")
    if told["engine"] != made["engine"]:
        changed.append(f"it was made by {told['engine']}, and this is {made['engine']}")
    return changed + _changed_models(told.get("models", {}), made["recipe"].get("models", {}))


def _changed_models(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is another model, or the same in another precision; a recipe that names none is no witness."""
    shared = [role for role in now if role in then and then[role] != now[role]]
    named = ", ".join(f"{role} was {str(then[role])[:200]}, is {now[role]}" for role in shared)
    return [f"the model has changed: {named}"] if shared else []


def _compare(kept: recipe.Kept, made: Design, differences: list[str]) -> Replay:
    image = made["image"]
    if image.size != kept.image.size:
        sizes = [f"{width}x{height}" for width, height in (kept.image.size, image.size)]
        return Replay("different", [*differences, f"it was {sizes[0]} px and is {sizes[1]}"], None, image, kept.recipe)
    then, now = (np.asarray(picture, np.int16) for picture in (kept.image, image))
    largest = int(np.abs(then - now).max())
    if largest == 0:
        return Replay("identical", [], 0, image, kept.recipe)
    if largest <= CLOSE and not differences:
        return Replay("close", ["values are rounded otherwise, as on another machine"], largest, image, kept.recipe)
    why = differences or ["nothing that the recipe names has changed: its pixels were edited, or the recipe was"]
    return Replay("different", why, largest, image, kept.recipe)
