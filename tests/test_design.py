"""The chain, as a Python program calls it."""

from __future__ import annotations

import asyncio
import hashlib
import io
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import Runnable
from PIL import Image

from chains import design
from core import images
from core.errors import AtelierError, BadInput, BadValue, NothingToTrace, UnknownField, UnknownStyle
from core.settings import ROOT, Settings
from tests.conftest import drawing, noise, settings_over
from tests.degrade import degrade
from tests.test_images import encoded

HOUSE = ROOT / "samples/house.png"


@pytest.fixture(scope="module")
def chain(shared_settings: Settings) -> Runnable[Any, Any]:
    return design.build(settings=shared_settings)


def cut_off() -> Image.Image:
    """A picture that Pillow has opened and cannot decode."""
    return Image.open(io.BytesIO(encoded(noise(200, 200), "JPEG")[:-2000]))


def asked(**more: Any) -> dict[str, Any]:
    return {"sketch": HOUSE, "prompt": "futuristic cyberpunk neon city", "mode": "preview", **more}


def test_one_call_says_everything(chain: Runnable[Any, Any]) -> None:
    result = chain.invoke(asked(seed=7))
    assert result["style"].name == "Cyberpunk" and result["style"].score > 0.3
    assert result["image"].size == (512, 384) and result["images"] == [result["image"]]
    assert len(result["runners_up"]) == 6 and result["margin"] > 0
    assert result["engine"] == "painter 1.2" and result["seeds"] == [7]
    recipe = result["recipe"]
    (style,) = recipe["styles"]
    assert (style["id"], style["weight"], style["score"]) == ("cyberpunk", 1.0, round(result["style"].score, 4))
    assert style["sha256"] == hashlib.sha256((ROOT / "styles/cyberpunk.jpg").read_bytes()).hexdigest()
    assert len(recipe["sketch_sha256"]) == 64
    assert (recipe["seeds"], recipe["mode"], recipe["line_art"]) == ([7], "preview", True)
    assert (recipe["medium"], recipe["crop"]) == ("line-art", None) and 0.9 < recipe["certainty"] <= 1


def test_the_sketch_may_be_a_picture_bytes_or_a_path(chain: Runnable[Any, Any]) -> None:
    sketches = (HOUSE, str(HOUSE), HOUSE.read_bytes(), Image.open(HOUSE))
    pictures = {chain.invoke(asked(sketch=sketch))["image"].tobytes() for sketch in sketches}
    assert len(pictures) == 1


def test_a_small_drawing_is_cropped_to_and_said_to_be(chain: Runnable[Any, Any]) -> None:
    page = Image.new("RGB", (1200, 900), "white")
    page.paste(drawing(400, 300), (500, 400))
    result = chain.invoke(asked(sketch=page))
    assert result["recipe"]["medium"] == result["edges"].medium == "small-drawing"
    assert result["recipe"]["crop"] == result["edges"].crop and result["recipe"]["certainty"] > 0.8
    assert "where the drawing is" in result["notes"][0]
    whole = chain.invoke(asked(sketch=page, medium="line-art"))
    assert (whole["recipe"]["medium"], whole["recipe"]["crop"], whole["notes"]) == ("line-art", None, [])


def test_a_sheet_that_lies_askew_is_straightened_and_said_to_be(chain: Runnable[Any, Any]) -> None:
    sketch, _ = degrade("askew", np.asarray(Image.open(HOUSE).convert("L")))
    result = chain.invoke(asked(sketch=sketch))
    assert result["recipe"]["quad"] == result["edges"].quad and len(result["edges"].quad) == 4
    assert "straightened" in result["notes"][0]


def test_several_pictures_have_the_seeds_that_follow(chain: Runnable[Any, Any]) -> None:
    result = chain.invoke(asked(n=3, seed=5))
    assert result["seeds"] == [5, 6, 7]
    assert len({image.tobytes() for image in result["images"]}) == 3
    alone = chain.invoke(asked(seed=6))
    assert alone["image"].tobytes() == result["images"][1].tobytes()


