"""Reporter: hands a chain's custom events on to its job, and the end of the job on to the chain."""

from __future__ import annotations

import logging
import time
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableConfig

from chains import tracing
from core.settings import Settings
from server.jobs.errors import Cancelled, LeaseLost
from server.jobs.run import Run


class _Quiet(logging.Filter):
    """LangChain warns of whatever a callback raises; that a job was cancelled or lost is no trouble of the callback."""

    def filter(self, record: logging.LogRecord) -> bool:
        arguments = record.args if isinstance(record.args, tuple) else ()
        return not any(isinstance(argument, (Cancelled, LeaseLost)) for argument in arguments)


logging.getLogger("langchain_core.callbacks.manager").addFilter(_Quiet())

APART = 0.25  # s between two events of one step


def config_of(run: Run, settings: Settings) -> RunnableConfig:
    """What a chain is run with as a job: it reports to the job, and is traced with the job's request."""
    job = run.job
    whose = {"request_id": job.request_id, "job_id": job.id, "key": job.owner}
    return {"callbacks": [Reporter(run), *tracing.callbacks(job.kind, settings, **whose)]}


class Reporter(BaseCallbackHandler):
    """A callback of the chain; a job that was cancelled or lost stops the chain at its next event."""

    raise_error = True  # otherwise LangChain logs what is raised here, and the chain goes on
    run_inline = True  # in the thread of the chain, so that it is raised there

    def __init__(self, run: Run) -> None:
        self._run, self._when = run, 0.0
        self._told: tuple[Any, ...] | None = None

    def on_custom_event(self, name: str, data: Any, **_: Any) -> None:
        now = time.monotonic()
        step = (name, data.get("stage"), data.get("step")) if name == "progress" else None
        if step is not None and step == self._told and now - self._when < APART:
            return self._run.check()  # within one step nobody reads so fast
        self._told, self._when = step, now
        self._run.report(name, data)
