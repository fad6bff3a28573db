"""A fleet: Redis, Chroma, a server and two workers, each of which may be killed and started again at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from tests.conftest import data_over
from tests.redises import Redis
from tests.servers import Chroma, Server, WorkerProcess

LEASE = 2.0  # s, so that what a killed worker had is soon another's
Member = Redis | Chroma | Server | WorkerProcess


class Fleet:
    """Of what has been started already; `fleet` starts all of it and ends it."""

    def __init__(self, redis: Redis, chroma: Chroma, server: Server, painter: WorkerProcess, teller: WorkerProcess):
        self.server, self.painter = server, painter
        self.members: tuple[Member, ...] = (redis, chroma, server, painter, teller)

    def revive(self) -> None:
        """Start what has ended by itself, as compose does; a worker that finds no Redis at its start does."""
        for member in self.members:
            if member.process.poll() is not None:
                member.start()

    def client(self) -> httpx.Client:
        """One of its own, for a thread."""
        return httpx.Client(base_url=self.server.url, timeout=60, trust_env=False)


@contextmanager
def fleet(folder: Path, models: Path, **environment: object) -> Iterator[Fleet]:
    """`environment` is what all of Atelier's own processes are told besides."""
    with ExitStack() as stack:
        (folder / "redis").mkdir()
        redis = Redis(folder / "redis")
        stack.callback(redis.kill)
        chroma = Chroma(folder / "chroma")
        stack.callback(chroma.kill)
        told = {
            **{"REDIS_URL": redis.url, "CHROMA_URL": chroma.url, "JOB_LEASE_SECONDS": LEASE},
            "JOB_ATTEMPTS": 100,  # a job dies of its own faults, and these are none of its own
            **environment,
        }
        server = Server(data_over(folder / "server", models), **told)
        stack.callback(server.kill)
        workers = []
        for name, queue in (("painter", "image"), ("teller", "story")):
            workers.append(WorkerProcess(data_over(folder / name, models), queue, **told))
            stack.callback(workers[-1].kill)
        yield Fleet(redis, chroma, server, *workers)
