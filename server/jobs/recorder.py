"""Recorder: what jobs of stories made is taken into the memories, by the one process that owns the library.

It hears of every job that is done, wherever it was run, and looks at its start for those that ended while it was away.
A memory has the id of its job, so none is kept twice, and one that somebody forgot does not come back. No model is
needed for that: whoever recalls embeds what is new.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Any

from chains.story import LOOKED_AT
from core import images
from core.errors import AtelierError, BadSetting, StoreError
from core.settings import Settings
from retrievers.catalog import library_id
from retrievers.memories.catalog import open_chronicle
from retrievers.memories.memory import Memory
from server.jobs.job import Event, Job
from server.jobs.jobs import PAGE, Jobs
from server.jobs.stories import KEPT, PICTURE, STORY

log = logging.getLogger("atelier")

PATIENCE = 0.5  # s between two looks whether it is to end
AGAIN = 60.0  # s after which everything is looked through once more, for what was not heard of


class Recorder:
    """Made and started by the owner of the library, before its worker: no job is forgotten before it was seen here."""

    def __init__(self, jobs: Jobs, settings: Settings) -> None:
        self._jobs, self._settings = jobs, settings
        self._library = library_id(settings.data_dir)
        self._heard: SimpleQueue[str] = SimpleQueue()
        self._seen, self._stopping = set[str](), Flag()  # jobs that need no other look
        self._thread = Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """What ended while nobody heard it is taken in first."""
        self._jobs.store.listen(self._hear)
        self._look_through()
        self._thread.start()

    def stop(self) -> None:
        """What was heard of until now is taken in still."""
        self._stopping.set()
        self._thread.join(10)

    def _hear(self, job_id: str | None, event: Event | None) -> None:
        if job_id is not None and event is not None and event.type == "done":
            self._heard.put(job_id)

    def _run(self) -> None:
        looked = time.monotonic()
        while not (self._stopping.is_set() and self._heard.empty()):
            if time.monotonic() - looked >= AGAIN and not self._stopping.is_set():
                self._look_through()
                looked = time.monotonic()
            with suppress(Empty):
                self._record(self._heard.get(timeout=PATIENCE))

    def _look_through(self) -> None:
        """The jobs that have ended, the newest first."""
        try:
            before: str | None = None
            while page := self._jobs.list("done", None, PAGE, before):
                for job in page:
                    self._keep(job)
                before = page[-1].id
                if len(page) < PAGE:
                    return
        except (StoreError, BadSetting) as error:
            log.warning("memories: jobs cannot be looked through now (%s)", error)

    def _record(self, job_id: str) -> None:
        try:
            self._keep(self._jobs.get(job_id))
        except AtelierError as error:  # it is found when everything is looked through
            log.debug("memories: job %s is not read (%s)", job_id, error)

    def _keep(self, job: Job) -> None:
        """Raises `StoreError` and `BadSetting` where nothing can be kept now."""
        if job.kind not in (STORY, PICTURE) or job.state != "done" or job.id in self._seen:
            return
        told, parameters = job.result or {}, job.parameters
        chronicle = open_chronicle(self._settings)
        wanted = parameters.get("library") == self._library and parameters["asked"]["remember"]
        if wanted and not chronicle.knows(job.id):
            try:
                chronicle.write(*self._memory(job, told, parameters))
            except (StoreError, BadSetting):
                raise
            except Exception:  # one job's result must not end the recorder
                log.exception("memories: what job %s made is not kept", job.id)
        self._seen.add(job.id)

    def _memory(self, job: Job, told: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[Memory, bytes]:
        name = KEPT if job.kind == STORY else told["images"][0]
        picture = self._jobs.file(job.id, name)
        if job.kind == PICTURE:
            picture = images.to_png(images.decode(picture, name, None, wanted=LOOKED_AT))
        text = told["story"] if job.kind == STORY else parameters["asked"]["story"]
        return Memory(**{**told["memory"], "story": text, "owner": job.owner}), picture
