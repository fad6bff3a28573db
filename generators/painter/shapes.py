"""Shapes: which regions of a drawing a noun most likely means, by place, size and shape alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.painter.regions import Regions

Which = NDArray[np.bool_]

EYE = 0.4, 0.88  # of its box; with an iris in it an eye is a ring, and a window pane covers more
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
    return np.asarray(is_object(r) & (r.area > 0.004))


def is_round(r: Regions, tolerance: float = 0.06) -> Which:
    ratio = r.width / r.height
    return np.asarray((np.abs(r.fill - DISC) < tolerance) & (ratio > 0.6) & (ratio < 1.5))


def is_sky(r: Regions) -> Which:
    return np.asarray((r.top > 0.12) & (r.area > 0.02))


def is_ground(r: Regions) -> Which:
    return np.asarray((r.bottom > 0.08) & ~is_sky(r))


def roof(r: Regions) -> list[int]:
    return best(r.width / r.height * (1 - r.cy) * np.sqrt(r.area), is_large(r) & (r.width > 1.3 * r.height))


def sun(r: Regions) -> list[int]:
    roundness = 1 - 4 * np.abs(r.fill - DISC) - np.abs(np.log(r.width / r.height)) - r.cy
    return best(roundness, is_object(r) & (r.area > 0.001) & (r.area < 0.06))


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


def face(r: Regions, strict: bool = False) -> int | None:
    """The region that has two alike shapes beside each other in its middle: eyes; `strict`, eyes that have an iris."""
    ratio = r.width / r.height
    small = where(is_object(r) & (r.area > 0.0006) & (r.area < 0.02) & (ratio > 0.5) & (ratio < 3))
    small = [i for i in small if EYE[0] < r.fill[i] < EYE[1]]
    parents = {i: max(r.neighbours[i], key=lambda j: r.neighbours[i][j]) for i in small if r.neighbours[i]}
    w = r.labels.shape[1]
    found: list[tuple[float, int]] = []
    for i in small:
        for j in small:
            head = parents.get(i)
            if i == j or head is None or head != parents.get(j) or r.edge[head] or r.area[head] < 6 * r.area[i]:
                continue
            left, top, _, _ = r.box[head]
            across = (r.cx[i] + r.cx[j]) / 2 * w
            apart = (r.cx[j] - r.cx[i]) * w
            high = (r.cy[i] * r.labels.shape[0] - top) / r.height[head]
            alike = abs(np.log(r.area[i] / r.area[j])) < 0.5 and abs(np.log(ratio[i] / ratio[j])) < 0.4
            level = abs(r.cy[i] - r.cy[j]) * r.labels.shape[0] < 0.35 * r.height[i]
            middle = abs(across - left - r.width[head] / 2) < 0.12 * r.width[head]
            spread = 1.2 * r.width[i] < apart < 0.7 * r.width[head]
            watching = not strict or any(parents.get(k) == i for k in r.neighbours[i])
            if watching and alike and level and middle and spread and 0.15 < high < 0.72:
                found.append((float(r.area[i] + r.area[j]), head))
    return max(found)[1] if found else None


_SELECTORS: dict[str, Callable[[Regions], list[int]]] = {
    "sky": lambda r: where(is_sky(r)),
    "ground": lambda r: where(is_ground(r)),
    "roof": roof,
    "sun": sun,
    "window": lambda r: where(is_object(r) & (r.area < 0.012) & (r.fill > 0.68)),
    "door": door,
    "subject": subject,
    "cloth": subject,
    "hair": lambda r: best((1 - r.cy) * np.sqrt(r.area), is_object(r) & (r.area > 0.01)),
    "skin": lambda r: best(r.area, is_large(r)),
    "foliage": foliage,
}


def select(regions: Regions, noun: str) -> list[int]:
    """The regions that a noun most likely means."""
    return _SELECTORS[noun](regions)
