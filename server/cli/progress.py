"""Progress: a bar on standard error, and how far a server's job is."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

import click

from core.errors import AtelierError

if TYPE_CHECKING:
    from langchain_core.callbacks import BaseCallbackHandler

    from server.client import Client

SHORTEST_LOOK, LONGEST_LOOK = 0.2, 2.0  # s between two looks at the queue


class Show(Protocol):
    """Called as work goes on: the stage that starts, and the share of the work that is done, 0..1."""

    def __call__(self, stage: str, done: float) -> None: ...


@contextmanager
def bar(quiet: bool = False) -> Iterator[Show]:
    """A bar that is gone when the work is done; none where nobody watches."""
    from tqdm import tqdm

    off = quiet or not sys.stderr.isatty()
    with tqdm(total=100, disable=off, leave=False, bar_format="{l_bar}{bar}") as drawn:

        def show(stage: str, done: float) -> None:
            drawn.set_description(stage)
            drawn.update(round(done * 100) - drawn.n)

        yield show


def hearing(show: Show) -> BaseCallbackHandler:
    """A callback that shows how far a chain is, and ends it at its next word once Ctrl-C was pressed.

    A chain runs its steps on threads of its own, and whoever waits for them waits until they have ended.
    """
    from langchain_core.callbacks import BaseCallbackHandler

    interrupted = Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)  # the second one ends the process as ever
        interrupted.set()
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread() and callable(before):
        signal.signal(signal.SIGINT, interrupt)

    class Hearing(BaseCallbackHandler):
        raise_error = run_inline = True

        def on_custom_event(self, name: str, data: Any, **_: Any) -> None:
            if interrupted.is_set():
                raise KeyboardInterrupt
            if name == "progress":
                show(data["stage"], data["done"])

    return Hearing()


def watch(client: Client, job: dict[str, Any], show: Show) -> None:
    """Show how far a server's job is, until it has ended in whatever way."""
    from server.client import NotAtelier, ServerUnreachable

    _wait_in_queue(client, job, show)
    try:
        for _, what, told in client.follow(job["id"]):
            if what == "progress":
                show(str(told.get("stage", "")), float(told.get("done") or 0))
            else:
                show({"queued": "next in the queue", "again": "begun anew"}.get(what, what), 0)
    except (ServerUnreachable, NotAtelier) as lost:
        lost.remedy += f"; then `atelier jobs show {job['id']} --follow` and `fetch` give what became of it"
        raise


def _wait_in_queue(client: Client, job: dict[str, Any], show: Show) -> None:
    from server.client import NotAtelier, ServerUnreachable

    pause = SHORTEST_LOOK
    try:
        while job["state"] == "queued" and (job["position"] or 1) > 1:
            show(f"place {job['position']} in the queue", 0)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_LOOK)
            job = client.job(job["id"])
    except (ServerUnreachable, NotAtelier):
        return  # whoever follows its events waits for the server to come back


@contextmanager
def cancelling(client: Client, job: dict[str, Any]) -> Iterator[None]:
    """Whoever interrupts the wait for a job does not want it any more: it is cancelled, and the exit code is 130."""
    try:
        yield
    except KeyboardInterrupt:
        try:
            state = client.cancel(job["id"])["state"]
            told = f"job {job['id']} is {'ending' if state == 'running' else state}"
        except AtelierError as error:
            told = f"job {job['id']} may go on: {error}"
        click.echo(f"atelier: interrupted; {told}", err=True)
        sys.exit(130)
