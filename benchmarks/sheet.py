"""Every sample in every style on one sheet, to be looked at: out/all-quality.png.

python benchmarks/sheet.py [preview | quality]
"""

from __future__ import annotations

import statistics
import sys
import time

from PIL import Image

from chains import design
from core import images
from core.settings import ROOT
from generators.sheet import contact_sheet
from retrievers.catalog import open_styles

PROMPTS = {
    "house": "a cottage and trees",
    "skyline": "city street at night",
    "chair": "armchair",
    "face": "portrait of a boy",
    "dress": "a long dress",
    "boat": "a sailing boat at sea",
    "cat": "a cat",
    "teapot": "a teapot and a cup",
    "flowers": "flowers in a meadow",
    "still-life": "still life",
}


def main(mode: str = "quality") -> None:
    chain, styles = design.build(), open_styles().all()
    tiles: list[tuple[Image.Image, str]] = []
    taken = []
    for name, prompt in PROMPTS.items():
        (sketch,) = (ROOT / "samples").glob(f"{name}.*")
        tiles.append((images.read(sketch), name))
        for style in styles:
            start = time.perf_counter()
            result = chain.invoke({"sketch": sketch, "prompt": prompt, "style": style.id, "mode": mode})
            taken.append(time.perf_counter() - start)
            tiles.append((result["image"], style.name))
    file = ROOT / f"out/all-{mode}.png"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(images.to_png(contact_sheet(tiles, columns=1 + len(styles), height=300)))
    print(f"{file.relative_to(ROOT)}: {len(PROMPTS)} samples in {len(styles)} styles, {mode} mode")
    print(f"seconds a picture: median {statistics.median(taken):.2f}, first use of a style {max(taken):.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
