"""Recipe: what made a picture, inside the picture's own PNG, so that it can be made again.

Three chunks behind the PNG's head: `atelier`, the recipe as JSON; `parameters`, the line of text that other tools read;
and a private chunk with the bytes of the sketch's file, where they are few.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile

from core.errors import BadInput

KEYWORD, OTHERS, SKETCH = "atelier", "parameters", b"skTc"  # ancillary, private, and no editor that copies it is wrong
HEAD = 33  # bytes: the signature and IHDR
MAX_SKETCH = 2_000_000  # bytes
MAX_RECIPE = 1_000_000  # characters


class NoRecipe(BadInput):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name} carries no recipe ({reason})",
            "take a PNG as it came from here; whoever saves it anew may drop the recipe",
            name=name,
            reason=reason,
        )


@dataclass(frozen=True)
class Kept:
    """What a picture carries."""

    recipe: Mapping[str, Any]
    sketch: bytes | None = field(repr=False)
    image: Image.Image = field(repr=False)


def write(png: bytes, recipe: Mapping[str, Any], sketch: bytes | None) -> bytes:
    """A PNG with its recipe, and with the sketch where that has at most MAX_SKETCH bytes; no pixel is touched."""
    told = json.dumps(recipe, ensure_ascii=False, separators=(",", ":"))
    chunks = [_text(KEYWORD, told), _text(OTHERS, parameters(recipe))]
    if sketch is not None and len(sketch) <= MAX_SKETCH:
        chunks.append(_chunk(SKETCH, sketch))
    return png[:HEAD] + b"".join(chunks) + png[HEAD:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _text(keyword: str, text: str) -> bytes:
    """An iTXt chunk, compressed."""
    return _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\1\0\0\0" + zlib.compress(text.encode()))


_OTHERS_NAMES = {"num_inference_steps": "Steps", "scheduler": "Sampler", "guidance_scale": "CFG scale"}


def parameters(recipe: Mapping[str, Any]) -> str:
    """The prompt, and below it what other tools show of a picture."""
    styles = ", ".join(f"{style['id']}:{style['weight']:.2f}" for style in recipe["styles"])
    sampling = recipe.get("sampling") or {}
    negative = f"Negative prompt: {sampling['negative_prompt']}\n" if sampling.get("negative_prompt") else ""
    told = {
        **{name: sampling[key] for key, name in _OTHERS_NAMES.items() if key in sampling},
        "Seed": recipe["seeds"][0],
        "Size": f"{recipe['width']}x{recipe['height']}",
        "Model": recipe["engine"],
        "Mode": recipe["mode"],
        "Style": f'"{styles}"',
        "Version": "Atelier 0.1.0",
    }
    return f"{recipe['prompt']}\n{negative}" + ", ".join(f"{name}: {value}" for name, value in told.items())


def read(data: bytes, name: str = "picture") -> Kept:
    """What a PNG carries; raises `NoRecipe`, saying what it has instead."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
            assert isinstance(opened, PngImageFile)
            opened.load()
            told, others = opened.text.get(KEYWORD), opened.text.get(OTHERS)
            chunks = {chunk[0]: chunk[1] for chunk in opened.private_chunks}
            image = opened.convert("RGB")
    except UnidentifiedImageError:
        raise NoRecipe(name, "it is no PNG") from None
    except Exception as error:  # damaged, or metadata made to be large
        raise NoRecipe(name, f"it cannot be read: {error}") from error
    if told is None:
        raise NoRecipe(name, "its parameters are another program's" if others else "it has no chunk of that name")
    return Kept(_checked(str(told), name), chunks.get(SKETCH), image)


def _checked(told: str, name: str) -> Mapping[str, Any]:
    """The recipe, if it has what a recipe has; what it says may still be a lie."""
    try:
        recipe = json.loads(told) if len(told) <= MAX_RECIPE else None
    except (ValueError, RecursionError):
        recipe = None
    kinds: dict[str, type | tuple[type, ...]] = {
        "engine": str,
        "prompt": str,
        "sketch_sha256": str,
        "styles": list,
        "seeds": list,
        "mode": str,
        "width": int,
        "height": int,
        "low_threshold": int,
        "high_threshold": int,
    }
    if not isinstance(recipe, dict):
        raise NoRecipe(name, "the chunk holds no recipe")
    for key, kind in kinds.items():
        if not isinstance(recipe.get(key), kind):
            raise NoRecipe(name, f"its {key} is missing or no {getattr(kind, '__name__', kind)}")
    styles_said = all(
        isinstance(style, dict)
        and isinstance(style.get("id"), str)
        and isinstance(style.get("weight"), (int, float))
        and isinstance(style.get("sha256"), str)
        for style in recipe["styles"]
    )
    for key in ("sampling", "models"):
        if not isinstance(recipe.get(key, {}), dict):
            raise NoRecipe(name, f"its {key} is no dict")
    if not styles_said or not recipe["styles"] or not recipe["seeds"] or not isinstance(recipe["seeds"][0], int):
        raise NoRecipe(name, "its styles or seeds are none")
    return recipe
