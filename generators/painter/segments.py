"""Segments: the areas of coherent colour in a photograph, shading and texture aside.

Superpixels flooded from the calmest places of a grid (Machairas et al., Waterpixels, 2015), merged pair by pair while
the step across their common border is small: a ball has no step between its light and its shade, but one around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.colours import AXES, Array
from core.measures import disc

CELL = 6  # half-size px between the seeds of superpixels
STEPS = (0.007, 0.014, 0.021, 0.028, 0.036)  # scaled Lab; areas whose border has a smaller step are one
CRUMB = 0.0016  # share of the picture; smaller areas go to the neighbour that is most alike
CRUMBS = 9.0  # a limit above every step
ONE_THING = 0.11  # scaled Lab; more unlike than that is another thing, whatever the light
ROUNDS = 6  # of joining shades
SMALL = 0.01  # share of the picture; the smaller an area below this, the more easily it is merged
GREY, SHADE = 0.5, 0.08  # weights of what a shadow could explain in a difference of colours, greys and vivid ones

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Segments:
    """`n` areas; arrays are indexed by area, pairs are neighbours."""

    labels: Labels  # (h, w)
    area: Array  # (n,) share of the picture
    colours: Array  # (n, 3) mean, scaled Lab
    pairs: Labels  # (m, 2)
    length: Array  # (m,) half-size px of common border

    def fill(self, values: Array) -> Array:
        """A picture of one value per area, (h, w, ...)."""
        return np.asarray(np.take(values.astype(np.float32), self.labels, axis=0))


def find_segments(smooth: Array) -> Segments:
    """Segment a photograph of shape (h, w, 3), scaled Lab without grain; about 18 ms at 512 px."""
    h, w = smooth.shape[:2]
    half = np.asarray(cv2.resize(smooth, (max(8, w // 2), max(8, h // 2)), interpolation=cv2.INTER_AREA), np.float32)
    labels = _merge(half, _superpixels(half))
    pairs, length, _ = _borders(labels, np.zeros(labels.shape, np.float32))
    full = _sharpen(smooth, labels)
    area = np.bincount(full.ravel(), minlength=int(labels.max()) + 1)
    return Segments(full, (area / full.size).astype(np.float32), means(smooth, full), pairs, length)


def join_shades(segments: Segments) -> tuple[Labels, Segments]:
    """Make one what is one coloured thing in light and in shade: the new label of each area, and the new areas."""
    one, other = segments.pairs.T
    apart = unlike(segments.colours[one], segments.colours[other])
    far = np.linalg.norm(segments.colours[one] - segments.colours[other], axis=1)
    shades = (apart < 0.4 * far) & (apart < ONE_THING)
    into: Labels = np.arange(len(segments.area))
    for _ in range(ROUNDS):
        least = np.minimum(into[one[shades]], into[other[shades]])
        np.minimum.at(into, one[shades], least)
        np.minimum.at(into, other[shades], least)
    into = np.asarray(np.unique(into, return_inverse=True)[1])
    area = _summed(into, segments.area)
    colours = np.stack([_summed(into, segments.area * c) / area for c in segments.colours.T], 1)
    ends = np.sort(into[segments.pairs], 1)
    keep = ends[:, 0] != ends[:, 1]
    keys, index = np.unique(ends[keep, 0] * len(area) + ends[keep, 1], return_inverse=True)
    pairs = np.stack([keys // len(area), keys % len(area)], 1)
    return into, Segments(np.take(into, segments.labels), area, colours, pairs, _summed(index, segments.length[keep]))


def means(image: Array, labels: Labels) -> Array:
    """Mean of an image of shape (h, w, c) over each label, shape (n, c)."""
    area = np.maximum(1, np.bincount(labels.ravel()))
    sums = [np.bincount(labels.ravel(), image[..., i].ravel()) for i in range(image.shape[2])]
    return (np.stack(sums, 1) / area[:, None]).astype(np.float32)


def unlike(one: Array, other: Array) -> Array:
    """How unlike colours (..., 3) are, little of it for what light and shade do: move a colour along its line to black.

    Of greys nobody can say whether they are shades of one thing, so there lightness counts.
    """
    off, line = one - other, one + other
    line = line / np.maximum(np.linalg.norm(line, axis=-1, keepdims=True), 1e-3)
    along = np.abs((off * line).sum(-1))
    across = np.sqrt(np.maximum(0, (off**2).sum(-1) - along**2))
    chroma = np.minimum(np.hypot(one[..., 1], one[..., 2]), np.hypot(other[..., 1], other[..., 2]))
    return np.asarray(0.8 * across + (GREY - (GREY - SHADE) * np.clip(chroma / 0.3, 0, 1)) * along, np.float32)


def likely_skin(segments: Segments) -> Array:
    """How likely each segment is skin, 0..1 of shape (n,): by its colour, and by hardly touching the frame."""
    light, a, b = segments.colours.T
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a))
    likely = np.clip((chroma - 0.1) / 0.06, 0, 1) * np.clip((0.6 - chroma) / 0.1, 0, 1)
    likely *= np.clip((32 - np.abs(hue - 50)) / 12, 0, 1) * np.clip((light - 0.3) / 0.1, 0, 1)
    labels = segments.labels
    frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    outside = np.bincount(frame, minlength=len(light)) / len(frame)
    return np.asarray(likely * np.clip(1 - outside / 0.08, 0, 1), np.float32)


def _steepness(lab: Array, reach: int) -> Array:
    """Colour distance across each pixel, from `reach` px before to `reach` px behind it, the steeper of both axes."""
    wide = cv2.copyMakeBorder(lab, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    across = wide[reach:-reach, 2 * reach :] - wide[reach:-reach, : -2 * reach]
    down = wide[2 * reach :, reach:-reach] - wide[: -2 * reach, reach:-reach]
    squares = np.maximum(*(np.einsum("ijk,ijk->ij", off, off) for off in (across, down)))
    return np.asarray(np.sqrt(squares), np.float32)


def _superpixels(lab: Array) -> Labels:
    h, w = lab.shape[:2]
    rows, columns = -(-h // CELL), -(-w // CELL)
    steep = np.full((rows * CELL, columns * CELL), 9, np.float32)
    steep[:h, :w] = _steepness(lab, 1)
    cells = steep.reshape(rows, CELL, columns, CELL).transpose(0, 2, 1, 3).reshape(rows * columns, -1)
    calmest = cells.argmin(1)
    y = np.arange(rows * columns) // columns * CELL + calmest // CELL
    x = np.arange(rows * columns) % columns * CELL + calmest % CELL
    seeds = np.zeros((h, w), np.int32)
    seeds[y, x] = np.arange(1, len(y) + 1)
    return _flood(lab, seeds)


def _flood(lab: Array, seeds: NDArray[np.int32]) -> Labels:
    """Watershed of colours from seeds 1.. into labels 0.. that cover everything."""
    pixels = np.clip(lab / AXES * np.array([2.55, 1, 1], np.float32) + np.array([0, 128, 128], np.float32), 0, 255)
    flooded = cv2.watershed(np.ascontiguousarray(pixels.astype(np.uint8)), seeds.copy())
    for _ in range(3):  # its one-pixel dams, and the frame of the picture, go to a neighbour
        grown = cv2.dilate(np.maximum(flooded, 0).astype(np.float32), np.ones((3, 3), np.uint8))
        flooded = np.where(flooded > 0, flooded, grown.astype(np.int32))
    flooded = np.maximum(flooded, 1)
    number = np.cumsum(np.bincount(flooded.ravel()) > 0) - 1  # a seed on the frame may be lost
    return np.asarray(np.take(number, flooded.astype(np.int64)), np.int64)


def _borders(labels: Labels, steep: Array) -> tuple[Labels, Array, Array]:
    """Neighbouring labels (m, 2), the px of their common border, and the sum of `steep` along it."""
    count = int(labels.max()) + 1
    keys, steps = [], []
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        differ = labels[one] != labels[other]
        low, high = labels[one][differ], labels[other][differ]
        keys.append(np.minimum(low, high) * count + np.maximum(low, high))
        steps.append(np.maximum(steep[one], steep[other])[differ])
    found, index = np.unique(np.concatenate(keys), return_inverse=True)
    length = np.bincount(index, minlength=len(found))
    total = np.bincount(index, np.concatenate(steps), len(found))
    return np.stack([found // count, found % count], 1), length.astype(np.float32), total.astype(np.float32)


def _merge(lab: Array, labels: Labels) -> Labels:
    """Join areas to their most alike larger neighbours, round by round, the least steps first."""
    steep = np.maximum(0, 1.5 * _steepness(lab, 1) - 0.5 * _steepness(lab, 2))  # a slope counts less than a step
    pairs, length, step = _borders(labels, steep)
    colours: Array = means(lab, labels).astype(np.float64)
    area: Array = np.bincount(labels.ravel()) / labels.size
    owner: Labels = np.arange(len(area))
    for limit in (*STEPS, CRUMBS):
        for _ in range(3):
            if not len(pairs):
                break
            smaller = area[pairs].min(1)
            apart = unlike(colours[pairs[:, 0]], colours[pairs[:, 1]])
            far = np.linalg.norm(colours[pairs[:, 0]] - colours[pairs[:, 1]], axis=1)
            cost = apart * (0.6 * step / length / np.maximum(far, 1e-3) + 0.5)
            cost *= np.clip((smaller / SMALL) ** 0.3, 0.5, 1)
            if limit == CRUMBS:
                cost = np.where(smaller < CRUMB, cost, 2 * CRUMBS)
            into = _joined(pairs, cost, limit, area)
            whole = np.bincount(into, area)
            colours = np.stack([np.bincount(into, area * colours[:, i]) / whole for i in range(3)], 1)
            area, owner = whole, into[owner]
            ends = np.sort(into[pairs], 1)
            keep = ends[:, 0] != ends[:, 1]
            keys, index = np.unique(ends[keep, 0] * len(area) + ends[keep, 1], return_inverse=True)
            pairs = np.stack([keys // len(area), keys % len(area)], 1)
            length, step = _summed(index, length[keep]), _summed(index, step[keep])
    return np.take(owner, labels)


def _summed(index: Labels, values: Array) -> Array:
    return np.bincount(index, values).astype(np.float32)


def _joined(pairs: Labels, cost: Array, limit: float, area: Array) -> Labels:
    """New labels: an area joins the larger neighbour of least cost below the limit, if that one joins no other."""
    order = np.argsort(cost, kind="stable")
    both = pairs[order[cost[order] < limit][::-1]]
    partner = np.arange(len(area))
    partner[both.ravel()] = both[:, ::-1].ravel()  # the last, so the least, is kept
    joins = (area[partner] > area) | ((area[partner] == area) & (partner < np.arange(len(area))))
    into = np.where(joins & ~joins[partner], partner, np.arange(len(area)))
    return np.asarray(np.unique(into, return_inverse=True)[1])


def _sharpen(smooth: Array, labels: Labels) -> Labels:
    """Labels of half the size at full size, their borders moved onto the photograph's."""
    h, w = smooth.shape[:2]
    large = cv2.resize((labels + 1).astype(np.float32), (w, h), interpolation=cv2.INTER_NEAREST)
    inside = cv2.erode(large, disc(2)) == cv2.dilate(large, disc(2))
    seeds = np.where(inside, large, 0).astype(np.int32)
    thin = np.bincount(seeds.ravel(), minlength=int(labels.max()) + 2) == 0  # without a core
    if thin.any():
        seeds = np.where(np.take(thin, large.astype(np.int32)), large, seeds).astype(np.int32)
    return _flood(smooth, seeds)
