"""Apart: work on what strangers send, in a process of its own, which is ended when it takes too long.

A decoder that hangs cannot be stopped within this process; a process can. It knows none of the environment's secrets,
may take MOST_MEMORY, is kept for the next piece of work, and ends by itself when there is none or when its parent ends.
What it says is JSON and bytes, so that one that is taken over can run nothing here.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Lock, Timer
from typing import IO, Any

from core.errors import AtelierError, revive

try:
    import resource
except ImportError:  # Windows has none, and then there is no limit of memory
    resource = None  # type: ignore[assignment]

MOST_MEMORY = 4_000_000_000  # bytes
IDLE = 120  # s after which a child without work ends
START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from core.apart import serve; serve()"
Part = tuple[dict[str, Any], bytes]
Work = Callable[..., Iterator[Part]]  # of bytes and named arguments that JSON can hold
_HEAD = struct.Struct(">IQ")  # lengths of the JSON and of the bytes behind it


class TookTooLong(AtelierError):
    def __init__(self, seconds: float) -> None:
        super().__init__(f"it took more than {seconds:g} s", "", seconds=seconds)


class EndedByItself(AtelierError):
    """The child is gone: it ran out of memory, or native code crashed."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"its reader ended with code {code}, as one does that runs out of memory", "", code=code)


class _Child:
    def __init__(self) -> None:
        command = [sys.executable, "-c", START, json.dumps(sys.path)]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, env={"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}, **pipes)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.ask, self.answers = self.process.stdin, self.process.stdout

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        with suppress(OSError):  # what it was asked last may still stand in the pipe, which nobody reads any more
            self.ask.close()
        self.answers.close()


_waiting: list[_Child] = []
_lock = Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_waiting.clear)  # they answer one process


def apart(work: str, data: bytes, seconds: float, **told: Any) -> Iterator[Part]:
    """What the function `module:name` yields for these bytes and arguments, computed in another process.

    `seconds` is how long this one may wait for it, all parts together; what it does with a part meanwhile is not
    counted. Raises `TookTooLong`, `EndedByItself`, and the errors of ours that the function raises.
    """
    child = _begin({"work": work, "told": told}, data)
    left, whole, late = seconds, False, Event()
    try:
        while True:
            start = time.monotonic()
            head, body = _answer(child, left, late)
            left -= time.monotonic() - start
            if head is None:
                raise TookTooLong(seconds) if late.is_set() else EndedByItself(child.process.wait())
            if "part" not in head:
                break
            yield head["part"], body
        whole = True
    finally:
        if whole:
            with _lock:
                _waiting.append(child)
        else:  # it may still be at work, and what it says would be taken for the next answer
            child.end()
    if head["error"] is not None:
        raise revive(head["error"])


def _begin(asked: dict[str, Any], data: bytes) -> _Child:
    """A child that has begun this work: one that waits, or a new one."""
    while True:
        with _lock:
            waiting = _waiting.pop() if _waiting else None
        child = _Child() if waiting is None else waiting
        try:
            _write(child.ask, asked, data)
            if _read(child.answers)[0] is not None:
                return child
        except OSError:  # it has gone meanwhile, as one that waited too long does
            pass
        code = child.process.poll()
        child.end()
        if waiting is None:
            raise EndedByItself(code)


def _answer(child: _Child, seconds: float, late: Event) -> Part | tuple[None, bytes]:
    """The next answer; None where the child is gone, which is ended for being `late`."""

    def end() -> None:
        late.set()
        child.process.kill()

    timer = Timer(max(0.0, seconds), end)
    timer.daemon = True
    timer.start()
    try:
        return _read(child.answers)
    finally:
        timer.cancel()


def _write(to: IO[bytes], head: dict[str, Any], data: bytes = b"") -> None:
    told = json.dumps(head).encode()
    to.write(_HEAD.pack(len(told), len(data)))
    to.write(told)
    to.write(data)
    to.flush()


def _read(of: IO[bytes]) -> Part | tuple[None, bytes]:
    head = of.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None, b""
    told, size = _HEAD.unpack(head)
    text, data = of.read(told), of.read(size)
    return (json.loads(text), data) if len(text) == told and len(data) == size else (None, b"")


def serve() -> None:
    """What a child does: one piece of work after the other, until nobody is there who could ask."""
    ask, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    while True:
        _alarm(IDLE)
        asked, data = _read(ask)
        _alarm(0)
        if asked is None:
            return
        module, _, name = asked["work"].partition(":")
        function: Work = getattr(importlib.import_module(module), name)
        _write(answers, {"begun": True})
        error = None
        try:
            for part, body in function(data, **asked["told"]):
                _write(answers, {"part": part}, body)
        except AtelierError as refusal:
            error = refusal.as_dict()
        _write(answers, {"error": error})


def _alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)
