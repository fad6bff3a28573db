"""Readiness: what this server has at hand, and what stands in its way, each trouble with its remedy.

A trouble ends readiness: nothing that is asked could be done. A warning does not: something waits for somebody.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any, TypeVar

from core.errors import AtelierError, BadSetting
from core.settings import Settings
from generators import catalog as generators
from retrievers import models
from retrievers.styles import StyleLibrary
from server.jobs.jobs import Jobs
from server.jobs.store import OF_WORKERS

Value = TypeVar("Value")


class DiskShort(AtelierError):
    def __init__(self, directory: str, free: int, wanted: int) -> None:
        super().__init__(
            f"{directory} has {free:,} bytes free; at least {wanted:,} are wanted",
            "make room there, or lower MIN_FREE_BYTES",
            directory=directory,
            free=free,
            wanted=wanted,
        )


class NoWorker(AtelierError):
    def __init__(self, queue: str, waiting: int) -> None:
        super().__init__(
            f"no live worker takes jobs from queue {queue!r}; {waiting:,} wait there",
            f"start one with this server's REDIS_URL: atelier worker --queues {queue}",
            queue=queue,
            waiting=waiting,
        )


class Readiness:
    """What one look has found."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.troubles: list[AtelierError] = []
        self.warnings: list[AtelierError] = []

    def tried(self, look: Callable[[], Value]) -> Value | None:
        """What a look finds; None where it meets with trouble, which is noted."""
        try:
            return look()
        except AtelierError as trouble:
            self.troubles.append(trouble)
            return None

    def as_dict(self) -> dict[str, Any]:
        """As /readyz answers it: `error` is the first of `errors`."""
        errors = [trouble.as_dict() for trouble in self.troubles]
        first = {"error": errors[0], "errors": errors} if errors else {}
        return {"ready": not errors, **first, **self.told, "warnings": [each.as_dict() for each in self.warnings]}


def look(settings: Settings, jobs: Jobs, styles: Callable[[], StyleLibrary], check: Callable[[], None]) -> Readiness:
    """Look at everything once; nothing is loaded but what the server needs for any picture.

    `check` raises where the data directory is no longer this process's; `styles` opens the library.
    """
    found = Readiness()
    found.tried(check)
    found.tried(lambda: _look_at_disk(found, settings))
    found.tried(lambda: _look_at_engines(found, settings))
    vectors = found.tried(lambda: _look_at_styles(found, styles()))
    queues = found.tried(lambda: _look_at_jobs(found, jobs))
    found.told["stores"] = {
        "vectors": {"kind": settings.vector_store, "reachable": vectors is not None},
        "jobs": {"kind": "redis" if jobs.store.shared else "sqlite", "reachable": queues is not None},
    }
    return found


def engines(settings: Settings) -> dict[str, dict[str, Any]]:
    """By role: what the settings name, and whether it is in memory; a model is loaded when it is first needed."""
    known = {**generators.loaded(settings), **models.loaded(settings)}
    return {role: {"engine": engine, "loaded": loaded} for role, (engine, loaded) in known.items()}


def _look_at_disk(found: Readiness, settings: Settings) -> None:
    try:
        free = shutil.disk_usage(settings.data_dir).free
    except OSError as error:
        raise BadSetting("DATA_DIR", str(settings.data_dir), error.strerror or str(error)) from error
    found.told["disk"] = {"free_bytes": free, "wanted_bytes": settings.min_free_bytes}
    if free < settings.min_free_bytes:
        raise DiskShort(str(settings.data_dir), free, settings.min_free_bytes)


def _look_at_engines(found: Readiness, settings: Settings) -> None:
    found.told["engine"] = generators.open_generator(settings=settings).engine
    found.told["engines"] = engines(settings)


def _look_at_styles(found: Readiness, styles: StyleLibrary) -> bool:
    shelf = styles.shelf()
    styles.index.count()  # asks the server, where there is one
    styles.search("ready")  # raises where there are none
    found.told |= {
        "embeddings": styles.embeddings.identity,
        "index_in_memory": styles.index.in_memory,
        "styles": len(shelf.styles),
        "problems": {style: problem.as_dict() for style, problem in shelf.problems.items()},
    }
    return True


def _look_at_jobs(found: Readiness, jobs: Jobs) -> bool:
    queues, workers = jobs.depth(), jobs.store.workers()
    found.told |= {"queues": queues, "workers": workers}
    for queue in OF_WORKERS if jobs.store.shared else ():
        if not any(queue in worker["queues"] for worker in workers):
            found.warnings.append(NoWorker(queue, queues[queue]["queued"]))
    return True
