"""What our index costs beside the stores that it is made of: writing, searching, searching under conditions.

    python benchmarks/stores.py [--rows 10000]

Clustered vectors of 512 numbers. What is compared takes turns within one run, so that the ratios hold on any machine.
Above 200,000 rows Chroma is left out and FAISS's inverted lists take its place beside the exact search.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chromadb
import faiss
import numpy as np
from chromadb.config import Settings

from core.colours import Array
from retrievers.approximate import IVFFlat
from retrievers.chroma import BREADTH, ChromaIndex
from retrievers.faiss_index import FaissIndex, Kind
from retrievers.table import Table
from retrievers.where import Condition, Where

SIZE, BATCH, K = 512, 1_000, 10
LARGEST = 200_000  # rows that Chroma is asked to hold
QUESTIONS = 100


@dataclass(frozen=True)
class Model:
    """What an index wants to know of an embedding model."""

    identity: str = "none"
    dimension: int = SIZE


class Vectors:
    """Unit rows around a thousand centres, made when they are asked for."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self._centres = rng.normal(size=(1_000, SIZE)).astype(np.float32)

    def some(self, count: int, seed: int) -> Array:
        rng = np.random.default_rng(seed)
        rows = self._centres[rng.integers(0, len(self._centres), count)]
        rows = rows + np.float32(0.6) * rng.standard_normal((count, SIZE), np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    rows = parser.parse_args().rows
    faiss.omp_set_num_threads(1)
    print(f"{rows:,} rows of {SIZE} numbers, k={K}; milliseconds a call")
    with tempfile.TemporaryDirectory() as folder:
        if rows <= LARGEST:
            beside_chroma(Path(folder), rows)
            for kind in ("Flat", "IVFFlat", "HNSW"):
                one_kind(Path(folder) / kind, rows, kind)
        else:
            a_million(rows)


def take_turns(count: int, **calls: Callable[[int], object]) -> dict[str, Array]:
    """Milliseconds of each call, by name; they alternate, in a new order each time: each leaves its own caches warm."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    rng = np.random.default_rng(0)
    for number in range(count):
        for name in rng.permutation(list(calls)).tolist():
            call = calls[name]
            start = time.perf_counter()
            call(number)
            times[name].append((time.perf_counter() - start) * 1e3)
    return {name: np.array(found) for name, found in times.items()}


def tell(what: str, times: dict[str, Array], against: str) -> None:
    for name, found in times.items():
        ratio = np.median(found) / np.median(times[against])
        line = f"p50 {np.median(found):9.3f}  p99 {np.percentile(found, 99):9.3f}"
        print(f"{what:26} {name:24} {line}  {ratio:7.3f} of {against}", flush=True)


def beside_chroma(folder: Path, rows: int) -> None:
    client = chromadb.PersistentClient(str(folder / "direct"), Settings(anonymized_telemetry=False))
    configuration: Any = {"hnsw": {"space": "cosine", "ef_search": BREADTH}}
    direct = client.create_collection("direct", configuration=configuration, embedding_function=None)
    exact = ChromaIndex("ours", Model(), folder / "chroma")
    near = ChromaIndex("ours", Model(), folder / "chroma", approximate=True)
    vectors, matrix = Vectors(), np.empty((rows, SIZE), np.float32)
    for start in range(0, rows, BATCH):
        matrix[start : start + BATCH] = vectors.some(min(BATCH, rows - start), start + 1)
    share = np.random.default_rng(1).random(rows)

    def batch(number: int) -> tuple[list[str], Array, list[str], list[Any]]:
        here = range(number * BATCH, min(rows, (number + 1) * BATCH))
        ids = [f"{i:016x}" for i in here]
        told = [{"name": f"{i}.jpg", "label": ["shirt"], "width": 640, "share": float(share[i])} for i in here]
        return ids, matrix[here.start : here.stop], [f"words of picture {i}" for i in here], told

    batches = [batch(number) for number in range(-(-rows // BATCH))]
    times = take_turns(
        len(batches),
        direct=lambda i: direct.add(*batches[i][:2], batches[i][3], batches[i][2]),
        ours=lambda i: exact.upsert(*batches[i]),
    )
    print(f"add, rows a second: direct {rows / times['direct'].sum() * 1e3:,.0f}, ours", end=" ")
    speed = np.median(times["direct"] / times["ours"])
    print(f"{rows / times['ours'].sum() * 1e3:,.0f}: {speed:.3f} of direct, batch by batch (median)")

    asked, flat = vectors.some(QUESTIONS, 999_999_999), faiss.IndexFlatIP(SIZE)
    flat.add(matrix)
    start = time.perf_counter()
    exact.query(asked[0], K)
    print(f"the table of the rows is read in {time.perf_counter() - start:.1f} s, once")
    near.query(asked[0], K, (Condition("share", ">=", 0),))
    several = {"include": ["metadatas", "distances"], "n_results": K}
    graph: dict[str, Callable[[int], Any]] = {
        "Chroma direct": lambda i: direct.query(query_embeddings=[asked[i]], **several),
        "ours, approximate": lambda i: near.query(asked[i], K),
    }
    scan: dict[str, Callable[[int], Any]] = {
        "FAISS Flat": lambda i: flat.search(asked[i : i + 1], K),
        "ours, exact": lambda i: exact.query(asked[i], K),
    }
    tell("query", take_turns(QUESTIONS, **graph), "Chroma direct")
    tell("query", take_turns(QUESTIONS, **scan), "FAISS Flat")
    both = {"Chroma direct": graph["Chroma direct"], "ours, exact": scan["ours, exact"]}
    tell("query", take_turns(QUESTIONS, **both), "Chroma direct")
    truth = flat.search(asked, K)[1]
    for name, index in (("approximate", near), ("exact", exact)):
        found = [[int(hit.id, 16) for hit in index.query(query, K)] for query in asked]
        print(f"recall@{K}, {name}: {recall(found, truth):.4f}")
    for part in (0.05, 0.5, 0.001):
        where: Where = (Condition("share", "<=", part),)
        told = {"share": {"$lte": part}}
        filtered: dict[str, Callable[[int], Any]] = {
            "Chroma direct": lambda i, told=told: direct.query(query_embeddings=[asked[i]], where=told, **several),
            "ours": lambda i, where=where: exact.query(asked[i], K, where),
        }
        times = take_turns(QUESTIONS // 4, **filtered)
        tell(f"query, {part:.1%} allowed", times, "Chroma direct")
        scores = np.where(share <= part, asked @ matrix.T, -2)
        truth_ = np.argsort(-scores, 1)[:, : min(K, int((share <= part).sum()))]
        found = [[int(hit.id, 16) for hit in exact.query(query, K, where)] for query in asked]
        factor = np.median(times["Chroma direct"]) / np.median(times["ours"])
        print(f"  {factor:.0f} times faster, recall {recall(found, truth_):.4f}")


def recall(found: list[list[int]], truth: Any) -> float:
    return float(np.mean([len({*a} & {*b}) / len(b) for a, b in zip(found, truth.tolist(), strict=True)]))


def one_kind(folder: Path, rows: int, kind: Kind) -> None:
    vectors = Vectors()
    index = FaissIndex("ours", Model(), folder / "faiss", kind)
    flat, spent = faiss.IndexFlatIP(SIZE), 0.0
    for start in range(0, rows, BATCH):
        count = min(BATCH, rows - start)
        part = vectors.some(count, start + 1)
        flat.add(part)
        ids = [f"{i:016x}" for i in range(start, start + count)]
        told: list[Any] = [{"name": f"{i}.jpg", "share": i / rows} for i in range(start, start + count)]
        began = time.perf_counter()
        index.upsert(ids, part, ids, told)
        spent += time.perf_counter() - began
    asked = vectors.some(QUESTIONS, 999_999_999)
    times = take_turns(QUESTIONS, **{kind: lambda i: index.query(asked[i], K)})
    found = [[int(hit.id, 16) for hit in index.query(query, K)] for query in asked]
    began = time.perf_counter()
    again = FaissIndex("ours", Model(), folder / "faiss", kind)
    assert again.count() == rows
    told_ = f"add {rows / spent:,.0f} rows a second, open {time.perf_counter() - began:.2f} s"
    print(f"VECTOR_STORE=faiss, {told_}, recall@{K} {recall(found, flat.search(asked, K)[1]):.4f}")
    tell("query", times, kind)


def a_million(rows: int) -> None:
    """The exact search, and the inverted lists over the same rows, trained once there are all."""
    vectors, asked = Vectors(), Vectors().some(QUESTIONS, 999_999_999)
    began = time.perf_counter()
    lists = IVFFlat(SIZE, int(4 * rows**0.5))
    table = Table(lambda: lists)
    for start in range(0, rows, BATCH):
        ids = [f"{i:016x}" for i in range(start, min(rows, start + BATCH))]
        table.add(ids, vectors.some(len(ids), start + 1), [{}] * len(ids))
    print(f"made, added and trained in {time.perf_counter() - began:.0f} s; nprobe {lists.nprobe} of {lists.lists}")
    calls: dict[str, Callable[[int], Any]] = {
        "exact": lambda i: lists.whole.search(asked[i], K),
        "IVFFlat": lambda i: table.query(asked[i], K),
    }
    tell("query", take_turns(QUESTIONS, **calls), "exact")
    truth = np.array([lists.whole.search(query, K)[0] for query in asked])
    found = [[int(hit.id, 16) for hit in table.query(query, K)] for query in asked]
    print(f"recall@{K}, IVFFlat: {recall(found, truth):.4f}")
    for share in ("VmRSS", "VmHWM"):
        (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(share))
        print(f"memory of the process, {line.split()[0]} {int(line.split()[1]) / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
