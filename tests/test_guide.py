"""The guide: fills that differ where the drawing has a line, without any line being drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from core.settings import ROOT
from generators.edges import read_sketch
from generators.painter.guide import guide_drawing
from generators.painter.regions import Regions, find_regions
from generators.painter.style import Style
from generators.painter.windows import find_windows, look_up
from tests.degrade import degrade, lines_on_page

STYLES = sorted(file.stem for file in (ROOT / "styles").glob("*.jpg"))
BESIDE = np.ones((25, 25), np.uint8)  # 12 px on either side of a line


def clean(sample: str) -> np.ndarray:
    return np.asarray(Image.open(ROOT / f"samples/{sample}.png").convert("L"))


def differing(tones: np.ndarray, ink: np.ndarray, regions: Regions) -> float:
    """Of neighbours across a line of at least 13 px the share whose fills differ beside it; 0.05 is plain to see."""
    differ = []
    for i in range(regions.count):
        for j, length in regions.neighbours[i].items():  # px of border times three
            if i < j and length > 40:
                one, other = ((regions.labels == k).astype(np.uint8) for k in (i, j))
                near = (cv2.dilate(one, BESIDE) & cv2.dilate(other, BESIDE) & (ink < 0.1)) > 0
                here, there = near & (one > 0), near & (other > 0)
                if min(here.sum(), there.sum()) > 20:
                    differ.append(np.linalg.norm(tones[here].mean(0) - tones[there].mean(0)) > 0.05)
    assert len(differ) > 10
    return float(np.mean(differ))


def fills(style: str, ink: np.ndarray, prompt: str = "") -> np.ndarray:
    drawn_in = Style([(Image.open(ROOT / f"styles/{style}.jpg").convert("RGB"), 512)])
    guide = guide_drawing(ink, drawn_in, prompt, np.random.default_rng(0))
    return np.asarray(guide.tones + guide.recolour + guide.tint)


@pytest.mark.parametrize(
    ("sample", "prompt", "style"),
    [
        pytest.param(*asked, style, marks=() if (number + other) % 2 == 0 else pytest.mark.slow)
        for number, asked in enumerate((("house", "a cottage"), ("face", "a boy"), ("dress", ""), ("cat", "a cat")))
        for other, style in enumerate(STYLES)
    ],
)
def test_fills_differ_where_the_drawing_has_a_line(sample: str, prompt: str, style: str) -> None:
    ink = np.asarray(read_sketch(Image.open(ROOT / f"samples/{sample}.png").convert("RGB")).ink, np.float32) / 255
    assert differing(fills(style, ink, prompt), ink, find_regions(ink)) > 0.8


@pytest.mark.parametrize("degradation", ["faint", "light", "table", "third", "together", "askew"])
def test_so_do_those_of_a_degraded_drawing_across_the_lines_of_the_clean_one(degradation: str) -> None:
    sketch, to = degrade(degradation, clean("house"))
    edges = read_sketch(sketch)
    truth = lines_on_page(clean("house"), to, sketch.size, edges)
    tones = fills("ukiyo-e", np.asarray(edges.ink, np.float32) / 255)
    assert differing(tones, truth, find_regions((truth > 0.4).astype(np.float32))) > 0.8


def test_a_child_colours_without_a_line() -> None:
    ink = np.zeros((384, 512), np.float32)
    cv2.circle(ink, (256, 150), 60, 1, 3)
    colours = np.zeros((384, 512, 4), np.uint8)
    colours[250:] = (90, 170, 70, 255)
    colours[250:][np.random.default_rng(0).random((134, 512)) < 0.25] = 0  # gaps between strokes
    style = Style([(Image.open(ROOT / "styles/ghibli-watercolour.jpg").convert("RGB"), 512)])
    guide = guide_drawing(ink, style, "", np.random.default_rng(0), colours)
    tones = guide.tones + guide.recolour + guide.tint
    sky, grass = tones[40:200, 20:150].reshape(-1, 3).mean(0), tones[280:370, 20:490].reshape(-1, 3).mean(0)
    assert grass[1] < sky[1] - 0.1 and grass[2] > sky[2] + 0.1  # greener, yellower


def test_a_backdrop_is_as_large_a_piece_of_the_style_wherever_its_object_stands() -> None:
    style = Style([(Image.open(ROOT / "styles/ghibli-watercolour.jpg").convert("RGB"), 512)])
    shares = []
    for y in (236, 276):  # the centre of what is around lies below the middle of the page, and above it
        ink = np.zeros((512, 512), np.float32)
        cv2.circle(ink, (256, y), 120, 1, 4)
        regions = find_regions(ink)
        grounds = [np.full(regions.count, colour) for colour in range(len(style.palette.colours))]
        found = [find_windows(regions, style, colour, np.random.default_rng(0)) for colour in grounds]
        shares.append([windows[int(regions.labels[0, 0]), 4] for windows in found])
    assert shares[0] == shares[1]


def test_nothing_hangs_upside_down_from_a_sky() -> None:
    regions = find_regions(np.zeros((512, 256), np.float32))
    windows = np.array([[200, 120, 60, 40, 0.2]], np.float32)
    x, y = look_up(regions, windows)
    assert (np.diff(y[:, 0]) > 0).all() and y.min() >= 79 and y.max() <= 161
    assert x.min() >= 139 and x.max() <= 261 and len(np.unique(np.sign(np.diff(x[0])))) > 1  # mirrored to the side
