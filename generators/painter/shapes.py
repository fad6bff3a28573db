"""Shapes: which regions of a drawing a noun most likely means, by place, size and shape alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.painter.regions import Regions

Which = NDArray[np.bool_]

EYE = 0.9  # of its box; a window covers more
SMALLER = 0.3  # of the first head; a smaller one is something else
LEAST_EYE, MOST_EYE = 0.004, 0.05  # share of its head, and of the drawing
LEAST_LARGE = 0.004  # share of the drawing
GABLE = 0.65  # what a triangle covers of its box, and a little more
DISC = np.pi / 4  # what a disc covers of its box


def best(score: Array, among: Which, count: int = 1) -> list[int]:
    """The regions of the highest score, at most `count` of those among which to choose."""
    order = np.argsort(-np.where(among, score, -9), kind="stable")[:count]
    return [int(i) for i in order if among[i]]


def where(mask: Which) -> list[int]:
    return [int(i) for i in np.nonzero(mask)[0]]


def is_object(r: Regions) -> Which:
    return np.asarray(r.edge == 0)


def is_large(r: Regions) -> Which:
    return np.asarray(is_object(r) & (r.area > LEAST_LARGE))


def is_round(r: Regions, tolerance: float = 0.06) -> Which:
    ratio = r.width / r.height
    return np.asarray((np.abs(r.fill - DISC) < tolerance) & (ratio > 0.6) & (ratio < 1.5))


def is_sky(r: Regions) -> Which:
    return np.asarray((r.top > 0.12) & (r.area > 0.02))


def is_ground(r: Regions) -> Which:
    return np.asarray((r.bottom > 0.08) & ~is_sky(r))


def roof(r: Regions) -> list[int]:
    flat = is_large(r) & (r.width > 1.3 * r.height)
    found = best(r.width / r.height * (1 - r.cy) * np.sqrt(r.area), flat)
    for first in [i for i in found if r.fill[i] < GABLE]:  # others as pointed as this one
        alike = flat & (np.abs(r.fill - r.fill[first]) < 0.1) & (r.area > 0.3 * r.area[first])
        found += [i for i in where(alike) if i != first]
    return found


def sun(r: Regions, among: Which | None = None) -> list[int]:
    roundness = 1 - 4 * np.abs(r.fill - DISC) - np.abs(np.log(r.width / r.height)) - r.cy
    sized = is_object(r) & (r.area > 0.001) & (r.area < 0.06)
    return best(roundness, sized if among is None else sized & among)


def door(r: Regions) -> list[int]:
    upright = (r.area > 0.003) & (r.area < 0.04) & (r.height > 1.3 * r.width) & (r.fill > 0.75)
    return best(r.height / r.width * r.cy, is_object(r) & upright)


def foliage(r: Regions) -> list[int]:
    """Large, neither boxy nor smoothly round, and with nothing inside: a wall has windows, a crown has none."""
    shape = (r.fill < 0.84) & (r.width < 3 * r.height) & (r.height < 2 * r.width) & (np.abs(r.fill - DISC) > 0.03)
    return best(r.area, is_large(r) & shape & (r.cy > 0.3) & (r.roughness < 1.9), 5)


def subject(r: Regions) -> list[int]:
    """The largest object and its comparable neighbours, without round heads and thin limbs."""
    body = best(r.area, is_large(r))
    belongs = is_object(r) & (r.fill > 0.42) & ~is_round(r)
    todo = list(body)
    while todo:
        for j in r.neighbours[todo.pop()]:
            if j not in body and belongs[j] and r.area[j] > 0.12 * r.area[body[0]]:
                body.append(j)
                todo.append(j)
    return body


def faces(r: Regions, strict: bool = False) -> list[int]:
    """Regions that have two alike shapes beside each other in their middle: eyes; `strict`, eyes that have an iris.

    The one with the largest eyes comes first, and others that are not much smaller than it.
    """
    found: list[tuple[float, int]] = []
    features = [feature for feature in _features(r) if feature.lens and (feature.count > 1 or not strict)]
    for one in features:
        for other in features:
            if one.head != other.head or one.left >= other.left or r.area[one.head] * r.labels.size < 6 * one.area:
                continue
            left, top, _, _ = r.box[one.head]
            middle = (one.left + other.left + other.width) / 2 - left - r.width[one.head] / 2
            high = (one.top + one.height / 2 - top) / r.height[one.head]
            apart = other.left - one.left
            alike = abs(np.log(one.area / other.area)) < 0.6 and abs(np.log(one.width / other.width)) < 0.5
            level = abs(one.top + one.height / 2 - other.top - other.height / 2) < 0.4 * one.height
            spread = 1.2 * one.width < apart < 0.7 * r.width[one.head]
            if alike and level and spread and abs(middle) < 0.12 * r.width[one.head] and 0.15 < high < 0.72:
                found.append((one.area + other.area, one.head))
    heads = list(dict.fromkeys(head for _, head in sorted(found, reverse=True)))
    return [head for head in heads if r.area[head] > SMALLER * r.area[heads[0]]]


@dataclass(frozen=True)
class _Feature:
    """Small regions that touch each other within a larger one, as an eye and its iris."""

    head: int
    count: int
    left: int
    top: int
    width: int
    height: int
    area: float  # px

    @property
    def lens(self) -> bool:
        """Rounder than a window pane and not much longer than wide."""
        return 0.5 < self.width / self.height < 3 and self.area < EYE * self.width * self.height


def _features(r: Regions) -> list[_Feature]:
    small = where(is_object(r) & (r.area < MOST_EYE))
    left, features = set(small), []
    for first in small:
        if first not in left:
            continue
        group = [first]
        left.remove(first)
        for i in group:
            group += [j for j in r.neighbours[i] if j in left]
            left.difference_update(group)
        around: dict[int, int] = {}
        for i in group:
            for j, length in r.neighbours[i].items():
                if j not in group:
                    around[j] = around.get(j, 0) + length
        if not around:
            continue
        head = max(around, key=lambda j: around[j])
        (x, top), (right, bottom) = r.box[group, :2].min(0).tolist(), r.box[group, 2:].max(0).tolist()
        area = float(r.area[group].sum()) * r.labels.size
        share = area / r.labels.size
        within = r.edge[head] == 0 and around[head] > 0.6 * sum(around.values())
        if within and LEAST_EYE * r.area[head] < share < MOST_EYE:
            features.append(_Feature(head, len(group), x, top, right - x + 1, bottom - top + 1, area))
    of = [dot.region for dot in r.dots]
    dots = [d for d in r.dots if of.count(d.region) <= 3 and r.edge[d.region] == 0]  # eyes and a nose; not rivets
    return features + [_Feature(d.region, 2, d.left, d.top, d.width, d.height, d.area) for d in dots]


_SELECTORS: dict[str, Callable[[Regions], list[int]]] = {
    "sky": lambda r: where(is_sky(r)),
    "ground": lambda r: where(is_ground(r)),
    "roof": roof,
    "sun": sun,
    "window": lambda r: where(is_object(r) & (r.area < 0.012) & (r.fill > 0.68)),
    "door": door,
    "subject": subject,
    "cloth": subject,
    "fur": subject,
    "sail": subject,
    "hair": lambda r: best((1 - r.cy) * np.sqrt(r.area), is_object(r) & (r.area > 0.01)),
    "skin": lambda r: best(r.area, is_large(r)),
    "foliage": foliage,
}


def select(regions: Regions, noun: str) -> list[int]:
    """The regions that a noun most likely means."""
    return _SELECTORS[noun](regions)
