from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core import images
from core.settings import ROOT, read_settings
from generators.catalog import open_describer
from generators.vision.describer import MeasuringDescriber
from generators.vision.description import DescribingStopped, Description
from generators.vision.light import Light
from generators.vision.sight import Sight, see
from tests.conftest import drawing, noise

PHOTOGRAPHS = ROOT.parent / "shared/data/clothing"
RED, NAVY = (200, 30, 30), (27, 42, 92)


def described(picture: Image.Image) -> Description:
    (found,) = MeasuringDescriber().describe([picture], Event())
    assert found.error is None and found.description is not None and not found.notes and found.usage.requests == 0
    return found.description


def disc(
    size: tuple[int, int] = (320, 320), at: tuple[float, float] = (0.5, 0.5), radius: float = 0.2,
    colour: tuple[int, int, int] = RED, ground: tuple[int, int, int] = (255, 255, 255),
) -> Image.Image:  # fmt: skip
    image = Image.new("RGB", size, ground)
    x, y, reach = at[0] * size[0], at[1] * size[1], radius * min(size)
    ImageDraw.Draw(image).ellipse([x - reach, y - reach, x + reach, y + reach], fill=colour)
    return image


def halves(above: tuple[int, int, int], below: tuple[int, int, int], height: float = 0.5) -> Image.Image:
    image = Image.new("RGB", (320, 240), above)
    image.paste(below, (0, round(240 * height), 320, 240))
    return image


def ramp(left: int, right: int, size: tuple[int, int] = (300, 200)) -> Image.Image:
    row = np.linspace(left, right, size[0])[None, :, None].repeat(size[1], 0).repeat(3, 2)
    return Image.fromarray(row.astype(np.uint8))


@pytest.mark.parametrize(
    ("at", "where"),
    [
        ((0.25, 0.25), "in the upper left"), ((0.75, 0.25), "in the upper right"), ((0.5, 0.5), "in the middle"),
        ((0.25, 0.75), "in the lower left"), ((0.75, 0.5), "on the right"), ((0.5, 0.2), "in the upper part"),
    ],
)  # fmt: skip
def test_a_red_disc_on_white_is_said_to_be_where_it_is(at: tuple[float, float], where: str) -> None:
    told = described(disc(at=at, radius=0.15))
    assert where in told.caption and "something red" in told.caption
    assert "plain white ground" in told.caption and told.setting.startswith("on a plain white ground")
    assert told.colours == ("white", "red")
    assert {"plain background", "white background", "dark on light", "square"} <= set(told.tags)
    assert told.objects == ()


def test_how_much_of_the_picture_a_figure_fills() -> None:
    sizes = [see(disc(radius=radius)).figure for radius in (0.05, 0.2, 0.4)]
    areas = [figure.area if figure else 0 for figure in sizes]
    assert areas == pytest.approx([np.pi * radius**2 for radius in (0.05, 0.2, 0.4)], abs=0.02)
    small, _, large = (described(disc(radius=radius)).caption for radius in (0.05, 0.2, 0.4))
    assert "small, in the middle" in small and "large, in the middle" in large


def test_shares_are_those_that_were_drawn() -> None:
    shares = dict(MeasuringDescriber().shares(disc(radius=0.25, colour=NAVY)))
    assert shares["navy blue"] == pytest.approx(np.pi * 0.25**2, abs=0.02)
    assert shares["white"] == pytest.approx(1 - np.pi * 0.25**2, abs=0.02)
    assert "navy blue 20 %" in described(disc(radius=0.25, colour=NAVY)).caption
    thirds = Image.new("RGB", (300, 100), (240, 240, 240))
    thirds.paste((60, 154, 72), (100, 0, 200, 100))
    thirds.paste((18, 18, 20), (200, 0, 300, 100))
    assert [round(share, 2) for _, share in MeasuringDescriber().shares(thirds)] == pytest.approx([1 / 3] * 3, abs=0.02)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((300, 300), "a square "), ((300, 400), "a tall "), ((400, 300), "a wide "), ((600, 200), "a panoramic "),
        ((40, 320), "a narrow, upright "), ((320, 40), "a panoramic "),
    ],
)  # fmt: skip
def test_formats_are_named(size: tuple[int, int], words: str) -> None:
    assert words in described(disc(size)).caption.lower()


