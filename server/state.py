"""State: what is behind the routes. The jobs, the library, the chain for previews; opened, drained and closed here."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from threading import Thread
from typing import Any

from fastapi import Request
from langchain_core.runnables import Runnable

from chains import design
from chains.design import Design, DesignRequest
from core.errors import AtelierError
from core.once import Once
from core.owner import own
from core.settings import Settings
from generators.catalog import open_generator
from retrievers.catalog import open_styles
from retrievers.styles import StyleLibrary
from server.jobs.events import Events
from server.jobs.keeper import Keeper
from server.jobs.kinds import open_works
from server.jobs.queue import Jobs, open_jobs
from server.jobs.worker import Worker

log = logging.getLogger("atelier")


class State:
    """Thread-safe; a route that comes before everything is ready waits for what it needs, and no more."""

    events: Events

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.private_key = secrets.token_urlsafe(32)
        self.warm = False
        self._chains: Once[Settings, Runnable[DesignRequest, Design]] = Once(lambda own: design.build(settings=own))
        self._jobs: Jobs | None = None
        self._worker: Worker | None = None
        self._keeper: Keeper | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._deadline: float | None = None

    @property
    def styles(self) -> StyleLibrary:
        return open_styles(self.settings)

    @property
    def design(self) -> Runnable[DesignRequest, Design]:
        return self._chains(self.settings)

    @property
    def jobs(self) -> Jobs:
        assert self._jobs is not None, "the application has been started"
        return self._jobs

    def prepare(self) -> None:
        """Own the data directory and open the jobs. Raises `StoreBusy`, `StoreUnreachable`, `BadSetting`."""
        own(self.settings.data_dir, "atelier serve")
        self._jobs = self._jobs or open_jobs(self.settings)

    async def open(self) -> None:
        """Run the jobs here, unless workers elsewhere do."""
        await asyncio.to_thread(self.prepare)
        self.events, self._loop = Events(self.jobs), asyncio.get_running_loop()
        store = self.jobs.store
        if store.shared:
            self._keeper = Keeper(store, self.settings)
        else:
            self._worker = Worker(store, open_works(self.settings), self.settings, store.queues())
        await asyncio.to_thread((self._worker or self._keeper).start)  # type: ignore[union-attr]

    def drain(self) -> None:
        """Begin no more jobs, and let go of those who wait for one that has not begun. From any thread or a signal."""
        self._deadline = time.monotonic() + self.settings.shutdown_seconds
        if self._worker is not None:
            self._worker.rest()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._let_go)

    def _let_go(self) -> None:
        own(self.settings.data_dir).withdraw()  # a new command does its work itself, or waits for the next server
        self.events.drain()

    async def close(self) -> bool:
        """Let running jobs end in time, or give them back; whether every thread of theirs has ended."""
        if self._deadline is None:
            self.drain()
        assert self._deadline is not None
        ended = True
        if self._worker is not None:
            ended = await asyncio.to_thread(self._worker.stop, max(0.0, self._deadline - time.monotonic()))
        if self._keeper is not None:
            await asyncio.to_thread(self._keeper.stop)
        await asyncio.to_thread(self.jobs.store.close)
        return ended

    def warm_up(self) -> Thread:
        """Open the library, import the generator and search once, beside the first requests."""
        thread = Thread(target=self._warm_up, name="warm-up", daemon=False)
        thread.start()
        return thread

    def _warm_up(self) -> None:
        try:
            open_generator()
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
            return {"ready": False, "reason": "warming up"}
        try:
            shelf, queues, workers = self.styles.shelf(), self.jobs.depth(), self.jobs.store.workers()
            if shelf.styles:
                self.styles.search("ready")  # the index answers, wherever it is
        except AtelierError as error:
            return {"ready": False, "error": error.as_dict()}
        return {
            "ready": bool(shelf.styles),
            "engine": open_generator().engine,
            "embeddings": self.styles.embeddings.identity,
            "index_in_memory": self.styles.index.in_memory,
            "styles": len(shelf.styles),
            "problems": {style: problem.as_dict() for style, problem in shelf.problems.items()},
            "queues": queues,
            "workers": workers,
        }


def state_of(request: Request) -> State:
    """The state of the application that answers this request."""
    state: State = request.app.state.atelier
    return state
