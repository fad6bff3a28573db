"""Memory that a process holds."""

from __future__ import annotations

from pathlib import Path


def resident(pid: int) -> int:
    """Bytes of the process itself, without what it shares with others by files."""
    told = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in told.splitlines() if line.startswith("RssAnon:")]
    return int(line.split()[1]) * 1024
