"""Describe: pictures of the library become descriptions, which are kept, embedded and searched.

    request ─ read_request ─ assign(wanted=find_undescribed) ─ assign(report=describe_pictures)
            ─ assign(embedded=embed_sentences) ─ tell

find_undescribed   asks the library which pictures the describer has not described yet; what is described is left
describe_pictures  shows them to the describer, several at a time, and keeps each answer as it comes (describing.py);
                   custom events `progress` tell how far it is
embed_sentences    writes the sentences of all new descriptions into their index

`see` describes one picture, of the library or not, and keeps nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

from langchain_core.callbacks import dispatch_custom_event
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import TypedDict

from chains.describing import Describing, Report
from chains.options import plainly
from core import images
from core.errors import AtelierError, BadValue, UnknownField
from core.settings import Settings, get_settings
from generators.catalog import open_describer
from generators.vision.description import Describer, Description
from retrievers.catalog import open_intake, open_sentences
from retrievers.descriptions.sentences import Embedded, Sentences

APART = 0.25  # s between two words of how far it is


class DescribeOptions(BaseModel):
    """What may be said of a run; the HTTP door has the same fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str | None = Field(None, description="the pictures below it alone, or that file; it is taken in first")
    limit: int | None = Field(None, ge=1, description="pictures, at most; the others are left for the next run")
    token_limit: int | None = Field(None, ge=1, description="tokens, after which no picture is begun")
    force: bool = Field(False, description="try again what failed for good")
    anew: bool = Field(False, description="describe again what this engine has described")


class DescribeRequest(TypedDict, total=False):
    """What a caller sends; nothing of it is needed."""

    folder: str | Path | None
    limit: int | None
    token_limit: int | None
    force: bool
    anew: bool


class Descriptions(TypedDict):
    """What comes back; `descriptions` and `failures` name the first hundred, by the pictures' ids."""

    engine: str
    described: int
    failed: int
    left: int  # pictures that still want a description
    descriptions: dict[str, Description]
    failures: list[dict[str, Any]]
    sentences: int  # that were embedded
    usage: dict[str, Any]  # requests, input_tokens, output_tokens, and cost where TOKEN_PRICES are set
    seconds: float
    notes: list[str]


class Seen(TypedDict):
    """What `see` gives."""

    description: Description
    engine: str
    known: str  # what the file's own metadata say; not seen
    notes: list[str]


def build(
    describer: Describer | None = None,
    sentences: Sentences | None = None,
    settings: Settings | None = None,
    since: float | None = None,
) -> Runnable[DescribeRequest, Descriptions]:
    """The chain, over the describer, the library and the settings of the process where none are given. A run that began
    `since` then, in unix seconds, goes on: what it has described is not described again, and counts for its `limit`.

    Raises `StoreBusy` where another process owns the library.
    """
    chosen = get_settings() if settings is None else settings
    shelf = open_sentences(chosen) if sentences is None else sentences

    def read_request(request: DescribeRequest) -> dict[str, Any]:
        return {"options": read_options(request), "describer": _opened(describer, chosen)}

    def find_undescribed(request: dict[str, Any], config: RunnableConfig) -> list[str]:
        options, engine = request["options"], request["describer"].engine
        below = None if options.folder is None else Path(options.folder)
        if below is not None:
            open_intake(chosen).folder(below, _teller(config, "taking in"))
        if not options.anew:
            shelf.archive.choose(engine, below, _teller(config, "choosing"))
        return shelf.archive.wanted(engine, below, options.force, options.anew, since=since)

    def describe_pictures(request: dict[str, Any], config: RunnableConfig) -> Report:
        options: DescribeOptions = request["options"]
        run = Describing(shelf.archive, request["describer"], chosen.max_pixels, options.token_limit)
        most = options.limit
        if most is not None and since is not None:
            most = max(0, most - shelf.archive.made_since(request["describer"].engine, since))
        try:
            return run.run(request["wanted"][:most], _teller(config, "describing"))
        except AtelierError:  # no key, no money: what was described until then is searched all the same
            with suppress(AtelierError):  # nor is it where the run is not wanted any more: telling of it says so
                shelf.embed(_teller(config, "embedding"))
            raise

    def embed_sentences(request: dict[str, Any], config: RunnableConfig) -> Embedded:
        return shelf.embed(_teller(config, "embedding"))

    def tell(request: dict[str, Any]) -> Descriptions:
        report: Report = request["report"]
        return Descriptions(
            engine=report.engine,
            described=report.described,
            failed=report.failed,
            left=len(request["wanted"]) - report.described - report.failed - report.gone,
            descriptions=report.descriptions,
            failures=report.failures,
            sentences=request["embedded"].sentences,
            usage=cost(report, chosen),
            seconds=round(report.seconds, 3),
            notes=report.notes,
        )

    return (
        RunnableLambda(read_request)
        | RunnablePassthrough.assign(wanted=RunnableLambda(find_undescribed))
        | RunnablePassthrough.assign(report=RunnableLambda(describe_pictures))
        | RunnablePassthrough.assign(embedded=RunnableLambda(embed_sentences))
        | RunnableLambda(tell)
    )


