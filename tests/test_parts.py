"""Parts of a drawing by words and geometry, and that they are painted as they look in the world."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core import images
from core.colours import AXES, to_lab
from core.settings import ROOT
from generators.catalog import open_generator
from generators.edges import read_sketch
from generators.orders import PaintOrder, Reference
from generators.painter.nature import nearest_shade, unlikeness
from generators.painter.parts import name_parts
from generators.painter.regions import Regions, find_regions
from generators.painter.shapes import faces
from tests.conftest import drawing

STYLES = sorted(file.stem for file in (ROOT / "styles").glob("*.jpg"))
COLOURFUL = [style for style in STYLES if style != "industrial-blueprint"]


def regions_of(sketch: Image.Image) -> Regions:
    return find_regions(np.asarray(read_sketch(sketch).ink, np.float32) / 255)


def sample(name: str) -> Image.Image:
    return images.read(ROOT / f"samples/{name}.png")


PLACES = {
    ("house", "a cottage and trees"): {
        "sky": [(300, 20)],
        "sun": [(425, 52)],
        "cloud": [(120, 58)],
        "roof": [(250, 125), (200, 150)],
        "brick": [(293, 80)],
        "wall": [(190, 270)],
        "wood": [(260, 250)],
        "leaves": [(100, 180), (425, 150)],
        "trunk": [(93, 250)],
        "path": [(260, 340)],
        "ground": [(100, 350), (400, 360)],
    },
    ("face", "portrait of a boy"): {
        "skin": [(256, 200), (256, 440), (140, 270)],
        "hair": [(250, 120)],
        "lips": [(256, 358)],
        "eye": [(224, 248)],
        "cloth": [(150, 500), (370, 500)],
    },
    ("dress", "a long dress"): {
        "skin": [(178, 55), (222, 135)],
        "hair": [(180, 15)],
        "cloth": [(180, 165), (150, 320), (230, 400)],
    },
    ("boat", "a sailing boat at sea"): {
        "sky": [(200, 100)],
        "sun": [(82, 72)],
        "sail": [(215, 210)],
        "water": [(50, 380)],
    },
    ("cat", "a cat"): {"fur": [(256, 220), (256, 350), (440, 380)], "ground": [(60, 490)]},
    ("house", "a hut in the snow"): {"snow": [(100, 350), (400, 360)], "roof": [(250, 125)]},
    ("boat", "a beach"): {"sand": [(50, 380)]},
    ("skyline", "city street"): {"road": [(250, 350)], "sky": [(256, 60)]},
}


@pytest.mark.parametrize(("name", "prompt"), PLACES)
def test_parts_are_named(name: str, prompt: str) -> None:
    regions = regions_of(sample(name))
    parts = name_parts(prompt, regions)
    found = {
        (part, place): parts.get(int(regions.labels[place[1], place[0]]))
        for part, places in PLACES[name, prompt].items()
        for place in places
    }
    assert {key: part for key, part in found.items() if part != key[0]} == {}


@pytest.mark.parametrize(
    ("name", "one", "many"), [("house", "a house", "houses"), ("face", "a boy", "two boys"), ("cat", "a cat", "cats")]
)
def test_a_plural_means_what_its_singular_does(name: str, one: str, many: str) -> None:
    regions = regions_of(sample(name))
    assert name_parts(many, regions) == name_parts(one, regions)


@pytest.mark.parametrize("name", ["chair", "skyline", "teapot"])
def test_what_has_no_eyes_is_no_face(name: str) -> None:
    parts = name_parts("", regions_of(sample(name)))
    assert not {"skin", "hair", "fur"} & set(parts.values())
    assert set(name_parts("an armchair", regions_of(sample("face"))).values()) <= {"ground"}


def test_a_house_without_words_has_no_face() -> None:
    regions = regions_of(sample("house"))
    assert faces(regions, strict=True) == []
    assert set(name_parts("", regions).values()) <= {"ground"}


def test_pickets_are_a_fence() -> None:
    sketch = Image.new("RGB", (512, 384), "white")
    draw = ImageDraw.Draw(sketch)
    draw.rectangle([150, 120, 350, 260], outline=0, width=3)
    for x in range(20, 140, 30):
        draw.rectangle([x, 290, x + 14, 350], outline=0, width=3)
    regions = regions_of(sketch)
    parts = name_parts("a house with a fence", regions)
    assert {parts.get(int(regions.labels[320, x + 7])) for x in range(20, 140, 30)} == {"fence"}


def pen() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sketch = Image.new("RGB", (512, 512), "white")
    return sketch, ImageDraw.Draw(sketch)


def disc(draw: ImageDraw.ImageDraw, x: int, y: int, radius: int, fill: str | None = None) -> None:
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], outline=0, width=4, fill=fill)


def test_an_eye_of_a_fish_is_no_sun() -> None:
    sketch, draw = pen()
    draw.ellipse([90, 150, 400, 330], outline=0, width=4)
    disc(draw, 170, 210, 24)
    regions = regions_of(sketch)
    assert "sun" not in name_parts("a fish in the sea", regions).values()
    disc(draw, 440, 70, 30)
    regions = regions_of(sketch)
    assert name_parts("a fish in the sea", regions)[int(regions.labels[70, 440])] == "sun"


def stick(draw: ImageDraw.ImageDraw, x: int, y: int, size: int) -> None:
    disc(draw, x, y, size)
    for side in (-1, 1):
        draw.line([x, y + 5 * size, x + side * size, y + 8 * size], fill=0, width=4)
        draw.line([x, y + 2 * size, x + side * 2 * size, y + 3 * size], fill=0, width=4)
    draw.line([x, y + size, x, y + 5 * size], fill=0, width=4)


def test_everyone_has_skin_and_the_sun_has_none() -> None:
    sketch, draw = pen()
    disc(draw, 440, 60, 40)
    for x, size in ((120, 26), (220, 26), (320, 20)):
        stick(draw, x, 400 - 8 * size, size)
    draw.line([0, 402, 511, 402], fill=0, width=4)
    regions = regions_of(sketch)
    parts = name_parts("a family on the beach", regions)
    heads = [int(regions.labels[400 - 8 * size, x]) for x, size in ((120, 26), (220, 26), (320, 20))]
    assert [parts.get(head) for head in heads] == ["skin"] * 3
    assert parts[int(regions.labels[60, 440])] == "sun"


def test_a_figure_fills_its_page() -> None:
    sketch = Image.new("RGB", (224, 454), "white")
    stick(ImageDraw.Draw(sketch), 112, 85, 43)
    regions = regions_of(sketch)
    assert name_parts("a man", regions)[int(regions.labels[95, 112])] == "skin"


@pytest.mark.parametrize("prompt", ["", "a face"])
def test_a_face_that_fills_the_page_is_one(prompt: str) -> None:
    sketch, draw = pen()
    draw.ellipse([8, 6, 504, 506], outline=0, width=4)
    for x in (160, 352):
        draw.ellipse([x - 66, 160, x + 66, 240], outline=0, width=4)
        disc(draw, x, 200, 24)
    regions = regions_of(sketch)
    parts = name_parts(prompt, regions)
    assert parts[int(regions.labels[300, 256])] == "skin"
    assert parts[int(regions.labels[200, 200])] == "eye"


def test_a_wall_with_windows_and_a_door_is_no_part_of_its_roof() -> None:
    sketch, draw = pen()
    draw.rectangle([160, 240, 352, 384], outline=0, width=4)
    draw.polygon([(144, 240), (256, 144), (368, 240)], outline=0, width=4)
    draw.rectangle([240, 312, 280, 384], outline=0, width=4)
    for x in (180, 300):
        draw.rectangle([x, 272, x + 36, 308], outline=0, width=4)
    regions = regions_of(sketch)
    roof, wall = (int(regions.labels[y, 256]) for y in (210, 290))
    assert regions.band[roof] != regions.band[wall]
    parts = name_parts("a house", regions)
    assert (parts[roof], parts[wall]) == ("roof", "wall")


def test_any_drawing_has_parts_or_none() -> None:
    for sketch in (drawing(), Image.new("L", (64, 64), 255)):
        regions = find_regions(1 - np.asarray(sketch.convert("L"), np.float32) / 255)
        for prompt in ("", "a house", "a man", "a cat by the sea", "a dress", "trees"):
            parts = name_parts(prompt, regions)
            assert all(0 <= i < regions.count for i in parts)
            assert not {"skin", "hair", "eye"} & set(parts.values()) or prompt  # nobody is seen where nobody is


def test_a_natural_shade_is_like_itself() -> None:
    blue, tan = np.array([[40, 10, -50], [75, 8, 22]], np.float32) * AXES
    far, near = unlikeness("skin", np.stack([blue, tan]))
    assert near < 0.2 < 0.8 < far
    assert unlikeness("skin", nearest_shade("skin", blue)[None])[0] < 1e-6


def mean_colour(name: str, prompt: str, style: str, place: tuple[int, int], seed: int = 0) -> np.ndarray:
    """The mean colour of a region of a painted sample, away from its lines, in CIELAB."""
    edges = read_sketch(sample(name))
    reference = Reference(style, (ROOT / f"styles/{style}.jpg").read_bytes())
    painted = open_generator("painter").paint(PaintOrder(edges, (reference,), prompt=prompt, mode="preview", seed=seed))
    ink = np.asarray(edges.ink, np.float32) / 255
    labels = find_regions(ink).labels
    inside = (labels == labels[place[1], place[0]]) & (ink < 0.05)
    return np.asarray(to_lab(np.asarray(painted.image))[inside].mean(0) / AXES)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("style", COLOURFUL)
def test_faces_are_neither_green_nor_blue(style: str, seed: int) -> None:
    _, red, yellow = mean_colour("face", "portrait of a boy", style, (256, 200), seed)
    assert red > -6 and yellow > -4
    _, red, yellow = mean_colour("dress", "a long dress", style, (178, 55), seed)
    assert red > -8 and yellow > -8


@pytest.mark.parametrize("style", COLOURFUL)
def test_the_ground_is_not_blue_unless_the_prompt_asks(style: str) -> None:
    _, _, yellow = mean_colour("house", "a cottage and trees", style, (100, 350))
    assert yellow > -20
    _, _, asked = mean_colour("house", "a cottage on blue snow", style, (100, 350))
    assert asked < yellow - 8


@pytest.mark.parametrize("style", ["ghibli-watercolour", "impasto", "art-deco", "ukiyo-e"])
def test_leaves_are_not_red_and_the_sea_is_not_green(style: str) -> None:
    _, red, _ = mean_colour("house", "a cottage and trees", style, (100, 180))
    assert red < 8
    _, red, yellow = mean_colour("boat", "a sailing boat at sea", style, (50, 380))
    assert yellow < 12 and red < 10


def test_a_style_of_one_hue_stays_it() -> None:
    _, _, yellow = mean_colour("face", "portrait of a boy", "industrial-blueprint", (256, 200))
    assert yellow < -15


def test_a_red_cat_is_red_and_not_its_sky() -> None:
    _, usual, _ = mean_colour("cat", "a cat", "ghibli-watercolour", (256, 350))
    _, sky, _ = mean_colour("cat", "a cat", "ghibli-watercolour", (60, 60))
    _, asked, _ = mean_colour("cat", "a red cat", "ghibli-watercolour", (256, 350))
    _, beside, _ = mean_colour("cat", "a red cat", "ghibli-watercolour", (60, 60))
    assert asked > usual + 15 and beside < sky + 5


def test_sails_and_their_boat_have_colours_of_their_own() -> None:
    prompt = "a blue boat with red sails at sea"
    _, sail, _ = mean_colour("boat", prompt, "ghibli-watercolour", (215, 210))
    _, usual, _ = mean_colour("boat", "a boat at sea", "ghibli-watercolour", (215, 210))
    assert sail > usual + 15


@pytest.mark.parametrize("prompt", ["", "a smiling man", "un visage souriant", "watercolour"])
def test_filled_dots_are_eyes(prompt: str) -> None:
    sketch = Image.new("RGB", (512, 512), "white")
    draw = ImageDraw.Draw(sketch)
    draw.ellipse([120, 100, 390, 400], outline=0, width=4)
    for x in (200, 300):
        draw.ellipse([x, 210, x + 18, 230], fill=0)
    draw.arc([190, 260, 320, 340], 20, 160, fill=0, width=4)
    regions = regions_of(sketch)
    assert name_parts(prompt, regions).get(int(regions.labels[250, 256])) == "skin"


def test_dots_elsewhere_are_no_face() -> None:
    sketch = Image.new("RGB", (512, 384), "white")
    draw = ImageDraw.Draw(sketch)
    draw.rectangle([100, 100, 400, 300], outline=0, width=4)
    for x in range(130, 380, 60):  # a row of rivets
        draw.ellipse([x, 190, x + 14, 204], fill=0)
    assert "skin" not in name_parts("an iron box", regions_of(sketch)).values()