def test_light_is_told_by_lightness() -> None:
    dark, bright = (
        disc(ground=(14, 14, 20), colour=(60, 60, 70), at=(0.4, 0.5)),
        disc(ground=(250, 250, 248), colour=(200, 205, 215)),
    )
    assert see(dark).light.key == "low-key" and "dark" in described(dark).caption
    assert see(bright).light.key == "high-key" and "very bright" in described(bright).caption
    assert "low-key" in described(dark).tags and "high-key" in described(bright).tags
    assert see(disc(ground=(128, 128, 128))).light.key == "medium"


@pytest.mark.parametrize(
    ("turns", "side"), [(0, "left"), (1, "bottom"), (2, "right"), (3, "top")]
)  # a picture is turned against the clock
def test_where_the_ground_is_lighter(turns: int, side: str) -> None:
    picture = ramp(230, 120)
    ImageDraw.Draw(picture).ellipse([120, 70, 180, 130], fill=RED)
    turned = picture.rotate(90 * turns, expand=True)
    assert see(turned).light.brighter == side
    assert f"lighter {'on' if side in ('left', 'right') else 'at'} the {side}" in described(turned).setting


def test_warm_cold_and_colourless() -> None:
    def of(colour: tuple[int, int, int]) -> Light:
        return see(disc(ground=colour, colour=(90, 90, 90))).light

    assert of((220, 120, 40)).temperature == "warm" and of((60, 110, 190)).temperature == "cool"
    assert of((128, 128, 128)).tuning == "colourless" and of((128, 128, 128)).temperature == "neutral"
    assert of((230, 40, 30)).tuning in ("vivid", "monochrome")
    assert "tones of grey alone" in described(disc(ground=(128, 128, 128), colour=(40, 40, 40))).caption


def test_a_level_line_parts_what_is_above_from_what_is_below() -> None:
    for height, where in ((0.33, "a third of the way down"), (0.5, "across the middle"), (0.66, "two thirds")):
        picture = halves((127, 178, 229), (60, 154, 72), height)
        horizon = see(picture).composition.horizon
        assert horizon is not None and horizon.height == pytest.approx(height, abs=0.02)
        assert (horizon.above, horizon.below) == ("sky blue", "green")
        assert where in described(picture).caption and "horizon" in described(picture).tags
    assert see(halves((127, 178, 229), (60, 154, 72)).rotate(90, expand=True)).composition.horizon is None
    assert see(disc()).composition.horizon is None


def test_mirrored_halves() -> None:
    assert see(disc()).composition.symmetrical and "left and right mirror each other" in described(disc()).caption
    assert not see(disc(at=(0.3, 0.5))).composition.symmetrical
    assert not see(halves(RED, NAVY)).composition.symmetrical  # nothing but level bands: no more to mirror


@pytest.mark.parametrize(("angle", "lines"), [(0, "upright"), (90, "level"), (45, "diagonal"), (135, "diagonal")])
def test_the_direction_of_lines(angle: int, lines: str) -> None:
    stripes = np.tile(np.repeat([40, 220], 12), 40)[None].repeat(960, 0).astype(np.uint8)
    turned = Image.fromarray(stripes).rotate(angle, Image.Resampling.BILINEAR).crop((300, 300, 620, 620)).convert("RGB")
    assert see(turned).composition.lines == lines
    assert f"{lines} lines" in described(turned).tags


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (20, 240), (255, 10)])
def test_line_drawings_have_ink_and_paper(ink: int, paper: int) -> None:
    told = described(drawing(ink=ink, paper=paper))
    names = ("white", "black") if paper > ink else ("black", "white")
    assert told.colours == names and "line drawing" in told.tags
    assert f"line drawing in {names[1]} on {names[0]}" in told.caption
    assert told.setting == f"on a bare {names[0]} ground"


