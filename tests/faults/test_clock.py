"""The clock jumps, as a machine's does that wakes up or is told the time: jobs are done all the same, and once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.account import check, settle
from tests.faults.fleet import fleet
from tests.faults.load import Load

FAKETIME = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
JUMPS = (3_600, -7_200, 86_400 // 2, 0)  # s from the true time, one after the other


@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed (Debian: apt-get install faketime)")
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_hours_forth_and_back_lose_nothing(tmp_path: Path, models: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": str(FAKETIME[0]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with fleet(tmp_path, models, **faked) as running:
        with Load(running) as load:
            for seconds in JUMPS:
                time.sleep(2)  # of work by this clock
                clock.write_text(f"{seconds:+d}")
            time.sleep(2)
        settle(running, load)
        check(running, load)
    assert len(load.jobs) > 20 and not load.met - {200, 201, 202}
