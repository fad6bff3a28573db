"""A describing process that is killed at any moment and begun again: no answer that was kept is asked for again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.settings import ROOT, read_settings
from retrievers.catalog import open_intake, open_pictures
from retrievers.query import Query
from tests.conftest import settings_over
from tests.gallery import fill

AT_ONCE = 2
SCRIPT = """
import sys
from pathlib import Path
from chains import describe
from core.settings import read_settings
from tests.describers import Looking

data, log = Path(sys.argv[1]), Path(sys.argv[2])
describer = Looking(pause=0.03, at_once=int(sys.argv[3]), log=log)
describe.build(describer, settings=read_settings(data_dir=data)).invoke({"folder": sys.argv[4]})
"""


def begin(data: Path, log: Path, pictures: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SCRIPT, str(data), str(log), str(AT_ONCE), str(pictures)]
    surroundings = {**os.environ, "DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=surroundings)


def shown(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


@pytest.mark.parametrize("kills", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_killed_at_any_moment_and_begun_again(tmp_path: Path, models: Path, kills: int) -> None:
    data, log = settings_over(tmp_path / "data", models).data_dir, tmp_path / "shown"
    fill(tmp_path / "pictures")
    rng = np.random.default_rng(3)
    for kill in range(kills):
        process = begin(data, log, tmp_path / "pictures")
        until = time.monotonic() + 30
        while len(shown(log)) < 4 * (kill + 1) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(float(rng.uniform(0, 0.05)))
        process.kill()
        process.wait(10)
    last = begin(data, log, tmp_path / "pictures")
    assert last.wait(60) == 0
    times = Counter(shown(log))
    assert len(times) == 24 and sum(times.values()) <= 24 + AT_ONCE * kills  # what was under way when it was killed
    settings = read_settings(data_dir=data)
    library = open_pictures(settings)
    assert library.archive.counts() == {"looking 1": 24} and open_intake(settings).compare().sound
    assert library.search(Query("an umbrella", channels=("description",))).hits
