"""How closely the painter keeps to lines and style: less, as ever, more; by every door, and in the recipe."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageFilter

from chains import design
from chains.replay import replay
from core import images
from core.colours import to_lab
from core.errors import BadValue
from core.settings import ROOT, Settings
from generators import recipe
from generators.catalog import open_generator
from generators.edges import read_sketch
from generators.fidelity import measure
from generators.orders import PaintOrder, Reference, Touch
from generators.painter.touch import broadened, wear
from tests.conftest import serving

HOUSE = (ROOT / "samples/house.png").read_bytes()
PROMPT = "a cottage with a red roof in a meadow"
SKY, LAWN, ROOF = np.s_[5:30, 200:250], np.s_[350:375, 40:110], np.s_[145:155, 190:225]


@cache
def painted(
    lines: float = 1.5, style: float = 0.8, reference: str = "impasto", sample: str = "house.png"
) -> Image.Image:
    edges = read_sketch(images.read(ROOT / "samples" / sample))
    references = (Reference(reference, (ROOT / f"styles/{reference}.jpg").read_bytes()),)
    prompt = PROMPT if sample == "house.png" else ""
    order = PaintOrder(edges, references, prompt, mode="preview", touch=Touch(lines, style))
    return open_generator("painter").paint(order).image


def lab(picture: Image.Image) -> np.ndarray:
    return to_lab(np.asarray(picture))


def recall(picture: Image.Image) -> float:
    style = images.read(ROOT / "styles/impasto.jpg")
    return measure(picture, read_sketch(images.decode(HOUSE)).canny, style).edge_recall


@pytest.mark.parametrize("reference", ["impasto", "ghibli-watercolour", "cyberpunk"])
def test_lines_fade_and_grow_broader(reference: str) -> None:
    found = [recall(painted(lines, reference=reference)) for lines in (0.0, 0.75, 1.5)]
    assert found[0] < found[1] - 0.05 and found[1] < found[2] + 0.01 and found[2] > 0.9
    ink = np.asarray(read_sketch(images.decode(HOUSE)).ink) > 128
    around = np.asarray(Image.fromarray(ink).filter(ImageFilter.MaxFilter(5))) & ~ink
    usual, broad = (lab(painted(lines, reference=reference)) for lines in (1.5, 3.0))
    assert np.abs(broad - usual)[around].mean() > 4 * np.abs(broad - usual)[SKY].mean()


def test_without_lines_the_picture_is_that_of_before_they_were_drawn() -> None:
    without, usual = lab(painted(0.0)), lab(painted())
    assert np.abs(without - usual)[SKY].max() < 0.01


@pytest.mark.parametrize("reference", ["impasto", "ghibli-watercolour", "cyberpunk"])
def test_without_a_style_areas_are_plain_and_have_their_colours(reference: str) -> None:
    plain, half, usual, more = (lab(painted(style=style, reference=reference)) for style in (0.0, 0.4, 0.8, 1.6))
    rough = [float(each[LAWN][..., 0].std()) for each in (plain, half, usual, more)]
    assert rough[0] < 0.01 and rough[0] < rough[1] < rough[2] < rough[3]
    assert all(np.abs(half - (plain + usual) / 2)[place].max() < 0.05 for place in (SKY, LAWN))
    roof, lawn = (np.median(plain[place], (0, 1)) for place in (ROOF, LAWN))
    assert roof[1] > 0.2 and roof[1] > lawn[1] + 0.1  # red


def test_a_photograph_without_a_style_is_that_photograph() -> None:
    photograph = images.read(ROOT / "samples/still-life.jpg")
    made = painted(style=0.0, sample="still-life.jpg")
    was = np.asarray(photograph.resize(made.size)).astype(float)
    off = [np.abs(np.asarray(one).astype(float) - was).mean() for one in (made, painted(sample="still-life.jpg"))]
    assert 5 * off[0] < off[1] and off[0] < 2


def test_more_of_a_style_has_more_of_its_colours() -> None:
    usual, more = (np.linalg.norm(lab(painted(style=style))[..., 1:], axis=2).mean() for style in (0.8, 1.6))
    assert more > 1.1 * usual


def test_beyond_twice_there_is_no_more() -> None:
    assert (Touch(3).lines, Touch(10).lines, Touch(ip_adapter_scale=1.6).style, Touch(ip_adapter_scale=9).style) == (
        (2.0,) * 4
    )
    assert Touch().lines == Touch().style == 1.0


def test_what_cannot_be_is_named(shared_settings: Settings) -> None:
    lines, style = "controlnet_conditioning_scale", "ip_adapter_scale"
    for touch in ({style: -0.1}, {lines: 11}, {style: float("nan")}):
        with pytest.raises(BadValue, match=next(iter(touch))):
            Touch(**touch)
        with pytest.raises(BadValue, match=next(iter(touch))):
            design.build(settings=shared_settings).invoke({"sketch": HOUSE, "prompt": PROMPT, **touch})


def test_the_recipe_tells_and_a_replay_obeys(shared_settings: Settings) -> None:
    asked = {"sketch": HOUSE, "prompt": PROMPT, "mode": "preview", "ip_adapter_scale": 0.3}
    made = design.build(settings=shared_settings).invoke(asked)
    (file,) = design.to_files(made)
    told = recipe.read(file).recipe
    assert told["sampling"] == {"controlnet_conditioning_scale": 1.5, "ip_adapter_scale": 0.3}
    assert replay(file, settings=shared_settings).verdict == "identical"
    del told["sampling"]  # as before there was a choice
    old = recipe.write(images.to_png(made["image"]), told, HOUSE)
    assert replay(old, settings=shared_settings).verdict == "different"


@pytest.mark.parametrize("path", ["/preview", "/generate"])
def test_over_http(shared_settings: Settings, path: str) -> None:
    with serving(shared_settings) as client:
        form = {"prompt": PROMPT, "mode": "preview", "controlnet_conditioning_scale": "0", "ip_adapter_scale": "1.6"}
        file = {"file": ("house.png", HOUSE)}
        answer = client.post(path, data=form, files=file)
        assert answer.status_code == 200, answer.text
        told = recipe.read(answer.content).recipe["sampling"]
        assert told == {"controlnet_conditioning_scale": 0.0, "ip_adapter_scale": 1.6}
        refused = client.post(path, data={**form, "num_inference_steps": "9"}, files=file)
        assert refused.status_code == 422 and "num_inference_steps" in refused.text


def test_the_parts_by_themselves() -> None:
    painting, plain = np.full((8, 8, 3), 0.5, np.float32), np.zeros((8, 8, 3), np.float32)
    assert wear(painting, plain, 1) is painting
    assert np.allclose(wear(painting, plain, 0), 0) and np.allclose(wear(painting, plain, 0.5), 0.25)
    ink = np.zeros((512, 512), np.float32)
    ink[250:253] = 1
    rows = [float(broadened(ink, strength).sum()) / 512 for strength in (1.0, 1.5, 2.0)]
    assert rows[0] == 3 and 3 < rows[1] < rows[2] == 9
