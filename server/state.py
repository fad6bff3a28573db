"""State: what is behind the routes. The jobs, the library, the chain for previews; opened, drained and closed here."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import threading
from threading import Thread
from typing import Any

from fastapi import Request
from langchain_core.runnables import Runnable, RunnableConfig

from chains import design, illustrate, search, tracing
from chains.design import Design
from chains.illustrate import Draft
from chains.illustrate_options import IllustrateRequest
from chains.options import DesignRequest
from chains.search import Search
from chains.search_options import SearchRequest
from core.errors import AtelierError
from core.once import Once
from core.owner import Owner, own
from core.settings import Settings
from generators.catalog import open_generator
from retrievers.catalog import open_intake, open_memories, open_passages, open_pictures, open_styles
from retrievers.ingest.intake import Intake
from retrievers.memories.memories import Memories
from retrievers.passages import PassageLibrary
from retrievers.pictures import PictureLibrary
from retrievers.styles import StyleLibrary
from server import readiness
from server.jobs.feeds import Feeds
from server.jobs.jobs import Jobs, open_jobs
from server.jobs.kinds import open_works
from server.jobs.recorder import Recorder
from server.jobs.store import OF_THE_OWNER, QUEUES
from server.jobs.watch import Watch
from server.jobs.worker import Worker
from server.metrics import Metrics
from server.readings import Readings
from server.turns import Turns

log = logging.getLogger("atelier")

WAITING = 32  # previews; what waits longer than some seconds shows a drawing that has gone on meanwhile


class State:
    """Thread-safe; a route that comes before everything is ready waits for what it needs, and no more."""

    feeds: Feeds

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.private_key = secrets.token_urlsafe(32)
        self.warm = False
        self.metrics = Metrics()
        self._chains: Once[Settings, Runnable[DesignRequest, Design]] = Once(lambda own: design.build(settings=own))
        self._searches: Once[Settings, Runnable[SearchRequest, Search]] = Once(lambda own: search.build(settings=own))
        self._drafts: Once[Settings, Runnable[IllustrateRequest, Draft]] = Once(
            lambda own: illustrate.build_draft(settings=own)
        )
        self.previews = Turns("previews", os.cpu_count() or 1, WAITING)
        self._jobs: Jobs | None = None
        self._worker: Worker | None = None
        self._recorder: Recorder | None = None
        self._watch: Watch | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: Thread | None = None
        self._hurry = threading.Event()
        self._owner: Owner | None = None

    @property
    def styles(self) -> StyleLibrary:
        return open_styles(self.settings)

    @property
    def pictures(self) -> PictureLibrary:
        return open_pictures(self.settings)

    @property
    def memories(self) -> Memories:
        return open_memories(self.settings)

    @property
    def passages(self) -> PassageLibrary:
        return open_passages(self.settings)

    @property
    def intake(self) -> Intake:
        return open_intake(self.settings)

    @property
    def search(self) -> Runnable[SearchRequest, Search]:
        return self._searches(self.settings)

    @property
    def design(self) -> Runnable[DesignRequest, Design]:
        return self._chains(self.settings)

    @property
    def draft(self) -> Runnable[IllustrateRequest, Draft]:
        return self._drafts(self.settings)

    @property
    def jobs(self) -> Jobs:
        assert self._jobs is not None, "the application has been started"
        return self._jobs

    def prepare(self) -> None:
        """Own the data directory and open the jobs; those that workers elsewhere may run are left to them.

        Raises `StoreBusy`, `StoreError`, `BadSetting`.
        """
        if self._jobs is not None:
            return
        tracing.open_client(self.settings)  # what is missing for it is said at the start
        self._owner = own(self.settings.data_dir, "atelier serve")
        jobs = open_jobs(self.settings)
        queues = OF_THE_OWNER if jobs.store.shared else QUEUES
        self._worker = Worker(jobs.store, open_works(self.settings), self.settings, queues)
        self._worker.recover()
        self._jobs = jobs

    async def open(self) -> None:
        """Begin to work."""
        await asyncio.to_thread(self.prepare)
        self.feeds, self._loop = Feeds(self.jobs), asyncio.get_running_loop()
        assert self._worker is not None
        self.metrics.registry.register(Readings(self.jobs))
        self._watch = Watch(self.jobs, self.metrics)
        self._watch.start()
        self._recorder = Recorder(self.jobs, self.settings)
        await asyncio.to_thread(self._recorder.start)
        await asyncio.to_thread(self._worker.start)

    def check(self) -> None:
        """Raise `BadSetting` where what is kept now would be lost: somebody took the data directory away."""
        if self._owner is not None:
            self._owner.check()

    def drain(self) -> None:
        """Begin no more jobs, give those that run SHUTDOWN_SECONDS, and let go of whoever waits for another; the second
        time, give them back at once. From any thread or a signal."""
        if self._ending is not None:
            self._hurry.set()
        else:
            self._ending = Thread(target=self._end_jobs, name="ending", daemon=True)
            self._ending.start()
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._let_go)

    def _end_jobs(self) -> None:
        if self._worker is not None and not self._worker.stop(self.settings.shutdown_seconds, self._hurry):
            log.warning("jobs: a job that was given back still runs")

    def _let_go(self) -> None:
        self.feeds.drain()
        if self._owner is not None:
            self._owner.withdraw()  # a new command does its work itself, or waits for the next server

    async def close(self) -> None:
        """The end of what `drain` begins."""
        if self._ending is None:
            self.drain()
        assert self._ending is not None
        await asyncio.to_thread(self._ending.join)
        self.feeds.close()
        if self._recorder is not None:
            await asyncio.to_thread(self._recorder.stop)
        if self._watch is not None:
            await asyncio.to_thread(self._watch.stop)
        await asyncio.to_thread(self.jobs.store.close)
        await asyncio.to_thread(tracing.flush, self.settings)

    def warm_up(self) -> Thread:
        """Open the library, import the generator and search once, beside the first requests."""
        thread = Thread(target=self._warm_up, name="warm-up", daemon=False)
        thread.start()
        return thread

    def _warm_up(self) -> None:
        try:
            open_generator(settings=self.settings)
            self.styles.search("warm up")
            log.info("ready")
        except AtelierError as error:  # said again to whoever asks; /readyz reports it
            log.error("not ready: %s", error)
        except Exception:  # the server lives on, and says so at every request
            log.exception("not ready")
        finally:
            self.warm = True

    def report(self) -> dict[str, Any]:
        """What /readyz says; at once, also while the server warms up."""
        if not self.warm:
            return {"ready": False, "reason": "warming up", "engines": readiness.engines(self.settings)}
        return readiness.look(self.settings, self.jobs, lambda: self.styles, self.check).as_dict()


def state_of(request: Request) -> State:
    """The state of the application that answers this request."""
    state: State = request.app.state.atelier
    return state


def config_of(request: Request, name: str) -> RunnableConfig:
    """What a chain is run with for a request that waits for it."""
    whose = request.state.trail.fields()
    return {"callbacks": list(tracing.callbacks(name, state_of(request).settings, **whose))}
