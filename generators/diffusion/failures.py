"""Failures: what the libraries raise, as errors that a request can be answered with."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.errors import AtelierError
from generators.device import give_back, is_shortage
from generators.orders import OutOfMemory, PaintingFailed

log = logging.getLogger("atelier")


def as_ours(error: Exception, device: torch.device, doing: str) -> AtelierError:
    """An error of ours that has the other as its cause.

    The cause is logged with its traceback, and loses it: the frames would keep their tensors for as long as it lives.
    """
    if isinstance(error, AtelierError):
        return error
    log.warning("a picture failed while %s", doing, exc_info=error)
    shortage = is_shortage(error)
    told = str(error).strip().splitlines() or [""]
    reason = f"while {doing}: {type(error).__name__}: {told[0][:200]}"
    ours = OutOfMemory(str(device), doing) if shortage else PaintingFailed(reason)
    ours.__cause__ = error.with_traceback(None)
    return ours


@contextmanager
def translated(device: torch.device, doing: str) -> Iterator[None]:
    """Raise whatever a library raises within the block as an error of ours."""
    try:
        yield
    except Exception as error:
        ours = as_ours(error, device, doing)
        if ours is error:
            raise
        give_back(device)
        raise ours from error
