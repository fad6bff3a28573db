"""Photographs: their segments, the colours these take in every style, and the contours that are drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from core.colours import to_lab
from core.settings import ROOT
from generators.edges import lay_out, trace_edges
from generators.painter.photograph import guide_photograph
from generators.painter.segments import find_segments, unlike
from generators.painter.style import Style
from tests.test_painter import STYLES, paint

GROUND = (125, 115, 105)
OBJECTS = {  # colour, centre; discs and boxes in turn
    "red": ((200, 40, 40), (90, 110)),
    "blue": ((40, 90, 190), (255, 110)),
    "yellow": ((230, 190, 40), (420, 110)),
    "green": ((50, 140, 60), (90, 275)),
    "white": ((230, 230, 225), (255, 275)),
    "black": ((40, 36, 40), (420, 275)),
}
STILL_LIFE = {  # places of an object and of the ground beside it, px
    "cube on table": ((114, 258), (59, 334)),
    "red ball on table": ((195, 230), (230, 350)),
    "yellow ball on table": ((320, 279), (230, 350)),
    "vase before wall": ((400, 183), (330, 170)),
}


def objects() -> Image.Image:
    """Shaded discs and boxes on a ground that grows lighter downwards, 512 x 384."""
    y, x = np.mgrid[0:384, 0:512].astype(np.float32)
    picture = np.array(GROUND, np.float32) + (y[..., None] / 384 * 40)
    for number, (colour, (cx, cy)) in enumerate(OBJECTS.values()):
        light = np.clip(1 - 0.5 * np.hypot(x - cx + 22, y - cy + 22) / 75, 0.4, 1)[..., None]
        round_one = np.hypot(x - cx, y - cy) < 58
        boxed = np.maximum(np.abs(x - cx), np.abs(y - cy)) < 52
        picture = np.where(
            (boxed if number % 2 else round_one)[..., None], np.array(colour, np.float32) * light, picture
        )
    picture += np.random.default_rng(5).normal(0, 3, picture.shape)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def portrait() -> np.ndarray:
    """A head before a blue wall, 400 x 512."""
    picture = np.full((512, 400, 3), (96, 120, 150), np.uint8)
    cv2.ellipse(picture, (200, 190), (82, 118), 0, 0, 360, (70, 45, 30), -1)
    cv2.rectangle(picture, (170, 270), (230, 360), (205, 150, 120), -1)
    cv2.ellipse(picture, (200, 195), (60, 95), 0, 0, 360, (225, 175, 145), -1)
    cv2.rectangle(picture, (80, 350), (320, 511), (170, 35, 45), -1)
    return picture


def at(picture: np.ndarray, place: tuple[int, int], reach: int = 12) -> np.ndarray:
    x, y = place
    return to_lab(picture)[y - reach : y + reach, x - reach : x + reach].reshape(-1, 3).mean(0)


def apart(picture: np.ndarray, one: tuple[int, int], other: tuple[int, int]) -> float:
    return float(np.linalg.norm(at(picture, one) - at(picture, other)))


@pytest.mark.parametrize("style", STYLES)
def test_objects_stand_out_from_their_ground(style: str) -> None:
    picture = paint(objects(), style)
    for name, (_, (cx, cy)) in OBJECTS.items():
        ground = np.mean([at(picture, (cx + side, cy), 8) for side in (-76, 76)], 0)
        assert np.linalg.norm(at(picture, (cx, cy), 30) - ground) > 0.07, name


@pytest.mark.parametrize("style", STYLES)
def test_the_still_life_keeps_its_objects(style: str) -> None:
    picture = paint(Image.open(ROOT / "samples/still-life.jpg").convert("RGB"), style)
    least = 0.07 if style == "industrial-blueprint" else 0.15  # a style of one hue has lightness alone
    for name, (one, other) in STILL_LIFE.items():
        assert apart(picture, one, other) > least, name


@pytest.mark.parametrize("style", STYLES)
def test_light_stays_light(style: str) -> None:
    sketch = objects()
    picture = paint(sketch, style)
    white, black = (OBJECTS[name][1] for name in ("white", "black"))
    assert at(picture, white)[0] > at(picture, black)[0] + 0.1
    top, bottom = at(picture, (90, 80)), at(picture, (90, 140))  # the red ball is lit from above
    assert top[0] > bottom[0] - 0.03


@pytest.mark.parametrize("style", [style for style in STYLES if style != "industrial-blueprint"])
def test_skin_is_warm_where_the_style_has_warm_colours(style: str) -> None:
    _, a, b = at(paint(Image.fromarray(portrait()), style), (200, 160), 20)
    assert a > -0.1 and b > 0.04


@pytest.mark.parametrize("style", ["ghibli-watercolour", "low-poly", "impasto"])
def test_a_mood_colours_a_photograph(style: str) -> None:
    fire, ocean = (to_lab(paint(objects(), style, prompt=mood)).mean((0, 1)) for mood in ("fire", "ocean"))
    assert fire[1] > ocean[1] + 0.03 and fire[2] > ocean[2] + 0.1


def test_a_guide_depends_on_the_generator_alone() -> None:
    style = Style([(Image.open(ROOT / "styles/impasto.jpg").convert("RGB"), 256)])
    rgb = np.asarray(objects())
    one, same, other = (guide_photograph(rgb, style, "", np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.tones, same.tones) and np.array_equal(one.tint, same.tint)
    assert not np.array_equal(one.tones, other.tones)


@pytest.mark.parametrize("size", [(8, 8), (512, 16), (64, 512)])
def test_a_flat_or_noisy_photograph_of_any_shape_has_a_guide(size: tuple[int, int]) -> None:
    style = Style([(Image.open(ROOT / "styles/low-poly.jpg").convert("RGB"), 256)])
    noisy = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    for rgb in (noisy, np.full((*size, 3), 90, np.uint8)):
        guide = guide_photograph(rgb, style, "", np.random.default_rng(0))
        assert guide.tones.shape == guide.tint.shape == (*size, 3) and guide.busy.shape == guide.borders.shape == size
        assert all(np.isfinite(part).all() for part in (guide.tones, guide.tint, guide.busy, guide.borders))


def test_a_shaded_object_is_one_segment_with_its_own_border() -> None:
    segments = find_segments(cv2.GaussianBlur(to_lab(np.asarray(objects())), (0, 0), 1))
    ground = segments.labels[20, 20]
    for name in ("red", "blue", "yellow", "green", "black"):
        cx, cy = OBJECTS[name][1]
        own = segments.labels[cy, cx]
        assert own != ground and segments.labels[cy - 30, cx - 20] == segments.labels[cy + 30, cx + 20] == own
        width = 116 if name in ("red", "yellow") else 104
        assert abs(np.count_nonzero(segments.labels[cy] == own) - width) < 8
    assert segments.area.sum() == pytest.approx(1, abs=1e-5)


def test_shade_makes_colours_little_unlike_and_hue_much() -> None:
    red, dark_red, grey, dark_grey, green = to_lab(
        np.array([[(200, 40, 40), (100, 20, 20), (180, 180, 180), (90, 90, 90), (40, 150, 40)]], np.uint8)
    )[0]
    assert unlike(red, dark_red) < 0.5 * unlike(grey, dark_grey) < 0.5 * unlike(red, green)


def test_contours_are_drawn_by_their_contrast() -> None:
    page = np.full((256, 256, 3), (150, 110, 80), np.uint8)
    page[:, 128:] = (40, 60, 120)
    page[::16, :100] = (138, 100, 72)  # grain
    ink = np.asarray(trace_edges(lay_out(Image.fromarray(page), 256), 5, 20).ink)
    assert ink[:, 120:136].max(1).mean() > 120
    assert ink[:, 20:90].mean() < 0.15 * ink[:, 120:136].mean()
