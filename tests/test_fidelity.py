from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.settings import ROOT
from generators import edges
from generators.catalog import open_generator
from generators.edges import Edges
from generators.fidelity import measure, sliced_wasserstein
from generators.orders import PaintOrder, Reference

STYLES = sorted((ROOT / "styles").glob("*.jpg"))


@pytest.fixture(scope="module")
def traced() -> Edges:
    return edges.trace_edges(edges.lay_out(Image.open(ROOT / "samples/house.png").convert("RGB"), 384))


def paint(traced: Edges, style: Path, seed: int = 0) -> Image.Image:
    order = PaintOrder(traced, (Reference(style.stem, style.read_bytes()),), "a house", seed, "preview")
    return open_generator().paint(order).image


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.stem)
def test_a_painted_picture_is_nearer_to_its_sketch_and_style_than_to_the_controls(traced: Edges, style: Path) -> None:
    found = measure(paint(traced, style), traced.canny, Image.open(style))
    assert found.edge_recall > 0.8 and found.edge_f1 > found.edge_f1_control + 0.1
    assert found.palette_distance < found.palette_control
    assert found.texture_distance < found.texture_control
    assert 0.3 < found.score <= 1


def test_the_wrong_sketch_and_the_wrong_style_are_seen(traced: Edges) -> None:
    one, other = STYLES[0], STYLES[-1]
    picture = paint(traced, one)
    right = measure(picture, traced.canny, Image.open(one))
    mirrored = measure(picture, ImageOps.flip(traced.canny), Image.open(one))
    foreign = measure(picture, traced.canny, Image.open(other))
    assert mirrored.edge_recall < right.edge_recall - 0.2 and mirrored.score < right.score
    assert foreign.palette_distance > 1.5 * right.palette_distance and foreign.score < right.score


def test_a_style_has_no_distance_to_itself_and_a_blank_picture_no_lines(traced: Edges) -> None:
    style = Image.open(STYLES[0])
    itself = measure(style.resize(traced.page.size), traced.canny, style.resize(traced.page.size))
    assert itself.palette_distance == itself.texture_distance == 0
    blank = measure(Image.new("RGB", traced.page.size, "white"), traced.canny, style)
    assert blank.edge_recall == blank.edge_f1 == 0 and blank.score < 0.2


def test_the_distance_is_a_distance() -> None:
    rng = np.random.default_rng(1)
    one, other = (rng.normal(size=(5_000, 3)).astype(np.float32) for _ in range(2))
    moved = one + np.array([0.5, 0, 0], np.float32)
    assert sliced_wasserstein(one, one) == 0
    assert sliced_wasserstein(one, moved) == sliced_wasserstein(moved, one)
    assert sliced_wasserstein(one, other) < 0.1 < sliced_wasserstein(one, moved) < 0.5


def test_the_same_picture_has_the_same_figures_whatever_its_size(traced: Edges) -> None:
    style = Image.open(STYLES[0])
    picture = paint(traced, STYLES[0])
    assert measure(picture, traced.canny, style) == measure(picture, traced.canny, style)
    large = measure(picture.resize((768, 576)), traced.canny.resize((768, 576)), style)
    small = measure(picture, traced.canny, style)
    assert abs(large.palette_distance - small.palette_distance) < 0.01
