"""A disk that is really full: what was acknowledged stays, what cannot be kept is refused, also through a kill."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.conftest import data_over
from tests.servers import Server

SIZE = 48  # MB of the disk
REFUSED = (503, 507)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(folder)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk here; a limit on files stands for it in tests/test_server.py")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def grain(seed: int) -> bytes:
    """A drawing on grainy paper: a third of a megabyte that no compression makes smaller."""
    held, paper = io.BytesIO(), Image.effect_noise((720, 720), 12).point(lambda value: value + 60)
    ImageDraw.Draw(paper).rectangle((90, 90 + seed, 600, 620), outline=0, width=9)
    paper.save(held, "PNG")
    return held.getvalue()


@pytest.mark.slow  # tests/test_server.py fills a disk that is a limit on files
@pytest.mark.timeout(300)
def test_a_full_disk_loses_nothing_also_through_a_kill(disk: Path, models: Path) -> None:
    data = data_over(disk / "data", models)
    with Server(data, MIN_FREE_BYTES=4_000_000, JOB_LEASE_SECONDS=2) as server:
        first = server.submit(mode="preview")
        server.wait([first])
        kept, pictures = [first], []
        for number in range(200):
            later = {"Prefer": "respond-async"}
            answer = server.generate(grain(number), later, mode="preview", width=256, height=256, seed=number)
            if answer.status_code == 202:
                kept.append(answer.json()["id"])
            told = server.http.post("/pictures", files={"files": (f"{number}.png", grain(number))}, headers=later)
            if told.status_code == 202:
                kept.append(told.json()["id"])
                pictures.append(f"{number}.png")
            if answer.status_code in REFUSED and told.status_code in REFUSED:
                break
            assert {answer.status_code, told.status_code} <= {202, *REFUSED}, (answer.text, told.text)
        assert answer.status_code == 507 and answer.json()["error"]["type"] == "store_full", answer.text
        assert server.http.get("/healthz").status_code == 200
        short = server.http.get("/readyz")
        assert short.status_code == 503 and "disk_short" in short.text and "MIN_FREE_BYTES" in short.text
        assert server.http.get(f"/jobs/{first}/result").status_code == 200
        server.kill()
        try:
            server.start()
        except AssertionError as refused:  # not even a file of locks can be written
            assert "cannot take more" in str(refused) and "make room there" in str(refused)
        subprocess.run(["mount", "-o", f"remount,size={SIZE * 8}m", str(disk)], check=True)  # somebody made room
        if server.process.poll() is not None:
            server.start()
        assert server.job(first)["state"] == "done"
        for job_id in kept:  # one that met the full disk says so, and is asked for again
            server.wait([job_id], 120)
            job = server.job(job_id)
            if job["state"] != "done":
                assert job["error"]["type"] in ("store_full", "no_room"), job["error"]
                assert server.http.post(f"/jobs/{job_id}/retry").status_code in (200, 202)
        server.wait(kept, 120)
        assert {server.job(job_id)["state"] for job_id in kept} == {"done"}
        listed = [one["name"] for one in server.http.get("/pictures", params={"limit": 1_000}).json()["pictures"]]
        assert sorted(listed) == sorted(pictures)
        assert server.generate(mode="preview").status_code == 200
        assert server.http.get("/readyz").status_code == 200
