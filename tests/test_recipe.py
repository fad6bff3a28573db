from __future__ import annotations

import io
import json
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core import images
from generators import recipe
from generators.recipe import MAX_SKETCH, NoRecipe
from tests.conftest import noise

TOLD = {
    "engine": "painter 1.0",
    "prompt": '夜 🌊, a "house"',
    "sketch_sha256": "0" * 64,
    "styles": [{"id": "ukiyo-e", "sha256": "1" * 64, "weight": 1.0, "score": 0.3}],
    "seeds": [7],
    "mode": "quality",
    "width": 64,
    "height": 64,
    "low_threshold": 50,
    "high_threshold": 150,
}
PNG = images.to_png(noise(64, 64))


def carrying(**chunks: str) -> bytes:
    """A picture with text chunks as other programs write them."""
    info, out = PngInfo(), io.BytesIO()
    for name, text in chunks.items():
        info.add_text(name, text)
    noise(64, 64).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def test_what_is_written_is_read_and_no_pixel_is_touched() -> None:
    sketch = bytes(range(256)) * 40
    data = recipe.write(PNG, TOLD, sketch)
    kept = recipe.read(data)
    assert kept.recipe == TOLD and kept.sketch == sketch
    assert kept.image.tobytes() == noise(64, 64).tobytes() == Image.open(io.BytesIO(data)).tobytes()
    assert images.decode(data).tobytes() == noise(64, 64).tobytes()


def test_other_tools_read_the_parameters() -> None:
    text = Image.open(io.BytesIO(recipe.write(PNG, TOLD, None))).info["parameters"]
    assert text.splitlines()[0] == TOLD["prompt"]
    assert "Seed: 7, Size: 64x64, Model: painter 1.0" in text and '"ukiyo-e:1.00"' in text


def test_a_large_sketch_does_not_travel() -> None:
    assert recipe.read(recipe.write(PNG, TOLD, b"x" * (MAX_SKETCH + 1))).sketch is None
    assert len(recipe.read(recipe.write(PNG, TOLD, b"x" * MAX_SKETCH)).sketch or b"") == MAX_SKETCH


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PNG, "no chunk of that name"),
        (carrying(parameters="a cat\nSteps: 20, Sampler: Euler a"), "another program"),
        (images.to_jpeg(noise(64, 64)), "no PNG"),
        (b"", "no PNG"),
        (recipe.write(PNG, TOLD, None)[:-400], "cannot be read"),
        (carrying(atelier="not json"), "holds no recipe"),
        (carrying(atelier="[1, 2]"), "holds no recipe"),
        (carrying(atelier="[" * 100_000), "holds no recipe"),
        (carrying(atelier=json.dumps({**TOLD, "seeds": ["x"]})), "styles or seeds"),
        (carrying(atelier=json.dumps({**TOLD, "styles": []})), "styles or seeds"),
        (carrying(atelier=json.dumps({**TOLD, "styles": [{"id": 3}]})), "styles or seeds"),
        (carrying(atelier=json.dumps({**TOLD, "width": "wide"})), "width"),
        (carrying(atelier=json.dumps({key: value for key, value in TOLD.items() if key != "prompt"})), "prompt"),
    ],
)
def test_what_is_no_recipe_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(NoRecipe, match=reason) as caught:
        recipe.read(data, "cat.png")
    assert "cat.png" in caught.value.message and caught.value.remedy


def test_ten_megabytes_of_recipe_are_refused() -> None:
    text = zlib.compress(b"x" * 100_000_000)  # a hundred, in a hundred kilobytes
    body = b"iTXt" + b"atelier\0\1\0\0\0" + text
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    with pytest.raises(NoRecipe):
        recipe.read(PNG[: recipe.HEAD] + chunk + PNG[recipe.HEAD :])
    large = json.dumps({**TOLD, "more": "x" * 2_000_000})
    with pytest.raises(NoRecipe):
        recipe.read(recipe.write(PNG, json.loads(large), None))
