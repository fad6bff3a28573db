"""Documents as a job: files that were sent, or a folder of this machine, are taken into the document library.

Whoever owns the library runs these jobs, in turn with those that take pictures in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import BadValue
from core.settings import Settings
from retrievers.catalog import library_id, open_passages
from server.jobs.folders import folder_to_take_in
from server.jobs.pictures import check_library, teller
from server.jobs.run import Outcome, Run

KIND, QUEUE = "documents", "library"
MOST_FILES = 200  # of one upload


def pack_files(files: Sequence[tuple[str, bytes]], settings: Settings) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters and files of a job that takes in what was sent."""
    if not 1 <= len(files) <= MOST_FILES:
        raise BadValue("files", f"{len(files):,} files", f"1 to {MOST_FILES:,} at a time")
    data = {f"file-{number}": data for number, (_, data) in enumerate(files)}
    return {"names": [name for name, _ in files], "library": library_id(settings.data_dir)}, data


def pack_folder(path: str, settings: Settings, anywhere: bool) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters of a job that takes in a folder below the data directory, or `anywhere` on this machine."""
    place = folder_to_take_in(path, settings.data_dir, anywhere)
    return {"path": place, "library": library_id(settings.data_dir)}, {}


class DocumentsWork:
    """Takes documents into the library of these settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, run: Run) -> Outcome:
        told = run.parameters
        check_library(told, self._settings)
        library, tell = open_passages(self._settings), teller(run, "reading")
        names = told.get("names")
        if names is None:
            return Outcome(library.add_folder(Path(told["path"]), tell).as_dict())
        files = [(name, run.file(f"file-{number}")) for number, name in enumerate(names)]
        report = library.add(files, tell)
        return Outcome(report.as_dict(), spent=[f"file-{number}" for number in range(len(names))])
