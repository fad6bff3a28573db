"""An illustration as a job: the passages and the style are found where the libraries are, and travel with it.

A worker needs neither library: it makes the prompt of what it was given, and paints.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from chains import design as design_chain
from chains import illustrate
from chains.illustrate import Passages
from chains.illustrate_options import IllustrateRequest, design_options, read_illustrate_options
from core.settings import Settings
from retrievers.found_styles import FoundStyles
from retrievers.passage import Passage
from retrievers.styles import StyleLibrary
from server.jobs import design
from server.jobs.reporter import config_of
from server.jobs.run import Outcome, Run

KIND, QUEUE = "illustrate", design.QUEUE


def pack(
    asked: Mapping[str, Any], passages: Passages, styles: StyleLibrary, settings: Settings
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters and files of a job. Raises what makes the request impossible, before anything is queued."""
    options = read_illustrate_options(asked, settings)
    found = illustrate.find(passages, options)
    prompt = illustrate.prompt_of(options, found, settings)  # a language model has its say later
    shown = illustrate.words_for_style(prompt)
    told, files = design.pack({**design_options(options), "prompt": shown}, None, styles, settings)
    return {"asked": options.model_dump(), "passages": [asdict(passage) for passage in found], "design": told}, files


class _Found:
    """The passages that came with the job."""

    def __init__(self, passages: list[Passage]) -> None:
        self._passages = passages

    def search(self, question: str, k: int = 5, document: str | None = None) -> list[Passage]:
        return self._passages


class IllustrateWork:
    """Runs the chain over what the job carries, whatever the libraries of this process are."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        start = time.perf_counter()
        told = run.parameters
        sizes = {name: told["design"][name] for name in ("image_size", "max_pixels")}
        styles = FoundStyles(design.unpack(run, told["design"]["found"]))
        passages = _Found([Passage(**each) for each in told["passages"]])
        chain = illustrate.build(passages, styles, settings=self._settings.model_copy(update=sizes))
        made = chain.invoke(cast(IllustrateRequest, dict(told["asked"])), config_of(run, self._settings))
        files = {f"image-{i}.png": data for i, data in enumerate(design_chain.to_files(made["design"]))}
        result = {**design.as_json(made["design"]), **illustrate.as_dict(made), "images": list(files)}
        result["seconds"] = round(time.perf_counter() - start, 4)
        return Outcome(result, files, spent=design.carried_styles(told["design"]))