def test_a_named_style_needs_no_prompt(chain: Runnable[Any, Any]) -> None:
    result = chain.invoke({"sketch": drawing(), "style": "impasto:2,low-poly:1", "mode": "preview"})
    assert [(s.id, round(s.weight, 2), s.score) for s in result["styles"]] == [
        ("impasto", 0.67, None),
        ("low-poly", 0.33, None),
    ]


def test_ainvoke_and_batch_give_the_same_pictures(chain: Runnable[Any, Any]) -> None:
    requests = [asked(seed=seed) for seed in (1, 2)]
    one_by_one = [chain.invoke(request)["image"].tobytes() for request in requests]
    assert [result["image"].tobytes() for result in chain.batch(requests)] == one_by_one
    assert asyncio.run(chain.ainvoke(requests[0]))["image"].tobytes() == one_by_one[0]


def test_progress_comes_as_custom_events(chain: Runnable[Any, Any]) -> None:
    async def listen() -> list[dict[str, Any]]:
        events = chain.astream_events(asked(n=2), version="v2")
        return [event["data"] async for event in events if event["event"] == "on_custom_event"]

    told = asyncio.run(listen())
    shares = [event["done"] for event in told]
    assert shares == sorted(shares) and shares[-1] == 1
    steps = [event["step"] for event in told]
    assert {event["total"] for event in told} == {8}  # two previews of four steps
    assert steps == sorted(steps) and set(steps) == set(range(9)) and steps[-1] == 8
    assert {event["picture"] for event in told} == {0, 1}
    assert {event["stage"] for event in told} == {"style", "composition", "texture", "finish"}


def test_the_names_of_the_steps_are_the_trace(chain: Runnable[Any, Any]) -> None:
    class Names(BaseCallbackHandler):
        seen: ClassVar[list[str]] = []

        def on_chain_start(self, *_: Any, name: str = "", **__: Any) -> None:
            self.seen.append(name)

    chain.invoke(asked(), {"callbacks": [Names()]})
    steps = [name for name in Names.seen if name in ("read_request", "find_style", "trace_edges", "paint")]
    assert steps == ["read_request", "find_style", "trace_edges", "paint"]
    assert "find_style" in chain.get_graph().draw_mermaid()


def test_a_prompt_that_fits_nothing_is_noted(chain: Runnable[Any, Any]) -> None:
    assert "no style is close" in chain.invoke(asked(prompt="zxqv 夜夜夜"))["notes"][0]
    assert chain.invoke(asked())["notes"] == []


@pytest.mark.parametrize(
    ("bad", "error", "named"),
    [
        ({"promt": "x"}, UnknownField, "promt"),
        ({"prompt": ""}, BadValue, "prompt"),
        ({"prompt": "x" * 100_000}, BadValue, "100,000 characters"),
        ({"style": "nope"}, UnknownStyle, "nope"),
        ({"n": 0}, BadValue, "n=0"),
        ({"n": 2.5}, BadValue, "n=2.5"),
        ({"prompt": 5}, BadValue, "prompt=5"),
        ({"prompt": "lone \ud800"}, BadValue, "prompt"),
        ({"style": ["impasto"]}, BadValue, "style"),
        ({"width": "wide"}, BadValue, "wide"),
        ({"low_threshold": 50.5}, BadValue, "50.5"),
        ({"sketch": 5}, BadValue, "sketch"),
        ({"sketch": None, "prompt": "  "}, BadValue, "prompt"),
        ({"sketch": None, "medium": "pencil"}, BadValue, "medium"),
        ({"sketch": None, "style": "nope"}, UnknownStyle, "nope"),
        ({"sketch": None, "width": 60}, BadValue, "60"),
        ({"sketch": np.zeros((64, 64))}, BadValue, "sketch"),
        ({"sketch": cut_off()}, BadInput, "damaged"),
        ({"n": 9}, BadValue, "n=9"),
        ({"seed": -1}, BadValue, "seed=-1"),
        ({"seed": 2**32 - 1, "n": 2}, BadValue, "seed"),
        ({"mode": "fast"}, BadValue, "fast"),
        ({"engine": "magic"}, BadValue, "magic"),
        ({"medium": "oil"}, BadValue, "oil"),
        ({"top_k": 9}, BadValue, "top_k"),
        ({"width": 333}, BadValue, "333"),
        ({"sketch": b""}, BadInput, "0 bytes"),
        ({"sketch": Path("nowhere.png")}, BadInput, "nowhere.png"),
        ({"sketch": Image.new("RGB", (300, 200), "white")}, NothingToTrace, "blank"),
        ({"sketch": Image.new("RGB", (10_000, 3))}, BadInput, "10000x3"),
        ({"sketch": Image.new("RGB", (1, 1))}, BadInput, "1x1"),
    ],
)
def test_bad_input_is_named_with_its_remedy(
    chain: Runnable[Any, Any], bad: dict[str, Any], error: type[AtelierError], named: str
) -> None:
    with pytest.raises(error) as caught:
        chain.invoke(asked(**bad))
    assert named in caught.value.message and caught.value.remedy


