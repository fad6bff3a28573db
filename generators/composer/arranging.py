"""Arranging: a place for every figure of a prompt: the main one large, others where words and balance put them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from generators.composer.cast import FIGURES
from generators.composer.figures.figure import Figure
from generators.composer.places import CROSSING, FAR, GROUNDED, MARGIN, NEAR, SHRINK, SIZES, TOP, Land, Place, named
from generators.composer.reading import Mention

APART = 0.03  # that much is kept between two figures where there is room
HIP = 0.4  # of a person's height
SMALL = 1.2  # metres; what is not higher can sit on everything
TRIED = 13  # places from left to right
FROM_EARTH = {"rainbow": 0.46, "lightning": 0.5}  # how high they stand on the horizon
FEW = 4  # of a kind; more of them stand close together
TURNED = {"front": "behind", "behind": "front", "on": "under it", "over": "under", "under": "over"}
BESIDE = ("beside", "under", "with", "holds", "under it", "in")
TOGETHER = {
    "children": ("girl", "boy"), "kids": ("boy", "girl"), "siblings": ("girl", "boy"), "friends": ("boy", "girl"),
    "couple": ("woman", "man"), "lovers": ("woman", "man"), "family": ("man", "woman", "girl", "boy"),
    "pupils": ("girl", "boy", "girl"),
}  # fmt: skip
MIRRORED = named(
    "house, church, car, ship, boat, parliament, pyramid, arena, barn, palm, statue, umbrella, moon, teapot, cup, "
    "train, sphinx, waterfall, mountain, opera house, fairy castle"
)


def arrange(
    mentions: tuple[Mention, ...], main: int, land: Land, rng: np.random.Generator, flat: bool = False
) -> list[Place]:
    """A place for every figure of the mentions, the main one first, or what that sits on; `flat` where all stand in
    one row, as on a table."""
    carrying = (k for k, m in enumerate(mentions) if m.relation == "on" and m.target == main)
    first = next((k for k in carrying if _carries(FIGURES[mentions[k].figure], FIGURES[mentions[main].figure])), main)
    placer = _Placer(mentions, first, land, rng, flat)
    for k in [first, *[k for k in range(len(mentions)) if k != first]]:
        placer.place(k)
    return placer.placed


def _carries(seat: Figure, figure: Figure) -> bool:
    return seat.top is not None or seat.home == "table" or figure.metres <= SMALL


def _words(mention: Mention) -> tuple[str, ...]:
    """By which a colour word means it: the last part of the prompt's own word, and of the figure's name."""
    last = mention.word.rpartition(" ")[2]
    return tuple(dict.fromkeys([last, last.removesuffix("s"), mention.figure.rpartition(" ")[2]]))


class _Placer:
    def __init__(
        self, mentions: tuple[Mention, ...], main: int, land: Land, rng: np.random.Generator, flat: bool
    ) -> None:
        self.mentions, self.main, self.land, self.rng, self.flat = mentions, main, land, rng, flat
        self.placed: list[Place] = []
        self.left = bool(rng.random() < 0.5)  # of the middle, where the main figure is not in it
        self.off = float(rng.uniform(0.1, 0.17))

    def place(self, k: int) -> None:
        mention = self.mentions[k]
        figure = FIGURES[mention.figure]
        count = mention.count or SIZES[figure.kind].several + (2 if figure.name == "gull" else 0)
        relation, other = self._relation(k)
        y = self._foot(k, figure)
        height = self._height(k, figure, y, count)
        if other is not None and relation in ("on", "over"):
            seat = self._seat(figure, other, height) if relation == "on" else self._above(figure, other, height)
            if seat is not None:
                self._group(k, replace(seat, carries=mention.carries), 1)
                return
        x = self._x(k, figure, height, y, count, relation, other)
        towards_middle = x < self.land.wide / 2
        lively = figure.kind in ("animal", "vehicle")
        flip = towards_middle if lively else figure.name in MIRRORED and self.rng.random() < 0.3
        flying = FAR if figure.kind == "sky" else NEAR
        depth = flying if figure.home == "air" else y - 0.002 * (k == self.main)
        self._group(k, Place(figure, k, x, y, height, bool(flip), depth, carries=mention.carries), count)

    def _of(self, k: int) -> Place | None:
        return next((place for place in self.placed if place.mention == k), None)

    def _relation(self, k: int) -> tuple[str, Place | None]:
        """How the figure of a mention stands to one that is placed: the one named before it, or after it."""
        mention = self.mentions[k]
        if mention.relation and (other := self._of(mention.target)) is not None:
            return TURNED.get(mention.relation, mention.relation), other
        for j, later in enumerate(self.mentions):
            if later.relation and later.target == k and (other := self._of(j)) is not None:
                return later.relation, other
        return "", None

    def _foot(self, k: int, figure: Figure) -> float:
        if figure.name in FROM_EARTH:
            return self.land.horizon
        if figure.home == "air":
            low = 0.5 if k == self.main else 0.74 if figure.kind == "sky" else 0.62
            return low + float(self.rng.uniform(0, 0.07))
        if self.land.swum and figure.home == "water":
            return float(self.rng.uniform(0.4, 0.62))
        if k == self.main and figure.name in GROUNDED and self.land.water is None:
            return 0.0 if figure.name in CROSSING else 0.12
        return self.land.foot(figure, 1 if self.flat else self._step(k, figure))

    def _step(self, k: int, figure: Figure) -> int:
        """How far back it stands, by its kind and by what is said to be in front of what."""
        step = SIZES[figure.kind].step
        if k == self.main and figure.kind in ("building", "plant", "vehicle"):
            step = max(1, step)
        for j, later in enumerate(self.mentions):
            if k == later.target and later.relation == "front":
                step = max(step, 3 if SIZES[FIGURES[later.figure].kind].step > 0 else 2)
            elif (k == j and later.relation in ("front", "under")) or (
                k == later.target and later.relation == "behind"
            ):
                step = min(step, 1)
        return step

    def _height(self, k: int, figure: Figure, y: float, count: int) -> float:
        wide, size = self.land.wide, SIZES[figure.kind]
        if figure.name in FROM_EARTH:
            return min(FROM_EARTH[figure.name], 0.94 * wide / figure.width, TOP - y)
        large = figure.kind in ("landmark", "land")
        if k == self.main:
            height = size.main * float(self.rng.uniform(0.94, 1.04))
            if figure.kind == "landmark" and figure.width < 0.65:
                height *= 1.14
            if len(self.mentions) > 2 or (count > 1 and len(self.mentions) > 1):
                height *= 0.87
            alone = len(self.mentions) == 1
            across = 0.8 if large else 0.45 if figure.home == "table" else 0.62 if alone else 0.52
        else:
            height = self._beside_main(figure, y)
            across = 1.3 if figure.kind == "land" else 0.8 if large else 0.5
        spread = {"sky": 0.0, "land": 0.3, "landmark": 0.4}.get(figure.kind, 0.9 if count <= FEW else 0.5) * (count - 1)
        if figure.name in CROSSING:
            across = 1.5 if figure.name == "great wall" else 1.04
        height = min(height, across * wide / figure.width)
        if spread:
            height = min(height, 0.94 * wide / (figure.width * (1 + spread)))
        return max(0.04, min(height, TOP - y))

    def _beside_main(self, figure: Figure, y: float) -> float:
        """The height of a figure beside the main one: as in life, brought together, and larger the nearer it is."""
        main, size = self.placed[0], SIZES[figure.kind]
        flying = "air" in (figure.home, main.figure.home)
        nearness = 1.0 if flying else self.land.depth(y) / self.land.depth(main.y)
        height = main.height * (figure.metres / main.figure.metres) ** SHRINK * nearness
        height = min(size.most, max(size.least, height))
        if figure.kind == main.figure.kind == "landmark":
            height = min(height, 0.6 * main.height)
        if main.figure.home == "air" and figure.home != "air":
            height = min(height, max(0.2, main.y + 0.12 - y))
        return float(height)

    def _above(self, figure: Figure, other: Place, height: float) -> Place | None:
        """A place in the air above another figure; None for what does not fly."""
        if figure.kind in ("landmark", "building", "land", "plant") or figure.home == "water":
            return None
        y = min(TOP - height, other.y + other.height + 0.03)
        if y < other.y + 0.5 * other.height:
            height, y = height * 0.7, TOP - height * 0.7
        half = figure.width * height / 2
        x = float(np.clip(other.x + self.rng.uniform(-0.2, 0.2), half, self.land.wide - half))
        return Place(figure, 0, x, y, height, x < self.land.wide / 2, FAR if figure.kind == "sky" else NEAR)

    def _seat(self, figure: Figure, other: Place, height: float) -> Place | None:
        """A place on another figure; None where it has none."""
        seat = other.figure
        if not _carries(seat, figure):
            return None
        share = max(0.35, (figure.metres / seat.metres) ** 0.6)
        height = min(height, max(SIZES[figure.kind].least, other.height * share))
        y = other.y + other.height * (0.97 if seat.top is None else seat.top) - 0.006
        rides = figure.kind == "person" and (seat.kind == "animal" or seat.name == "bicycle")
        aboard = figure.kind == "person" and not rides and (seat.kind == "vehicle" or seat.name == "basket")
        if rides:
            height = other.height * float(np.clip(1.6 / seat.metres, 0.3, 0.75))
            y -= HIP * height
        elif aboard:
            height = other.height * min(1.0, 1.7 / seat.metres)
            y -= 0.15 * height  # whose legs are behind the planks
        height = min(height, TOP + 0.02 - y)
        if height < 0.06:
            return None
        broad = seat.kind in ("land", "thing", "landmark")
        reach = max(0.0, 0.6 * other.width - figure.width * height) / 2 * broad
        x = other.x + float(self.rng.uniform(-reach, reach))
        return Place(figure, 0, x, y, height, other.flip, other.depth + (0.001 if aboard else -0.001), seated=rides)

    def _x(
        self, k: int, figure: Figure, height: float, y: float, count: int, relation: str, other: Place | None
    ) -> float:
        wide, across = self.land.wide, figure.width * height
        total = across * (1 + 0.85 * (min(count, 5) - 1))
        least, most = total / 2 + MARGIN, wide - total / 2 - MARGIN
        if figure.kind == "land" and k != self.main:
            least, most = 0.28 * wide, 0.72 * wide  # may go on beyond the page
        if least >= most:
            return wide / 2
        if self.mentions[k].side:
            return least + (most - least) * (0.05 if self.mentions[k].side == "left" else 0.95)
        if k == self.main:
            alone = len(self.mentions) == 1 and figure.kind != "plant"
            off = 0.3 * self.off if alone or figure.kind == "landmark" or count > 1 else self.off
            off = 0.0 if across > 0.7 * wide else off
            return float(np.clip(wide * (0.5 - off if self.left else 0.5 + off), least, most))
        if other is not None and relation in BESIDE:
            near = 0.0 if relation == "under it" else 0.6 if relation == "under" else 1.02
            reach = near * (other.width + across) / 2
            wanted = other.x + (reach if other.x < wide / 2 else -reach)
        else:  # across from where the weight is
            weights = [place.width * place.height + 0.01 for place in self.placed]
            centre = float(np.average([place.x for place in self.placed], weights=weights))
            wanted = wide - centre + float(self.rng.uniform(-0.12, 0.12)) * wide
        tried = np.linspace(least, most, TRIED)
        costs = [self._cost(x, total, height, y, figure) + 0.5 * abs(x - wanted) / wide for x in tried]
        return float(tried[int(np.argmin(costs))])

    def _cost(self, x: float, total: float, height: float, y: float, figure: Figure) -> float:
        """How much a figure there and the placed ones hide each other."""
        cost = 0.0
        for other in self.placed:
            left, bottom, right, top = other.box
            across = min(right, x + total / 2) - max(left, x - total / 2) + APART
            up = min(top, y + height) - max(bottom, y) + APART
            if across > 0 and up > 0:
                hidden = across * up / max(1e-6, min(total * height, other.width * other.height))
                land = "land" in (figure.kind, other.figure.kind)
                cost += hidden * (0.3 if land else 1.6 if other.mention == self.main else 1.0)
        return cost

    def _group(self, k: int, first: Place, count: int) -> None:
        """A figure and its like: beside each other, by turns left and right, the others a little farther away."""
        wide, rng = self.land.wide, self.rng
        last = self.mentions[k].word.rpartition(" ")[2]
        kinds = [FIGURES[name] for name in TOGETHER.get(last, (first.figure.name,))]
        first = replace(first, figure=kinds[0], mention=k, words=_words(self.mentions[k]))
        flies, figures = first.figure.home == "air", [first]
        wider = {"landmark": 0.6, "land": 0.6, "animal": 1.25, "person": 1.25, "vehicle": 1.25}
        step = first.width * (1.1 if flies else wider.get(first.figure.kind, 1.0))
        step *= 1.0 if count <= FEW or flies else 0.62
        step = min(step, (wide - 2 * MARGIN - first.width) / max(1, count - 1))
        half = first.width / 2 + MARGIN
        for i in range(1, count):
            side = (1 if i % 2 else -1) * ((i + 1) // 2)
            x = first.x + side * step * float(rng.uniform(0.9, 1.08))
            if x < half or x > wide - half:
                x = first.x - side * step - float(np.sign(side)) * step * (count % 2)
            x = float(np.clip(x, half, max(half, wide - half)))
            small = float(rng.uniform(0.72, 0.94))
            if flies:
                y = first.y + float(rng.uniform(-0.1, 0.12))
            else:
                y = first.y + min(
                    0.0 if self.flat else 0.28 * (1 - small), max(0.0, self.land.horizon - 0.03 - first.y)
                )
            figure = kinds[i % len(kinds)]
            height = min(first.height * small, TOP - y)
            if len(kinds) > 1:
                height = first.height * (figure.metres / first.figure.metres) ** 0.8
            flip = first.flip != bool(rng.random() < 0.4 and first.figure.kind != "vehicle")
            depth = first.depth if flies else y
            figures.append(replace(first, figure=figure, x=x, y=y, height=height, flip=flip, depth=depth, carries=()))
        self.placed += figures
