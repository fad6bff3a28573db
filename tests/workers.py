"""A worker process for the tests: runs jobs that sleep, break and kill, and writes down every start and end.

    python -m tests.workers ADDRESS LOG [NAME=VALUE ...]

ADDRESS is redis://... or the path of a SQLite file.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from core.errors import BadSetting, BadValue
from core.settings import Settings, read_settings
from server.jobs.jobs import Jobs
from server.jobs.run import Outcome, Run
from server.jobs.store import QUEUES, Store
from server.jobs.worker import Worker

STEP = 0.05  # s between two reports


def store_at(address: str) -> Store:
    if "://" in address:
        from server.jobs.redis_store import RedisStore

        return RedisStore(address)
    from server.jobs.sqlite_store import SqliteStore

    return SqliteStore(Path(address))


def jobs_at(address: str, max_queued: int = 1_000) -> Jobs:
    return Jobs(store_at(address), max_queued)


class Works:
    """What the test jobs do; each writes `start NAME` and, where it got there, `end NAME` to the log."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def _write(self, line: str) -> None:
        with self._log.open("a") as file:  # one write of one line: whole, whoever else appends
            file.write(f"{line}\n")

    def sleep(self, run: Run) -> Outcome:
        name, seconds = run.parameters["name"], run.parameters["seconds"]
        self._write(f"start {name}")
        total = max(1, round(seconds / STEP))
        for step in range(total):
            run.report("progress", {"stage": "sleep", "step": step, "total": total, "done": step / total})
            time.sleep(seconds / total)
        self._write(f"end {name}")
        return Outcome({"slept": seconds}, {"proof": name.encode()})

    def deaf(self, run: Run) -> Outcome:
        """Sleeps in one piece, and reports nothing."""
        self._write(f"start {run.parameters['name']}")
        time.sleep(run.parameters["seconds"])
        self._write(f"end {run.parameters['name']}")
        return Outcome({"slept": run.parameters["seconds"]})

    def poison(self, run: Run) -> Outcome:
        self._write(f"start {run.parameters['name']}")
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    def refuse(self, run: Run) -> Outcome:
        raise BadValue("colour", "red", "blue")

    def misset(self, run: Run) -> Outcome:
        raise BadSetting("DEVICE", "cuda", "there is no such device here")

    def stumble(self, run: Run) -> Outcome:
        """Fails for no known reason until it was tried `times` times."""
        self._write(f"start {run.parameters['name']}")
        if run.job.tries < run.parameters["times"]:
            raise RuntimeError(f"stumbled at try {run.job.tries}")
        return Outcome({"tries": run.job.tries})

    def echo(self, run: Run) -> Outcome:
        return Outcome({"size": len(run.file("sketch"))}, {"back": run.file("sketch")[::-1]})

    def late_echo(self, run: Run) -> Outcome:
        """Asks for its file only after a while."""
        time.sleep(run.parameters["seconds"])
        return Outcome({"size": len(run.file("sketch"))})

    def spoil(self, run: Run) -> Outcome:
        """Leaves what cannot be kept."""
        return Outcome({"what": object()})

    def exit(self, run: Run) -> Outcome:
        """What native code does when it gives up: no `Exception` at all."""
        self._write(f"start {run.parameters['name']}")
        raise SystemExit(3)

    def all(self) -> dict[str, object]:
        return {
            name: getattr(self, name)
            for name in ("sleep", "deaf", "poison", "refuse", "misset", "stumble", "echo", "late_echo", "spoil", "exit")
        }


def worker_at(address: str, log: Path, **values: object) -> Worker:
    settings: Settings = read_settings(**{"job_threads": 1, "job_lease_seconds": 1.0, **values})
    return Worker(store_at(address), Works(log).all(), settings, QUEUES)  # type: ignore[arg-type]


def main(address: str, log: str, *values: str) -> None:
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    worker = worker_at(address, Path(log), **dict(value.split("=") for value in values))
    worker.recover()
    worker.start()
    Path(log).with_suffix(f".{os.getpid()}").touch()  # ready
    ending.wait()
    worker.stop(wait=2.0)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
