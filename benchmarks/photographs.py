"""Whether the objects of a photograph stay apart in every style; all of it on one sheet: out/photographs.png.

python benchmarks/photographs.py [folder of photographs, looked through with its folders [how many, 30]]

Apart: of neighbouring segments that differ by more than DIFFERENT in the photograph, the share that differ by SEEN in
the picture. Light: rank correlation of the segments' lightness. Recall and palette: as generators/fidelity.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from core import images
from core.colours import Array, to_lab
from core.settings import ROOT
from generators.catalog import open_generator
from generators.edges import lay_out, trace_edges
from generators.fidelity import measure
from generators.orders import PaintOrder, Reference
from generators.painter.segments import Segments, find_segments, means
from generators.sheet import contact_sheet

DIFFERENT, SEEN = 0.15, 0.12  # scaled Lab
LEAST = 0.002  # share of the picture; smaller segments are left out
SHOWN = 12  # photographs on the sheet


def main(folder: str = "", count: str = "30") -> None:
    found = sorted(Path(folder).rglob("*.jpg")) if folder else []
    files = [ROOT / "samples/still-life.jpg", *found[:: max(1, len(found) // int(count))]]
    traced = [(file, trace_edges(lay_out(images.read(file)))) for file in dict.fromkeys(files)]
    traced = [(file, edges) for file, edges in traced if not edges.line_art]
    painter = open_generator("painter")
    rows: list[list[tuple[Image.Image, str]]] = [[(edges.page, file.stem)] for file, edges in traced]
    print(f"{len(traced)} photographs  apart  light  recall  palette")
    for path in sorted((ROOT / "styles").glob("*.jpg")):
        style, reference = images.read(path), Reference(path.stem, path.read_bytes())
        figures = []
        for row, (_, edges) in zip(rows, traced, strict=True):
            picture = painter.paint(PaintOrder(edges, (reference,), mode="preview")).image
            row.append((picture, path.stem))
            fidelity = measure(picture, edges.canny, style)
            figures.append((*_kept(edges.page, picture), fidelity.edge_recall, fidelity.palette_distance))
        print(f"{path.stem:22}" + "".join(f"{value:7.3f}" for value in np.nanmean(figures, 0)))
    tiles = [tile for row in rows[:SHOWN] for tile in row]
    file = ROOT / "out/photographs.png"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(images.to_png(contact_sheet(tiles, columns=len(rows[0]), height=230)))


def _kept(page: Image.Image, picture: Image.Image) -> tuple[float, float]:
    """The share of neighbours that stay apart, and the rank correlation of lightness."""
    segments = find_segments(to_lab(cv2.bilateralFilter(cv2.medianBlur(np.asarray(page), 5), 7, 30, 4)))
    here, there = means(to_lab(np.asarray(page)), segments.labels), means(to_lab(np.asarray(picture)), segments.labels)
    one, other = segments.pairs[_counted(segments, here)].T
    apart = np.linalg.norm(there[one] - there[other], axis=1) > SEEN
    large = segments.area > LEAST
    ranks = [np.argsort(np.argsort(lab[large, 0])) for lab in (here, there)]
    share = float(apart.mean()) if len(apart) else np.nan
    return share, float(np.corrcoef(*ranks)[0, 1]) if large.sum() > 2 else np.nan


def _counted(segments: Segments, colours: Array) -> Array:
    one, other = segments.pairs.T
    off = np.linalg.norm(colours[one] - colours[other], axis=1)
    return np.asarray((off > DIFFERENT) & (segments.area[segments.pairs].min(1) > LEAST))


if __name__ == "__main__":
    main(*sys.argv[1:3])
