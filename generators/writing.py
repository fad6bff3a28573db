"""Writing: why a text could not be written, whatever model was to write it."""

from __future__ import annotations

from core.errors import AtelierError


class WritingStopped(Exception):
    """Nobody wants the text any more. Its kinds are those of the writers that a text may come from."""


class WritingFailed(AtelierError):
    """A model could not write this text; others that it was writing are not concerned."""

    def __init__(self, reason: str, remedy: str = "try again, and report it if it stays") -> None:
        super().__init__(f"the text could not be written ({reason})", remedy, reason=reason)


class MemoryShort(WritingFailed):
    """There is no room for the model, or for a single row of its work: every request would meet that."""

    def __init__(self, device: str, doing: str) -> None:
        reason = f"{device} is out of memory while {doing}"
        super().__init__(reason, "free memory there, take a smaller model, or set USE_8BIT, USE_FP16 or DEVICE")


class NumbersLost(WritingFailed):
    def __init__(self) -> None:
        super().__init__("its numbers left the range of numbers", "set USE_FP16=false, or take other weights")
