"""Reporter: hands a chain's custom events on to its job, and the end of the job on to the chain."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import BaseCallbackHandler

from server.jobs.worker import Run


class Reporter(BaseCallbackHandler):
    """A callback of the chain; a job that was cancelled or lost stops the chain at its next event."""

    raise_error = True  # otherwise LangChain logs what is raised here, and the chain goes on
    run_inline = True  # in the thread of the chain, so that it is raised there

    def __init__(self, run: Run) -> None:
        self._run = run

    def on_custom_event(self, name: str, data: Any, **_: Any) -> None:
        self._run.report(name, data)
