"""A design as a job: what it carries, how it is run, what it leaves.

The style is found where the library is, when the job is asked for; its pictures travel with the sketch. A worker needs
neither the library nor an index, and a job that runs again, a day later or elsewhere, paints the same picture.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from chains import design
from chains.design import Design, DesignRequest
from core import images
from core.settings import Settings
from retrievers.shelf import Style
from retrievers.styles import Found, FoundStyle, StyleLibrary
from server.jobs.reporter import Reporter
from server.jobs.worker import Outcome, Run

KIND, QUEUE = "design", "image"


def pack(
    options: Mapping[str, Any], sketch: bytes, library: StyleLibrary, settings: Settings
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters and files of a job. Raises what makes the request impossible, before anything is queued."""
    asked = design.read_options(options)
    images.probe(sketch, "sketch", settings.max_pixels)
    found = design.find(library, asked)
    files = {"sketch": sketch, **{f"style-{i}": chosen.style.read() for i, chosen in enumerate(found.chosen)}}
    parameters = {
        "options": asked.model_dump(exclude_defaults=True),
        "found": {
            "chosen": [_style(chosen) for chosen in found.chosen],
            "runners_up": [_style(other) for other in found.runners_up],
            "margin": found.margin,
            "retrieved": found.retrieved,
        },
    }
    return parameters, files


def _style(found: FoundStyle) -> dict[str, Any]:
    style = found.style
    known = {"id": style.id, "name": style.name, "licence": style.licence, "digest": style.digest}
    return {**known, "score": found.score, "weight": found.weight}


class DesignWork:
    """Runs the chain over the style that the job carries."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        start = time.perf_counter()
        with TemporaryDirectory(prefix="atelier-") as folder:
            carried = _Carried(_unpack(run, Path(folder)))
            chain = design.build(styles=carried, settings=self._settings)
            request = cast(DesignRequest, {**run.parameters["options"], "sketch": run.file("sketch")})
            made = chain.invoke(request, {"callbacks": [Reporter(run)]})
        files = {f"image-{i}.png": images.to_png(image) for i, image in enumerate(made["images"])}
        result = {**as_json(made), "images": list(files), "seconds": round(time.perf_counter() - start, 4)}
        return Outcome(result, files)


class _Carried:
    """A style library of what was found already."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def find_style(self, prompt: str, top_k: int = 1) -> Found:
        return self._found

    def choose(self, named: str, prompt: str = "") -> Found:
        return self._found


def _unpack(run: Run, folder: Path) -> Found:
    told: Mapping[str, Any] = run.parameters["found"]

    def style(number: int, known: Mapping[str, Any], carried: bool) -> FoundStyle:
        path = folder / f"style-{number}"
        if carried:
            path.write_bytes(run.file(path.name))
        kept = Style(known["id"], known["name"], "", path, known["licence"], digest=known["digest"])
        return FoundStyle(kept, known["score"], known["weight"])

    chosen = tuple(style(i, known, True) for i, known in enumerate(told["chosen"]))
    runners_up = tuple(style(-1, known, False) for known in told["runners_up"])
    return Found(chosen, runners_up, told["margin"], told["retrieved"])


def as_json(made: Design) -> dict[str, Any]:
    """Everything about a design but its pictures."""
    return {
        "seeds": made["seeds"],
        "engine": made["engine"],
        "style": style_json(made["style"]),
        "styles": [style_json(style) for style in made["styles"]],
        "runners_up": [style_json(style) for style in made["runners_up"]],
        "margin": made["margin"],
        "recipe": made["recipe"],
        "notes": made["notes"],
    }


def style_json(found: FoundStyle) -> dict[str, Any]:
    """A found style with its score."""
    return {"id": found.id, "name": found.name, "score": found.score, "weight": found.weight}
