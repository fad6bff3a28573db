"""Design: a sketch and a prompt become a picture that keeps the sketch's lines and wears a retrieved style.

    request ─ read_request ─ assign(found=find_style) ─ assign(edges=trace_edges) ─ paint ─ design

find_style   asks the style library for the style that the prompt means, or takes the styles that are named
trace_edges  lays the sketch on its page and finds the edges to keep
paint        makes one order per picture and has the generator paint it; custom events `progress` tell how far it is:
             stage, picture, and over all pictures the finished steps, their total and the share of the time
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from langchain_core.callbacks import dispatch_custom_event
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import TypedDict

from core import images
from core.errors import BadValue, UnknownField
from core.once import Once
from core.settings import Settings, get_settings
from generators import edges, recipe
from generators.catalog import named, open_generator
from generators.edges import MAX_THRESHOLD, Edges
from generators.fidelity import Fidelity, measure
from generators.orders import MAX_REFERENCES, MAX_SEED, Generator, Mode, Painting, PaintOrder, Reference
from retrievers.catalog import open_styles
from retrievers.styles import Found, FoundStyle

MAX_PICTURES = 8
WEAK = 0.25  # score; below it no style of the library is close to the prompt


class DesignOptions(BaseModel):
    """What may be said besides the sketch, and what holds where nothing is; the HTTP form has the same fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str = Field("", description="what it shall look like; finds the style")
    style: str | None = Field(None, description="an id, or several as id:weight,...; default: found by the prompt")
    top_k: int = Field(1, ge=1, le=MAX_REFERENCES, description="styles to blend when they are found by the prompt")
    seed: int = Field(0, ge=0, le=MAX_SEED, description="of the first picture; the next has the next")
    n: int = Field(1, ge=1, le=MAX_PICTURES, description="pictures")
    best_of: int = Field(1, ge=1, le=MAX_PICTURES, description="candidates per picture; the most faithful is kept")
    mode: Mode = "quality"
    width: int | None = Field(None, description="px, a multiple of 8; default: by the sketch's shape")
    height: int | None = None
    low_threshold: int = Field(50, ge=0, le=MAX_THRESHOLD, description="of Canny")
    high_threshold: int = Field(150, ge=0, le=MAX_THRESHOLD, description="of Canny")
    engine: str | None = Field(None, description="what paints; default: the painter")


class DesignRequest(TypedDict, total=False):
    """What a caller sends: a sketch, a prompt or a style, and any other of the options."""

    sketch: Image.Image | bytes | Path | str  # a picture, the bytes of its file, or where it lies
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
    engine: str | None


class Design(TypedDict):
    """What comes back. `image` is the first of `images`, `style` the first of `styles`."""

    image: Image.Image
    images: list[Image.Image]
    seeds: list[int]
    style: FoundStyle
    styles: list[FoundStyle]
    runners_up: list[FoundStyle]
    margin: float | None
    engine: str
    edges: Edges
    fidelity: list[Fidelity]  # of each picture to the sketch and to the heaviest style
    candidates: list[dict[str, Any]]  # seed and score of everything that was painted
    sketch: bytes  # of its file
    recipe: dict[str, Any]  # what decided the pictures, as JSON; sketch and styles by their hashes
    notes: list[str]  # what the caller should know


@dataclass(frozen=True)
class Painted:
    """An order, what was painted for it, and how faithful that is."""

    order: PaintOrder
    painting: Painting
    fidelity: Fidelity | None = None

    @property
    def image(self) -> Image.Image:
        return self.painting.image

    @property
    def score(self) -> float:
        return 0.0 if self.fidelity is None else self.fidelity.score


class Styles(Protocol):
    """Where styles are found: the style library, or what was found in it before."""

    def find_style(self, prompt: str, top_k: int = 1) -> Found: ...

    def choose(self, named: str, prompt: str = "") -> Found: ...


def build(
    styles: Styles | None = None, generator: Generator | None = None, settings: Settings | None = None
) -> Runnable[DesignRequest, Design]:
    """The chain, over the library, the generator and the settings of the process where none are given."""
    chosen = get_settings() if settings is None else settings
    library = open_styles(chosen) if styles is None else styles

    def read_request(request: DesignRequest) -> dict[str, Any]:
        options = read_options(request)
        longest = max(chosen.image_size, options.width or 0, options.height or 0)
        sketch, data = _open(request.get("sketch"), chosen.max_pixels, wanted=2 * longest)
        return {"options": options, "sketch": sketch, "data": data}

    def find_style(request: dict[str, Any]) -> Found:
        return find(library, request["options"])

    def trace_edges(request: dict[str, Any]) -> Edges:
        options: DesignOptions = request["options"]
        page = edges.lay_out(request["sketch"], chosen.image_size, options.width, options.height)
        return edges.trace_edges(page, options.low_threshold, options.high_threshold)

    def paint(request: dict[str, Any], config: RunnableConfig) -> list[Painted]:
        painter = open_generator(request["options"].engine) if generator is None else generator
        orders = _orders(request)
        painted: list[Painted] = []
        for order in orders:

            def tell(stage: str, step: int, total: int, done: float, number: int = len(painted)) -> None:
                told = {"stage": stage, "step": number * total + step, "total": len(orders) * total}
                share = round((number + done) / len(orders), 3)
                dispatch_custom_event("progress", {**told, "done": share, "picture": number}, config=config)

            painted.append(Painted(order, painter.paint(order, tell)))
        return painted

    def choose(request: dict[str, Any]) -> Design:
        style = _heaviest(request["painted"][0].order)
        canny = request["edges"].canny
        measured = [replace(each, fidelity=measure(each.image, canny, style)) for each in request["painted"]]
        return _design(request, measured)

    return (
        RunnableLambda(read_request)
        | RunnablePassthrough.assign(found=RunnableLambda(find_style))
        | RunnablePassthrough.assign(edges=RunnableLambda(trace_edges))
        | RunnablePassthrough.assign(painted=RunnableLambda(paint))
        | RunnableLambda(choose)
    )


