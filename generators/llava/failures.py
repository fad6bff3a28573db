"""Failures: what the libraries raise, as errors that a request can be answered with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import AtelierError
from generators.device import is_shortage
from generators.writing import MemoryShort, WritingFailed

log = logging.getLogger("atelier")


@contextmanager
def translated(doing: str, foreign: Callable[[Exception], bool] = lambda error: False) -> Iterator[None]:
    """Raise whatever a library raises within the block as an error of ours; a shortage of memory and what is
    `foreign` to the model pass as they are."""
    try:
        yield
    except AtelierError:
        raise
    except Exception as error:
        if foreign(error) or is_shortage(error):
            raise
        log.warning("a text failed while %s", doing, exc_info=error)
        told = (str(error).strip().splitlines() or [""])[0][:200]
        # its frames would keep their tensors for as long as it lives
        raise WritingFailed(f"while {doing}: {type(error).__name__}: {told}") from error.with_traceback(None)


@contextmanager
def telling_shortage(device: str, doing: str) -> Iterator[None]:
    """Raise a shortage of memory within the block as `MemoryShort`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        raise MemoryShort(device, doing) from error.with_traceback(None)
