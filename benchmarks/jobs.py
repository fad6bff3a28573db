"""What a job costs: from asking to beginning, over HTTP, to a hundred that listen, and what a second worker brings.

    python benchmarks/jobs.py [JOBS]

JOBS one-second jobs measure one worker against two (40 by default: a minute). Redis and Chroma servers, and a server of
ours, are started on free ports over an empty folder and ended again; needs redis-server.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from core.settings import ROOT, get_settings, read_settings
from server.jobs.jobs import Jobs
from server.jobs.redis_store import RedisStore
from server.jobs.run import Outcome, Run
from server.jobs.sqlite_store import SqliteStore
from server.jobs.store import Store
from server.jobs.worker import Worker

HOUSE = (ROOT / "samples/house.png").read_bytes()
LISTENERS, SECONDS, PER_SECOND = 100, 10, 5


def main(jobs: int = 40) -> None:
    redis = shutil.which("redis-server")
    if redis is None:
        sys.exit("redis-server is missing: install it (Debian: apt-get install redis-server)")
    with tempfile.TemporaryDirectory() as folder, running_redis(redis, Path(folder)) as url:
        begin(SqliteStore(Path(folder) / "jobs.db"), "SQLite", 0.150)
        begin(RedisStore(f"{url}/1"), "Redis", 0.010)
        share(f"{url}/2", jobs)
        with running_server(Path(folder) / "data") as server:
            add(server, "/generate")
        shared = {"REDIS_URL": f"{url}/3"}
        with (
            running_chroma(Path(folder)) as chroma,
            running_server(Path(folder) / "data2", **shared, CHROMA_URL=chroma) as server,
        ):
            for topics in (1, LISTENERS):
                listen(server, RedisStore(shared["REDIS_URL"]), topics)


def tell(what: str, found: str, goal: str, met: bool) -> None:
    print(f"{what:58} {found:>26}   goal {goal:>7}   {'met' if met else 'NOT met'}", flush=True)


def sleep(run: Run) -> Outcome:
    """A job of some seconds that reports as often as it is told to."""
    count = max(1, round(run.parameters["seconds"] * run.parameters["per_second"]))
    for step in range(count):
        run.report("progress", {"stage": "sleep", "step": step, "total": count, "done": step / count})
        time.sleep(run.parameters["seconds"] / count)
    return Outcome({})


def begin(store: Store, name: str, goal: float) -> None:
    """From `submit` to the first line of the work, with a sketch of 100 kB; the worker idles before."""
    worker = Worker(store, {"sleep": sleep}, read_settings(job_threads=1), ("image",))
    worker.start()
    jobs, taken = Jobs(store), []
    for number in range(40):
        time.sleep(0.05 + 0.017 * (number % 7))  # not in step with a poll
        start = time.time()
        job = jobs.submit("sleep", "image", {"seconds": 0, "per_second": 1}, {"sketch": os.urandom(100_000)})
        while (found := jobs.get(job.id)).started is None:
            time.sleep(0.0005)
        taken.append(found.started - start)
    worker.stop(1)
    told = f"{statistics.median(taken) * 1e3:.1f} ms, slowest {max(taken) * 1e3:.1f}"
    tell(f"submit to start, {name}", told, f"{goal * 1e3:.0f} ms", max(taken) <= goal)


def share(url: str, count: int) -> None:
    """One-second jobs by one worker process and by two; a worker here is a thread with a store of its own."""
    took = []
    for workers in (1, 2):
        stores = [RedisStore(url) for _ in range(workers)]
        team = [Worker(store, {"sleep": sleep}, read_settings(job_threads=1), ("image",)) for store in stores]
        jobs = Jobs(RedisStore(url), 1_000)
        ids = [jobs.submit("sleep", "image", {"seconds": 1, "per_second": 5}).id for _ in range(count)]
        start = time.perf_counter()
        for worker in team:
            worker.start()
        while not all(jobs.get(job_id).ended for job_id in ids):
            time.sleep(0.01)
        took.append(time.perf_counter() - start)
        for worker in team:
            worker.stop(1)
    ratio = took[1] / took[0]
    tell(
        f"{count} one-second jobs, two workers against one",
        f"{took[1]:.1f} / {took[0]:.1f} s = {ratio:.3f}",
        "0.55",
        ratio <= 0.55,
    )


def add(server: Server, path: str) -> None:
    """What HTTP, queue and store add to a chain call of about 0.2 s, as the server's own clock has that call."""
    added, chains = [], []
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        for number in range(31):
            form = {"prompt": "neon city", "mode": "preview", "seed": str(number)}
            start = time.perf_counter()
            answer = client.post(path, data=form, files={"file": HOUSE})
            took = time.perf_counter() - start
            chain = float(answer.headers["server-timing"].rpartition("=")[2]) / 1e3
            added.append(took - chain)
            chains.append(chain)
    median = statistics.median(added[1:])
    told = f"{median * 1e3:.1f} ms to {statistics.median(chains[1:]) * 1e3:.0f} ms"
    tell(f"HTTP and job add to a picture, POST {path}", told, "30 ms", median <= 0.030)


