"""Files are written whole or not at all, whoever interrupts."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import NoSuchFile
from core.files import read_bytes, write_new, write_whole
from core.settings import ROOT

SIZE = 4_000_000
WRITER = f"""
import itertools, sys
from pathlib import Path
from core.files import write_whole
for number in itertools.count():
    write_whole(Path(sys.argv[1]), bytes([number % 256]) * {SIZE})
    if number == 0:
        print("ready", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_an_interrupted_write_leaves_no_half_file(number: signal.Signals, tmp_path: Path) -> None:
    wait = random.Random(number)
    for round_ in range(6):
        file = tmp_path / f"{round_}" / "a.png"
        file.parent.mkdir()
        command = [sys.executable, "-c", WRITER, str(file)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
            assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
            time.sleep(wait.uniform(0, 0.03))
            writer.send_signal(number)
            assert writer.wait(10) != 0
        data = file.read_bytes()
        assert len(data) == SIZE and data == data[:1] * SIZE
        if number == signal.SIGINT:
            assert list(file.parent.iterdir()) == [file]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    write_whole(file, b"first")
    with pytest.raises(FileExistsError):
        write_new(file, b"second")
    with pytest.raises(TypeError):
        write_whole(file, "no bytes")  # type: ignore[arg-type]
    assert file.read_bytes() == b"first" and list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.png"):
        with pytest.raises(NoSuchFile, match=path.name):
            read_bytes(path)
    for name in ("zero\0byte.png", "half of a character \ud800.png"):
        with pytest.raises(NoSuchFile, match="no file can be called that"):
            read_bytes(tmp_path / name)
