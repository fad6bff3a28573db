"""Whole servers: killed, ended, asked by many at once, and two on one directory."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import random
import resource
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from httpx_sse import connect_sse
from PIL import Image

from chains import design
from core import images
from tests.conftest import settings_over
from tests.redises import Redis, redis_binary
from tests.servers import HOUSE, Chroma, Server, WorkerProcess
from tests.test_process import atelier
from tests.test_workers import until

PROMPT = "futuristic cyberpunk neon city"


@pytest.fixture
def data(tmp_path: Path, models: Path) -> Path:
    return settings_over(tmp_path / "data", models).data_dir


def kinds(server: Server, job_id: str) -> list[str]:
    """The types of a job's events, whose numbers have no gap, without its progress."""
    with connect_sse(server.http, "GET", f"/jobs/{job_id}/events") as source:
        events = [(int(event.id), event.event) for event in source.iter_sse()]
    assert [number for number, _ in events] == list(range(1, len(events) + 1))
    return [kind for _, kind in events if kind != "progress"]


def test_four_pictures_end_once_though_the_server_is_killed_among_them(data: Path) -> None:
    with Server(data, JOB_THREADS=2) as server:
        ids = [server.submit(seed=seed) for seed in range(4)]
        until(lambda: any(server.job(job_id)["state"] == "done" for job_id in ids), 30)
        struck = [job_id for job_id in ids if server.job(job_id)["state"] == "running"]
        server.kill()
        server.start()
        server.wait(ids, 60)
        for seed, job_id in enumerate(ids):
            job, types = server.job(job_id), kinds(server, job_id)
            assert job["state"] == "done" and types.count("done") == 1
            assert job["result"]["seeds"] == [seed]
        assert struck and any("again" in kinds(server, job_id) for job_id in struck)


@pytest.mark.slow  # tests/faults/test_kills.py kills more, in less time
@pytest.mark.parametrize("kills", [20])
def test_kills_keep_every_record_that_was_acknowledged(data: Path, kills: int) -> None:
    rng, acknowledged, styles = random.Random(3), [], []
    with Server(data, JOB_ATTEMPTS=50) as server:
        for number in range(kills):
            stop = threading.Event()

            def ask(number: int = number, stop: threading.Event = stop) -> None:
                try:
                    for count in range(1_000):
                        if stop.is_set():
                            return
                        acknowledged.append(server.submit(mode="preview", seed=count))
                        if count == 1:
                            form = {"name": f"Style {number}", "words": "kept"}
                            file = {"file": ("s.png", images.to_png(Image.new("RGB", (64, 64), (number, 9, 9))))}
                            assert server.http.post("/styles", data=form, files=file).status_code == 201
                            styles.append(f"style-{number}")
                        time.sleep(0.05)
                except httpx.HTTPError:  # the request that the kill cut off was not acknowledged
                    pass

            asking = threading.Thread(target=ask)
            before = len(acknowledged)
            asking.start()
            if number % 2:
                until(lambda before=before: len(acknowledged) > before, 30)
            else:
                until(lambda number=number: f"style-{number}" in styles, 30)
            time.sleep(rng.uniform(0.0, 0.6))
            server.kill()
            stop.set()
            asking.join()
            server.start()
        assert len(acknowledged) > kills and len(styles) >= kills // 2
        server.wait(acknowledged, 120)
        for job_id in acknowledged:
            assert server.job(job_id)["state"] == "done"
            assert server.http.get(f"/jobs/{job_id}/result").headers["content-type"] == "image/png"
        present = {style["id"] for style in server.http.get("/styles").json()["styles"]}
        assert set(styles) <= present


