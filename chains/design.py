"""Design: a sketch and a prompt become a picture that keeps the sketch's lines and wears a retrieved style.

    request ─ read_request ─ assign(found=find_style) ─ assign(edges=trace_edges) ─ paint ─ design

find_style   asks the style library for the style that the prompt means, or takes the styles that are named
trace_edges  lays the sketch on its page and finds the edges to keep
paint        makes one order per picture and has the generator paint it; custom events `progress` tell how far it is
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langchain_core.callbacks import dispatch_custom_event
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough
from PIL import Image
from typing_extensions import TypedDict

from core import images
from core.errors import BadValue
from core.settings import Settings, get_settings
from generators import edges
from generators.catalog import open_generator
from generators.edges import Edges
from generators.orders import MAX_SEED, Generator, Mode, Painting, PaintOrder, Reference
from retrievers.catalog import open_styles
from retrievers.styles import Found, FoundStyle, StyleLibrary

MAX_PICTURES = 8
WEAK = 0.25  # score; below it no style of the library is close to the prompt


class DesignRequest(TypedDict, total=False):
    """What a caller sends; only `sketch` must be there, and `prompt` unless `style` is."""

    sketch: Image.Image | bytes | Path | str  # a picture, the bytes of its file, or where it lies
    prompt: str
    style: str | None  # an id, or several as id:weight separated by commas; None: retrieved by the prompt
    top_k: int  # styles to blend when they are retrieved
    seed: int  # of the first picture; the next has the next
    n: int  # pictures
    mode: Mode
    width: int | None  # px, multiples of 8; None: by the sketch's shape, the long side IMAGE_SIZE
    height: int | None
    low_threshold: int  # of Canny
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
    recipe: dict[str, Any]  # everything that decided the pictures, as JSON can hold it
    notes: list[str]  # what the caller should know


DEFAULTS: dict[str, Any] = {
    "prompt": "", "style": None, "top_k": 1, "seed": 0, "n": 1, "mode": "quality", "width": None, "height": None,
    "low_threshold": 50, "high_threshold": 150, "engine": None,
}  # fmt: skip


def build(
    styles: StyleLibrary | None = None, generator: Generator | None = None, settings: Settings | None = None
) -> Runnable[DesignRequest, Design]:
    """The chain, over the library, the generator and the settings of the process where none are given."""
    chosen = get_settings() if settings is None else settings
    library = open_styles(chosen) if styles is None else styles

    def read_request(request: DesignRequest) -> dict[str, Any]:
        filled = _fill_in(request, chosen.max_prompt_chars)
        return {**filled, "sketch": _open(filled["sketch"], chosen)}

    def find_style(request: dict[str, Any]) -> Found:
        named, prompt = request["style"], request["prompt"]
        return library.choose(named, prompt) if named else library.find_style(prompt, request["top_k"])

    def trace_edges(request: dict[str, Any]) -> Edges:
        page = edges.lay_out(request["sketch"], chosen.image_size, request["width"], request["height"])
        return edges.trace_edges(page, request["low_threshold"], request["high_threshold"])

    def paint(request: dict[str, Any], config: RunnableConfig) -> Design:
        painter = open_generator(request["engine"]) if generator is None else generator
        orders = _orders(request)
        paintings: list[Painting] = []
        for order in orders:

            def tell(stage: str, done: float, number: int = len(paintings)) -> None:
                share = round((number + done) / len(orders), 3)
                dispatch_custom_event("progress", {"stage": stage, "done": share, "picture": number}, config=config)

            paintings.append(painter.paint(order, tell))
        return _design(request, orders, paintings)

    return (
        RunnableLambda(read_request)
        | RunnablePassthrough.assign(found=RunnableLambda(find_style))
        | RunnablePassthrough.assign(edges=RunnableLambda(trace_edges))
        | RunnableLambda(paint)
    )


def _fill_in(request: DesignRequest, longest: int) -> dict[str, Any]:
    """The request with its defaults; raises `BadValue` for what cannot be."""
    unknown = request.keys() - DEFAULTS.keys() - {"sketch"}
    if unknown:
        raise BadValue("request", sorted(unknown)[0], f"the keys sketch, {', '.join(DEFAULTS)}")
    if "sketch" not in request:
        raise BadValue("sketch", None, "a picture, the bytes of one, or the path of one")
    filled = {**DEFAULTS, **{key: value for key, value in request.items() if value is not None}}
    if len(filled["prompt"]) > longest:
        told = f"{len(filled['prompt']):,} characters"
        raise BadValue("prompt", told, f"at most {longest:,} characters (MAX_PROMPT_CHARS)")
    if not 1 <= filled["n"] <= MAX_PICTURES:
        raise BadValue("n", filled["n"], f"a whole number from 1 to {MAX_PICTURES}")
    if not 0 <= filled["seed"] <= MAX_SEED + 1 - filled["n"]:
        raise BadValue("seed", filled["seed"], f"a whole number from 0 to {MAX_SEED + 1 - filled['n']}")
    return filled


def _open(sketch: Image.Image | bytes | Path | str, settings: Settings) -> Image.Image:
    wanted = 2 * settings.image_size
    if isinstance(sketch, Image.Image):
        images.check_size("sketch", *sketch.size, settings.max_pixels)
        return images.to_rgb(sketch)
    if isinstance(sketch, bytes):
        return images.decode(sketch, "sketch", settings.max_pixels, wanted)
    return images.read(Path(sketch), settings.max_pixels, wanted)


def _orders(request: dict[str, Any]) -> list[PaintOrder]:
    references = tuple(Reference(s.id, s.style.read(), s.weight) for s in request["found"].chosen)
    seeds = range(request["seed"], request["seed"] + request["n"])
    return [PaintOrder(request["edges"], references, request["prompt"], seed, request["mode"]) for seed in seeds]


def _design(request: dict[str, Any], orders: list[PaintOrder], paintings: list[Painting]) -> Design:
    found, traced = request["found"], request["edges"]
    notes = []
    if found.retrieved and (found.best.score or 0.0) < WEAK:
        notes.append(f"no style is close to the prompt (best score {found.best.score:.2f}): name one to be sure")
    recipe = {
        "engine": paintings[0].engine,
        "prompt": request["prompt"],
        "styles": [{"id": s.id, "weight": s.weight, "score": s.score} for s in found.chosen],
        "retrieved": found.retrieved,
        "seeds": [order.seed for order in orders],
        "mode": request["mode"],
        "width": traced.page.width,
        "height": traced.page.height,
        "low_threshold": traced.low_threshold,
        "high_threshold": traced.high_threshold,
        "polarity": traced.polarity,
        "line_art": traced.line_art,
    }
    return Design(
        image=paintings[0].image,
        images=[painting.image for painting in paintings],
        seeds=[order.seed for order in orders],
        style=found.best,
        styles=list(found.chosen),
        runners_up=list(found.runners_up),
        margin=found.margin,
        engine=paintings[0].engine,
        edges=traced,
        recipe=recipe,
        notes=notes,
    )
