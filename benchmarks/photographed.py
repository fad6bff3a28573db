"""Ten drawings, each photographed with every fault at once, painted, written, and made again from their own files.

python -m benchmarks.photographed -> out/photographed.png: the photograph, its ink, the picture and what replay says.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from chains import design
from chains.replay import replay
from core import images
from core.settings import ROOT
from generators.sheet import contact_sheet
from retrievers.catalog import open_styles
from tests.degrade import degrade, lines_on_page, share_within

DRAWINGS = {  # sample: prompt and style
    "house": ("a cottage with trees", "ghibli-watercolour"),
    "skyline": ("a street at night", "cyberpunk"),
    "chair": ("an armchair", "art-deco"),
    "face": ("portrait of a boy", "impasto"),
    "dress": ("a long dress", "ukiyo-e"),
    "boat": ("a sailing boat at sea", "low-poly"),
    "cat": ("a cat", "ghibli-watercolour"),
    "teapot": ("a teapot and a cup", "industrial-blueprint"),
}
FAULTS = ("together", "hard_shadow", "crayon", "together", "table", "together", "pale", "blackboard", "scan", "large")


def main() -> None:
    library = open_styles()
    chain = design.build(library)
    tiles: list[tuple[Image.Image, str]] = []
    verdicts = []
    names = list(DRAWINGS)
    for number, fault in enumerate(FAULTS):
        name = names[number % len(names)]
        prompt, style = DRAWINGS[name]
        grey = np.asarray(Image.open(ROOT / f"samples/{name}.png").convert("L"))
        sketch, to = degrade(fault, grey, seed=50 + number)
        made = chain.invoke({"sketch": sketch, "prompt": prompt, "style": style, "seed": number})
        (file,) = design.to_files(made)
        again = replay(file, images.to_png(sketch), styles=library)
        verdicts.append(again.verdict)
        edges = made["edges"]
        truth = lines_on_page(grey, to, sketch.size, edges) > 0.4
        recall = share_within(truth, np.asarray(edges.ink) > 90)
        found = f"{edges.medium} {edges.certainty:.2f}, recall {recall:.2f}"
        tiles += [
            (sketch, f"{name}, {fault}"),
            (edges.ink, found),
            (made["image"], f"{style}, replay: {again.verdict}"),
        ]
        print(f"{name:8} {fault:12} {found}, replay {again.verdict}", flush=True)
    (ROOT / "out").mkdir(exist_ok=True)
    file_name = ROOT / "out/photographed.png"
    file_name.write_bytes(images.to_png(contact_sheet(tiles, columns=6, height=300)))
    print(f"{verdicts.count('identical')} of {len(verdicts)} identical; {file_name.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
