"""Companions: what stands around the figures of a prompt where it names few: trees beside a house, boats at sea."""

from __future__ import annotations

import numpy as np

from generators.composer.cast import FIGURES
from generators.composer.places import MARGIN, SHRINK, Land, Place
from generators.composer.scenes import Scene

MOST = 5  # figures; more need no company
STILL = ("bowl", "cup", "apple", "vase", "bottle", "pear", "candle", "books", "bread", "lamp", "teapot")
AFLOAT = frozenset({"boat", "ship", "steamer", "rowing boat", "whale"})

# of each scene, of what closes the view, and of figures; the last say most
_OF_SCENE = {
    "meadow": "tree, bush, tree", "sand": "palm, cactus, rock", "snow": "pine, bare tree, pine",
    "lake": "tree, pine, bush", "river": "willow, tree, bush", "beach": "palm, rock, palm", "moon": "rock",
    "street": "street lamp",
}  # fmt: skip
_OF_BACK = {"forest": "pine, tree, tree, pine", "mountains": "pine, tree, pine"}
_OF_FIGURE = {
    "arena": "umbrella pine, cypress, umbrella pine", "taj": "cypress", "temple": "cypress, umbrella pine, bush",
    "pagoda": "cherry tree, pine", "shrine": "cherry tree, pine", "torii": "pine, cherry tree", "castle": "pine, tree",
    "fairy castle": "pine", "redeemer": "bush, palm", "temple towers": "palm, palm, bush", "domes": "pine, tree",
    "leaning tower": "cypress, umbrella pine", "standing stones": "rock, bush", "great wall": "pine, bush, pine",
    "ruins": "bush, rock", "mosque": "palm, cypress", "skyscraper": "tree, street lamp", "waterfall": "pine, rock",
    "volcano": "palm, palm, bush", "mount fuji": "cherry tree, pine", "mountain": "pine, pine, rock",
    "lion": "umbrella pine, bush", "elephant": "umbrella pine, bush", "dinosaur": "palm, palm, bush",
    "camel": "palm, palm, cactus", "obelisk": "palm, tree",
}  # fmt: skip


def companions(scene: Scene, placed: list[Place], land: Land, rng: np.random.Generator) -> list[Place]:
    """A few figures more, at the sides and behind what the prompt names."""
    if scene.ground == "table":
        return _still_life(placed, land, rng)
    if scene.indoors or len(placed) > MOST:
        return []
    main = placed[0].figure.name if placed else ""
    found: list[Place] = []
    if main == "ruins":  # the peak behind Machu Picchu
        tall = min(0.62, 0.5 * land.wide)
        x = placed[0].x + 0.12 * land.wide
        found.append(Place(FIGURES["mountain"], -1, x, land.horizon - 0.03, tall, depth=1.0))
    kinds = _kinds(main, scene)
    if kinds and "forest" in scene.backs and land.water is None:
        return found + _woods(kinds, placed, land, rng)
    if kinds:
        found += _flanks(kinds, placed, land, rng)
    if scene.ground in ("sea", "beach") and "rain" not in scene.more:
        found += _sails(placed, land, rng)
    return found


def _kinds(main: str, scene: Scene) -> tuple[str, ...]:
    backs = [_OF_BACK[back] for back in scene.backs if back in _OF_BACK and scene.ground != "street"]
    told = _OF_FIGURE.get(main) or next(iter(backs), _OF_SCENE.get(scene.ground, ""))
    kinds = tuple(told.split(", ")) if told else ()
    if "autumn" in scene.more:
        kinds = tuple("tree" if kind in ("palm", "cherry tree") else kind for kind in kinds)
    return kinds


def _flanks(kinds: tuple[str, ...], placed: list[Place], land: Land, rng: np.random.Generator) -> list[Place]:
    """On both sides plants in the corner, beside what is in the middle, and far away."""
    found: list[Place] = []
    first = placed[0] if placed and placed[0].figure.home != "air" else None
    large = int(rng.choice([-1, 1]))  # the side of the larger one
    for side in (-1, 1):
        edge = land.wide * (0.5 + 0.1 * side) if first is None else first.x + side * first.width / 2
        gap = max(0.0, land.wide - edge if side > 0 else edge)
        for distance in ("near", "middle", "far", "far"):
            figure = FIGURES[kinds[int(rng.integers(0, len(kinds)))]]
            y = {"near": 0.07, "middle": 0.65 * land.horizon, "far": land.horizon - 0.018}[distance]
            if distance != "far":
                y += float(rng.uniform(-0.028, 0.03))
            if land.water is not None:
                if distance == "middle" or (distance == "near" and land.water[0] < 0.05):
                    continue
                y = land.water[1] + 0.004 if distance == "far" else max(0.02, land.water[0] - 0.05)
            height = _height(figure.metres, placed, land, y) * float(rng.uniform(0.85, 1.2))
            if distance == "near":
                overlap = 0.0 if first is None else 0.16 * first.width
                height = min((1.15 if side == large else 0.75) * height, (gap + overlap) / figure.width, 0.52)
                x = land.wide / 2 + side * (land.wide / 2 - figure.width * height / 2 - float(rng.uniform(0, 0.02)))
            else:
                height = min(height, 0.9 * gap / figure.width + 0.05 * (distance == "far"), 0.62)
                x = edge + side * float(rng.uniform(0.25, 0.8)) * gap
            place = Place(figure, -1, x, y, min(height, 0.95 - y), bool(rng.random() < 0.5), y)
            if place.height > 0.055 and _is_free(place, placed, land) and _is_apart(place, found):
                found.append(place)
    return found


