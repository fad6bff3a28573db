"""What the main job takes on this machine, from the painter alone to a whole server.

    python benchmarks/design.py [ROUNDS]

Everything is measured on samples/house.png at 512 px, after a warm-up, on the styles and settings of this checkout;
the served figures are of a server that this starts on a free port and ends again.
"""

from __future__ import annotations

import io
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

from chains import design
from core.settings import ROOT, get_settings
from retrievers.catalog import open_styles

PROMPT = "a cottage with a red roof and trees in a sunny meadow"
HOUSE = ROOT / "samples/house.png"


def main(rounds: int = 9) -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    run("styles", "list")  # whatever is made only once is made by now
    serve(rounds)  # first: the process that opens the library owns its directory
    chain, styles = design.build(), open_styles()
    sketch = HOUSE.read_bytes()
    for mode, goal in (("preview", 0.3), ("quality", 0.8)):
        taken = clock(lambda mode=mode: chain.invoke({"sketch": sketch, "prompt": PROMPT, "mode": mode}), rounds)
        tell(f"chain call, {mode} mode", taken, goal)
    tell("retrieval of a style", clock(lambda: styles.find_style(PROMPT), 5 * rounds), 0.03)
    tell("atelier --help", clock(lambda: run("--help"), rounds), 0.2)


def clock(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median and slowest seconds of some rounds, after one that is not counted."""
    work()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), max(taken)


def tell(what: str, taken: tuple[float, float], goal: float) -> None:
    met = "met" if taken[0] <= goal else "NOT met"
    print(f"{what:32} {taken[0] * 1000:8.1f} ms   slowest {taken[1] * 1000:8.1f}   goal {goal * 1000:6.0f}   {met}")


def run(*arguments: str) -> None:
    command = Path(sys.executable).with_name("atelier")
    subprocess.run([str(command), *arguments], check=True, capture_output=True, env=surroundings())


def surroundings() -> dict[str, str]:
    return {**os.environ, "DATA_DIR": str(get_settings().data_dir)}


def serve(rounds: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("atelier")), "serve", "--port", str(port)]
    start = time.perf_counter()
    with subprocess.Popen(command, env=surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            base = f"http://127.0.0.1:{port}"
            once_up(f"{base}/healthz")
            up = time.perf_counter() - start
            tell("start to /healthz", (up, up), 3)
            generate(f"{base}/generate")
            first = time.perf_counter() - start
            tell("start to the first picture", (first, first), 6)
            added = []
            for _ in range(2 * rounds):
                start = time.perf_counter()
                chain_call = generate(f"{base}/preview")
                added.append(time.perf_counter() - start - chain_call)
            tell("HTTP adds to a chain call", (statistics.median(added), max(added)), 0.01)
            print(f"{'memory of the serving process':32} {peak(server.pid):8.0f} MB at its peak   goal   1200")
        finally:
            server.send_signal(signal.SIGTERM)


def once_up(url: str) -> None:
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.01)
        else:
            return


def generate(url: str) -> float:
    """One multipart request, as a browser makes it; the seconds that the chain took of it, as the server says."""
    boundary = uuid.uuid4().hex
    body = io.BytesIO()
    body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n{PROMPT}\r\n'.encode())
    body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="house.png"\r\n\r\n'.encode())
    body.write(HOUSE.read_bytes() + f"\r\n--{boundary}--\r\n".encode())
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    with urllib.request.urlopen(urllib.request.Request(url, body.getvalue(), kind), timeout=120) as answer:
        answer.read()
        return float(answer.headers["Server-Timing"].rpartition("=")[2]) / 1000


def peak(pid: int) -> float:
    """MB of memory that a process held at its peak; Linux."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