def wordy(**more: Any) -> dict[str, Any]:
    return {"prompt": "the Colosseum with a xylophone, thick oil paint", "mode": "preview", **more}


def test_without_a_sketch_a_composition_is_painted(chain: Runnable[Any, Any]) -> None:
    result = chain.invoke(wordy(seed=3))
    assert result["image"].size == (512, 512) and result["style"].id == "impasto"
    assert result["engine"] == result["recipe"]["engine"] == "painter 1.2, embedded composition 1.0"
    assert result["notes"] == ["composed from the prompt: colosseum; not drawn: xylophone"]
    composed = result["recipe"]["composition"]
    assert composed["engine"] == "embedded composition 1.0" and composed["not_drawn"] == ["xylophone"]
    assert composed["subjects"][0]["figure"] == "arena"
    drawn = images.decode(result["sketch"])
    assert hashlib.sha256(drawn.tobytes()).hexdigest() == result["recipe"]["sketch_sha256"]
    assert (result["recipe"]["medium"], result["recipe"]["crop"]) == ("line-art", None)
    assert result["edges"].page.tobytes() == drawn.tobytes() and result["edges"].labels is not None
    (fidelity,) = result["fidelity"]
    assert fidelity.edge_recall > 0.7 > fidelity.edge_recall_control


def test_a_prompt_alone_is_asked_for_without_a_style(chain: Runnable[Any, Any]) -> None:
    with pytest.raises(BadValue, match="prompt"):
        chain.invoke({"style": "impasto"})
    assert "no word of the prompt" in chain.invoke(wordy(prompt="夜の🌊", style="impasto"))["notes"][0]


def test_each_picture_without_a_sketch_has_a_composition_of_its_own(chain: Runnable[Any, Any]) -> None:
    result = chain.invoke(wordy(n=2, seed=5))
    sketches = [drawing.data for drawing in result["drawings"]]
    assert len(set(sketches)) == 2 and sketches[0] == result["sketch"]
    alone = chain.invoke(wordy(seed=6))
    assert alone["image"].tobytes() == result["images"][1].tobytes() and alone["sketch"] == sketches[1]
    best = chain.invoke(wordy(best_of=2, seed=5))
    kept = result["seeds"].index(best["seeds"][0])
    assert best["image"].tobytes() == result["images"][kept].tobytes() and best["sketch"] == sketches[kept]


def test_a_composition_has_the_page_that_is_asked_for(chain: Runnable[Any, Any]) -> None:
    assert chain.invoke(wordy(width=512, height=256))["image"].size == (512, 256)
    assert chain.invoke(wordy(height=320))["image"].size == (320, 320)


