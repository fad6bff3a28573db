"""How good the picture search is on a labelled folder: DIR/<label>/<pictures>, by channel and by all of them.

    python -m benchmarks.search --labels DIR [--queries FILE] [--hide-names] [--no-descriptions] [-k 10] [--json FILE]

For each query the pictures of its labels are right: recall@k, precision@k, average precision (mAP), nDCG@k. FILE holds
{"queries": [[text, [labels]], ...]}; without labels the library has nothing of the kind, and the answer is to be
`no_good_match`. By default the labels themselves are asked for. With --hide-names the pictures get names that say
nothing, so that their pixels have to say it. The pictures are described first by the describer of the settings, save
with --no-descriptions. Each picture is also looked for by itself: right is what shares its label.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from chains import describe, search
from core.images import SUFFIXES
from core.settings import read_settings
from retrievers.catalog import open_intake, open_pictures
from retrievers.pictures import PictureLibrary
from retrievers.query import CHANNELS, Query

Labels = dict[str, str]  # picture id: label
ROUNDS = 3  # of every query, for the times
PLACES = 1_000  # of a list, as far as average precision looks


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print the tables; returns their figures."""
    asked = _arguments(arguments)
    files = sorted(file for file in asked.labels.glob("*/*") if file.suffix.lower() in SUFFIXES)
    if not files:
        raise SystemExit(f"{asked.labels} has no folders with pictures: make one for each label")
    with tempfile.TemporaryDirectory() as folder:
        library, labels, seconds = _ingested(files, Path(folder), asked.hide_names)
        described = {} if asked.no_descriptions else _described(Path(folder))
        queries = _queries(asked.queries, set(labels.values()))
        told = {
            "pictures": len(files),
            "engine": library.embeddings.identity,
            "names": "hidden" if asked.hide_names else "shown",
            "pictures_per_second": round(len(files) / seconds, 1),
            "descriptions": described,
            "channels": {
                name: _by_words(library, labels, queries, channels, asked.k)
                for name, channels in _CHOICES.items()
                if described or name != "description"
            },
            "like_this": _by_picture(library, labels, asked.k),
            "no_good_match": _refusals(library, queries),
            "chain_adds_ms": _overhead(library, [text for text, _ in queries]),
        }
    _print(told, asked.k)
    if asked.json is not None:
        asked.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return told


