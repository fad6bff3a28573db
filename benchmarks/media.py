"""Every sample after every degradation: what was found, its ink and its paintings: out/media-*.png.

The last table has the worst recall of the painted lines in each style, and where that was.

python -m benchmarks.media [degradation ...]
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
from PIL import Image

from core import images
from core.settings import ROOT
from generators.catalog import open_generator
from generators.edges import read_sketch
from generators.orders import PaintOrder, Reference
from generators.sheet import contact_sheet
from tests.degrade import DEGRADATIONS, degrade, lines_on_page, painted_recall, share_within

SAMPLES = ("house", "skyline", "chair", "face", "dress")
STYLES = sorted(file.stem for file in (ROOT / "styles").glob("*.jpg"))
SHOWN = "ghibli-watercolour"
PHOTOGRAPHS = ROOT.parent / "shared/data/clothing"


def main(*names: str) -> None:
    painter = open_generator()
    styles = {style: (Reference(style, (ROOT / f"styles/{style}.jpg").read_bytes()),) for style in STYLES}
    worst = dict.fromkeys(STYLES, (1.0, "nowhere"))
    (ROOT / "out").mkdir(exist_ok=True)
    for name in names or DEGRADATIONS:
        tiles: list[tuple[Image.Image, str]] = []
        recalls, precisions, taken = [], [], []
        for seed, sample in enumerate(SAMPLES):
            grey = np.asarray(Image.open(ROOT / f"samples/{sample}.png").convert("L"))
            sketch, to = degrade(name, grey, seed)
            start = time.perf_counter()
            edges = read_sketch(sketch)
            taken.append(time.perf_counter() - start)
            truth = lines_on_page(grey, to, sketch.size, edges) > 0.4
            ink = np.asarray(edges.ink) > 90
            recalls.append(share_within(truth, ink))
            precisions.append(share_within(ink, truth, 3))
            found = f"{edges.medium} {edges.certainty:.2f}"
            tiles += [(sketch, sample), (edges.ink, found)]
            for style, reference in styles.items():
                painted = painter.paint(PaintOrder(edges, reference, mode="preview")).image
                worst[style] = min(worst[style], (painted_recall(truth, painted), f"{name}, {sample}"))
                if style == SHOWN:
                    tiles.append((painted, f"recall {recalls[-1]:.2f}"))
        (ROOT / f"out/media-{name}.png").write_bytes(images.to_png(contact_sheet(tiles, columns=3, height=260)))
        figures = f"recall {min(recalls):.2f}, precision {min(precisions):.2f}"
        print(f"{name:15} {figures}, {1000 * statistics.median(taken):.0f} ms", flush=True)
    for style, (recall, where) in worst.items():
        print(f"{style:22} painted recall {recall:.2f} at worst ({where})")
    if not names:
        count_photographs()


def count_photographs() -> None:
    """How many photographs are taken for drawings."""
    files = sorted(PHOTOGRAPHS.glob("*/*.jpg"))
    drawn = [file for file in files if read_sketch(images.read(file)).line_art]
    print(f"{len(drawn)} of {len(files)} photographs are taken for drawings")


if __name__ == "__main__":
    main(*sys.argv[1:])
