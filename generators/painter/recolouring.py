"""Recolouring: which colours of a style the segments of a photograph take, so that what differs stays apart.

Segments of one colour make a tone. Each tone takes the colour of least energy: its lightness among the others, its hue
where the style has it, the style's own shares of colour, and as much contrast with other tones as the photograph has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.colours import Array
from generators.painter.segments import Segments, likely_skin, unlike
from generators.painter.style import Style
from generators.painter.tone import resize

TONES = 14  # of a photograph at most
ALIKE = 0.07  # scaled Lab; segments less unlike than this share a tone
KIN = 0.22  # scaled Lab; what is less unlike may be one thing in light and in shade, and then has one hue
ACCENTS = 5  # colours that a style has in few places only
RARE = 0.16  # scaled Lab from every colour of the palette
PALE = 0.05  # share of a picture that a warm colour mixed with the lightest may cover: skin, where a style has none
NEAR = 0.1  # scaled Lab; colours this close stand for each other when shares are counted
APART = 0.3  # scaled Lab between two tones; more is not asked for
ORDER = 0.16  # of lightness between a light and a dark tone; more is not asked for
USAGE = 4.0  # weight of colours that cover more than they do in the style
STARTS, SWEEPS = 3, 5  # of the descent

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Swatches:
    """`k` colours that a style can give, the palette's first."""

    colours: Array  # (k, 3) scaled Lab
    share: Array  # (k,) of the style's area
    carrier: Indices  # (k,) the colour of the palette whose patches carry this one


@dataclass(frozen=True)
class Tones:
    """`n` colours of a photograph."""

    owner: Indices  # (segments,) the tone of each
    colours: Array  # (n, 3) scaled Lab
    area: Array  # (n,) share of the picture
    skin: Array  # (n,) how likely it is skin
    border: Array  # (n, n) share of their borders that two tones have in common


def recolour(segments: Segments, style: Style, mood: Array | None, rng: np.random.Generator) -> tuple[Array, Indices]:
    """The colour of each segment, (n, 3) scaled Lab, and the colour of the palette whose patches carry it, (n,)."""
    tones, swatches = _tones(segments), _swatches(style)
    alone = _fitness(tones, swatches, style, mood) + rng.gumbel(0, 0.01, (len(tones.area), len(swatches.share)))
    chosen = _choose(tones, swatches, alone)
    return swatches.colours[chosen][tones.owner], swatches.carrier[chosen][tones.owner]


def _tones(segments: Segments) -> Tones:
    """Join segments that are ALIKE, from the largest, and then the most alike until TONES are left."""
    every = _off(segments.colours[:, None], segments.colours[None])
    owner = np.zeros(len(every), np.int64)
    leaders = list[int]()
    for i in np.argsort(-segments.area, kind="stable"):
        off = every[i, leaders]
        if not leaders or off.min() > ALIKE:
            leaders.append(int(i))
            owner[i] = len(leaders) - 1
        else:
            owner[i] = off.argmin()
    area = np.bincount(owner, segments.area)
    colours = np.stack([np.bincount(owner, segments.area * c) for c in segments.colours.T], 1) / area[:, None]
    while len(area) > TONES:
        off = _off(colours[:, None], colours[None]) + np.eye(len(area)) * 9
        low, high = sorted(divmod(int(off.argmin()), len(area)))
        colours[low] = (area[low] * colours[low] + area[high] * colours[high]) / (area[low] + area[high])
        area[low] += area[high]
        owner = np.where(owner == high, low, owner) - (owner > high)
        colours, area = np.delete(colours, high, 0), np.delete(area, high)
    border = np.zeros((len(area), len(area)))
    one, other = owner[segments.pairs].T
    np.add.at(border, (one, other), segments.length * (one != other))
    border += border.T
    border /= np.maximum(1, np.minimum(border.sum(0)[:, None], border.sum(0)[None]))
    skin = np.bincount(owner, likely_skin(segments) * segments.area) / area
    return Tones(owner, colours.astype(np.float32), area.astype(np.float32), skin.astype(np.float32), border)


