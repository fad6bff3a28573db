"""Whether a story can be told to be its picture's: a blind matcher picks the picture among five, by words alone.

    python -m benchmarks.stories --labels DIR [--pictures 120] [--seed 0] [--json FILE]

DIR holds a folder of pictures for each label. A story is written for every picture, with the label hidden and shown as
a word that others gave. A sentence model (MiniLM) then compares each story with five descriptions, the right one and
four of other pictures drawn at random: for every sentence of a description the nearest sentence of the story counts.
Whoever guesses is right one time in five.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from core.colours import Array
from core.images import SUFFIXES, decode
from generators.stories.spelling import sentences_of
from generators.stories.story import StoryOrder
from generators.stories.storyteller import Storyteller
from generators.vision.description import Description
from generators.vision.sentences import sentences
from generators.vision.sight import WANTED, see
from generators.vision.wording import describe
from retrievers.models import open_sentence_embeddings

OTHERS = 4  # descriptions beside the right one


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print the figures; returns them."""
    asked = _arguments(arguments)
    files = sorted(file for file in asked.labels.rglob("*") if file.suffix.lower() in SUFFIXES)
    random.Random(asked.seed).shuffle(files)
    if len(files) <= OTHERS:
        raise SystemExit(f"{asked.labels} has {len(files)} pictures: name a folder with more than {OTHERS}")
    files = files[: asked.pictures]
    pictures = [decode(file.read_bytes(), wanted=WANTED).convert("RGB") for file in files]
    descriptions = [describe(see(picture)) for picture in pictures]
    told: dict[str, Any] = {"pictures": len(files), "engine": Storyteller.engine}
    for name in ("hidden", "shown"):
        known = [file.parent.name if name == "shown" else "" for file in files]
        orders = [
            StoryOrder(picture, description, known=words, seed=asked.seed + number)
            for number, (picture, description, words) in enumerate(zip(pictures, descriptions, known, strict=True))
        ]
        told |= _measured(
            name, orders, [_statements(*each) for each in zip(descriptions, known, strict=True)], asked.seed
        )
        right, seconds = told[f"right_{name}"], told[f"ms_{name}"]
        print(f"label {name}: {right:.1%} of {len(files)} pictures found among {OTHERS + 1}; {seconds} ms a story")
    if asked.json is not None:
        asked.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return told


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("atelier bench stories", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--labels", type=Path, required=True, metavar="DIR")
    parser.add_argument("--pictures", type=int, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(given)


def _statements(description: Description, known: str) -> list[str]:
    return [*sentences(description), *([known] if known else [])]


def _measured(name: str, orders: list[StoryOrder], statements: list[list[str]], seed: int) -> dict[str, Any]:
    writer, never = Storyteller(), Event()
    writer.write(orders[0], None, never)
    stories, seconds = [], []
    for order in orders:
        begun = time.perf_counter()
        stories.append(writer.write(order, None, never))
        seconds.append(time.perf_counter() - begun)
    model = open_sentence_embeddings()
    said = [np.asarray(model.embed_documents(texts), np.float32) for texts in statements]
    draws = random.Random(seed)
    right = 0
    for number, story in enumerate(stories):
        parts = [part for paragraph in story.text.split("\n\n") for part in sentences_of(paragraph)]
        vectors = np.asarray(model.embed_documents(parts), np.float32)
        others = draws.sample([other for other in range(len(stories)) if other != number], OTHERS)
        scores = [_likeness(vectors, said[other]) for other in (number, *others)]
        right += scores[0] > max(scores[1:])
    return {
        f"right_{name}": round(right / len(stories), 3),
        f"ms_{name}": round(1000 * statistics.median(seconds), 1),
        f"words_{name}": round(statistics.mean(len(story.text.split()) for story in stories)),
        f"distinct_openings_{name}": len({story.text.partition(".")[0] for story in stories}),
    }


def _likeness(story: Array, description: Array) -> float:
    """Mean over a description's sentences, shape (m, d), of the cosine with the nearest of a story's, shape (n, d)."""
    return float((story @ description.T).max(0).mean())


if __name__ == "__main__":
    main()
