"""Design: a sketch and a prompt become a picture that keeps the sketch's lines and wears a retrieved style.

    request ─ read_request ─ assign(found=find_style) ─ assign(edges=trace_edges) ─ paint ─ design

find_style   asks the style library for the style that the prompt means, or takes the styles that are named
trace_edges  lays the sketch on its page and finds the edges to keep
paint        makes one order per picture and has the generator paint it; custom events `progress` tell how far it is:
             stage, picture, over all pictures the finished steps, their total and the share of the time, and a small
             preview where the engine gives one
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough
from PIL import Image
from typing_extensions import TypedDict

from chains.options import DesignOptions, DesignRequest, read_options
from chains.painting import Painted, paint_all
from core import images
from core.errors import BadValue
from core.files import read_bytes
from core.once import Once
from core.settings import Settings, get_settings
from generators import edges, recipe
from generators.catalog import open_generator
from generators.edges import Edges
from generators.fidelity import Fidelity, measure
from generators.medium import UNSURE, MediumName
from generators.orders import Generator, PaintOrder, Reference
from retrievers.catalog import open_styles
from retrievers.styles import Found, FoundStyle


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
        options, sampling = read_options(request, chosen)
        longest = max(chosen.image_size, options.width or 0, options.height or 0)
        sketch, data = _open(request.get("sketch"), chosen.max_pixels, wanted=2 * longest)
        return {"options": options, "sampling": sampling, "sketch": sketch, "data": data}

    def find_style(request: dict[str, Any]) -> Found:
        return find(library, request["options"])

    def trace_edges(request: dict[str, Any]) -> Edges:
        options: DesignOptions = request["options"]
        size = (chosen.image_size, options.width, options.height)
        thresholds = (options.low_threshold, options.high_threshold)
        return edges.read_sketch(request["sketch"], *size, *thresholds, options.medium)

    def paint(request: dict[str, Any], config: RunnableConfig) -> list[Painted]:
        painter = open_generator(request["options"].engine, chosen) if generator is None else generator
        return paint_all(painter, _orders(request), config)

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


def _open(sketch: object, max_pixels: int, wanted: int) -> tuple[Image.Image, bytes]:
    """The sketch, and the bytes of its file."""
    if isinstance(sketch, Image.Image):
        taken = images.take(sketch, "sketch", max_pixels, wanted)
        return taken, images.to_png(taken)
    if isinstance(sketch, bytes):
        return images.decode(sketch, "sketch", max_pixels, wanted), sketch
    if isinstance(sketch, (str, Path)):
        data = read_bytes(Path(sketch))
        return images.decode(data, str(sketch), max_pixels, wanted), data
    raise BadValue("sketch", sketch, "a Pillow picture, the bytes of a file, or its path")


def _orders(request: dict[str, Any]) -> list[PaintOrder]:
    options: DesignOptions = request["options"]
    references = tuple(Reference(s.id, s.style.read(), s.weight) for s in request["found"].chosen)
    seeds = range(options.seed, options.seed + options.n * options.best_of)
    order = PaintOrder(request["edges"], references, options.prompt, 0, options.mode, request["sampling"])
    return [replace(order, seed=seed) for seed in seeds]


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


def _best(painted: list[Painted], first: int, best_of: int) -> list[Painted]:
    """Of every `best_of` seeds that follow each other the most faithful, the first of equals."""
    groups = groupby(painted, key=lambda each: (each.order.seed - first) // best_of)
    return [max(group, key=lambda each: each.score) for _, group in groups]


def _design(request: dict[str, Any], painted: list[Painted]) -> Design:
    found, traced, options = request["found"], request["edges"], request["options"]
    kept = _best(painted, options.seed, options.best_of)
    fidelity = [each.fidelity for each in kept if each.fidelity is not None]
    notes = []
    if found.retrieved and (found.best.score or 0.0) < found.weak:
        notes.append(f"no style is close to the prompt (best score {found.best.score:.2f}): name one to be sure")
    notes += _notes_of(traced, options.medium)
    notes += dict.fromkeys(note for each in kept for note in each.painting.notes)
    notes += _withheld(options, painted)
    told = {
        "engine": kept[0].painting.engine,
        **({"models": dict(kept[0].painting.models)} if kept[0].painting.models else {}),
        "prompt": options.prompt,
        "sketch_sha256": hashlib.sha256(request["sketch"].tobytes()).hexdigest(),  # of its pixels
        "styles": [
            {**_scored(style), "sha256": style.style.digest, "weight": round(style.weight, 6)} for style in found.chosen
        ],
        "runners_up": [_scored(style) for style in found.runners_up],
        "retrieved": found.retrieved,
        "seeds": [each.order.seed for each in kept],
        "mode": options.mode,
        **({} if request["sampling"] is None else {"sampling": asdict(request["sampling"])}),
        "width": traced.page.width,
        "height": traced.page.height,
        "low_threshold": traced.low_threshold,
        "high_threshold": traced.high_threshold,
        "medium": traced.medium,
        "certainty": traced.certainty,
        "crop": traced.crop,
        "quad": traced.quad,
        "medium_told": options.medium,
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


def _scored(style: FoundStyle) -> dict[str, Any]:
    """Rounded, since the last digits of a score depend on how many threads have found it, and a file must not."""
    return {"id": style.id, "score": None if style.score is None else round(style.score, 4)}


def _withheld(options: DesignOptions, painted: list[Painted]) -> list[str]:
    """What was painted and is not shown."""
    count, shown = options.n * options.best_of, {each.order.seed for each in painted}
    seeds = [str(seed) for seed in range(options.seed, options.seed + count) if seed not in shown]
    if not seeds:
        return []
    what = "pictures" if options.best_of == 1 else "candidates"
    named = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(seeds)}"
    return [f"the safety checker withholds {len(seeds)} of {count} {what}: {named}"]


def _notes_of(traced: Edges, told: MediumName | None) -> list[str]:
    """What was done with the sketch that its owner may not want."""
    notes = []
    if traced.crop is not None:
        left, top, right, bottom = (round(100 * share) for share in traced.crop)
        straightened = "" if traced.quad is None else ", straightened"
        notes.append(
            f"the picture shows {left}-{right} % of the sketch's width and {top}-{bottom} % of its height, where the"
            f" drawing is{straightened}; medium=line-art keeps all of it"
        )
    if told is None and traced.certainty < UNSURE:
        sure = f"certainty {traced.certainty:.2f}"
        notes.append(f"the sketch was taken for: {traced.medium} ({sure}); name its medium if it is another")
    return notes