def test_events_go_on_exactly_where_they_stopped_also_across_a_kill(data: Path) -> None:
    with Server(data) as server:
        job_id = server.submit(n=3, headers={"Accept": "application/json"})
        before: list[tuple[str, str, str]] = []
        with pytest.raises(httpx.HTTPError), connect_sse(server.http, "GET", f"/jobs/{job_id}/events") as source:
            for event in source.iter_sse():
                before.append((event.id, event.event, event.data))
                if len(before) == 6:
                    server.kill()
        server.start()
        after: list[tuple[str, str, str]] = []
        headers = {"Last-Event-ID": before[-1][0]}
        with connect_sse(server.http, "GET", f"/jobs/{job_id}/events", headers=headers) as source:
            after += [(event.id, event.event, event.data) for event in source.iter_sse()]
        with connect_sse(server.http, "GET", f"/jobs/{job_id}/events") as source:
            everything = [(event.id, event.event, event.data) for event in source.iter_sse()]
        assert before + after == everything and everything[-1][1] == "done"
        assert [number for number, _, _ in everything] == [str(n) for n in range(1, len(everything) + 1)]
        assert "again" in [kind for _, kind, _ in after]


def test_events_arrive_as_they_happen(data: Path) -> None:
    with Server(data) as server:
        job_id = server.submit(n=2, headers={"Accept": "application/json"})
        with connect_sse(server.http, "GET", f"/jobs/{job_id}/events") as source:
            first = next(event for event in source.iter_sse() if event.event == "progress")
            assert server.job(job_id)["state"] == "running"
        assert json.loads(first.data)["total"] == 12


