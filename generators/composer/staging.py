"""Staging: from what was read of a prompt to a scene, the land it takes place on, and the figures to be placed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from generators.composer.cast import FIGURES
from generators.composer.places import Land
from generators.composer.reading import Mention, Reading
from generators.composer.rooms import TABLE
from generators.composer.scenes import WATERS, Scene

SHOWN = {"mountain": "mountains", "hill": "hills", "house": "village", "cottage": "village", "skyline": "blocks"}
WITHIN = ("basket", "bed", "armchair", "chest")
ASHORE = ("person", "animal", "thing", "vehicle", "building")  # they need land that is near
OF_SKY = ("cloud", "star", "lightning")  # which the scene has
HORIZON, LOWER = 0.39, 0.3  # and where a landmark is seen: it needs the height
HORIZONS = {"street": 0.38, "seabed": 0.24, "moon": 0.3}
TALL = 0.75  # width by height; a taller page has more ground and less sky


def stage(reading: Reading) -> tuple[Scene, tuple[Mention, ...]]:
    """The scene with what is usual around its figures, and the mentions without what the scene shows anyway."""
    backs, several = reading.scene.backs, len(reading.mentions) > 1
    kept = [
        m
        for m in reading.mentions
        if not (m.count is None and SHOWN.get(m.figure) in backs)
        and not (several and m.figure in OF_SKY)
        and not (several and m.figure == "flower" and m.count != 1 and "flowers" in reading.scene.more)
    ]
    if any(m.figure == "table" for m in kept) and reading.scene.completed(m.figure for m in kept).ground == "table":
        kept = [m for m in kept if m.figure != "table"]
    places = {old: kept.index(m) for old, m in enumerate(reading.mentions) if m in kept}
    mentions = tuple(
        replace(m, target=places[m.target], relation=_relation(m)) if m.target in places else replace(m, relation="")
        for m in kept
    )
    return _scene(reading.scene, mentions), mentions


def _relation(mention: Mention) -> str:
    """Who is in a boat or a bed sits on it."""
    figure = FIGURES[mention.figure]
    within = mention.relation == "in" and (figure.kind == "vehicle" or figure.name in WITHIN)
    return "on" if within else mention.relation


def _scene(said: Scene, mentions: tuple[Mention, ...]) -> Scene:
    named = sorted((m.figure for m in mentions), key=lambda name: FIGURES[name].kind in ("sky", "person", "animal"))
    if "moon" in named and not said.light:
        said = replace(said, light="night")
    scene = said.completed(named)
    homes = {FIGURES[m.figure].home for m in mentions}
    if "water" in homes and scene.ground not in (*WATERS, "seabed", "snow"):
        open_land = scene.ground in ("", "meadow", "sand") and not scene.backs
        scene = replace(scene, ground="sea" if open_land else "river")
    seated = {m.target for m in mentions if m.relation == "on"}
    ashore = (FIGURES[m.figure] for k, m in enumerate(mentions) if k not in seated)
    if scene.ground == "sea" and any(figure.home == "land" and figure.kind in ASHORE for figure in ashore):
        scene = replace(scene, ground="beach")
    return scene


def main_of(mentions: tuple[Mention, ...]) -> int:
    """The first figure that is more than land or sky."""
    solid = (k for k, m in enumerate(mentions) if FIGURES[m.figure].kind not in ("land", "sky"))
    return next(solid, 0)


def field_of(mentions: tuple[Mention, ...], scene: Scene) -> str:
    """The small plant of which a field is meant rather than a few."""
    for m in mentions:
        figure = FIGURES[m.figure]
        if m.count is None and figure.kind == "plant" and figure.metres < 2 and scene.ground == "meadow":
            return m.figure
    return ""


def land_of(scene: Scene, wide: float, main: Mention | None, rng: np.random.Generator) -> Land:
    """The land of a scene on a page of that width."""
    if scene.ground in ("table", "sill"):
        return Land(wide, TABLE[1], 0.14)
    if scene.ground == "floor":
        return Land(wide, 0.31, 0.1)
    kind = FIGURES[main.figure].kind if main else ""
    usual = LOWER if kind in ("landmark", "land") else HORIZON
    horizon = HORIZONS.get(scene.ground, usual)
    horizon += float(rng.uniform(-0.025, 0.03)) + 0.3 * float(np.clip(TALL - wide, 0, 0.4))
    near = 0.06 if kind in ("person", "animal", "thing") else 0.09
    if scene.ground == "seabed":
        return Land(wide, horizon, 0.1, (0.12, 0.85), swum=True)
    waters = {
        "sea": (-0.05, horizon),
        "beach": (0.5 * horizon, horizon),
        "lake": (0.13, horizon - 0.03),
        "river": (0.12, horizon - 0.03),
    }
    return Land(wide, horizon, near, waters.get(scene.ground))


def instead(scene: Scene) -> dict[str, str]:
    """Parts that look otherwise in this season or light."""
    found: dict[str, str] = {}
    if "autumn" in scene.more:
        found["leaves"] = "autumn leaves"
    if scene.ground == "snow" and not scene.indoors:
        found |= {"roof": "snow", "ground": "snow", "path": "snow"}
    if scene.ground in ("sand", "beach"):
        found["path"] = "sand"
    if scene.light == "night" and scene.ground != "seabed":
        found |= {"window": "lamp", "water": "night water"}
    if scene.light in ("night", "storm", "sunset"):
        found["sky"] = f"{scene.light} sky"
    return found


def setting(scene: Scene) -> str:
    """In words, as `sea, night, rain`."""
    light = () if scene.light == "day" else (scene.light,)
    return ", ".join(dict.fromkeys([scene.ground, *scene.backs, *light, *sorted(scene.more)]))
