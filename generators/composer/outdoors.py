"""Outdoors: sky, land, ways and water in the order in which they hide each other, before any figure is drawn."""

from __future__ import annotations

from generators.composer.curves import spline
from generators.composer.lands import View, draw_backs, draw_ground, draw_verge
from generators.composer.pen import Pen
from generators.composer.places import Place, named
from generators.composer.seabed import draw_seabed
from generators.composer.skies import draw_sky
from generators.composer.streets import draw_street
from generators.composer.villages import draw_village
from generators.composer.ways import draw_path, draw_pool

IN_STREETS = ("person", "animal", "vehicle", "thing")  # what a street is seen behind; a landmark has a square
APPROACHED = named(  # a way leads there
    "house, cottage, castle, church, cathedral, temple, arena, palace, mosque, domes, capitol, pagoda, shrine, hut, "
    "barn, tower, colonnade, windmill, obelisk, torii, statue, fountain, well, pyramid, city gate, fairy castle, "
    "lattice tower, triumphal arch, temple towers, leaning tower"
)


def draw_outdoors(page: Pen, view: View) -> None:
    """Everything but the figures."""
    scene, land = view.scene, view.land
    first = view.placed[0] if view.placed else None
    if scene.ground == "seabed":
        draw_seabed(page, view)
        return
    draw_sky(page, land.wide, land.horizon, scene, [*view.placed, *view.around])
    if scene.ground == "street" and (first is None or first.figure.kind in IN_STREETS):
        draw_street(page, land)
        return
    draw_backs(page, view)
    draw_ground(page, view)
    if land.water is None:
        _draw_way(page, view, first)
    if "village" in scene.backs:
        draw_village(page, view)
    if land.water is None and scene.ground != "street":
        draw_verge(page, view)


def _draw_way(page: Pen, view: View, first: Place | None) -> None:
    """A pool before the Taj Mahal; a way to what one goes to, or to the horizon where the words tell of one."""
    scene, land = view.scene, view.land
    led = first is not None and first.figure.name in APPROACHED and first.figure.home == "land"
    if first is not None and first.figure.name == "taj":
        draw_pool(page, land, first.x, first.y)
    elif first is not None and led:
        part = "road" if scene.ground == "street" else "path"
        draw_path(page, land, first.x, first.y + 0.002, part, min(0.04, 0.12 * first.width))
    elif "path" in scene.more:
        draw_path(page, land, land.wide * float(page.rng.uniform(0.44, 0.56)), land.horizon - 0.004, narrow=0.012)


def draw_mound(page: Pen, place: Place) -> None:
    """Rock in the sea for what stands on land."""
    half = 0.62 * place.width + 0.1
    outline = ((-1, -0.035), (-0.9, -0.005), (-0.6, 0.012), (0, 0.02), (0.6, 0.01), (0.92, -0.008), (1, -0.035))
    page.area(spline([(place.x + x * half, place.y + y) for x, y in outline]), "stone")


def draw_beams(page: Pen, place: Place, wide: float) -> None:
    """The light of a lighthouse, to both sides."""
    x, y = place.x, place.y + 0.81 * place.height
    for side, rise in ((-1, 0.04), (1, 0.1)):
        end = x + side * 1.1 * wide
        page.area([(x, y), (end, y + rise + 0.16), (end, y + rise - 0.06)], "beam")