def _off(one: Array, other: Array) -> Array:
    return np.asarray(unlike(one, other) + 0.25 * np.linalg.norm(one - other, axis=-1))


def _swatches(style: Style) -> Swatches:
    """The palette; the accents farthest from it, as a red roof in a green landscape; and the warm ones, paler."""
    palette = style.palette
    points = resize(style.lab, 64, 64).reshape(-1, 3)
    squares = (points**2).sum(1)[:, None] + (palette.colours**2).sum(1) - 2 * points @ palette.colours.T
    rare = points[squares.min(1) > RARE**2]
    found, shares = list[Array](), list[float]()
    while len(rare) and len(found) < ACCENTS:
        near = ((rare[:, None] - rare[None]) ** 2).sum(-1) < 0.12**2
        centre = int(near.sum(1).argmax())
        if near[centre].sum() < 2:
            break
        found.append(rare[near[centre]].mean(0))
        shares.append(float(near[centre].sum()) / len(points))
        rare = rare[np.linalg.norm(rare - found[-1], axis=1) > 0.2]
    colours = np.vstack([palette.colours, *[c[None] for c in found]])
    warm = colours[(colours[:, 1] > 0) & (colours[:, 2] > 0.05)]
    colours = np.vstack([colours, 0.5 * warm + 0.5 * palette.colours[palette.colours[:, 0].argmax()]])
    off = (colours[:, None] - palette.colours[None]) * np.array([1, 0.6, 0.6], np.float32)
    unfit = 0.12 * (1 - palette.purity[1]) + 0.24 * (palette.busy - palette.busy.min())
    carrier = (np.linalg.norm(off, axis=-1) + unfit[None]).argmin(1)
    share = np.concatenate([palette.share, shares, [PALE] * len(warm)])
    return Swatches(colours.astype(np.float32), share.astype(np.float32), carrier)


def _fitness(tones: Tones, swatches: Swatches, style: Style, mood: Array | None) -> Array:
    """How badly each swatch suits each tone alone, shape (n, k)."""
    goal, reach = _lightness(tones, style)
    light = np.abs(goal[:, None] - swatches.colours[None, :, 0]) / max(0.4, reach)
    a, b = tones.colours[:, 1:], swatches.colours[:, 1:]
    ca, cb = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
    turn = 1 - (a @ b.T) / np.maximum(1e-3, ca[:, None] * cb[None])  # of hue: 0 is none, 2 is half round
    coloured = (ca / (ca + 0.12))[:, None] * (cb / (cb + 0.12))[None]
    vivid = ca[:, None] / max(0.3, float(ca.max())) - cb[None] / max(0.3, float(cb.max()))
    cold = np.clip(-(b.min(1) + 0.03) / 0.15, 0, 1)  # green or blue
    bare = tones.skin[:, None] * (1.2 * cold[None] - 0.4 * (cb / (cb + 0.12))[None] * np.maximum(0, 1 - turn))
    apart = np.linalg.norm(swatches.colours[:, None] - style.palette.colours[None], axis=-1)
    plenty = np.exp(-((apart / NEAR) ** 2)) @ style.palette.share
    scarce = np.clip(tones.area[:, None] / (2.5 * plenty[None] + 0.15) - 1, 0, 1)
    energy = 1.2 * light**2 + 0.9 * coloured * turn + 0.4 * vivid**2 + bare + 1.2 * scarce
    if mood is not None:
        energy += 0.5 * np.linalg.norm((swatches.colours - mood) * np.array([0.6, 1, 1], np.float32), axis=1)[None]
    return np.asarray(energy * (0.3 + np.sqrt(tones.area))[:, None], np.float32)


