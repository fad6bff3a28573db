"""How fast pictures are described by measuring: files to descriptions, beside decoding the same files alone.

    python -m benchmarks.describe --labels DIR [--threads 2] [--rounds 5] [--json FILE]

DIR holds pictures, at any depth. Both ways take turns, and the medians of the rounds are told, so that whatever else
the machine does falls on both.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import cv2
from PIL import Image

from core.images import SUFFIXES, decode
from generators.vision.describer import MeasuringDescriber
from generators.vision.sight import see


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print the figures; returns them."""
    asked = _arguments(arguments)
    files = sorted(file for file in asked.labels.rglob("*") if file.suffix.lower() in SUFFIXES)
    if not files:
        raise SystemExit(f"{asked.labels} has no pictures: name a folder with JPEG or PNG files")
    told = _measured([file.read_bytes() for file in files], asked.threads, asked.rounds)
    print(f"{told['pictures']} pictures, {told['engine']}, {told['threads']} threads, {told['rounds']} rounds")
    print(f"described: {told['pictures_per_second']} pictures a second, decoding included")
    print(
        f"decoded alone: {told['decoded_per_second']} a second; describing takes {told['times_decoding']} times as long"
    )
    print(f"measuring one decoded picture on one core: {told['see_ms']} ms")
    if asked.json is not None:
        asked.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return told


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("atelier bench describe", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--labels", type=Path, required=True, metavar="DIR")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(given)


def _measured(data: list[bytes], threads: int, rounds: int) -> dict[str, Any]:
    describer, never = MeasuringDescriber(), Event()

    def opened(one: bytes) -> Image.Image:
        return decode(one, wanted=describer.wanted)

    def described(one: bytes) -> object:
        return describer.describe([opened(one)], never)

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # the threads are those of the pool
    try:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(described, data[: 4 * threads]))
            ours, alone = [], []
            for _ in range(rounds):
                ours.append(_seconds(lambda: list(pool.map(described, data))))
                alone.append(_seconds(lambda: list(pool.map(opened, data))))
        pictures = [opened(one) for one in data[:: max(1, len(data) // 100)]]
        seen = [_seconds(lambda: [see(picture) for picture in pictures]) / len(pictures) for _ in range(rounds)]
    finally:
        cv2.setNumThreads(before)
    both, decoding = statistics.median(ours), statistics.median(alone)
    return {
        "pictures": len(data),
        "engine": describer.engine,
        "threads": threads,
        "rounds": rounds,
        "pictures_per_second": round(len(data) / both, 1),
        "decoded_per_second": round(len(data) / decoding, 1),
        "times_decoding": round(both / decoding, 2),
        "see_ms": round(1000 * statistics.median(seen), 2),
    }


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
