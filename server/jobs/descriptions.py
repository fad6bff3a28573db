"""Descriptions as jobs: pictures are described, and what is said of them is embedded.

Whoever owns the library runs these jobs, one at a time, beside those that take pictures in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from chains import describe
from chains.describe import DescribeRequest, read_options
from core.errors import AtelierError, StoreFull
from core.settings import Settings
from retrievers.catalog import library_id, open_sentences
from server.jobs.folders import folder_of
from server.jobs.pictures import check_library, teller
from server.jobs.reporter import config_of
from server.jobs.run import Outcome, Run

KIND, EMBED, QUEUE = "describe", "embed-descriptions", "descriptions"


class NoRoom(AtelierError):
    """A full disk, told to whoever asked instead of being tried again and again."""

    def __init__(self, full: StoreFull) -> None:
        super().__init__(full.message, full.remedy, **full.data)


def pack(asked: Mapping[str, Any], settings: Settings, anywhere: bool) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters of a job that describes; a folder is below the data directory, save where it may be `anywhere`.

    Raises what makes the request impossible, before anything is queued.
    """
    options = read_options(asked)
    folder = None if options.folder is None else str(folder_of(options.folder, settings.data_dir, anywhere))
    told = {**options.model_dump(exclude_defaults=True), **({} if folder is None else {"folder": folder})}
    return {"options": told, "library": library_id(settings.data_dir)}, {}


def pack_embedding(settings: Settings) -> tuple[dict[str, Any], dict[str, bytes]]:
    return {"library": library_id(settings.data_dir)}, {}


class DescribeWork:
    """Runs the chain over the library of these settings; a job that begins again goes on where it was."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        check_library(run.parameters, self._settings)
        since = run.job.created if run.job.attempt > 1 else None
        request = cast(DescribeRequest, dict(run.parameters["options"]))
        try:
            chain = describe.build(settings=self._settings, since=since)
            made = chain.invoke(request, config_of(run, self._settings))
        except StoreFull as full:  # another try would pay for answers that cannot be kept either
            raise NoRoom(full) from full
        return Outcome(describe.as_dict(made))


class EmbedWork:
    """Embeds the descriptions that are not embedded yet."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        check_library(run.parameters, self._settings)
        sentences = open_sentences(self._settings)
        made = sentences.embed(teller(run, "embedding"))
        told = {
            "embedded": made.pictures,
            "sentences": made.sentences,
            "total": sum(sentences.archive.counts().values()),
        }
        return Outcome({**told, "engine": sentences.embeddings.identity, "index": f"faiss {sentences.kind}"})
