"""Parts: what each region of a drawing shows, where the words of a prompt and plain geometry tell.

A face is what has two eyes, hair lies above it, a sky touches the upper border, a crown has a trunk below it. Regions
of which nothing is known have no name, and any colour.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from core.colours import words_of
from generators.painter import shapes
from generators.painter.nouns import noun_of, scenes_of
from generators.painter.regions import Regions

HEAD, LEAST_HEAD = 0.1, 0.4  # share of the drawing that a head has at most, and of the first one that others have
MOST_HEADS = 8
UPRIGHT = 4  # heads; a figure is at least as high
OF_ONE_COLOUR = ("skin", "hair", "fur")

Parts = dict[int, str]


def name_parts(prompt: str, regions: Regions) -> Parts:
    """What is known of the regions of a drawing, by region."""
    words, scenes = words_of(prompt), scenes_in(prompt)
    silent = not scenes and not any(noun_of(word) for word in words)  # nothing is said of what is drawn
    outdoors = bool(scenes & {"building", "landscape", "water", "street", "snow", "sand"})
    parts: Parts = {}
    alive = scenes & {"person", "animal", "dressed"}
    heads = shapes.faces(regions, strict=not alive) if alive or silent else []
    if heads:
        for head in heads:
            _name_face(parts, regions, head, "fur" if "animal" in scenes else "skin")
    elif "animal" in scenes:
        _name(parts, "fur", shapes.subject(regions))
    elif alive or silent:
        _name_figures(parts, regions, outdoors, strict=not alive)
    if "dressed" in scenes:
        _name(parts, "cloth", shapes.subject(regions))
    if "building" in scenes:
        _name_building(parts, regions)
    if "boat" in scenes:
        _name(parts, "sail", _sails(regions))
    if "plants" in scenes:
        _name_plants(parts, regions)
    if outdoors:
        _name_sky(parts, regions)
    ground = _ground(regions, outdoors)
    if heads:  # a portrait ends at the shoulders
        _name(parts, "cloth", [i for i in ground if regions.bottom[i] < 0.8])
    if "street" in scenes:
        _name(parts, "road", [i for i in ground if regions.bottom[i] > 0.2])
    elif covers := [scene for scene in ("snow", "water", "sand") if scene in scenes]:
        _name(parts, covers[0], ground)
    else:
        _name(parts, "path", _paths(regions) if outdoors and len(ground) > 1 else [])
        _name(parts, "ground", ground)
        _name(parts, "ground", _between(parts, regions) if outdoors else [])
    return parts


def scenes_in(prompt: str) -> set[str]:
    """The scenes that the words of a prompt belong to."""
    return {scene for word in words_of(prompt) for scene in scenes_of(word)}


def informed(regions: Regions, parts: Parts) -> Regions:
    """The regions with one band for all skin, one for all hair and one for all fur: they are one person's. What is
    worn is no backdrop, wherever the drawing ends."""
    band, edge = regions.band.copy(), regions.edge.copy()
    for number, name in enumerate(OF_ONE_COLOUR):
        band[[i for i, part in parts.items() if part == name]] = regions.count + number
    edge[[i for i, part in parts.items() if part in (*OF_ONE_COLOUR, "cloth")]] = 0
    return dataclasses.replace(regions, band=band, edge=edge)


def _name(parts: Parts, name: str, regions: list[int]) -> None:
    for i in regions:
        parts.setdefault(i, name)


def _parent(r: Regions, i: int) -> int:
    return max(r.neighbours[i], key=lambda j: r.neighbours[i][j])


def _touching(r: Regions, i: int, least: float = 0.0) -> list[int]:
    """Objects that touch a region along more than that share of their own border."""
    return [
        j for j, length in r.neighbours[i].items() if r.edge[j] == 0 and length > least * sum(r.neighbours[j].values())
    ]


def _px(r: Regions, i: int) -> tuple[float, float]:
    h, w = r.labels.shape
    return float(r.cx[i]) * w, float(r.cy[i]) * h


def _name_face(parts: Parts, r: Regions, head: int, skin: str) -> None:
    """Skin or fur, and what lies in it and beside it: lips low in the middle, ears, cheeks and neck, hair above."""
    left, top, right, bottom = r.box[head]
    parts[head] = skin
    if skin == "fur":
        _name(parts, skin, _creature(r, head))
    for j in _touching(r, head):
        x, y = _px(r, j)
        box = r.box[j]
        inside = left <= box[0] and top <= box[1] and box[2] <= right and box[3] <= bottom
        high = (y - top) / r.height[head]
        wide = r.width[j] > 2 * r.height[j]
        if inside and high > 0.6 and wide and abs(x - (left + right) / 2) < 0.15 * r.width[head]:
            parts[j] = "lips"
        elif inside:
            parts[j] = skin if high > 0.6 or r.fill[j] > 0.95 else "eye"  # cheeks and chin are skin
        elif high < 0.3 and r.area[j] > 0.12 * r.area[head]:
            parts[j] = "hair" if skin == "skin" else skin
        elif high > 0.25 and r.area[j] < 0.3 * r.area[head]:
            parts[j] = skin  # ears, neck


def _creature(r: Regions, head: int) -> list[int]:
    """A head and the large objects that hang together with it."""
    found = [head]
    for i in found:
        found += [j for j in _touching(r, i) if j not in found and r.area[j] > 0.05 * r.area[head]]
    return found


def _name_figures(parts: Parts, r: Regions, outdoors: bool, strict: bool) -> None:
    """Small round heads high up, hair around their tops, and limbs: narrow, with the ground on both sides. `strict`,
    one head, and a body below it that is several times as high."""
    heads = shapes.is_object(r) & (r.area > 0.002) & (r.area < HEAD) & (r.cy < 0.4 + 0.2 * outdoors)
    found = shapes.best(r.area * (1 - r.cy), heads & shapes.is_round(r, 0.09), 1 if strict else MOST_HEADS)
    if outdoors and len(found) > 1:  # what is far above all other heads is the sun
        tops = sorted((float(r.box[i, 3]), i) for i in found)
        others = min(float(r.box[i, 1]) for _, i in tops[1:])
        found = [i for i in found if i != tops[0][1] or tops[0][0] + r.height[i] / 2 > others]
    for head in [i for i in found if r.area[i] > LEAST_HEAD * r.area[found[0]]]:
        crown = [head]
        for i in crown:
            above = [j for j in _touching(r, i) if r.cy[j] < r.cy[head] - 0.01 and r.area[j] < 1.5 * r.area[head]]
            crown += [j for j in above if j not in crown]
        body = [head]
        for i in body:
            body += [j for j in _touching(r, i) if j not in body and j not in crown]
        top, bottom = r.box[body, 1].min(), r.box[body, 3].max()
        if strict and (len(crown) == 1 or top < r.box[head, 1] - 3 or bottom - top < UPRIGHT * r.height[head]):
            continue
        _name(parts, "skin", [head])
        _name(parts, "hair", crown)
        many = np.bincount(r.band)[r.band] > 2  # gores of a skirt
        _name(parts, "skin", [i for i in body if _is_limb(r, i) and not many[i]])
        _name(parts, "cloth", body)


def _is_limb(r: Regions, i: int) -> bool:
    bare = sum(length for j, length in r.neighbours[i].items() if r.edge[j] > 0) / sum(r.neighbours[i].values())
    h, w = r.labels.shape
    slim = r.area[i] * h * w / max(r.width[i], r.height[i]) ** 2
    return bool(bare > 0.4 and slim < 0.42 and r.area[i] < 0.02)


def _name_building(parts: Parts, r: Regions) -> None:
    roofs = list(r.gables) or shapes.roof(r)
    for roof in roofs:
        band = [int(i) for i in np.nonzero(r.band == r.band[roof])[0]]
        _name(parts, "roof", band)
        top = min(r.cy[band])
        for i in band:
            small = [j for j in _touching(r, i) if r.cy[j] < top and r.area[j] < 0.3 * r.area[band].sum()]
            _name(parts, "brick", small)  # chimneys
            for j in small:
                _name(parts, "brick", [k for k in _touching(r, j, 0.2) if r.cy[k] < r.cy[j] and r.area[k] < r.area[j]])
        below = [j for i in band for j in _touching(r, i) if r.cy[j] > top and r.area[j] > 0.01]
        _name(parts, "wall", below)
    upright = (r.height > 2 * r.width) & (r.area < 0.006) & (r.cy > 0.6) & (r.roughness < 2.2)
    names, counts = np.unique(r.band[upright], return_counts=True)
    pickets = np.isin(r.band, names[counts >= 2]) & upright
    _name(parts, "fence", shapes.where(pickets))
    _name(parts, "wood", shapes.door(r))


def _name_plants(parts: Parts, r: Regions) -> None:
    crowns = [i for i in shapes.foliage(r) if i not in parts]
    for i in crowns:  # tiers
        alike = (r.band == r.band[i]) | ((np.abs(r.cx - r.cx[i]) < 0.03) & (r.area > 0.25 * r.area[i]))
        crowns += [j for j in _touching(r, i) if alike[j] and j not in crowns and j not in parts]
    _name(parts, "leaves", crowns)
    for crown in crowns:
        slim = (r.cy > r.cy[crown]) & (r.width < 0.5 * r.width[crown]) & (r.area < 0.4 * r.area[crown])
        below = [crown]
        for i in below:
            below += [j for j in _touching(r, i) if slim[j] and j not in below and r.cy[j] >= r.cy[i]]
        _name(parts, "trunk", below)


def _sails(r: Regions) -> list[int]:
    """Large triangles in the middle of the picture: half of their box is empty."""
    shape = (np.abs(r.fill - 0.5) < 0.13) & (r.height > 0.8 * r.width) & (r.cy < 0.65)
    return shapes.where(shapes.is_large(r) & shape)


def _name_sky(parts: Parts, r: Regions) -> None:
    sky = shapes.where(shapes.is_sky(r))
    _name(parts, "sky", sky)
    free = shapes.is_round(r) & (r.cy < 0.45)
    free &= [i not in parts and _is_free(r, i, sky) for i in range(r.count)]
    _name(parts, "sun", shapes.sun(r, free))
    clouds = shapes.is_object(r) & (r.cy < 0.4) & (r.area < 0.06) & (r.width > 1.2 * r.height)
    _name(parts, "cloud", [i for i in shapes.where(clouds) if _parent(r, i) in sky and _is_alone(r, i)])


def _is_free(r: Regions, i: int, sky: list[int]) -> bool:
    """Whether it hangs in the sky and on nothing: an eye and a petal do not."""
    return bool(r.edge[i] == 0 and _parent(r, i) in sky and all(r.area[j] < r.area[i] for j in _touching(r, i)))


def _is_alone(r: Regions, i: int) -> bool:
    """Whether nothing but crumbs touches it."""
    return all(r.area[j] < 0.1 * r.area[i] for j in _touching(r, i))


def _ground(r: Regions, outdoors: bool) -> list[int]:
    """What touches much of the lower border; outdoors also hills, which touch the side of the picture."""
    ground = [i for i in shapes.where(shapes.is_ground(r)) if r.width[i] > 0.25 * r.labels.shape[1]]
    hills = shapes.where((r.edge > 0) & (r.top == 0) & (r.cy > 0.4)) if outdoors else []
    return ground + [i for i in hills if i not in ground]


def _between(parts: Parts, r: Regions) -> list[int]:
    """Bits of hills: what sky and ground border, and for a large part what stands there, as a trunk and a wall."""
    found = []
    for i in shapes.where(shapes.is_large(r)):
        touched = [parts.get(j) for j in r.neighbours[i]]
        beside = sum(length for j, length in r.neighbours[i].items() if parts.get(j) not in (None, "sky", "ground"))
        if i not in parts and {"sky", "ground"} <= set(touched) and beside > 0.2 * sum(r.neighbours[i].values()):
            found.append(i)
    return found


def _paths(r: Regions) -> list[int]:
    """What touches the lower border in the middle and narrows upwards."""
    narrow = (r.bottom > 0.05) & (r.bottom < 0.5) & (r.fill < 0.72) & (np.abs(r.cx - 0.5) < 0.25)
    return shapes.best(r.bottom, np.asarray(narrow & (r.height > 0.12 * r.labels.shape[0])))
