"""Known: what the regions of a drawing show, where its labels tell; then nothing has to be told from geometry."""

from __future__ import annotations

import dataclasses
import re

import cv2
import numpy as np

from core.colours import colour_words, words_of
from generators.labels import Label, Labels
from generators.painter.nouns import noun_of
from generators.painter.regions import Regions
from generators.painter.wishes import REACH, SAID, WHOLE, Wish, Wishes, read_mood

Known = dict[int, Label]  # by region

_PARTS = {
    "foliage": ("leaves", "autumn leaves", "blossom"),
    "ground": ("ground", "water", "snow", "sand", "road", "path"),
}


def read_labels(labels: Labels, regions: Regions) -> Known:
    """The label that covers most of each region."""
    h, w = regions.labels.shape
    places = cv2.resize(np.asarray(labels.places), (w, h), interpolation=cv2.INTER_NEAREST)
    counts = np.bincount(
        regions.labels.ravel() * np.int64(len(labels.of)) + places.ravel(), minlength=regions.count * len(labels.of)
    )
    best = counts.reshape(regions.count, len(labels.of)).argmax(1)
    return {i: labels.of[k] for i, k in enumerate(best.tolist()) if labels.of[k].part}


def known_wishes(prompt: str, known: Known, names: tuple[str, ...]) -> Wishes:
    """`a red umbrella` -> red on the regions whose label has that word, or else is a part of that kind.

    A colour within one of the names is none: `cherry` in `cherry tree`, and a `rose`.
    """
    prompt, colours = _without(prompt.lower(), names), colour_words()
    words = words_of(prompt)
    wishes = Wishes(parts={i: label.part for i, label in known.items()})
    spent: set[int] = set()  # colours that have found their thing, and so are no mood of the whole
    for i, word in enumerate(words):
        if word not in colours:
            continue
        for after in words[i + 1 : i + 1 + REACH]:
            single = after.removesuffix("s")
            meant = [k for k, label in known.items() if {after, single} & {*label.words, label.part}]
            noun = noun_of(after)
            if not meant and noun is not None and noun not in WHOLE:
                meant = [k for k, label in known.items() if label.part in _PARTS.get(noun, (noun,))]
            for k in meant:
                wishes.of[k] = Wish(colours[word], SAID)
            if meant:
                spent.add(i)
            if meant or after in colours:
                break
    wishes.mood = read_mood(" ".join(word for i, word in enumerate(words) if i not in spent))
    return wishes


def _without(prompt: str, names: tuple[str, ...]) -> str:
    """The prompt with the last word alone of each name, and not even that where it is a colour."""
    for name in names:
        last = name.rpartition(" ")[2]
        if " " in name or last in colour_words():
            pattern = re.escape(name).replace(r"\ ", r"[\s'-]+")
            prompt = re.sub(rf"\b{pattern}\b", "" if last in colour_words() else last, prompt)
    return prompt


def told(regions: Regions, known: Known) -> Regions:
    """The regions with one band for all that is the same part of the same thing; what a thing has is no backdrop,
    wherever the drawing ends."""
    band, edge = regions.band.copy(), regions.edge.copy()
    numbers: dict[tuple[str, int], int] = {}
    for i, label in known.items():
        band[i] = numbers.setdefault((label.part, label.owner), regions.count + len(numbers))
        if label.owner:
            edge[i] = 0
    return dataclasses.replace(regions, band=band, edge=edge)
