"""Design: a sketch and a prompt become a picture that keeps the sketch's lines and wears a retrieved style.

Without a sketch the prompt alone does: the painter paints a composition of its own, diffusion follows the words.

    request ─ read_request ─ assign(found=find_style) ─ assign(drawings=trace_edges) ─ paint ─ design

find_style   asks the style library for the style that the prompt means, or takes the styles that are named
trace_edges  lays the sketch on its page and finds the edges to keep, or composes one for each picture
paint        makes one order per picture and has the generator paint it; custom events `progress` tell how far it is:
             stage, picture, over all pictures the finished steps, their total and the share of the time, and a small
             preview where the engine gives one
"""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import groupby
from typing import Any, Protocol

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnablePassthrough
from PIL import Image
from typing_extensions import TypedDict

from chains.drawing import Drawing, check_wordless, draw, open_sketch
from chains.options import DesignOptions, DesignRequest, read_options
from chains.painting import Painted, paint_all
from core import images
from core.once import Once
from core.settings import Settings, get_settings
from generators import recipe
from generators.catalog import open_generator
from generators.edges import Edges
from generators.fidelity import Fidelity, measure
from generators.orders import Generator, PaintOrder, Reference, Touch
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
    sketch: bytes | None  # of its file; of a composition that of the first picture, None where there is none
    drawings: list[Drawing]  # what each picture was made of
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
        given = request.get("sketch")
        if given is None:
            check_wordless(options)
        sketch = None if given is None else open_sketch(given, chosen.max_pixels, wanted=2 * longest)
        return {"options": options, "sampling": sampling, "sketch": sketch}

    def find_style(request: dict[str, Any]) -> Found:
        return find(library, request["options"])

    def trace_edges(request: dict[str, Any]) -> dict[int, Drawing]:
        options: DesignOptions = request["options"]
        seeds = range(options.seed, options.seed + options.n * options.best_of)
        return draw(request["sketch"], options, seeds, chosen)

    def paint(request: dict[str, Any], config: RunnableConfig) -> list[Painted]:
        painter = open_generator(request["options"].engine, chosen) if generator is None else generator
        return paint_all(painter, _orders(request), config)

    def choose(request: dict[str, Any]) -> Design:
        style = _heaviest(request["painted"][0].order)
        measured = [
            replace(each, fidelity=measure(each.image, each.order.edges.canny, style)) for each in request["painted"]
        ]
        return _design(request, measured)

    return (
        RunnableLambda(read_request)
        | RunnablePassthrough.assign(found=RunnableLambda(find_style))
        | RunnablePassthrough.assign(drawings=RunnableLambda(trace_edges))
        | RunnablePassthrough.assign(painted=RunnableLambda(paint))
        | RunnableLambda(choose)
    )


def find(styles: Styles, options: DesignOptions) -> Found:
    """The styles that the options name, or mean."""
    if options.style is not None:
        return styles.choose(options.style, options.prompt)
    return styles.find_style(options.prompt, options.top_k)


def _orders(request: dict[str, Any]) -> list[PaintOrder]:
    options: DesignOptions = request["options"]
    references = tuple(Reference(s.id, s.style.read(), s.weight) for s in request["found"].chosen)
    told = request["sampling"]
    own = {"touch": told} if isinstance(told, Touch) else {"sampling": told}
    return [
        PaintOrder(drawing.edges, references, options.prompt, seed, options.mode, **own)
        for seed, drawing in request["drawings"].items()
    ]


def to_files(made: Design) -> list[bytes]:
    """Each picture as PNG, with the recipe of it alone and, where it is small, the sketch."""
    files = []
    for image, seed, fidelity, drawing in zip(
        made["images"], made["seeds"], made["fidelity"], made["drawings"], strict=True
    ):
        own = {**made["recipe"], **drawing.told(), "seeds": [seed], "fidelity": [fidelity.as_dict()]}
        files.append(recipe.write(images.to_png(image), own, drawing.data))
    return files


def _heaviest(order: PaintOrder) -> Image.Image:
    """The picture of the style that weighs most."""
    return _opened_styles(max(order.references, key=lambda reference: reference.weight).picture)


_opened_styles: Once[bytes, Image.Image] = Once(
    lambda data: images.decode(data, "style picture", None, wanted=512), name="style_pictures"
)


def _best(painted: list[Painted], first: int, best_of: int) -> list[Painted]:
    """Of every `best_of` seeds that follow each other the most faithful, the first of equals."""
    groups = groupby(painted, key=lambda each: (each.order.seed - first) // best_of)
    return [max(group, key=lambda each: each.score) for _, group in groups]


def _design(request: dict[str, Any], painted: list[Painted]) -> Design:
    found, options = request["found"], request["options"]
    kept = _best(painted, options.seed, options.best_of)
    drawings: list[Drawing] = [request["drawings"][each.order.seed] for each in kept]
    engine = drawings[0].engine(kept[0].painting.engine)
    fidelity = [each.fidelity for each in kept if each.fidelity is not None]
    notes = []
    if found.retrieved and (found.best.score or 0.0) < found.weak:
        notes.append(f"no style is close to the prompt (best score {found.best.score:.2f}): name one to be sure")
    notes += dict.fromkeys(note for drawing in drawings for note in drawing.notes(options.medium))
    notes += dict.fromkeys(note for each in kept for note in each.painting.notes)
    notes += _withheld(options, painted)
    told = {
        "engine": engine,
        **({"models": dict(kept[0].painting.models)} if kept[0].painting.models else {}),
        "prompt": options.prompt,
        "styles": [
            {**_scored(style), "sha256": style.style.digest, "weight": round(style.weight, 6)} for style in found.chosen
        ],
        "runners_up": [_scored(style) for style in found.runners_up],
        "retrieved": found.retrieved,
        "seeds": [each.order.seed for each in kept],
        "mode": options.mode,
        "sampling": asdict(request["sampling"]),
        **drawings[0].told(),
        "medium_told": options.medium,
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
        engine=engine,
        edges=drawings[0].edges,
        sketch=drawings[0].data,
        drawings=drawings,
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
