"""Numeric thread counts, pinned where a different count would change a result.

A matrix product summed by two BLAS threads may differ in its last bit from the same product summed by one, and a
nearest-neighbour search can then pick another patch. Most BLAS builds keep one count for the whole process, so that
pin is counted: the first that enters sets it, the last that leaves restores what was there. OpenMP keeps a count per
thread, which BLAS builds on top of it follow, so each thread sets its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from threadpoolctl import OpenBLASController, ThreadpoolController

_OWN_POOLS = ["pthreads", "intel", "gnu", "tbb", "unknown"]  # BLAS builds that do not follow their caller's OpenMP

_lock = Lock()
_inside = 0
_limiter: Any = None


@contextmanager
def one_numeric_thread() -> Iterator[None]:
    """Run the block with one numeric thread, whatever else runs beside it; entering takes about a millisecond."""
    global _inside, _limiter
    libraries = ThreadpoolController()
    with _lock:
        _inside += 1
        if _inside == 1:
            _take_control()
            _limiter = libraries.select(threading_layer=_OWN_POOLS).limit(limits=1)
    own = libraries.select(user_api="openmp").limit(limits=1)
    try:
        yield
    finally:
        own.restore_original_limits()
        with _lock:
            _inside -= 1
            if _inside == 0:
                _take_control()
                _limiter.restore_original_limits()


def _take_control() -> None:
    """Let this thread set OpenBLAS's count; whoever sets it first keeps that right, and others are silently ignored."""
    OpenBLASController.clear_controlling_thread(force=True)