def test_a_drawn_picture_is_no_photograph() -> None:
    for picture in (disc(), halves(RED, NAVY), ramp(0, 255), Image.new("RGB", (64, 64), NAVY)):
        assert see(picture).medium == "picture"


def test_one_colour_is_all_there_is() -> None:
    for colour, name in (((0, 0, 0), "black"), ((255, 255, 255), "white"), (NAVY, "navy blue"), (RED, "red")):
        told = described(Image.new("RGB", (200, 200), colour))
        assert told.caption == f"A square picture of one colour from edge to edge: {name}. Colours: {name} 100 %."
        assert told.colours == (name,) and told.setting == ""


def test_a_smooth_passage_is_nothing_else() -> None:
    told = described(ramp(20, 235))
    assert "of nothing but a smooth passage from black to white" in told.caption
    assert see(ramp(20, 235)).figure is None and see(ramp(20, 235)).light.brighter == "right"


def test_noise_has_neither_ground_nor_figure_nor_lines() -> None:
    sight = see(noise(300, 300))
    assert sight.figure is None and sight.ground.kind == "busy"
    assert sight.composition.lines is None and sight.composition.horizon is None
    assert not sight.composition.symmetrical and sight.medium == "picture"
    assert "ground of" not in described(noise(300, 300)).caption


def test_two_things_are_counted_and_a_pattern_is_one() -> None:
    two = disc(at=(0.3, 0.5), radius=0.12)
    two.paste(disc(at=(0.7, 0.5), radius=0.12).crop((160, 0, 320, 320)), (160, 0))
    assert "two separate shapes in red" in described(two).caption.lower()
    checks = np.kron(np.indices((20, 20)).sum(0) % 2, np.ones((8, 8)))[..., None] * np.subtract((250, 220, 60), NAVY)
    picture = Image.new("RGB", (320, 320), (150, 150, 150))
    picture.paste(Image.fromarray((checks + NAVY).astype(np.uint8)), (80, 80))
    caption = described(picture).caption
    assert "something patterned in " in caption.lower() and "navy blue" in caption


def test_a_shadow_on_a_red_sheet_is_no_part_of_the_figure() -> None:
    picture = disc(ground=(190, 30, 30), colour=(225, 225, 220), at=(0.45, 0.45))
    shade = Image.new("RGB", picture.size, (110, 14, 14))
    picture = Image.composite(
        shade, picture, Image.fromarray((np.asarray(disc(at=(0.53, 0.53)))[..., 1] < 99) & (
            np.asarray(disc(at=(0.45, 0.45)))[..., 1] > 99)),
    )  # fmt: skip
    figure = see(picture).figure
    assert figure is not None and figure.palette[0].share > 0.9 and "red" not in figure.palette[0].name


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (16, 16)), noise(16, 16), noise(16, 128), noise(2000, 250), disc((16, 128)), disc((128, 16)),
        disc((16, 16)), Image.new("RGB", (1, 1), RED), noise(3, 2), noise(1, 8), ramp(0, 255, (24, 16)),
        drawing(40, 30), Image.new("L", (50, 50), 90), Image.new("RGB", (4000, 500), NAVY),
    ],
)  # fmt: skip
def test_degenerate_pictures_have_true_descriptions(picture: Image.Image) -> None:
    sight, told = see(picture), described(picture)
    assert 0 < sum(swatch.share for swatch in sight.palette) <= 1.001
    assert told.colours == tuple(swatch.name for swatch in sight.palette[:6])
    assert told.caption.endswith(".") and "  " not in told.caption and "nan" not in told.caption
    assert all(0 <= swatch.share <= 1 for swatch in sight.palette)
    assert np.isfinite([sight.light.lightness, sight.light.contrast, sight.light.chroma, sight.mood.pleasure]).all()
    if sight.figure is not None:
        left, top, right, bottom = sight.figure.box
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1 and 0 < sight.figure.area <= 1
    assert (picture.width > picture.height) == (sight.composition.format in ("wide", "panorama")) or (
        sight.composition.format == "square"
    )


