"""Failures of a model that writes, as errors that a request can be answered with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import AtelierError
from generators.device import is_shortage

log = logging.getLogger("atelier")


class WritingFailed(AtelierError):
    """A model could not write this text; others that it was writing are not concerned."""

    def __init__(self, reason: str, remedy: str = "try again, and report it if it stays") -> None:
        super().__init__(f"the text could not be written ({reason})", remedy, reason=reason)


class OutOfMemory(WritingFailed):
    """There is no room for the model, or for a single row of its work: every request would meet it."""

    def __init__(self, device: str, doing: str) -> None:
        reason = f"{device} is out of memory while {doing}"
        super().__init__(reason, "free memory there, take a smaller model, or set USE_8BIT, USE_FP16 or DEVICE")


class OutOfRange(WritingFailed):
    def __init__(self) -> None:
        super().__init__("its numbers left the range of numbers", "set USE_FP16=false, or take other weights")


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
    """Raise a shortage of memory within the block as `OutOfMemory`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        raise OutOfMemory(device, doing) from error.with_traceback(None)