_CHOICES = {**{channel: (channel,) for channel in CHANNELS}, "fused": CHANNELS}


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("atelier bench search", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--labels", type=Path, required=True, metavar="DIR")
    parser.add_argument("--queries", type=Path, metavar="FILE")
    parser.add_argument("--hide-names", action="store_true")
    parser.add_argument("--no-descriptions", action="store_true")
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(given)


def _ingested(files: Sequence[Path], folder: Path, hide: bool) -> tuple[PictureLibrary, Labels, float]:
    """A library of the files in a data directory of its own."""
    settings = read_settings(data_dir=folder / "data")
    shown = folder / "pictures"
    for number, file in enumerate(files):
        place = shown / (f"{number:06}{file.suffix}" if hide else f"{file.parent.name}/{number:06}{file.suffix}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(file.absolute())
    start = time.perf_counter()
    report = open_intake(settings).folder(shown)
    seconds = time.perf_counter() - start
    labels = {each.id: files[int(Path(each.path).stem)].parent.name for each in report.results if each.id is not None}
    return open_pictures(settings), labels, seconds


def _described(folder: Path) -> dict[str, Any]:
    """Have all pictures described; the engine, and how many a second."""
    made = describe.build(settings=read_settings(data_dir=folder / "data")).invoke({})
    return {
        "engine": made["engine"],
        "described": made["described"],
        "pictures_per_second": round(made["described"] / made["seconds"], 1),
        "sentences": made["sentences"],
    }


def _queries(file: Path | None, labels: set[str]) -> list[tuple[str, set[str]]]:
    if file is None:
        return [(label, {label}) for label in sorted(labels)]
    told = json.loads(file.read_text(encoding="utf-8"))["queries"]
    return [(text, set(wanted)) for text, wanted in told]


def _by_words(
    library: PictureLibrary, labels: Labels, queries: Iterable[tuple[str, set[str]]], channels: Any, k: int
) -> dict[str, float]:
    times: list[float] = []
    figures = []
    for text, wanted in queries:
        right = {id_ for id_, label in labels.items() if label in wanted}
        if right:
            found = _timed(library, Query(text, channels=channels, k=PLACES, min_confidence=0, group=False), times)
            figures.append(_figures(found, right, k))
    return _mean(figures, times, k)


def _by_picture(library: PictureLibrary, labels: Labels, k: int) -> dict[str, float]:
    times: list[float] = []
    figures = []
    for id_, label in labels.items():
        right = {other for other, its in labels.items() if its == label and other != id_}
        if right:
            found = _timed(library, Query(like=id_, k=PLACES, min_confidence=0, group=False), times, rounds=1)
            figures.append(_figures(found, right, k))
    return _mean(figures, times, k)


def _timed(library: PictureLibrary, query: Query, times: list[float], rounds: int = ROUNDS) -> list[str]:
    """The ids of a query's hits; its times are those of the usual one, with five hits."""
    usual = replace(query, k=5)
    for _ in range(rounds):
        start = time.perf_counter()
        library.search(usual)
        times.append((time.perf_counter() - start) * 1000)
    return [hit.id for hit in library.search(query).hits]


def _figures(found: Sequence[str], right: set[str], k: int) -> tuple[float, float, float, float]:
    """Recall@k (of what k places can hold), precision@k, average precision, nDCG@k of one list."""
    hit = np.array([id_ in right for id_ in found], float)
    first = hit[:k]
    places = np.arange(1, len(hit) + 1)
    average = float((hit * np.cumsum(hit) / places).sum()) / len(right) if len(hit) else 0.0
    gain = 1 / np.log2(np.arange(2, k + 2))
    ideal = gain[: min(k, len(right))].sum()
    best = min(k, len(right))
    return float(first.sum()) / best, float(first.sum()) / k, average, float((first * gain[: len(first)]).sum() / ideal)


def _mean(figures: list[tuple[float, ...]], times: list[float], k: int) -> dict[str, float]:
    if not figures:
        raise SystemExit("no query has a picture to find: let the labels of FILE be names of folders in DIR")
    recall, precision, average, gain = np.mean(figures, 0)
    told = {f"recall@{k}": recall, f"precision@{k}": precision, "mAP": average, f"nDCG@{k}": gain}
    told |= {"p50_ms": np.percentile(times, 50), "p99_ms": np.percentile(times, 99)}
    return {name: round(float(value), 3) for name, value in told.items()}


def _refusals(library: PictureLibrary, queries: Iterable[tuple[str, set[str]]]) -> dict[str, Any]:
    """Of what the library holds, what was said not to be there; of what it does not hold, what was found out."""
    alarms: list[str] = []
    missed: list[str] = []
    held = absent = 0
    for text, wanted in queries:
        none = library.search(Query(text)).no_good_match
        held, absent = held + bool(wanted), absent + (not wanted)
        if none and wanted:
            alarms.append(text)
        if not none and not wanted:
            missed.append(text)
    told: dict[str, Any] = {
        "held": held,
        "false_alarms": len(alarms),
        "absent": absent,
        "found_out": absent - len(missed),
    }
    return {**told, "which_alarms": alarms, "which_missed": missed}


def _overhead(library: PictureLibrary, texts: Sequence[str]) -> float:
    """What the chain takes more than the library's own search, ms: the median of calls side by side."""
    chain = search.build(library)
    more = []
    for text in texts:
        start = time.perf_counter()
        library.search(Query(text))
        between = time.perf_counter()
        chain.invoke({"text": text})
        more.append(time.perf_counter() - between - (between - start))
    return round(float(np.median(more)) * 1000, 2)


def _print(told: dict[str, Any], k: int) -> None:
    print(f"{told['pictures']} pictures, names {told['names']}, {told['engine']}")
    print(f"ingest: {told['pictures_per_second']} pictures a second")
    if described := told["descriptions"]:
        told_of = f"{described['described']} pictures, {described['pictures_per_second']} a second"
        print(f"descriptions by {described['engine']}: {told_of}, {described['sentences']} sentences")
    names = (f"recall@{k}", f"precision@{k}", "mAP", f"nDCG@{k}", "p50_ms", "p99_ms")
    print(f"{'channel':12}" + "".join(f"{name:>14}" for name in names))
    for channel, figures in {**told["channels"], "like this": told["like_this"]}.items():
        print(f"{channel:12}" + "".join(f"{figures[name]:14.3f}" for name in names))
    print(f"the chain adds {told['chain_adds_ms']} ms to the library's search")
    refused = told["no_good_match"]
    print(f"said not to be there, of {refused['held']} that are: {refused['false_alarms']} {refused['which_alarms']}")
    if refused["absent"]:
        print(f"found out, of {refused['absent']} that are not: {refused['found_out']}; not {refused['which_missed']}")


if __name__ == "__main__":
    main()