def test_what_is_composed_has_the_colours_that_its_words_ask_for(chain: Runnable[Any, Any]) -> None:
    def canopy(prompt: str) -> np.ndarray:
        made = chain.invoke(wordy(prompt=prompt, style="ghibli-watercolour", seed=1))
        labels = made["edges"].labels
        own = [i for i, label in enumerate(labels.of) if label.part == "umbrella"]
        return np.asarray(made["image"])[np.isin(np.asarray(labels.places), own)].mean(0)

    red, blue = canopy("a girl with a red umbrella"), canopy("a girl with a blue umbrella")
    assert red[0] - red[2] > 60 > blue[0] - blue[2] + 60


def test_a_picture_that_is_open_already_is_turned_like_its_file(chain: Runnable[Any, Any], tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    drawing(320, 240).save(tmp_path / "turned.jpg", exif=exif)
    file, opened = (
        chain.invoke(asked(sketch=s)) for s in (tmp_path / "turned.jpg", Image.open(tmp_path / "turned.jpg"))
    )
    assert file["image"].size == opened["image"].size == (384, 512)
    assert file["image"].tobytes() == opened["image"].tobytes()


def test_a_large_picture_of_a_jpeg_is_drawn_from_all_its_pixels(tmp_path: Path, models: Path) -> None:
    chain = design.build(settings=settings_over(tmp_path, models, image_size=128))
    drawing(2048, 1536).save(tmp_path / "large.jpg", quality=95)
    drawing(2048, 1536).save(tmp_path / "large.png")
    pages = [
        chain.invoke(asked(sketch=tmp_path / f"large.{kind}", width=1024))["edges"].page for kind in ("jpg", "png")
    ]
    assert np.abs(np.asarray(pages[0], int) - np.asarray(pages[1], int)).mean() < 1


def test_settings_set_the_size(tmp_path: Path, models: Path) -> None:
    small = design.build(settings=settings_over(tmp_path, models, image_size=256))
    assert small.invoke(asked())["image"].size == (256, 192)


def test_a_sketch_in_sixteen_bits_with_transparency_and_a_turn(chain: Runnable[Any, Any], tmp_path: Path) -> None:
    grey = np.asarray(drawing(200, 160).convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(tmp_path / "deep.png")
    clear = Image.new("RGBA", (200, 160), (0, 0, 0, 0))
    clear.putalpha(Image.fromarray(255 - np.asarray(drawing(200, 160).convert("L"))))
    clear.save(tmp_path / "clear.png")
    flat = chain.invoke(asked(sketch=drawing(200, 160)))["edges"].ink
    for name in ("deep.png", "clear.png"):
        ink = chain.invoke(asked(sketch=tmp_path / name))["edges"].ink
        assert np.abs(np.asarray(ink, int) - np.asarray(flat, int)).mean() < 1
    assert images.to_png(flat)


def test_every_picture_says_how_faithful_it_is(shared_settings: Settings) -> None:
    made = design.build(settings=shared_settings).invoke(
        {"sketch": drawing(), "prompt": "neon", "mode": "preview", "n": 2}
    )
    assert len(made["fidelity"]) == 2 and made["recipe"]["fidelity"] == [each.as_dict() for each in made["fidelity"]]
    assert all(each.edge_recall > 0.7 > each.edge_recall_control for each in made["fidelity"])


def test_the_best_of_several_is_the_one_with_the_best_score(shared_settings: Settings) -> None:
    chain = design.build(settings=shared_settings)
    request = {"sketch": drawing(), "prompt": "neon city", "mode": "preview", "seed": 5}
    best = chain.invoke({**request, "n": 2, "best_of": 3})
    scores = {candidate["seed"]: candidate["score"] for candidate in best["candidates"]}
    assert list(scores) == [5, 6, 7, 8, 9, 10] and len(best["images"]) == 2
    for seed, seeds in zip(best["seeds"], ((5, 6, 7), (8, 9, 10)), strict=True):
        assert seed in seeds and scores[seed] == max(scores[other] for other in seeds)
    again = chain.invoke({**request, "seed": best["seeds"][0]})
    assert again["image"].tobytes() == best["images"][0].tobytes()
    with pytest.raises(BadValue, match="best_of=5"):
        chain.invoke({**request, "n": 2, "best_of": 5})