def listen(server: Server, store: RedisStore, topics: int) -> None:
    """Share of a core that the server takes to hand events of `topics` jobs on to a hundred listeners."""
    worker = Worker(store, {"sleep": sleep}, read_settings(job_threads=topics), ("story",))
    worker.start()
    jobs, each = Jobs(store, 1_000), PER_SECOND if topics == 1 else 1
    ids = [jobs.submit("sleep", "story", {"seconds": SECONDS + 4, "per_second": each}).id for _ in range(topics)]
    heard, share_of_core = asyncio.run(follow_all(server, [ids[i % topics] for i in range(LISTENERS)]))
    for job_id in ids:
        jobs.cancel(job_id)
    worker.stop(2)
    what = f"{LISTENERS} listeners to {topics} job{'s' if topics > 1 else ''}, {heard / SECONDS:.0f} events/s sent"
    tell(what, f"{share_of_core:.1%} of a core", "15 %", share_of_core <= 0.15)


async def follow_all(server: Server, ids: list[str]) -> tuple[int, float]:
    heard, counting = 0, False

    async def follow(client: httpx.AsyncClient, job_id: str) -> None:
        nonlocal heard
        async with client.stream("GET", f"/jobs/{job_id}/events") as answer:
            async for line in answer.aiter_lines():
                heard += counting and line.startswith("event: progress")

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=server.url, timeout=None, limits=limits, trust_env=False) as client:
        following = [asyncio.create_task(follow(client, job_id)) for job_id in ids]
        await asyncio.sleep(2)
        counting, before = True, server.seconds()
        await asyncio.sleep(SECONDS)
        counting, after = False, server.seconds()
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    return heard, (after - before) / SECONDS


class Server:
    """A server of ours that runs."""

    def __init__(self, url: str, pid: int) -> None:
        self.url, self._stat = url, Path(f"/proc/{pid}/stat")

    def seconds(self) -> float:
        """Processor time that it took so far; Linux."""
        fields = self._stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_server(data: Path, **environment: str) -> Iterator[Server]:
    data.mkdir()
    models = get_settings().data_dir / "models"
    if models.exists():  # converted already
        (data / "models").symlink_to(models)
    port = free_port()
    command = [sys.executable, "-m", "server", "serve", "--port", str(port)]
    with running(command, {"DATA_DIR": str(data), **environment}, f"http://127.0.0.1:{port}/readyz") as pid:
        yield Server(f"http://127.0.0.1:{port}", pid)


@contextmanager
def running_chroma(folder: Path) -> Iterator[str]:
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [
        str(Path(sys.executable).with_name("chroma")),
        "run",
        "--path",
        str(folder / "chroma"),
        "--port",
        str(port),
    ]
    with running(command, {}, f"{url}/api/v2/heartbeat"):
        yield url


@contextmanager
def running_redis(binary: str, folder: Path) -> Iterator[str]:
    port = free_port()
    command = [binary, "--port", str(port), "--dir", str(folder), "--appendonly", "yes"]
    with running(command, {}, None):
        time.sleep(1)
        yield f"redis://127.0.0.1:{port}"


@contextmanager
def running(command: list[str], environment: dict[str, str], ready: str | None) -> Iterator[int]:
    surroundings = {**os.environ, **environment}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=quiet, stderr=quiet) as process:
        try:
            while ready is not None and not answers(ready):
                time.sleep(0.05)
            yield process.pid
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