def _height(metres: float, placed: list[Place], land: Land, y: float) -> float:
    if not placed:
        return float(np.clip(0.11 * metres**0.75 * land.depth(y), 0.07, 0.55))
    main = placed[0]
    nearness = 1.0 if main.figure.home == "air" else land.depth(y) / land.depth(main.y)
    height = main.height * (metres / main.figure.metres) ** SHRINK * nearness
    return float(np.clip(height, 0.09, 0.5 if metres > 3 else 0.14))


def _is_free(place: Place, placed: list[Place], land: Land) -> bool:
    """Whether it hides little of what the prompt names, and is not cut by the page's edge to less than half."""
    left, _, right, top = place.box
    if not 0.02 <= place.x <= land.wide - 0.02 or top > 0.98:
        return False
    for other in placed:
        behind = place.y > other.y + 0.01 or other.figure.kind == "land"
        allowed = 0.5 * (right - left) if behind else 0.2 * other.width
        if place.beside(other) > allowed and top > other.y:
            return False
    return True


def _is_apart(place: Place, found: list[Place]) -> bool:
    return all(
        abs(place.x - other.x) > 0.42 * (place.width + other.width) or abs(place.y - other.y) > 0.16 for other in found
    )


def _woods(kinds: tuple[str, ...], placed: list[Place], land: Land, rng: np.random.Generator) -> list[Place]:
    """Trees on both sides of a clearing, row by row, the nearest cut by the edge of the page."""
    found: list[Place] = []
    rows = 5
    clear = max([abs(edge - land.wide / 2) for p in placed[:1] for edge in (p.box[0], p.box[2])], default=0.0)
    for row in range(rows):
        share = row / (rows - 1)
        for side in (-1, 1):
            figure = FIGURES[kinds[int(rng.integers(0, len(kinds)))]]
            tall = (0.2 + 0.55 * share) * float(rng.uniform(0.88, 1.1)) * (0.3 if figure.metres < 2 else 1)
            y = land.horizon - 0.02 - (land.horizon - 0.05) * share**1.2
            offset = (0.1 + 0.42 * share) * land.wide
            if share > 0.3:
                offset = max(offset, clear + 0.04 * land.wide)
            offset += float(rng.uniform(-0.03, 0.05)) + 0.12 * figure.width * tall
            x = land.wide / 2 + side * offset
            place = Place(figure, -1, x, y, min(tall, 0.99 - y), bool(rng.random() < 0.5), y)
            hides = any(place.beside(p) > 0.25 * p.width and y < p.y for p in placed)
            if -0.3 * place.width < x < land.wide + 0.3 * place.width and not hides:
                found.append(place)
    return found


def _still_life(placed: list[Place], land: Land, rng: np.random.Generator) -> list[Place]:
    """Some more on the table, until there are four things, in the gaps and a little before or behind."""
    found: list[Place] = []
    names = {place.figure.name for place in placed}
    for name in rng.permutation(np.array(STILL)).tolist():
        figure = FIGURES[name]
        if name in names or len(found) + len(placed) >= 4:
            continue
        life = (figure.metres / placed[0].figure.metres) ** 0.62 if placed else 1.0
        height = float(np.clip((placed[0].height if placed else 0.34) * life, 0.09, 0.46))
        half = 0.5 * figure.width * height + MARGIN
        for _ in range(8):
            x, y = float(rng.uniform(half, max(half + 0.01, land.wide - half))), float(rng.uniform(0.12, 0.22))
            place = Place(figure, -1, x, y, height, bool(rng.random() < 0.5), y)
            hides = any(place.beside(other) > 0.12 * min(place.width, other.width) for other in [*placed, *found])
            if not hides and place.box[2] < land.wide:
                found.append(place)
                break
    return found


def _sails(placed: list[Place], land: Land, rng: np.random.Generator) -> list[Place]:
    """Boats far out, where there is nothing else afloat."""
    found: list[Place] = []
    if land.water is None or {place.figure.name for place in placed} & AFLOAT:
        return found
    low, high = max(0.0, land.water[0]), land.water[1]
    for _ in range(2):
        y = high - (0.12 + 0.4 * float(rng.uniform(0, 1))) * (high - low)
        size, x = 0.06 + 0.3 * (high - y), float(rng.uniform(0.1, 0.9)) * land.wide
        place = Place(FIGURES["boat"], -1, x, y, size, bool(rng.random() < 0.5), y)
        if _is_free(place, placed, land) and all(abs(x - other.x) > 0.2 for other in found):
            found.append(place)
    return found
