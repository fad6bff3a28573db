"""Recorder: what jobs of stories made is taken into the memories, by the one process that owns the library.

It hears of every job that is done, wherever it was run, and looks at its start for those that ended while it was away.
A memory has the id of its job, so none is kept twice, and one that somebody forgot does not come back.
"""

from __future__ import annotations

import logging
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread

from core import images
from core.errors import AtelierError
from core.settings import Settings
from retrievers.catalog import library_id, open_memories
from retrievers.memories.memory import Memory
from server.jobs.job import Event, Job
from server.jobs.jobs import PAGE, Jobs
from server.jobs.stories import KEPT, PICTURE, STORY

log = logging.getLogger("atelier")

PATIENCE = 0.5  # s between two looks whether it is to end
AGAIN = 30.0  # s after which everything is looked through once more, for what was not heard of


class Recorder:
    """Made and started by the owner of the library."""

    def __init__(self, jobs: Jobs, settings: Settings) -> None:
        self._jobs, self._settings = jobs, settings
        self._library = library_id(settings.data_dir)
        self._heard: SimpleQueue[str] = SimpleQueue()
        self._done, self._stopping = set[str](), Flag()
        self._thread = Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        self._jobs.store.listen(self._hear)
        self._thread.start()

    def stop(self) -> None:
        """What is under way is finished; what is not is found at the next start."""
        self._stopping.set()
        self._thread.join(10)

    def _hear(self, job_id: str | None, event: Event | None) -> None:
        if job_id is not None and event is not None and event.type == "done":
            self._heard.put(job_id)

    def _run(self) -> None:
        waited = AGAIN
        while not self._stopping.is_set():
            if waited >= AGAIN:
                waited = 0.0
                self._look_through()
            try:
                self._record(self._heard.get(timeout=PATIENCE))
            except Empty:
                waited += PATIENCE

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
        except AtelierError as error:
            log.debug("memories: jobs cannot be looked through (%s)", error)

    def _record(self, job_id: str) -> None:
        try:
            self._keep(self._jobs.get(job_id))
        except AtelierError as error:  # it is found when everything is looked through
            log.debug("memories: job %s is not read (%s)", job_id, error)

    def _keep(self, job: Job) -> None:
        if job.kind not in (STORY, PICTURE) or job.state != "done" or job.id in self._done:
            return
        told, parameters = job.result or {}, job.parameters
        if parameters.get("library") != self._library or not parameters["asked"]["remember"]:
            return
        try:
            name = KEPT if job.kind == STORY else told["images"][0]
            picture = self._jobs.file(job.id, name)
            if job.kind == PICTURE:
                picture = images.to_png(images.decode(picture, name, None, wanted=1024))
            text = told["story"] if job.kind == STORY else parameters["asked"]["story"]
            open_memories(self._settings).remember(Memory(**{**told["memory"], "story": text}), picture)
            self._done.add(job.id)
        except AtelierError as error:
            log.warning("memories: what job %s made is not kept (%s)", job.id, error)
        except Exception:  # one job's result must not end the recorder
            log.exception("memories: what job %s made is not kept", job.id)
            self._done.add(job.id)
