"""State: the chain and the library behind the routes, made ready once in the background."""

from __future__ import annotations

import logging
from threading import Thread
from typing import Any

from fastapi import Request
from langchain_core.runnables import Runnable

from chains import design
from chains.design import Design, DesignRequest
from core.errors import AtelierError
from core.once import Once
from core.settings import Settings
from generators.catalog import open_generator
from retrievers.catalog import open_styles
from retrievers.styles import StyleLibrary

log = logging.getLogger("atelier")


class State:
    """Thread-safe; a route that comes before everything is ready waits for what it needs, and no more."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.warm = False
        self._chains: Once[Settings, Runnable[DesignRequest, Design]] = Once(lambda own: design.build(settings=own))

    @property
    def styles(self) -> StyleLibrary:
        return open_styles(self.settings)

    @property
    def design(self) -> Runnable[DesignRequest, Design]:
        return self._chains(self.settings)

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
            shelf = self.styles.shelf()
        except AtelierError as error:
            return {"ready": False, "error": error.as_dict()}
        return {
            "ready": bool(shelf.styles),
            "engine": open_generator().engine,
            "embeddings": self.styles.embeddings.identity,
            "index_in_memory": self.styles.index.in_memory,
            "styles": len(shelf.styles),
            "problems": {style: problem.as_dict() for style, problem in shelf.problems.items()},
        }


def state_of(request: Request) -> State:
    """The state of the application that answers this request."""
    state: State = request.app.state.atelier
    return state
