"""A folder of drawn pictures for tests of search: three things in four colours, two of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

THINGS = ("cup", "kite", "fish")
COLOURS = {"red": (200, 40, 40), "blue": (40, 70, 190), "green": (50, 150, 70), "yellow": (240, 215, 50)}


def picture(thing: str, colour: str, number: int = 0, size: tuple[int, int] = (160, 120)) -> Image.Image:
    """One of them on a grey table, each a little elsewhere."""
    rng = np.random.default_rng([THINGS.index(thing), list(COLOURS).index(colour), number])
    noise = rng.integers(120, 136, (size[1], size[0], 1), np.uint8).repeat(3, 2)
    image = Image.fromarray(noise)
    draw = ImageDraw.Draw(image)
    x, y = size[0] // 2 + int(rng.integers(-12, 12)), size[1] // 2 + int(rng.integers(-8, 8))
    fill = COLOURS[colour]
    if thing == "cup":
        draw.rectangle([x - 28, y - 30, x + 22, y + 30], fill=fill)
        draw.ellipse([x + 14, y - 16, x + 42, y + 14], outline=fill, width=6)
    elif thing == "kite":
        draw.polygon([(x, y - 42), (x + 30, y), (x, y + 42), (x - 30, y)], fill=fill)
    else:
        draw.ellipse([x - 40, y - 20, x + 24, y + 20], fill=fill)
        draw.polygon([(x + 20, y), (x + 46, y - 18), (x + 46, y + 18)], fill=fill)
    return image


def fill(folder: Path) -> dict[Path, tuple[str, str]]:
    """Write them as <folder>/<thing>/<number>.png; -> what each file shows."""
    shown: dict[Path, tuple[str, str]] = {}
    for thing in THINGS:
        (folder / thing).mkdir(parents=True, exist_ok=True)
        for colour in COLOURS:
            for number in range(2):
                path = folder / thing / f"{len(shown):04}.png"
                picture(thing, colour, number).save(path)
                shown[path] = (thing, colour)
    return shown