def see(describer: Describer | None = None, settings: Settings | None = None) -> Runnable[Any, Seen]:
    """The chain for one picture: Pillow's, the bytes of a file, or its path, alone or as `{"image": ...}`."""
    chosen = get_settings() if settings is None else settings

    def read_picture(request: Any) -> dict[str, Any]:
        asked = request.get("image") if isinstance(request, Mapping) else request
        picture, data = images.given(asked, "image", chosen.max_pixels)
        return {"picture": picture, "data": data}

    def read_known(request: dict[str, Any]) -> str:
        return images.caption(request["data"])

    def describe_picture(request: dict[str, Any]) -> Seen:
        eyes = _opened(describer, chosen)
        picture: Image.Image = images.fit(request["picture"], eyes.wanted)
        answer = eyes.describe([picture], Event())[0]
        if answer.description is None:
            assert answer.error is not None, "a describer says why it has no description"
            raise answer.error
        return Seen(
            description=answer.description, engine=eyes.engine, known=request["known"], notes=list(answer.notes)
        )

    return (
        RunnableLambda(read_picture)
        | RunnablePassthrough.assign(known=RunnableLambda(read_known))
        | RunnableLambda(describe_picture)
    )


def read_options(request: Mapping[str, Any]) -> DescribeOptions:
    """Raises `UnknownField` and `BadValue`, naming the first that cannot be."""
    if not isinstance(request, Mapping):
        raise BadValue("request", request, "a dict, which may be empty")
    told = {key: str(value) if isinstance(value, Path) else value for key, value in request.items()}
    for key in told:
        if key not in DescribeOptions.model_fields:
            raise UnknownField(str(key), DescribeOptions.model_fields)
    try:
        return DescribeOptions.model_validate({key: value for key, value in told.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        raise BadValue(".".join(map(str, first["loc"])), first["input"], plainly(str(first["msg"]))) from None


def as_dict(made: Descriptions) -> dict[str, Any]:
    """The same as JSON can hold it."""
    told = {id_: description.model_dump(mode="json") for id_, description in made["descriptions"].items()}
    return {**made, "descriptions": told}


def cost(report: Report, settings: Settings) -> dict[str, Any]:
    """What a run took of its provider: requests, tokens, and their price where TOKEN_PRICES are set."""
    usage = report.usage
    told: dict[str, Any] = {
        "requests": usage.requests,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
    }
    if settings.token_prices:
        into, out = settings.token_prices
        told["cost"] = round((usage.input_tokens * into + usage.output_tokens * out) / 1e6, 6)
    return told


def _opened(describer: Describer | None, settings: Settings) -> Describer:
    return open_describer(settings) if describer is None else describer


def _teller(config: RunnableConfig, stage: str) -> Any:
    """Tells of progress as the custom event `progress`."""

    when = 0.0

    def tell(done: int, total: int, last: str) -> None:
        nonlocal when
        now = time.monotonic()
        if now - when < APART and done < total:
            return
        when, share = now, done / total if total else 1.0
        told = {"stage": stage, "step": done, "total": total, "done": round(share, 4), "path": Path(last).name}
        dispatch_custom_event("progress", told, config=config)

    return tell