def find(styles: Styles, options: DesignOptions) -> Found:
    """The styles that the options name, or mean."""
    if options.style is not None:
        return styles.choose(options.style, options.prompt)
    return styles.find_style(options.prompt, options.top_k)


def read_options(request: Mapping[str, Any]) -> DesignOptions:
    """The options of a request; raises `UnknownField` and `BadValue`, naming the first that cannot be."""
    if not isinstance(request, Mapping):
        raise BadValue("request", request, "a dict with a sketch and a prompt or a style")
    told = {key: value for key, value in request.items() if key != "sketch" and value not in (None, "")}
    for key in told:
        if key not in DesignOptions.model_fields:
            raise UnknownField(str(key), ["sketch", *DesignOptions.model_fields])
    try:
        options = DesignOptions.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        allowed = str(first["msg"]).replace("Input should be ", "")
        raise BadValue(field, first["input"], allowed[:1].lower() + allowed[1:]) from None
    pictures = options.n * options.best_of
    if pictures > MAX_PICTURES:
        allowed = f"at most {MAX_PICTURES // options.n} where n is {options.n}"
        raise BadValue("best_of", options.best_of, allowed)
    last = MAX_SEED + 1 - pictures
    if options.seed > last:
        raise BadValue("seed", options.seed, f"a whole number from 0 to {last} for {pictures} pictures")
    edges.check_sides(width=options.width, height=options.height)
    edges.check_thresholds(options.low_threshold, options.high_threshold)
    named(options.engine)
    return options


def _open(sketch: object, max_pixels: int, wanted: int) -> tuple[Image.Image, bytes]:
    """The sketch, and the bytes of its file."""
    if isinstance(sketch, Image.Image):
        taken = images.take(sketch, "sketch", max_pixels, wanted)
        return taken, images.to_png(taken)
    if isinstance(sketch, bytes):
        return images.decode(sketch, "sketch", max_pixels, wanted), sketch
    if isinstance(sketch, (str, Path)):
        data = images.read_bytes(Path(sketch))
        return images.decode(data, str(sketch), max_pixels, wanted), data
    raise BadValue("sketch", sketch, "a Pillow picture, the bytes of a file, or its path")


def _orders(request: dict[str, Any]) -> list[PaintOrder]:
    options: DesignOptions = request["options"]
    references = tuple(Reference(s.id, s.style.read(), s.weight) for s in request["found"].chosen)
    seeds = range(options.seed, options.seed + options.n * options.best_of)
    return [PaintOrder(request["edges"], references, options.prompt, seed, options.mode) for seed in seeds]


def to_files(made: Design) -> list[bytes]:
    """Each picture as PNG, with the recipe of it alone and, where it is small, the sketch."""
    files = []
    for image, seed, fidelity in zip(made["images"], made["seeds"], made["fidelity"], strict=True):
        own = {**made["recipe"], "seeds": [seed], "fidelity": [fidelity.as_dict()]}
        files.append(recipe.write(images.to_png(image), own, made["sketch"]))
    return files


def _heaviest(order: PaintOrder) -> Image.Image:
    """The picture of the style that weighs most."""
    return _opened_styles(max(order.references, key=lambda reference: reference.weight).picture)


_opened_styles: Once[bytes, Image.Image] = Once(lambda data: images.decode(data, "style picture", None, wanted=512))


def _best(painted: list[Painted], best_of: int) -> list[Painted]:
    """Of every `best_of` that follow each other the most faithful, the first of equals."""
    return [max(painted[i : i + best_of], key=lambda each: each.score) for i in range(0, len(painted), best_of)]


def _design(request: dict[str, Any], painted: list[Painted]) -> Design:
    found, traced, options = request["found"], request["edges"], request["options"]
    kept = _best(painted, options.best_of)
    fidelity = [each.fidelity for each in kept if each.fidelity is not None]
    notes = []
    if found.retrieved and (found.best.score or 0.0) < WEAK:
        notes.append(f"no style is close to the prompt (best score {found.best.score:.2f}): name one to be sure")
    told = {
        "engine": kept[0].painting.engine,
        "prompt": options.prompt,
        "sketch_sha256": hashlib.sha256(request["sketch"].tobytes()).hexdigest(),  # of its pixels
        "styles": [{"id": s.id, "sha256": s.style.digest, "weight": s.weight, "score": s.score} for s in found.chosen],
        "runners_up": [{"id": s.id, "score": s.score} for s in found.runners_up],
        "retrieved": found.retrieved,
        "seeds": [each.order.seed for each in kept],
        "mode": options.mode,
        "width": traced.page.width,
        "height": traced.page.height,
        "low_threshold": traced.low_threshold,
        "high_threshold": traced.high_threshold,
        "polarity": traced.polarity,
        "line_art": traced.line_art,
        "fidelity": [each.as_dict() for each in fidelity],
    }
    return Design(
        image=kept[0].image,
        images=[each.image for each in kept],
        seeds=[each.order.seed for each in kept],
        style=found.best,
        styles=list(found.chosen),
        runners_up=list(found.runners_up),
        margin=found.margin,
        engine=kept[0].painting.engine,
        edges=traced,
        sketch=request["data"],
        fidelity=fidelity,
        candidates=[{"seed": each.order.seed, "score": round(each.score, 4)} for each in painted],
        recipe=told,
        notes=notes,
    )
