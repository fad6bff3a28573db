"""Chroma's client: of a directory that this process owns, of a server, or of memory; and what its failures mean."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.api import ClientAPI
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError

from core.errors import BadSetting, StoreDamaged, StoreUnreachable
from core.once import Once
from core.owner import own

OPENING = 5.0  # s for a server's first answer
PATIENCE = httpx.Timeout(10.0, connect=OPENING)  # s; a batch of 5,461 rows takes a few
RESPITE = 5.0  # s for which a server that was asked in vain is not asked again: those who wait are told at once


class ChromaClient:
    """`api` is chromadb's own client; whatever is asked of it is asked inside of `translated()`.

    Raises `StoreBusy` where another process owns the directory's parent, `StoreDamaged` where the directory cannot be
    read, and `StoreUnreachable` where the server does not answer.
    """

    def __init__(self, directory: Path | None = None, server: str | None = None) -> None:
        self.server = server
        self._silent: tuple[float, Exception] | None = None  # until when, and why
        self.in_memory = directory is None and server is None
        self.place = shown(server) if server is not None else str(directory)
        if server is not None:
            with self.translated():
                self.api = _dial(server)
        elif directory is not None:
            own(directory.parent)
            self.api = _directories(directory.resolve())
        else:
            self.api = chromadb.EphemeralClient(_quiet())

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Chroma's errors as ours."""
        if self._silent is not None and time.monotonic() < self._silent[0]:
            raise self._failure(self._silent[1])
        try:
            yield
            self._silent = None
        except Exception as error:
            of_the_server = (
                isinstance(error, (httpx.HTTPError, httpx.InvalidURL, ValueError)) or type(error) is Exception
            )
            if isinstance(error, ChromaError) or (self.server is not None and of_the_server):
                raise self._failure(error) from error  # the last two: what came back is no answer of Chroma's
            raise

    def _failure(self, error: Exception) -> StoreDamaged | StoreUnreachable:
        reason = str(error) or type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            self._silent = (time.monotonic() + RESPITE, error)
        if self.server is not None:
            return StoreUnreachable("CHROMA_URL", self.place, reason)
        return StoreDamaged(self.place, reason)


def shown(url: str) -> str:
    """A URL as it may be said to anybody: without a password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _quiet() -> Settings:
    """New at every call: chromadb writes a server's address into the settings that it is given."""
    return Settings(anonymized_telemetry=False)


def _dial(url: str) -> ClientAPI:
    base = url.rstrip("/")
    answer = httpx.get(f"{base}/api/v2/heartbeat", timeout=OPENING)  # chromadb itself would wait for ever
    if not answer.is_success:
        raise ValueError(f"status {answer.status_code}: it is no Chroma server, or lets nobody in")
    client = chromadb.HttpClient(host=base, ssl=urlsplit(base).scheme == "https", settings=_quiet())
    server: Any = client._server  # type: ignore[attr-defined]
    server._session.timeout = PATIENCE
    return client


def _open(directory: Path) -> ClientAPI:
    try:
        directory.mkdir(exist_ok=True)
        return chromadb.PersistentClient(str(directory), _quiet())
    except OSError as error:
        raise BadSetting("DATA_DIR", str(directory.parent), error.strerror or str(error)) from error
    except (ChromaError, ValueError) as error:
        SharedSystemClient._identifier_to_system.pop(str(directory), None)  # half begun, it fails otherwise next time
        raise StoreDamaged(str(directory), str(error)) from error


_directories: Once[Path, ClientAPI] = Once(_open, keep=1_000)
