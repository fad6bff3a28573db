"""Keys: who may come in, by the hashes of their keys: those of API_KEYS, and those of a file under DATA_DIR.

`atelier keys new` writes the file and `keys revoke` takes out of it; a running server sees that at its next request. No
key is ever written down, only its SHA-256: a key is 192 random bits, so that its hash cannot be turned back.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from filelock import FileLock

from core.errors import BadSetting, BadValue, CorruptCatalogue, NotFound, Refused
from core.settings import HASHED, KEY_NAME, Settings, named_key

log = logging.getLogger("atelier")

FILE, GUARD = "keys.json", "keys.lock"
BYTES = 24  # of a key
Stamp = tuple[int, int, int]  # of a file: when it was written, how long it is, which one it is


@dataclass(frozen=True)
class Key:
    """A key by its name and hash; whoever sends it is known by the name."""

    name: str
    sha256: str
    created: str = ""


class KeyExists(Refused):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is a key called {name!r} already", "choose another name, or revoke that one first", name=name
        )


class UnknownKey(NotFound):
    def __init__(self, name: str, known: Iterable[str]) -> None:
        names = ", ".join(known) or "nobody"
        remedy = f"the file has keys of {names}; those of API_KEYS are taken out of .env by hand, and a restart does it"
        super().__init__(f"no key that could be revoked is called {name[:80]!r}", remedy, name=name[:80])


def digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def make_key(name: str | None = None) -> tuple[str, Key]:
    """A new key, and what is kept of it. Raises `BadValue` for a name that cannot be."""
    secret = secrets.token_urlsafe(BYTES)
    hashed = digest(secret)
    called = f"key-{hashed[:8]}" if name is None else name
    if not KEY_NAME.fullmatch(called) or called == "local":
        raise BadValue("name", called, "1 to 40 letters, digits, dots and dashes, and is not local")
    return secret, Key(called, hashed, datetime.now(UTC).isoformat(timespec="seconds"))


def configured(settings: Settings) -> list[Key]:
    """The keys of API_KEYS; one without a name is called by its hash, which gives nothing of it away."""
    found = []
    for entry in settings.api_keys:
        name, secret = named_key(entry)
        hashed = secret.removeprefix(HASHED) if secret.startswith(HASHED) else digest(secret)
        found.append(Key(name or f"key-{hashed[:8]}", hashed))
    return found


class KeyFile:
    """`DATA_DIR/keys.json`, readable for its owner alone."""

    def __init__(self, data_dir: Path) -> None:
        self.path, self._guard = data_dir / FILE, data_dir / GUARD

    def read(self) -> list[Key]:
        """Raises `CorruptCatalogue`."""
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
            keys = [Key(str(one["name"]), str(one["sha256"]), str(one["created"])) for one in told["keys"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CorruptCatalogue(str(self.path), f"{type(error).__name__}: {error}") from error
        if not all(KEY_NAME.fullmatch(key.name) and len(key.sha256) == 64 for key in keys):
            raise CorruptCatalogue(str(self.path), "a name or a hash in it is none")
        return keys

    def add(self, key: Key, taken: Iterable[str] = ()) -> None:
        """Raises `KeyExists` where the name is `taken` or in the file, and `BadSetting`."""
        with self._changing() as keys:
            if key.name in {*taken, *(other.name for other in keys)}:
                raise KeyExists(key.name)
            keys.append(key)

    def revoke(self, name: str) -> None:
        """Raises `UnknownKey`, `BadSetting`."""
        with self._changing() as keys:
            left = [key for key in keys if key.name != name]
            if len(left) == len(keys):
                raise UnknownKey(name, [key.name for key in keys])
            keys[:] = left

    def stamp(self) -> Stamp | None:
        """Changes with the file; None where there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    @contextmanager
    def _changing(self) -> Iterator[list[Key]]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._guard):
                keys = self.read()
                yield keys
                told = json.dumps({"keys": [asdict(key) for key in keys]}, indent=1)
                descriptor, name = tempfile.mkstemp(".part", f".{FILE}.", self.path.parent)  # for its owner alone
                try:
                    with os.fdopen(descriptor, "w") as file:
                        file.write(told)
                    Path(name).replace(self.path)
                finally:
                    Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise BadSetting("DATA_DIR", str(self.path.parent), error.strerror or str(error)) from error


class KeyRing:
    """All keys of a server: of API_KEYS, of the file, and of this run alone (`own`). Thread-safe.

    `closed` once there was a key: a server whose last key is revoked lets nobody in, and not everybody.
    """

    def __init__(self, settings: Settings, own: Iterable[Key] = ()) -> None:
        self._fixed, self._file, self._lock = [*configured(settings), *own], KeyFile(settings.data_dir), Lock()
        self._stamp = self._file.stamp()
        self._kept = self._file.read()
        self.closed = bool(self._fixed or self._kept)

    def keys(self) -> list[Key]:
        """The keys as they are now. A file that cannot be read any more has none."""
        with self._lock:
            stamp = self._file.stamp()
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._kept = self._file.read()
                except CorruptCatalogue as error:
                    log.error("no key of the file is let in: %s", error)
                    self._kept, self.closed = [], True
            self.closed = self.closed or bool(self._kept)
            return [*self._fixed, *self._kept]