def test_samples_are_described_as_one_sees_them() -> None:
    def of(name: str) -> Description:
        return described(Image.open(ROOT / name).convert("RGB"))

    for sketch in ("house", "skyline", "chair", "face", "dress", "boat", "cat", "teapot"):
        assert "line drawing in black on white" in of(f"samples/{sketch}.png").caption
    assert (
        "horizon" in of("styles/ghibli-watercolour.jpg").tags and "bright" in of("styles/ghibli-watercolour.jpg").tags
    )
    assert "painting" in of("styles/impasto.jpg").tags and "cool" in of("styles/impasto.jpg").tags
    assert of("styles/industrial-blueprint.jpg").colours[0] == "dark blue"
    assert of("styles/cyberpunk.jpg").colours[0].endswith("purple") and "dim" in of("styles/cyberpunk.jpg").tags
    assert "ground of light brown and pale grey" in of("samples/still-life.jpg").setting


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="the photographs for measuring are not beside the checkout")
def test_clothes_are_set_apart_from_what_they_lie_on() -> None:
    files = [sorted(folder.glob("*.jpg")) for folder in sorted(PHOTOGRAPHS.iterdir())]
    sights = [see(images.read(file, wanted=MeasuringDescriber.wanted)) for some in files for file in some[:8]]
    assert sum(sight.figure is not None for sight in sights) >= 0.85 * len(sights)
    assert sum(sight.medium in ("painting", "line drawing") for sight in sights) <= 0.03 * len(sights)
    assert len({sight.palette for sight in sights}) == len(sights)


def test_smaller_pictures_have_the_same_main_words() -> None:
    wanted = MeasuringDescriber.wanted
    for file in sorted((ROOT / "styles").glob("*.jpg")):
        data = file.read_bytes()
        large, small = see(images.decode(data)), see(images.decode(data, wanted=wanted))
        assert (large.medium, large.composition.format, large.light.key, large.light.tuning) == (
            *(small.medium, small.composition.format, small.light.key, small.light.tuning),
        )
        assert large.ground.kind == small.ground.kind


def test_the_same_pixels_have_the_same_words_in_every_thread() -> None:
    pictures = [Image.open(file).convert("RGB") for file in sorted((ROOT / "styles").glob("*.jpg"))[:3]] + [disc()]
    describer, never = MeasuringDescriber(), Event()
    first = [found.description for found in describer.describe(pictures, never)]
    with ThreadPoolExecutor(4) as pool:
        for again in pool.map(lambda _: describer.describe(pictures, never), range(6)):
            assert [found.description for found in again] == first
    assert [found.description for found in MeasuringDescriber().describe([p.copy() for p in pictures], never)] == first
    assert all(see(picture) == see(picture) for picture in pictures)


def test_nothing_is_described_once_it_is_stopped() -> None:
    stop = Event()
    assert MeasuringDescriber().describe([], stop) == []
    stop.set()
    with pytest.raises(DescribingStopped):
        MeasuringDescriber().describe([disc()], stop)


def test_the_catalogue_measures_where_no_model_is_set(tmp_path: Path) -> None:
    one, other = (open_describer(read_settings(data_dir=tmp_path / name)) for name in ("a", "b"))
    assert isinstance(one, MeasuringDescriber) and one is other
    assert one.engine == "describer 1.0" and one.at_once >= 1 and one.batch >= 1


def test_sights_are_facts() -> None:
    sight: Sight = see(disc())
    assert sight.figure is not None and sight.figure.mask.any() and hash(sight) == hash(see(disc()))
