from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.errors import BadValue, NothingToTrace
from generators.edges import lay_out, trace_edges
from tests.conftest import drawing, noise


@pytest.mark.parametrize(
    ("sketch", "asked", "size"),
    [
        ((1024, 768), {}, (512, 384)),
        ((768, 1024), {}, (384, 512)),
        ((100, 100), {}, (512, 512)),
        ((800, 100), {}, (512, 64)),
        ((1024, 768), {"width": 256}, (256, 192)),
        ((1024, 768), {"height": 768}, (1024, 768)),
        ((1024, 768), {"width": 512, "height": 512}, (512, 512)),
        ((333, 217), {"size": 640}, (640, 416)),
    ],
)
def test_a_page_is_on_the_grid(sketch: tuple[int, int], asked: dict[str, int], size: tuple[int, int]) -> None:
    assert lay_out(drawing(*sketch), **asked).size == size


def test_one_side_that_would_make_the_other_too_long_is_refused() -> None:
    with pytest.raises(BadValue, match="at most 768"):
        lay_out(drawing(768, 1024), width=1024)


def test_a_page_of_another_shape_is_filled_with_the_border_and_distorts_nothing() -> None:
    page = np.asarray(lay_out(Image.new("RGB", (400, 200), (10, 200, 30)), width=512, height=512))
    assert (page == (10, 200, 30)).all()
    disc = lay_out(drawing(400, 400), width=512, height=256)
    dark = np.argwhere(np.asarray(disc.convert("L")) < 128)
    box = dark[dark[:, 0] < 215]  # without the line below
    assert abs(np.ptp(box[:, 1]) / np.ptp(box[:, 0]) - 0.6 / 0.55) < 0.05


@pytest.mark.parametrize("asked", [{"width": 500}, {"height": 0}, {"width": 4096}, {"size": 70}])
def test_a_size_off_the_grid_is_refused_with_one_that_is_on_it(asked: dict[str, int]) -> None:
    with pytest.raises(BadValue, match="multiples of 8"):
        lay_out(drawing(), **asked)


def test_white_on_black_gives_the_same_edges_as_black_on_white() -> None:
    dark = trace_edges(lay_out(drawing()))
    light = trace_edges(lay_out(drawing(ink=255, paper=0)))
    assert (dark.polarity, light.polarity) == ("dark_on_light", "light_on_dark")
    assert dark.line_art and light.line_art
    one, other = (np.asarray(e.ink) > 100 for e in (dark, light))
    assert (one & other).sum() > 0.9 * (one | other).sum()


def test_a_pale_pencil_is_brought_to_full_contrast() -> None:
    strong, pale = (trace_edges(lay_out(drawing(ink=ink))) for ink in (0, 190))
    assert np.asarray(pale.ink).max() > 240
    one, other = (np.asarray(e.ink) > 100 for e in (strong, pale))
    assert (one & other).sum() > 0.85 * (one | other).sum()


def test_a_photograph_is_no_line_art() -> None:
    assert not trace_edges(lay_out(noise(200, 200))).line_art


def test_higher_thresholds_keep_less() -> None:
    page = lay_out(Image.open("samples/still-life.jpg").convert("RGB"))
    counts = [np.count_nonzero(np.asarray(trace_edges(page, low, high).canny)) for low, high in ((20, 60), (100, 300))]
    assert counts[0] > counts[1] > 0


def test_ink_without_an_edge_is_dropped() -> None:
    image = drawing()
    smudge = np.asarray(image).copy()
    y, x = np.mgrid[0:60, 0:60]
    smudge[10:70, 10:70] = (255 - 40 * np.exp(-((x - 30) ** 2 + (y - 30) ** 2) / 60))[..., None]
    ink = np.asarray(trace_edges(lay_out(Image.fromarray(smudge)), 100, 300).ink)
    assert ink[20:100, 20:100].max() == 0
    assert ink.max() == 255


@pytest.mark.parametrize("paper", [255, 128, 0])
def test_a_blank_page_has_nothing_to_trace(paper: int) -> None:
    with pytest.raises(NothingToTrace, match="low_threshold=50"):
        trace_edges(lay_out(Image.new("RGB", (300, 200), (paper,) * 3)))


def test_the_grain_of_a_blank_page_is_nothing_to_trace() -> None:
    grain = np.random.default_rng(0).integers(235, 256, (300, 400, 1), np.uint8).repeat(3, 2)
    with pytest.raises(NothingToTrace):
        trace_edges(lay_out(Image.fromarray(grain)))


@pytest.mark.parametrize(("low", "high"), [(-1, 150), (50, 5000), (200, 100)])
def test_thresholds_are_checked(low: int, high: int) -> None:
    with pytest.raises(BadValue, match="threshold"):
        trace_edges(lay_out(drawing()), low, high)
