"""The medium of a sketch: what it is, and that its lines come out whatever was done to it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core import images
from core.colours import to_lab
from core.settings import ROOT
from generators.catalog import open_generator
from generators.edges import Edges, lay_out, read_sketch, trace_edges
from generators.medium import MEDIA, UNSURE, find_medium
from generators.orders import PaintOrder, Reference
from generators.painter.marks import read_marks
from generators.painter.regions import find_regions
from tests.conftest import drawing
from tests.degrade import DEGRADATIONS, degrade, lines_on_page, onto_page, painted_recall, share_within

SAMPLES = ("house", "skyline", "chair", "face", "dress")
PHOTOGRAPHS = ROOT.parent / "shared/data/clothing"
RECALL, PRECISION = 0.85, 0.85
PAINTER = open_generator("painter")
STYLES = sorted(file.stem for file in (ROOT / "styles").glob("*.jpg"))

PENS = ("line-art", "pencil")  # of a thin line both are right
FOUND: dict[str, tuple[str, ...]] = {
    "clean": ("line-art",),
    "pale": ("pencil",),
    "faint": ("pencil",),
    "coloured": ("pencil",),
    "crayon": ("pencil",),
    "flat": ("pencil",),
    "light": ("page",),
    "hard_shadow": ("page",),
    "table": ("page",),
    "third": ("small-drawing",),
    "scan": ("page",),
    "blackboard": ("light-on-dark",),
    "white_on_grey": ("light-on-dark",),
    "large": ("page",),
    "together": ("page",),
    "together_faint": ("page",),
    "white_table": ("page",),
    "grey_table": ("page",),
    "fingers": ("page",),
    "askew": ("page",),
    "hatched": ("hatching", "page"),
}


PAINTED = (
    ("clean", "skyline"), ("pale", "house"), ("crayon", "skyline"), ("flat", "dress"), ("hard_shadow", "face"),
    ("table", "skyline"), ("third", "skyline"), ("blackboard", "chair"), ("blurred", "skyline"),
    ("together", "skyline"), ("together_faint", "house"), ("squared", "chair"), ("askew", "face"),
)  # fmt: skip


@lru_cache
def clean(sample: str) -> np.ndarray:
    return np.asarray(Image.open(ROOT / f"samples/{sample}.png").convert("L"))


@lru_cache(maxsize=200)
def read(degradation: str, sample: str) -> tuple[Edges, np.ndarray, float]:
    """What is made of a degraded drawing, the clean drawing where it should lie on that page, and its share on it."""
    sketch, to = degrade(degradation, clean(sample), SAMPLES.index(sample))
    edges = read_sketch(sketch)
    rows, columns = np.nonzero(clean(sample) < 128)
    x, y, z = onto_page(sketch.size, edges) @ to @ np.stack([columns, rows, np.ones_like(rows)])
    x, y = x / z / edges.page.width, y / z / edges.page.height
    shown = float(((x > 0) & (x < 1) & (y > 0) & (y < 1)).mean())
    return edges, lines_on_page(clean(sample), to, sketch.size, edges) > 0.4, shown


@pytest.mark.parametrize(
    ("degradation", "sample"),
    [
        pytest.param(degradation, sample, marks=() if (number + other) % 5 == 0 else pytest.mark.slow)
        for number, degradation in enumerate(DEGRADATIONS)
        for other, sample in enumerate(SAMPLES)
    ],
)
def test_the_lines_come_out_and_little_else(degradation: str, sample: str) -> None:
    edges, truth, shown = read(degradation, sample)
    ink = np.asarray(edges.ink) > 90
    assert edges.line_art
    assert shown > 0.95, "the crop cuts through the drawing"
    assert share_within(truth, ink) > RECALL
    assert share_within(ink, truth, 3) > PRECISION
    assert edges.medium in FOUND.get(degradation, PENS)


def recall_of(degradation: str, sample: str, style: str, mode: Literal["preview", "quality"]) -> float:
    edges, truth, _ = read(degradation, sample)
    reference = (Reference(style, (ROOT / f"styles/{style}.jpg").read_bytes()),)
    return painted_recall(truth, PAINTER.paint(PaintOrder(edges, reference, mode=mode)).image)


@pytest.mark.parametrize(
    ("degradation", "sample", "style"),
    [
        pytest.param(*drawn, style, marks=() if (number + other) % 6 == 0 else pytest.mark.slow)
        for number, drawn in enumerate(PAINTED)
        for other, style in enumerate(STYLES)
    ],
)
def test_the_painted_picture_shows_them(degradation: str, sample: str, style: str) -> None:
    assert recall_of(degradation, sample, style, "preview") > RECALL


@pytest.mark.parametrize("style", STYLES)
def test_so_does_the_picture_in_quality(style: str) -> None:
    assert recall_of("third", "skyline", style, "quality") > RECALL


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_clean_drawing_is_left_as_it_is(sample: str) -> None:
    sketch = Image.fromarray(clean(sample)).convert("RGB")
    found = find_medium(np.asarray(sketch))
    assert (found.name, found.clean, found.crop, found.certainty > UNSURE) == ("line-art", True, None, True)
    one, other = read_sketch(sketch), trace_edges(lay_out(sketch))
    assert one.ink.tobytes() == other.ink.tobytes() and one.page.tobytes() == other.page.tobytes()


@pytest.mark.parametrize("ink", [0, 60])
def test_areas_filled_in_black_or_in_flat_colours_are_part_of_a_drawing(ink: int) -> None:
    pixels = np.asarray(drawing(800, 600)).copy()
    pixels[200:300, 190:300] = ink
    assert read_sketch(Image.fromarray(pixels)).line_art
    pixels[200:300, 190:300] = (250, 120, 100)
    assert read_sketch(Image.fromarray(pixels)).line_art


def test_a_third_of_the_page_is_cropped_to() -> None:
    edges = read("third", "house")[0]
    assert edges.crop is not None
    left, top, right, bottom = edges.crop
    assert 0.3 < right - left < 0.45 and 0.3 < bottom - top < 0.5
    assert read("clean", "house")[0].crop is None


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sheet_that_lies_askew_is_straightened(sample: str) -> None:
    sketch, to = degrade("askew", clean(sample), SAMPLES.index(sample))
    edges = read("askew", sample)[0]
    h, w = clean(sample).shape
    corners = np.array([[0, w, w, 0], [0, 0, h, h], [1, 1, 1, 1]], float)
    x, y, z = onto_page(sketch.size, edges) @ to @ corners
    page_w, page_h = edges.page.size
    off = np.stack([x / z - [0, page_w, page_w, 0], y / z - [0, 0, page_h, page_h]])
    assert edges.quad is not None and edges.crop is not None
    assert np.abs(off).max() < 0.015 * max(edges.page.size)


def test_a_sheet_is_straightened_only_where_its_corners_are_sure() -> None:
    assert read("scan", "house")[0].quad is None and read("clean", "house")[0].quad is None
    assert read("thumbs", "house")[0].crop is None


def test_a_blank_sheet_on_a_table_is_no_drawing() -> None:
    sketch, _ = degrade("together_faint", np.full((900, 900), 255, np.uint8))
    assert not find_medium(np.asarray(sketch)).drawn


@pytest.mark.parametrize("paper", ["ruled", "squared"])
def test_the_lines_of_paper_ask_for_no_colour(paper: str) -> None:
    assert read(paper, "house")[0].colours is None


def test_what_the_caller_says_is_taken() -> None:
    sketch, _ = degrade("third", clean("house"))
    kept = read_sketch(sketch, medium="line-art")
    assert (kept.medium, kept.certainty, kept.crop, kept.line_art) == ("line-art", 1.0, None, True)
    assert not read_sketch(sketch, medium="photograph").line_art
    photo = Image.open(ROOT / "samples/still-life.jpg").convert("RGB")
    assert read_sketch(photo).medium == "photograph"
    assert all(read_sketch(photo, medium=medium).medium == medium for medium in MEDIA)


def test_width_and_height_together_keep_the_sheet_in_place() -> None:
    sketch, _ = degrade("table", clean("chair"), 2)
    edges = read_sketch(sketch, width=512, height=512)
    assert edges.page.size == (512, 512)
    ink = np.asarray(edges.ink)
    assert ink[:, :10].max() == ink[:, -10:].max() == 0 and ink.max() == 255


def test_pencils_and_crayons_ask_for_their_colours() -> None:
    edges = read("crayon", "house")[0]
    assert edges.colours is not None and read("clean", "house")[0].colours is None
    ink = np.asarray(edges.ink, np.float32) / 255
    regions = find_regions(ink)
    marks = read_marks(np.asarray(edges.colours), ink, regions)
    wall, door = (int(regions.labels[y, x]) for x, y in ((200, 270), (240, 258)))
    assert marks[door].colour[2] < -0.1 < 0.1 < marks[wall].colour[2]  # blue, yellow
    style = (Reference("industrial-blueprint", (ROOT / "styles/industrial-blueprint.jpg").read_bytes()),)
    painted = [
        to_lab(np.asarray(open_generator("painter").paint(PaintOrder(e, style, mode="preview")).image))
        for e in (edges, read("clean", "house")[0])
    ]
    mine, usual = (lab[regions.labels == wall].mean(0) for lab in painted)
    assert mine[2] > usual[2] + 0.1


def test_one_blue_pen_asks_for_nothing() -> None:
    grey = clean("house")
    blue = np.stack([grey, grey, np.maximum(grey, 180)], -1)
    edges = read_sketch(Image.fromarray(blue))
    ink = np.asarray(edges.ink, np.float32) / 255
    assert edges.colours is not None
    assert read_marks(np.asarray(edges.colours), ink, find_regions(ink)) == {}


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="the photographs for measuring are not beside the checkout")
@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_photographs_are_seldom_taken_for_drawings(every: int) -> None:
    files = sorted(Path(PHOTOGRAPHS).glob("*/*.jpg"))[::every]
    drawn = [file for file in files if find_medium(np.asarray(images.read(file))).drawn]
    assert len(drawn) <= 0.03 * len(files)


@pytest.mark.parametrize("degradation", ["light", "hard_shadow", "white_on_grey", "blackboard", "table", "grain"])
def test_a_drawing_of_few_lines_comes_out(degradation: str) -> None:
    grey = np.asarray(drawing(900, 700).convert("L"))
    sketch, to = degrade(degradation, grey, 101)
    edges = read_sketch(sketch)
    truth = lines_on_page(grey, to, sketch.size, edges) > 0.4
    ink = np.asarray(edges.ink) > 90
    assert edges.line_art
    assert share_within(truth, ink, 4) > RECALL and share_within(ink, truth, 4) > PRECISION  # its pen is broad


def test_a_picture_coloured_by_a_program_keeps_its_colours() -> None:
    picture = Image.new("RGB", (640, 480), (143, 208, 255))
    draw = ImageDraw.Draw(picture)
    draw.rectangle([0, 330, 640, 480], fill=(120, 190, 90), outline=0, width=4)
    draw.rectangle([200, 200, 440, 380], fill=(250, 230, 170), outline=0, width=4)
    edges = read_sketch(picture)
    assert edges.line_art and edges.colours is not None
    colours = np.asarray(edges.colours)
    sky, grass = colours[40, 40], colours[340, 40]
    assert sky[3] == grass[3] == 255 and sky[2] > sky[0] + 60 and grass[1] > grass[2] + 60
    yellow = Image.new("RGB", (640, 480), (250, 214, 60))  # paper of one colour asks for nothing
    ImageDraw.Draw(yellow).rectangle([200, 200, 440, 380], outline=0, width=4)
    assert read_sketch(yellow).colours is None