def _lightness(tones: Tones, style: Style) -> tuple[Array, float]:
    """Lightness that each tone should have, (n,), and how far the style's reaches: its quantiles, and evenly spread."""
    light = tones.colours[:, 0]
    order = np.argsort(light, kind="stable")
    rank = np.empty(len(light))
    rank[order] = np.cumsum(tones.area[order]) - tones.area[order] / 2
    own = np.sort(style.tones[::8, ::8, 0].ravel())
    low, high = np.quantile(own, (0.03, 0.97))
    middle, extent = (light.max() + light.min()) / 2, max(0.2, float(light.max() - light.min()))
    even = low + np.clip(0.5 + (light - middle) / extent, 0, 1) * (high - low)
    return 0.65 * np.interp(rank, np.linspace(0, 1, len(own)), own) + 0.35 * even, float(high - low)


def _choose(tones: Tones, swatches: Swatches, alone: Array) -> Indices:
    """The swatch of each tone, shape (n,), by coordinate descent from several orders."""
    pair, tone = _contrast(tones, swatches), np.arange(len(alone))
    near = _near(swatches)
    plenty = near @ swatches.share
    allowed, weight = 1.4 * plenty + 0.03, USAGE * swatches.share / plenty
    largest = np.argsort(-tones.area, kind="stable")
    best, least = alone.argmin(1), np.inf
    for start in range(STARTS):
        chosen = alone.argmin(1)
        order = (largest, largest[::-1], np.roll(largest, len(tone) // 2))[start % 3]
        covered = near[chosen].T @ tones.area
        for _ in range(SWEEPS):
            before = chosen.copy()
            for i in order:
                covered = covered - tones.area[i] * near[chosen[i]]
                over = np.maximum(0, covered + tones.area[i] * near - allowed) ** 2 @ weight
                chosen[i] = (alone[i] + pair[i, tone, :, chosen].sum(0) + over).argmin()
                covered = covered + tones.area[i] * near[chosen[i]]
            if (before == chosen).all():
                break
        energy = alone[tone, chosen].sum() + 0.5 * pair[tone[:, None], tone, chosen[:, None], chosen].sum()
        energy += np.maximum(0, covered - allowed) ** 2 @ weight
        if energy < least:
            best, least = chosen, energy
    return np.asarray(best)


def _near(swatches: Swatches) -> Array:
    off = np.linalg.norm(swatches.colours[:, None] - swatches.colours[None], axis=-1)
    return np.asarray(np.exp(-((off / NEAR) ** 2)), np.float32)


def _contrast(tones: Tones, swatches: Swatches) -> Array:
    """How badly any two swatches suit any two tones together, (n, n, k, k): for neighbours above all."""
    colours, given = tones.colours, swatches.colours
    off = colours[:, None] - colours[None]
    weight = np.sqrt(np.minimum(tones.area[:, None], tones.area[None])) * tones.border
    weight = weight + 0.15 * np.sqrt(tones.area[:, None] * tones.area[None])
    np.fill_diagonal(weight, 0)
    kin = np.clip(1 - unlike(colours[:, None], colours[None]) / KIN, 0, 1)

    def of_pairs(values: Array) -> Array:
        return np.asarray(values[..., None, None], np.float32)

    apart = np.linalg.norm(given[:, None] - given[None], axis=-1)
    strange = np.minimum(0.6, np.linalg.norm(given[:, None, 1:] - given[None, :, 1:], axis=-1))
    lack = np.maximum(0, of_pairs(np.minimum(0.9 * np.linalg.norm(off, axis=-1), APART)) - apart) / APART
    darker = of_pairs(np.sign(off[..., 0])) * (given[:, None, 0] - given[None, :, 0])
    wrong = np.maximum(0, of_pairs(np.clip(0.7 * np.abs(off[..., 0]), 0, ORDER)) - darker) / ORDER
    ordered = of_pairs(0.5 * (np.abs(off[..., 0]) > 0.06))
    energy = of_pairs(1.6 * (1 - kin)) * lack**2 + ordered * wrong**2 + of_pairs(1.5 * kin) * strange
    return np.asarray(of_pairs(weight) * energy, np.float32)