@pytest.mark.parametrize("count", [24, pytest.param(200, marks=pytest.mark.slow)])
def test_many_at_once_each_get_their_own_picture(data: Path, models: Path, count: int) -> None:
    async def ask(client: httpx.AsyncClient, seed: int) -> tuple[int, httpx.Response]:
        form = {"prompt": PROMPT, "mode": "preview", "seed": str(seed), "width": "256", "height": "192"}
        return seed, await client.post("/generate", data=form, files={"file": ("s.png", HOUSE)})

    async def ask_all(url: str) -> list[tuple[int, httpx.Response]]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, trust_env=False) as client:
            return list(await asyncio.gather(*(ask(client, seed) for seed in range(count))))

    with Server(data) as server:
        answers = asyncio.run(ask_all(server.url))
        threads = len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))
    assert all(answer.status_code == 200 for _, answer in answers), [a.text for _, a in answers if a.status_code != 200]
    assert all(answer.headers["x-seed"] == str(seed) for seed, answer in answers)
    assert len({answer.headers["x-job-id"] for _, answer in answers}) == count
    assert len({answer.content for _, answer in answers}) == count
    chain = design.build(settings=settings_over(data.parent / "alone", models))
    for seed in (0, count // 3, count - 1):
        request = {"sketch": HOUSE, "prompt": PROMPT, "mode": "preview", "seed": seed, "width": 256, "height": 192}
        alone = chain.invoke(request)["image"]
        assert Image.open(io.BytesIO(answers[seed][1].content)).tobytes() == alone.tobytes()
    assert threads < 100  # those that wait hold none


def test_a_second_server_says_who_holds_the_directory(data: Path) -> None:
    with Server(data) as server:
        second = atelier("serve", "--port", "0", data=data)
        assert second.returncode == 1 and "Traceback" not in second.stderr
        assert f"atelier serve (process {server.process.pid}) at {server.url}" in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
        server.kill()
        server.start()  # a kill leaves nothing that keeps the next one out
        assert server.generate(mode="preview").status_code == 200


def test_sigterm_answers_who_can_be_answered_and_keeps_the_rest(data: Path) -> None:
    answers: dict[int, httpx.Response] = {}
    with Server(data, JOB_THREADS=1) as server:
        assert server.generate(mode="preview").status_code == 200  # everything is warm

        def ask(seed: int) -> None:
            answers[seed] = httpx.post(
                f"{server.url}/generate", data={"prompt": PROMPT, "seed": seed}, files={"file": HOUSE}, timeout=60
            )

        asking = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
        for thread in asking:
            thread.start()
        until(lambda: len([job for job in server.http.get("/jobs").json()["jobs"] if not job["finished"]]) == 4, 10)
        assert server.end() in (0, -signal.SIGTERM)
        for thread in asking:
            thread.join(10)
        statuses = sorted(answer.status_code for answer in answers.values())
        assert statuses.count(202) >= 2 and statuses.count(200) >= 1, statuses
        assert "Traceback" not in server.log.read_text()
        assert not (data / "server.json").exists()
        server.start()
        ids = [answer.headers["x-job-id"] for answer in answers.values()]
        server.wait(ids, 30)
        assert {server.job(job_id)["state"] for job_id in ids} == {"done"}
        assert all(kinds(server, job_id).count("done") == 1 for job_id in ids)


def test_an_open_stream_does_not_hold_the_end_up(data: Path) -> None:
    with Server(data, JOB_THREADS=1) as server:
        blocker = server.submit(n=8, headers={"Accept": "application/json"})
        waits = server.submit()
        with connect_sse(server.http, "GET", f"/jobs/{waits}/events") as source:
            assert next(source.iter_sse()).event == "queued"
            server.http.delete(f"/jobs/{blocker}")
            start = time.monotonic()
            assert server.end() in (0, -signal.SIGTERM)
            assert time.monotonic() - start < 15


def test_a_client_that_leaves_takes_its_job_along(data: Path) -> None:
    with Server(data, JOB_THREADS=1) as server:
        assert server.generate(mode="preview").status_code == 200
        for headers, state in (({}, "cancelled"), ({"Idempotency-Key": "again"}, "done")):
            form = {"prompt": PROMPT, "n": "2", "width": "1024", "height": "768"}
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(
                    f"{server.url}/generate",
                    data=form,
                    files={"file": HOUSE},
                    headers={"Accept": "application/json", **headers},
                    timeout=0.5,
                )
            job_id = server.http.get("/jobs").json()["jobs"][0]["id"]
            until(lambda job_id=job_id: server.job(job_id)["finished"] is not None, 30)
            assert server.job(job_id)["state"] == state


def test_a_directory_that_cannot_be_written_is_named() -> None:
    done = atelier("serve", "--port", "0", data=Path("/proc/nowhere"))
    assert done.returncode == 1 and "DATA_DIR" in done.stderr and "Traceback" not in done.stderr


def test_a_full_disk_refuses_and_loses_nothing(data: Path) -> None:
    """A limit on the size of files stands for the disk; it is lifted from outside, as if somebody made room."""
    sketch = io.BytesIO()
    Image.effect_noise((1200, 1200), 90).save(sketch, "PNG")  # 1.4 MB that no compression makes smaller
    with Server(data, JOB_THREADS=1, JOB_LEASE_SECONDS=2) as server:
        size = sum(path.stat().st_size for path in data.glob("jobs.db*"))
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size + 12_000_000, resource.RLIM_INFINITY))
        kept = []
        for seed in range(40):
            answer = server.generate(sketch.getvalue(), {"Prefer": "respond-async"}, mode="preview", seed=seed)
            if answer.status_code != 202:
                break
            kept.append(answer.json()["id"])
        for _ in range(3):
            answer = server.generate(sketch.getvalue(), {"Prefer": "respond-async"}, mode="preview")
            assert (answer.status_code, answer.json()["error"]["type"]) == (507, "store_full"), answer.text
            assert "jobs.db" in answer.json()["error"]["message"]
        assert server.http.get("/healthz").status_code == 200 and kept
        assert all(server.job(job_id)["id"] == job_id for job_id in kept)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        kept.append(server.submit(mode="preview"))
        server.wait(kept, 60)
        assert {server.job(job_id)["state"] for job_id in kept} == {"done"}
        assert all(server.job(job_id)["attempts"] == 1 for job_id in kept)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis_binary()
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroma]:
    with Chroma(tmp_path_factory.mktemp("chroma")) as server:
        yield server


def painters(server: Server) -> int:
    """How many workers there are that take pictures' jobs."""
    return sum("image" in worker["queues"] for worker in server.http.get("/readyz").json()["workers"])


