from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import cv2  # noqa: F401 - brings a BLAS of its own, beside numpy's
import numpy as np  # noqa: F401
from threadpoolctl import threadpool_info, threadpool_limits

from generators.threads import one_numeric_thread


def threads() -> set[int]:
    """Counts of OpenMP in this thread, and of the BLAS libraries that do not follow it."""
    return {pool["num_threads"] for pool in threadpool_info() if pool.get("threading_layer") != "openmp"}


def test_pins_while_anybody_is_inside_and_restores_after() -> None:
    barrier = Barrier(2, timeout=10)

    def first() -> None:
        with one_numeric_thread():
            barrier.wait()  # both inside
        barrier.wait()  # this one is out, the other still inside

    def second() -> set[int]:
        with one_numeric_thread():
            barrier.wait()
            barrier.wait()
            return threads()

    two = threadpool_limits(2)
    try:
        assert threads() == {2}
        with ThreadPoolExecutor(2) as pool:
            pool.submit(first)
            assert pool.submit(second).result(10) == {1}
        assert threads() == {2}
    finally:
        two.restore_original_limits()
