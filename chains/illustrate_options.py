"""Illustrate options: what may be said of an illustration, by whatever door, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from chains.options import DesignOptions, read_options
from core.errors import BadValue, UnknownField
from core.settings import Settings, check_text

MOST_PASSAGES = 20
OWN = ("question", "k", "document")


class IllustrateOptions(DesignOptions):
    """The question, and the options of a design without a sketch; the HTTP door has the same fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field("", description="what the picture is to show, asked of the documents")
    k: int = Field(4, description=f"passages that the prompt is made from, 1 to {MOST_PASSAGES}")
    document: str | None = Field(None, description="id of the one document to look in; default: all")
    prompt: str = Field("", description="the prompt itself; default: made from the passages")


class IllustrateRequest(TypedDict, total=False):
    """What a caller sends: a question, and any other of the options."""

    question: str
    k: int
    document: str | None
    prompt: str
    style: str | None
    seed: int
    n: int
    mode: str
    width: int | None
    height: int | None
    engine: str | None


def read_illustrate_options(request: Mapping[str, Any], settings: Settings) -> IllustrateOptions:
    """Raises `UnknownField` and `BadValue`, naming the first that cannot be, and `ModelMissing`."""
    if not isinstance(request, Mapping):
        raise BadValue("request", request, "a dict with a question")
    for key in request:
        if key not in IllustrateOptions.model_fields:
            raise UnknownField(str(key), IllustrateOptions.model_fields)
    design, _ = read_options({key: value for key, value in request.items() if key not in OWN}, settings)
    own = {key: request[key] for key in OWN if request.get(key) is not None}
    question, k = own.get("question", ""), own.get("k", IllustrateOptions.model_fields["k"].default)
    if not isinstance(question, str):
        raise BadValue("question", question, "words")
    if isinstance(k, str) and k.strip().isdigit():
        k = int(k)
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= MOST_PASSAGES:
        raise BadValue("k", k, f"a whole number from 1 to {MOST_PASSAGES}")
    if not question.strip() and not design.prompt.strip():
        raise BadValue("question", question, "words for what the picture is to show, or a prompt")
    check_text("question", question, settings.max_prompt_chars)
    return IllustrateOptions(**{**design.model_dump(), **own, "k": k})


def design_options(options: IllustrateOptions) -> dict[str, Any]:
    """What of them a design takes."""
    return options.model_dump(exclude=set(OWN))
