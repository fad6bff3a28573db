"""A replay as a job: it carries the picture, and what its recipe asks for as a design's job would."""

from __future__ import annotations

import time
from typing import Any

from chains.replay import compare, read
from core import images
from core.settings import Settings
from generators import recipe
from retrievers.styles import StyleLibrary
from server.jobs import design
from server.jobs.run import Outcome, Run

KIND, QUEUE = "replay", design.QUEUE
PICTURE, AGAIN = "picture.png", "image-0.png"


def pack(
    picture: bytes, sketch: bytes | None, library: StyleLibrary, settings: Settings, name: str
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters and files of a job. Raises what makes the request impossible, before anything is queued."""
    asked = read(picture, sketch, library, name)
    told: dict[str, Any] = {"name": name, "changed": asked.changed, "design": None}
    if asked.gone:
        return told, {PICTURE: picture}
    told["design"], files = design.pack(asked.options, asked.sketch, library, settings)
    return told, {**files, PICTURE: picture}


class ReplayWork:
    """Makes the picture again as a design's job would, and compares."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        start = time.perf_counter()
        told = run.parameters
        kept, asked = recipe.read(run.file(PICTURE), told["name"]), told["design"]
        made = compare(kept, None if asked is None else design.paint(run, asked, self._settings), told["changed"])
        files = {} if made.image is None else {AGAIN: images.to_png(made.image)}
        result = {**made.as_dict(), "images": list(files), "seconds": round(time.perf_counter() - start, 4)}
        return Outcome(result, files, spent=[] if asked is None else design.carried_styles(asked))
