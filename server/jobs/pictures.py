"""Pictures as a job: files that were sent, or a folder of this machine, are taken into the picture library.

Whoever owns the library runs these jobs, one at a time: workers elsewhere write to no index.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import BadValue, Refused
from core.settings import Settings
from retrievers.catalog import library_id, open_intake
from server.jobs.folders import folder_to_take_in
from server.jobs.run import Outcome, Run

KIND, QUEUE = "pictures", "library"
MOST_FILES = 1_000  # of one upload
APART = 0.25  # s between two words of how far it is


class OtherLibrary(Refused):
    """Servers that share their jobs and have libraries of their own."""

    def __init__(self, wanted: str, here: str) -> None:
        super().__init__(
            f"the pictures were sent to the library {wanted}, and a server with the library {here} took the job",
            "let servers that share REDIS_URL share DATA_DIR's machine too, or send pictures to one of them alone",
            wanted=wanted,
            here=here,
        )


def pack_files(
    files: Sequence[tuple[str, bytes]], tags: Sequence[str], settings: Settings
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters and files of a job that takes in what was sent."""
    if not 1 <= len(files) <= MOST_FILES:
        raise BadValue("files", f"{len(files):,} files", f"1 to {MOST_FILES:,} at a time")
    names = [name for name, _ in files]
    data = {f"file-{number}": data for number, (_, data) in enumerate(files)}
    return {"names": names, "tags": list(tags), "library": library_id(settings.data_dir)}, data


def pack_folder(path: str, force: bool, settings: Settings, anywhere: bool) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters of a job that takes in a folder below the data directory, or `anywhere` on this machine."""
    place = folder_to_take_in(path, settings.data_dir, anywhere)
    return {"path": place, "force": force, "library": library_id(settings.data_dir)}, {}


def check_library(told: Mapping[str, Any], settings: Settings) -> None:
    """Raise `OtherLibrary` where a job of these parameters is meant for another one."""
    here = library_id(settings.data_dir)
    if told["library"] != here:
        raise OtherLibrary(told["library"], here)


class PicturesWork:
    """Takes pictures into the library of these settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        told: Mapping[str, Any] = run.parameters
        check_library(told, self._settings)
        intake, tell = open_intake(self._settings), teller(run, "reading")
        names = told.get("names")
        if names is None:
            report = intake.folder(Path(told["path"]), tell, told["force"])
            return Outcome(report.as_dict())
        files = [(name, run.file(f"file-{number}")) for number, name in enumerate(names)]
        report = intake.upload(files, tell, tags=told["tags"])
        return Outcome(report.as_dict(), spent=[f"file-{number}" for number in range(len(names))])


def teller(run: Run, stage: str) -> Callable[[int, int, str], None]:
    """Hands on how far a job is; raises what ends it. What has been done by then stays."""
    when = 0.0

    def tell(done: int, total: int, last: str) -> None:
        nonlocal when
        now = time.monotonic()
        if now - when < APART and done < total:
            return
        when = now
        share = done / total if total else 1.0
        run.report("progress", {"stage": stage, "step": done, "total": total, "done": share, "path": last})

    return tell