def test_an_api_and_two_workers_over_redis(data: Path, redis: Redis, chroma: Chroma, tmp_path: Path) -> None:
    shared = {"REDIS_URL": redis.fresh(), "CHROMA_URL": chroma.url, "JOB_THREADS": 1, "JOB_LEASE_SECONDS": 2}
    with Server(data, **shared) as server:
        form = {"name": "Mine alone", "words": "A style that only the server has: Bauhaus circles."}
        picture = {"file": ("s.png", images.to_png(Image.effect_noise((200, 200), 80).convert("RGB")))}
        assert server.http.post("/styles", data=form, files=picture).status_code == 201
        ids = [server.submit(seed=seed, style="mine-alone" if seed == 0 else "") for seed in range(10)]
        assert {server.job(job_id)["state"] for job_id in ids} == {"queued"}  # the server only takes them in
        assert painters(server) == 0  # the server itself takes pictures into its library, and paints none
        workers = [WorkerProcess(tmp_path / f"worker-{number}", **shared) for number in range(2)]
        try:
            until(lambda: sum(server.job(job_id)["state"] == "done" for job_id in ids) >= 2, 60)
            assert painters(server) == 2
            workers[0].process.kill()
            server.kill()
            server.start()
            server.wait(ids, 60)
            assert {server.job(job_id)["state"] for job_id in ids} == {"done"}
            assert all(kinds(server, job_id).count("done") == 1 for job_id in ids)
            assert server.job(ids[0])["result"]["style"]["name"] == "Mine alone"
            answer = server.generate(seed=99, mode="preview", headers={"Accept": "application/json"})
            assert answer.json()["seeds"] == [99] and base64.b64decode(answer.json()["images"][0])
            assert not (tmp_path / "worker-1/chroma").exists()  # workers write no index
            workers[1].process.send_signal(signal.SIGTERM)
            assert workers[1].process.wait(20) == 0
        finally:
            for worker in workers:
                worker.process.kill()
                worker.process.wait(10)


@pytest.mark.slow  # tests/test_compose.py does a job of every kind
def test_stories_and_their_pictures_by_workers_apart(data: Path, redis: Redis, chroma: Chroma, tmp_path: Path) -> None:
    shared = {"REDIS_URL": redis.fresh(), "CHROMA_URL": chroma.url, "JOB_THREADS": 1}
    with Server(data, **shared) as server:
        told = server.http.post("/generate-story", files={"file": ("house.png", HOUSE)}).json()["job_id"]
        asked = {"question": "the Colosseum", "mode": "preview"}
        later = {"Prefer": "respond-async"}
        shown = server.http.post("/illustrate", json=asked, headers=later).json()["id"]
        story = WorkerProcess(tmp_path / "story", "story", **shared)
        image = None
        try:
            until(lambda: server.job(told)["state"] == "done", 60)
            assert server.job(shown)["state"] == "queued"  # nobody paints yet
            until(lambda: server.http.get("/memories").json()["total"] == 1, 20)  # the server remembers, no worker
            text = server.http.get(f"/job/{told}").json()["result"]["story"]
            painted = server.http.post("/generate-image", json={"story": text, "mode": "preview"}).json()["job_id"]
            image = WorkerProcess(tmp_path / "image", "image", **shared)
            server.wait([shown, painted], 60)
            until(lambda: server.http.get("/memories").json()["total"] == 2, 20)
            assert [one["id"] for one in server.job(painted)["result"]["memories"]] == [told]
            assert "Colosseum" in server.job(shown)["result"]["prompt"]
            for folder in ("story", "image"):
                assert not (tmp_path / folder / "faiss").exists() and not (tmp_path / folder / "library").exists()
        finally:
            for worker in (story, image):
                if worker is not None:
                    worker.process.kill()
                    worker.process.wait(10)


def test_redis_that_is_missing_at_the_start_or_goes_away_later(
    data: Path, redis: Redis, chroma: Chroma, models: Path, tmp_path: Path
) -> None:
    missing = atelier("serve", data=data, REDIS_URL="redis://:word@127.0.0.1:1/0", CHROMA_URL=chroma.url)
    assert missing.returncode == 1 and "REDIS_URL=redis://127.0.0.1:1/0" in missing.stderr
    assert "Traceback" not in missing.stderr and "word" not in missing.stderr
    alone = atelier("serve", data=data, REDIS_URL=redis.url)
    assert alone.returncode == 1 and "CHROMA_URL" in alone.stderr
    unasked = atelier("worker", data=data)
    assert unasked.returncode == 1 and "REDIS_URL" in unasked.stderr
    with Server(data, REDIS_URL=redis.fresh(), CHROMA_URL=chroma.url) as server:
        job_id = server.submit()
        redis.kill()
        for answer in (server.generate(), server.http.get("/jobs"), server.http.get(f"/jobs/{job_id}")):
            assert (answer.status_code, answer.json()["error"]["type"]) == (503, "store_unreachable")
            assert answer.headers["retry-after"]
        assert server.http.get("/healthz").status_code == 200
        assert server.http.post("/preview", data={"prompt": PROMPT}, files={"file": HOUSE}).status_code == 200
        redis.start()
        assert server.job(job_id)["state"] == "queued"
        server.http.delete(f"/jobs/{job_id}")
        assert kinds(server, job_id) == ["queued", "cancelled"]


