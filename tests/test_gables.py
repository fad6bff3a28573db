"""Houses drawn in one line are cut at their eaves; what is no house in one line stays whole."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core import images
from core.colours import colour_words, to_lab
from core.settings import ROOT
from generators.catalog import open_generator
from generators.edges import read_sketch
from generators.orders import PaintOrder, Reference
from generators.painter.gables import cut_gables
from generators.painter.parts import name_parts
from generators.painter.regions import Regions, find_regions

Line = list[tuple[float, float]]

HOUSE: Line = [(140, 420), (140, 250), (255, 130), (370, 250), (370, 420), (140, 420)]
OVERHANGING: Line = [(140, 420), (140, 250), (110, 250), (255, 130), (400, 250), (370, 250), (370, 420), (140, 420)]
HIPPED: Line = [(140, 420), (140, 250), (200, 130), (310, 130), (370, 250), (370, 420), (140, 420)]
LOW: Line = [(120, 420), (120, 230), (230, 120), (400, 300), (400, 420), (120, 420)]
DOMED: Line = [
    (150, 420),
    *((256 + 106 * np.cos(a), 250 - 106 * np.sin(a)) for a in np.linspace(np.pi, 0, 40)),
    (362, 420),
    (150, 420),
]
OPEN: Line = [(0, 420), (140, 420), (140, 250), (255, 130), (370, 250), (370, 420), (512, 420)]
GROUND: Line = [(0, 420), (512, 420)]

ROOF, WALL, LAWN = (255, 220), (255, 330), (60, 470)


def drawn(*lines: Line, turn: float = 0) -> Image.Image:
    sketch = Image.new("L", (1024, 1024), 255)
    for line in lines:
        ImageDraw.Draw(sketch).line([(2 * x, 2 * y) for x, y in line], fill=0, width=10, joint="curve")
    turned = sketch.rotate(turn, Image.Resampling.BICUBIC, fillcolor=255)
    return turned.resize((512, 512), Image.Resampling.LANCZOS).convert("RGB")


def regions_of(sketch: Image.Image) -> Regions:
    return find_regions(np.asarray(read_sketch(sketch).ink, np.float32) / 255)


def at(regions: Regions, place: tuple[float, float]) -> int:
    return int(regions.labels[int(place[1]), int(place[0])])


@pytest.mark.parametrize("line", [HOUSE, OVERHANGING, HIPPED, LOW], ids=["house", "overhanging", "hipped", "low"])
@pytest.mark.parametrize("turn", [0, 6, -6])
def test_a_house_in_one_line_has_a_roof_and_walls(line: Line, turn: float) -> None:
    whole = regions_of(drawn(line, GROUND, turn=turn))
    regions = cut_gables(whole)
    assert regions.count == whole.count + 1 and at(regions, ROOF) in regions.gables
    parts = name_parts("a house", regions)
    assert parts[at(regions, ROOF)] == "roof" and parts[at(regions, WALL)] == "wall"
    assert regions.band[at(regions, ROOF)] != regions.band[at(regions, WALL)]
    own = regions.labels == at(regions, ROOF)
    assert (whole.labels[own] == at(whole, WALL)).all()


def test_so_has_a_domed_one() -> None:
    regions = cut_gables(regions_of(drawn(DOMED, GROUND)))
    assert name_parts("a yurt-like hut", regions)[at(regions, (256, 180))] == "roof"


def test_the_cut_lies_at_the_eaves() -> None:
    regions = cut_gables(regions_of(drawn(HOUSE, GROUND)))
    assert abs(regions.box[at(regions, ROOF), 3] - 250) < 8


def test_a_house_that_is_open_below_stands_on_the_ground() -> None:
    whole = regions_of(drawn(OPEN))
    assert at(whole, ROOF) == at(whole, LAWN)
    regions = cut_gables(whole)
    parts = name_parts("a house in a meadow", regions)
    assert [parts[at(regions, place)] for place in (ROOF, WALL, LAWN)] == ["roof", "wall", "ground"]
    assert abs(regions.box[at(regions, WALL), 3] - 420) < 10


def test_each_of_several_houses_has_its_roof() -> None:
    def house(x: int) -> Line:
        return [(x, 420), (x, 300), (x + 60, 230), (x + 120, 300), (x + 120, 420), (x, 420)]

    lines = [house(x) for x in (30, 195, 360)]
    regions = cut_gables(regions_of(drawn(*lines, GROUND)))
    assert len(regions.gables) == 3
    eaves = [[(x, 300), (x + 120, 300)] for x in (30, 195, 360)]  # the same, with a line below each roof
    lined = regions_of(drawn(*lines, *eaves, GROUND))
    assert cut_gables(lined) is lined
    parts = name_parts("houses", lined)
    assert [parts.get(at(lined, (x + 60, 280))) for x in (30, 195, 360)] == ["roof"] * 3


def ring(corners: int, start: float = 0.0) -> Line:
    turns = np.linspace(0, 2 * np.pi, corners + 1) + start
    return [(256 + 150 * np.sin(turn), 280 - 150 * np.cos(turn)) for turn in turns]


OTHERS = {
    "a box": [[(120, 150), (400, 150), (400, 420), (120, 420), (120, 150)]],
    "a triangle": [[(120, 420), (256, 150), (400, 420), (120, 420)]],
    "a disc": [ring(90)],
    "a hexagon": [ring(6)],
    "a gable beside its roof": [
        HOUSE, [(255, 130), (430, 130), (500, 250), (370, 250)], [(500, 250), (500, 420), (370, 420)],
    ],
    "a roof with a line below": [HOUSE, [(140, 250), (370, 250)]],
    "hills": [[(0, 300), (150, 200), (300, 320), (420, 240), (512, 330)]],
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_house_in_one_line_stays_whole(name: str) -> None:
    whole = regions_of(drawn(*OTHERS[name]))
    assert cut_gables(whole) is whole


@pytest.mark.parametrize("name", ["house", "skyline", "dress", "chair", "boat", "cat", "teapot"])
def test_so_do_the_samples(name: str) -> None:
    whole = regions_of(images.read(ROOT / f"samples/{name}.png"))
    assert cut_gables(whole) is whole


def test_a_red_roof_is_red_and_only_where_a_building_is_spoken_of() -> None:
    sketch = drawn(HOUSE, GROUND)
    style = (Reference("ghibli-watercolour", (ROOT / "styles/ghibli-watercolour.jpg").read_bytes()),)

    def differs(prompt: str) -> float:
        """How much redder the roof is than the wall, in scaled Lab."""
        order = PaintOrder(read_sketch(sketch), style, prompt=prompt, mode="preview")
        lab = to_lab(np.asarray(open_generator("painter").paint(order).image))
        roof, wall = (lab[y - 15 : y + 15, x - 15 : x + 15].mean((0, 1)) for x, y in (ROOF, WALL))
        return float((roof - wall)[1])

    assert differs("a house with a red roof") > 0.5 * float(colour_words()["red"][1])
    assert abs(differs("a red arrow")) < 0.1
