"""Numeric thread counts, pinned where a different count would change a result.

A matrix product summed by two BLAS threads may differ in its last bit from the same product summed by one, and a
nearest-neighbour search can then pick another patch. BLAS keeps one count for the whole process, so the pin is
counted: the first that enters sets it, the last that leaves restores what was there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

from core.once import Once

_controllers: Once[str, Any] = Once(lambda api: ThreadpoolController().select(user_api=api))
_lock = Lock()
_inside = 0
_limiter: Any = None


@contextmanager
def one_numeric_thread() -> Iterator[None]:
    """Run the block with one BLAS thread (process-wide) and one OpenMP thread (of the calling thread)."""
    global _inside, _limiter
    with _lock:
        _inside += 1
        if _inside == 1:
            _limiter = _controllers("blas").limit(limits=1)
    try:
        with _controllers("openmp").limit(limits=1):  # OpenMP counts belong to the thread that sets them
            yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limiter.restore_original_limits()
