"""Owner: the one process that writes under DATA_DIR, and where it can be asked.

`owner.lock` is held for a process's life and ends with it, however it ends. `owner.json` says who holds it,
`server.json` where that process answers; neither is believed while the lock is free. Whoever tries or looks stands at
`owner.door` meanwhile, so that one who only looks is never taken for the owner.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from filelock import FileLock, Timeout

from core.errors import BadSetting, StoreBusy
from core.files import write_whole

LOCK, DOOR, OWNER, SERVER = "owner.lock", "owner.door", "owner.json", "server.json"
AT_THE_DOOR = 5.0  # s; others stand there for milliseconds


@dataclass(frozen=True)
class Server:
    """A running server that owns a data directory; `key` lets processes of the same user in."""

    url: str
    key: str = field(repr=False)
    pid: int


class Owner:
    """This process's hold on a data directory; see `own`."""

    def __init__(self, data_dir: Path, lock: FileLock) -> None:
        self.data_dir, self._lock, self._pid = data_dir, lock, os.getpid()
        self._identity = _identity(data_dir / LOCK)

    def check(self) -> None:
        """Raise `BadSetting` where the directory is not this process's any more."""
        if not self.holds:
            raise BadSetting("DATA_DIR", str(self.data_dir), "it was removed while this process ran: start it again")

    @property
    def holds(self) -> bool:
        """False once it is released, in a forked child, and where somebody took the directory away."""
        try:
            there = _identity(self.data_dir / LOCK) == self._identity
        except OSError:
            there = False
        return there and self._pid == os.getpid() and self._lock.is_locked

    def announce(self, url: str, key: str) -> None:
        """Tell processes of the same user where this one answers. Raises `BadSetting` where that cannot be written."""
        if not self.holds:
            raise RuntimeError(f"this process does not own {self.data_dir}")
        told = json.dumps({"url": url, "key": key, "pid": self._pid})
        try:
            descriptor, name = tempfile.mkstemp(".part", f".{SERVER}.", self.data_dir)  # nobody else may ever read it
            part = Path(name)
            try:
                with os.fdopen(descriptor, "w") as file:
                    file.write(told)
                part.replace(self.data_dir / SERVER)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise BadSetting("DATA_DIR", str(self.data_dir), error.strerror or str(error)) from error

    def withdraw(self) -> None:
        """Take back what was announced."""
        if self.holds:
            (self.data_dir / SERVER).unlink(missing_ok=True)

    def release(self) -> None:
        """Let go; another process may own the directory then."""
        with _guard:
            if self.holds:
                self.withdraw()
                self._lock.release()
                _mine.pop((self._pid, self.data_dir), None)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


_mine: dict[tuple[int, Path], Owner] = {}  # by process: a forked child owns nothing that its parent owns
_guard = Lock()


def _guard_anew() -> None:
    global _guard
    _guard = Lock()  # a thread of the parent may have held it, and there is no such thread in the child


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_guard_anew)


def own(data_dir: Path, what: str | None = None) -> Owner:
    """Own a data directory for the rest of this process's life, or until `release`; `what` tells others who does.

    Raises `StoreBusy`, naming the process that owns it, and `BadSetting` where the directory cannot be written.
    """
    path = data_dir.resolve()
    with _guard:
        owner = _mine.get((os.getpid(), path))
        if owner is None:
            owner = _mine[os.getpid(), path] = _take(path, what or _program())
        return owner


def server_of(data_dir: Path) -> Server | None:
    """The server that owns the directory now; None where nobody does, or a process that does not serve."""
    found = _look(data_dir.resolve())
    return None if found is None else _server(*found)


def holder_of(data_dir: Path) -> str | None:
    """Who else owns the directory now, in words; None where nobody or this process does."""
    path = data_dir.resolve()
    found = _look(path)
    return None if found is None or (os.getpid(), path) in _mine else _in_words(*found)


def _take(path: Path, what: str) -> Owner:
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / LOCK, thread_local=False)
        with _door(path):
            lock.acquire(timeout=0)
            try:
                (path / SERVER).unlink(missing_ok=True)  # of an owner that was killed
                since = datetime.now(UTC).isoformat(timespec="seconds")
                told = {"pid": os.getpid(), "what": what, "since": since}
                write_whole(path / OWNER, json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"))
            except BaseException:
                lock.release()
                raise
    except Timeout:
        raise StoreBusy(str(path), _in_words(_read(path / OWNER), _read(path / SERVER))) from None
    except OSError as error:
        raise BadSetting("DATA_DIR", str(path), error.strerror or str(error)) from error
    return Owner(path, lock)


def _look(path: Path) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What the owner told of itself and of its server; None where the lock is free, or nobody may look."""
    with _guard:
        try:
            if (os.getpid(), path) not in _mine:
                if not (path / LOCK).exists():
                    return None
                with _door(path), _free(path):
                    return None
        except Timeout:
            pass
        except OSError:  # whoever cannot write there does not get past `own` either
            return None
        return _read(path / OWNER), _read(path / SERVER)


def _door(path: Path) -> AbstractContextManager[object]:
    return FileLock(path / DOOR, thread_local=False).acquire(timeout=AT_THE_DOOR, poll_interval=0.005)


def _free(path: Path) -> AbstractContextManager[object]:
    """The owner's lock for a moment; raises `Timeout` where it is held."""
    return FileLock(path / LOCK, thread_local=False).acquire(timeout=0)


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _server(owner: dict[str, Any], told: dict[str, Any]) -> Server | None:
    url, key, pid = (told.get(name) for name in ("url", "key", "pid"))
    if isinstance(url, str) and isinstance(key, str) and isinstance(pid, int) and pid == owner.get("pid"):
        return Server(url, key, pid)
    return None


def _in_words(owner: dict[str, Any], told: dict[str, Any]) -> str:
    server = _server(owner, told)
    where = "" if server is None else f" at {server.url}"
    return f"{owner.get('what', 'another program')} (process {owner.get('pid', '?')}){where}"


def _program() -> str:
    path = Path(sys.argv[0] if sys.argv else "")
    name = path.parent.name if path.name == "__main__.py" else path.name
    return "python" if name in ("", "-c", "-m", "-") else name
