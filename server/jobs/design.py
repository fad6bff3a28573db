"""A design as a job: what it carries, how it is run, what it leaves.

The style is found where the library is, when the job is asked for; its pictures travel with the sketch. A worker needs
neither the library nor an index, and a job that runs again, a day later or elsewhere, paints the same picture.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from chains import design
from chains.design import Design
from chains.drawing import check_wordless
from chains.options import DesignRequest, read_options
from core import images
from core.settings import Settings
from retrievers.found_styles import CarriedStyle, FoundStyles
from retrievers.styles import Found, FoundStyle, StyleLibrary
from server.jobs.reporter import config_of
from server.jobs.run import Outcome, Run

KIND, QUEUE = "design", "image"


def pack(
    options: Mapping[str, Any], sketch: bytes | None, library: StyleLibrary, settings: Settings
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters and files of a job. Raises what makes the request impossible, before anything is queued."""
    asked, _ = read_options(options, settings)
    if sketch is None:
        check_wordless(asked)
    else:
        images.probe(sketch, "sketch", settings.max_pixels)
    found = design.find(library, asked)
    files = {f"style-{i}": chosen.style.read() for i, chosen in enumerate(found.chosen)}
    if sketch is not None:
        files["sketch"] = sketch
    parameters = {
        "options": asked.model_dump(),
        "sketched": sketch is not None,
        "image_size": settings.image_size,
        "max_pixels": settings.max_pixels,
        "found": {
            "chosen": [_style(chosen) for chosen in found.chosen],
            "runners_up": [_style(other) for other in found.runners_up],
            "margin": found.margin,
            "weak": found.weak,
            "retrieved": found.retrieved,
        },
    }
    return parameters, files


def _style(found: FoundStyle) -> dict[str, Any]:
    style = found.style
    known = {"id": style.id, "name": style.name, "licence": style.licence, "digest": style.digest}
    return {**known, "score": found.score, "weight": found.weight}


class DesignWork:
    """Runs the chain over what the job carries, whatever the settings and styles of this process are."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        start = time.perf_counter()
        made = paint(run, run.parameters, self._settings)
        files = {f"image-{i}.png": data for i, data in enumerate(design.to_files(made))}
        result = {**as_json(made), "images": list(files), "seconds": round(time.perf_counter() - start, 4)}
        return Outcome(result, files, spent=carried_styles(run.parameters))


def paint(run: Run, told: Mapping[str, Any], settings: Settings) -> Design:
    """The design of these parameters, which `pack` made, and of the files that came with the job."""
    sizes = {"image_size": told["image_size"], "max_pixels": told["max_pixels"]}
    chain = design.build(FoundStyles(unpack(run, told["found"])), settings=settings.model_copy(update=sizes))
    sketch = run.file("sketch") if told.get("sketched", True) else None
    request = cast(DesignRequest, {**told["options"], "sketch": sketch})
    return chain.invoke(request, config_of(run, settings))


def carried_styles(told: Mapping[str, Any]) -> list[str]:
    """The files of the styles that travel with the job of these parameters."""
    return [f"style-{i}" for i in range(len(told["found"]["chosen"]))]


def unpack(run: Run, told: Mapping[str, Any]) -> Found:
    """What `pack` found, with the styles that travelled with the job."""

    def style(known: Mapping[str, Any], picture: bytes = b"") -> FoundStyle:
        about = {"licence": known["licence"], "digest": known["digest"]}
        carried = CarriedStyle(known["id"], known["name"], "", Path(), **about, picture=picture)
        return FoundStyle(carried, known["score"], known["weight"])

    chosen = tuple(style(known, run.file(f"style-{i}")) for i, known in enumerate(told["chosen"]))
    runners_up = tuple(map(style, told["runners_up"]))
    return Found(chosen, runners_up, told["margin"], told["retrieved"], told.get("weak", 0.25))


def as_json(made: Design) -> dict[str, Any]:
    """Everything about a design but its pictures."""
    return {
        "seeds": made["seeds"],
        "engine": made["engine"],
        "style": style_json(made["style"]),
        "styles": [style_json(style) for style in made["styles"]],
        "runners_up": [style_json(style) for style in made["runners_up"]],
        "margin": made["margin"],
        "fidelity": [fidelity.as_dict() for fidelity in made["fidelity"]],
        "candidates": made["candidates"],
        "recipe": made["recipe"],
        "notes": made["notes"],
    }


def style_json(found: FoundStyle) -> dict[str, Any]:
    """A found style with its score."""
    return {"id": found.id, "name": found.name, "score": found.score, "weight": found.weight}
