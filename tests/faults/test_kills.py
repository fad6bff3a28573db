"""kill -9 of server, workers, Redis and Chroma at random moments, under load: what was acknowledged is done, once."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.faults.account import check, settle
from tests.faults.fleet import MEMBERS, Fleet
from tests.faults.load import Load
from tests.redises import redis_binary


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("rounds", [len(MEMBERS), pytest.param(30, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost_or_done_twice(tmp_path: Path, models: Path, rounds: int) -> None:
    redis_binary()
    rng = random.Random(rounds)
    struck = [*MEMBERS, *(rng.choice(MEMBERS) for _ in range(rounds - len(MEMBERS)))]
    rng.shuffle(struck)
    with Fleet(tmp_path, models) as fleet:
        with Load(fleet) as load:
            for name in struck:
                time.sleep(rng.uniform(0.3, 2.0))
                fleet.kill(name)
                time.sleep(rng.uniform(0.0, 1.0))
                fleet.start(name)
                fleet.revive()
            time.sleep(1)
        settle(fleet, load)
        check(fleet, load)
    assert len(load.jobs) > 3 * rounds and load.pictures and load.documents
    assert "Traceback" not in (fleet.folder / "server.log").read_text(errors="replace")
