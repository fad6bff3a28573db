from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from core.measures import measure
from core.settings import ROOT
from tests.conftest import drawing, noise

DATA = ROOT.parent / "shared/data/clothing"


def test_measures_of_the_shipped_styles_are_what_one_sees() -> None:
    def of(style: str) -> dict[str, float]:
        return measure(Image.open(ROOT / f"styles/{style}.jpg")).colours

    assert max(of("industrial-blueprint"), key=of("industrial-blueprint").get) == "blue"
    assert of("cyberpunk")["purple"] > 0.4
    assert of("ghibli-watercolour")["green"] > 0.25
    assert measure(Image.open(ROOT / "styles/cyberpunk.jpg")).lightness < 0.35
    assert measure(Image.open(ROOT / "styles/low-poly.jpg")).warmth > 0
    assert measure(Image.open(ROOT / "styles/impasto.jpg")).warmth < -0.15


def test_line_drawings_are_told_from_pictures() -> None:
    for sketch in ("house", "skyline", "chair", "face", "dress"):
        assert measure(Image.open(ROOT / f"samples/{sketch}.png")).medium == "line drawing"
    assert measure(drawing(ink=255, paper=10)).medium == "line drawing"
    assert measure(Image.open(ROOT / "samples/still-life.jpg")).medium == "photograph"
    assert measure(Image.open(ROOT / "styles/impasto.jpg")).medium == "painting"


def test_shares_sum_to_one_and_repeat() -> None:
    one, other = measure(noise(90, 300)), measure(noise(90, 300))
    assert one == other
    for shares in (one.colours.values(), one.light, one.chroma, one.orientations):
        assert sum(shares) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (2, 2), (1000, 8), (8, 1000), (4, 3)])
def test_strips_and_specks_have_colours(size: tuple[int, int]) -> None:
    colours = measure(Image.effect_noise(size, 90).convert("RGB")).colours
    assert sum(colours.values()) == pytest.approx(1, abs=1e-4) and min(colours.values()) >= 0


def test_words_name_colours_and_light() -> None:
    assert measure(Image.new("RGB", (64, 64), (10, 20, 90))).words().startswith("dark blue")
    assert "red" in measure(Image.new("RGB", (64, 64), (200, 30, 30))).words()


@pytest.mark.skipif(not DATA.is_dir(), reason="the photographs for measuring are not beside the checkout")
def test_photographs_are_seldom_taken_for_paintings() -> None:
    files = sorted(Path(DATA).glob("*/*.jpg"))[::5]
    media = [measure(Image.open(file)).medium for file in files]
    assert media.count("painting") <= 0.1 * len(files)
