"""Redis server: one connection to it, its errors as ours, its clock, changes that are made whole, and its news."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread
from typing import Any, TypeVar

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import (
    AuthenticationError,
    ConnectionError,
    OutOfMemoryError,
    RedisError,
    ResponseError,
    TimeoutError,
    WatchError,
)
from redis.retry import Retry

from core.errors import BadSetting, StoreError, StoreFull, StoreUnreachable
from server.jobs.job import Event
from server.jobs.store import Listener

PATIENCE = 5.0  # s; of a server that takes a connection and says nothing
ENDLESS = 2**31  # connections; every idle worker thread holds one, and the default would starve a large machine

Value = TypeVar("Value")


def _reason(error: Exception) -> str:
    """What Redis said, without the command and its bytes that the client puts in front."""
    return str(error).rpartition("caused error: ")[2][:200]


class RedisServer:
    """Raises `StoreUnreachable`, `StoreFull` or `StoreError` for whatever the server does not do."""

    def __init__(self, url: str, news: str) -> None:
        scheme, _, rest = url.partition("://")
        self.address = f"{scheme}://{rest.rpartition('@')[2]}"  # without the password
        try:
            self.pool = ConnectionPool.from_url(
                url,
                max_connections=ENDLESS,
                socket_timeout=PATIENCE,
                socket_connect_timeout=PATIENCE,
                health_check_interval=30,
                retry=Retry(NoBackoff(), 1, (ConnectionError,)),  # one that the server closed is opened anew, once
            )
        except ValueError as error:
            raise BadSetting("REDIS_URL", "...", str(error)) from error
        self.news = f"{news}:{self.pool.connection_kwargs.get('db', 0)}"  # channels know no databases
        self.redis = Redis(connection_pool=self.pool)
        self._listeners: list[Listener] = []
        self._hearing: Thread | None = None
        self._closing = Flag()
        with self.translated():
            self.redis.ping()

    @contextmanager
    def translated(self) -> Iterator[None]:
        try:
            yield
        except AuthenticationError as error:
            raise StoreError(
                f"{self.address} lets nobody in ({_reason(error)})", "mend the password in REDIS_URL"
            ) from error
        except (ConnectionError, TimeoutError) as error:
            raise StoreUnreachable("REDIS_URL", self.address, _reason(error)) from error
        except OutOfMemoryError as error:
            raise StoreFull(self.address, _reason(error)) from error
        except RedisError as error:
            raise StoreError(f"{self.address} refuses ({_reason(error)})", "look into Redis's log") from error

    def persistence(self) -> str | None:
        """What is wrong with how this Redis keeps its data; None where nothing is, or where it does not say."""
        with self.translated():
            try:
                found: dict[str, Any] = {}  # asked one by one: before version 7 CONFIG GET takes one name
                for name in ("appendonly", "maxmemory-policy"):
                    told: Any = self.redis.config_get(name)
                    found |= told
            except ResponseError:  # a hosted Redis may not tell
                return None
        if found.get("appendonly") == "no":
            return "it runs without --appendonly yes: jobs are lost when it ends"
        if found.get("maxmemory-policy", "noeviction") != "noeviction":
            return f"its maxmemory-policy is {found['maxmemory-policy']}: it may throw jobs away"
        return None

    def now(self, pipe: Pipeline | None = None) -> float:
        """Seconds since 1970 by its clock."""
        seconds, microseconds = (self.redis if pipe is None else pipe).time()
        return float(seconds) + float(microseconds) / 1e6

    def atomically(self, work: Callable[[Pipeline], Value], *watched: str) -> Value:
        """`work` reads, says `multi`, and writes; it is done again where somebody else wrote what is watched."""
        with self.redis.pipeline() as pipe:
            while True:
                try:
                    pipe.watch(*watched)  # type: ignore[no-untyped-call]
                    value = work(pipe)
                    pipe.execute()
                    return value
                except WatchError:
                    continue
                finally:
                    pipe.reset()

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)
        if self._hearing is None:
            self._hearing = Thread(target=self._hear, name="jobs-news", daemon=True)
            self._hearing.start()

    def _hear(self) -> None:
        while not self._closing.is_set():
            try:
                with self.redis.pubsub(ignore_subscribe_messages=True) as pubsub:  # type: ignore[no-untyped-call]
                    pubsub.subscribe(self.news)
                    self._tell(None, None)  # what happened while nobody listened
                    while not self._closing.is_set():
                        message = pubsub.get_message(timeout=1.0)
                        if message is not None:
                            self._pass_on(message["data"])
            except RedisError:  # it will be back; whoever asks it meanwhile is told
                self._closing.wait(0.5)

    def _pass_on(self, data: bytes) -> None:
        try:
            job_id, _, told = data.decode().partition(" ")
            event = Event.from_json(told)
        except (ValueError, TypeError):  # another version's, or somebody else's
            return self._tell(None, None)
        self._tell(job_id, event)

    def _tell(self, job_id: str | None, event: Event | None) -> None:
        for listener in tuple(self._listeners):
            listener(job_id, event)

    def close(self) -> None:
        self._closing.set()
        if self._hearing is not None:
            self._hearing.join(3)
        self.pool.disconnect()
