"""kill -9 of server, workers, Redis and Chroma at random moments, under load: what was acknowledged is done, once."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.faults.account import check, settle
from tests.faults.fleet import fleet
from tests.faults.load import Load


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("rounds", [5, pytest.param(30, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost_or_done_twice(tmp_path: Path, models: Path, rounds: int) -> None:
    rng = random.Random(rounds)
    with fleet(tmp_path, models) as running:
        struck = [*running.members, *rng.choices(running.members, k=rounds - len(running.members))]
        rng.shuffle(struck)
        with Load(running) as load:
            for member in struck:
                time.sleep(rng.uniform(0.3, 2.0))  # a moment of work, and then one without it
                member.kill()
                time.sleep(rng.uniform(0.0, 1.0))
                member.start()
                running.revive()
            time.sleep(1)
        settle(running, load)
        check(running, load)
        assert "Traceback" not in running.server.log.read_text(errors="replace")
    assert len(load.jobs) > 3 * rounds and load.pictures and load.documents