def test_sigterm_tells_who_waits_for_a_long_job_where_it_goes_on(data: Path) -> None:
    answers: list[httpx.Response] = []
    with Server(data, JOB_THREADS=1, SHUTDOWN_SECONDS=1) as server:
        assert server.generate(mode="preview").status_code == 200

        def ask() -> None:
            long = {"n": 8, "width": 1024, "height": 768}
            answers.append(server.generate(headers={"Accept": "application/json"}, **long))

        asking = threading.Thread(target=ask)
        asking.start()
        until(lambda: server.http.get("/jobs?state=running").json()["jobs"] != [], 10)
        start = time.monotonic()
        assert server.end() in (0, -signal.SIGTERM)
        asking.join()
        assert time.monotonic() - start < 10
        (answer,) = answers
        assert answer.status_code == 202 and answer.json()["state"] == "queued"
        assert answer.headers["location"] == f"/jobs/{answer.headers['x-job-id']}"
        assert "Traceback" not in server.log.read_text() and "ERROR" not in server.log.read_text()


def test_the_second_signal_gives_the_job_back_at_once(data: Path) -> None:
    with Server(data, JOB_THREADS=1) as server:
        job_id = server.submit(n=8, width=1024, height=768, headers={"Accept": "application/json"})
        until(lambda: server.job(job_id)["state"] == "running", 20)
        server.process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        start = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        server.process.wait(15)
        assert time.monotonic() - start < 6
        server.start()
        assert "again" in kinds_so_far(server, job_id)


def kinds_so_far(server: Server, job_id: str) -> list[str]:
    server.http.delete(f"/jobs/{job_id}")
    return kinds(server, job_id)


def test_a_port_that_is_taken_is_found_out_before_any_work(data: Path) -> None:
    with Server(data) as server:
        other = atelier("serve", "--port", str(server.port), data=data.parent / "other")
    assert other.returncode == 1 and f"127.0.0.1:{server.port}" in other.stderr
    assert len(other.stderr.strip().splitlines()) == 1 and not (data.parent / "other").exists()


def test_a_directory_that_somebody_took_away_takes_no_more_jobs(data: Path) -> None:
    with Server(data) as server:
        assert server.generate(mode="preview").status_code == 200
        data.rename(data.with_name("away"))
        data.mkdir()
        for answer in (server.generate(mode="preview"), server.http.get("/readyz")):
            assert answer.status_code == 503 and "removed while this process ran" in answer.text
        (data / "server.json").write_text("another server's")
        assert server.end() in (0, -signal.SIGTERM)
        assert (data / "server.json").read_text() == "another server's"


def test_damaged_jobs_are_said_in_one_line(data: Path) -> None:
    (data / "jobs.db").write_bytes(os.urandom(50_000))
    for command in (["serve", "--port", "0"], ["jobs", "list"]):
        done = atelier(*command, data=data)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "jobs.db" in done.stderr and "styles are not" in done.stderr


def test_finished_jobs_make_room_again(data: Path) -> None:
    with Server(data, MAX_FINISHED_JOBS=3) as server:
        for seed in range(12):
            assert server.generate(mode="preview", seed=seed, width=256).status_code == 200
        until(lambda: len(server.http.get("/jobs").json()["jobs"]) == 3, 30)
        until(lambda: sum(path.stat().st_size for path in data.glob("jobs.db*")) < 3_000_000, 30)
