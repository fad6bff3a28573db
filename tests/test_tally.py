from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from generators.denoised import Account, Denoised
from retrievers.tally import Tally


def test_what_many_threads_embed_is_counted_once_each() -> None:
    tally = Tally()

    def embed(number: int) -> None:
        with tally.counting("text" if number % 2 else "picture", "model", 3):
            time.sleep(0.001)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(embed, range(40)))
    totals = tally.totals()
    assert {key: total.items for key, total in totals.items()} == {("text", "model"): 60, ("picture", "model"): 60}
    assert all(total.seconds >= 20 * 0.001 for total in totals.values())


def test_what_fails_is_not_counted() -> None:
    tally = Tally()
    with pytest.raises(ValueError, match="broken"), tally.counting("text", "model"):
        raise ValueError("broken")
    assert not tally.totals()


def test_denoising_is_added_up() -> None:
    account = Account()
    for _ in range(3):
        account.add(Denoised(steps=2, passes=1, branches=4, room=16, seconds=0.5))
    assert account.total() == Denoised(steps=6, passes=3, branches=12, room=48, seconds=1.5)
