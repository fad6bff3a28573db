"""An ingest that is killed at any moment and run again ends as one that nobody disturbed."""

from __future__ import annotations

import shutil
import time
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ingesting import STEP, ingest
from tests.library import draw, fill

KINDS = ("chroma", "faiss")


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that have imported everything already."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.ingesting"])
    return context


def run(processes: ForkServerContext, data: Path, kind: str, root: Path, kill_at: int | None, delay: float = 0) -> Any:
    """An ingest; killed after so many steps and a delay, or what it holds at its end, with how many steps it took."""
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=ingest, args=(data, kind, root, there))
    process.start()
    there.close()
    steps = 0
    try:
        while True:
            told = here.recv()
            if told != STEP:
                return told, steps
            steps += 1
            if steps == kill_at:
                time.sleep(delay)
                return None
    finally:
        if kill_at is not None:
            process.kill()
        process.join(60)
        assert process.exitcode == (-9 if kill_at is not None else 0)


def change(root: Path, paths: list[Path]) -> None:
    """Rename, overwrite, delete, copy, damage and add files."""
    (root / "red").rename(root / "crimson")
    blue = [path for path in paths if path.parent.name == "blue"]
    for i, path in enumerate(blue[:6]):
        draw("blue", "ring", 1_000 + i).save(path)
    green = [path for path in paths if path.parent.name == "green"]
    for path in green[:5]:
        path.unlink()
    green[5].write_bytes(b"no picture any more")
    shutil.copy2(green[6], root / "a copy.png")
    fill(root / "new ones", 12, seed=500)


@pytest.fixture(scope="module")
def before(processes: ForkServerContext, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Pictures that have changed since they were taken in, and the libraries that know nothing of that."""
    folder = tmp_path_factory.mktemp("killed")
    paths = fill(folder / "pictures", 60)
    for kind in KINDS:
        run(processes, folder / kind, kind, folder / "pictures", None)
    change(folder / "pictures", paths)
    return folder / "pictures", folder


@pytest.mark.parametrize("rounds", [2, pytest.param(12, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_any_moment_and_run_again(
    processes: ForkServerContext, before: tuple[Path, Path], tmp_path: Path, kind: str, rounds: int
) -> None:
    root, libraries = before
    rng = np.random.default_rng(7)
    for begun in (False, True):  # from nothing, and from a library of before the changes

        def begin(name: str, begun: bool = begun) -> Path:
            data = tmp_path / f"{name}-{begun}"
            if begun:
                shutil.copytree(libraries / kind, data)
            else:
                data.mkdir()
            return data

        wanted, steps = run(processes, begin("undisturbed"), kind, root, None)
        assert wanted["sound"] and len(wanted["pictures"]) == 66 == wanted["count"]
        moments = np.linspace(1, steps, rounds).round().astype(int)
        for number, moment in enumerate(moments):
            data = begin(str(number))
            run(processes, data, kind, root, int(moment), float(rng.uniform(0, 0.02)))
            if number % 2:
                run(processes, data, kind, root, 2, float(rng.uniform(0, 0.02)))  # the one that went on as well
            found, _ = run(processes, data, kind, root, None)
            for what in wanted:
                assert found[what] == wanted[what], f"{what} after a kill at step {moment} of {steps}"
