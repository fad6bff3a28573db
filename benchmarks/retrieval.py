"""How often the right style is found: labelled prompts, first place and first three places, and the time it takes.

    python benchmarks/retrieval.py [FILE.json]

FILE holds {"prompts": [[prompt, style id], ...]}; the default is tests/data/style_prompts.json.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from core.settings import ROOT
from retrievers.catalog import open_styles
from retrievers.models import open_embeddings


def main(path: Path = ROOT / "tests/data/style_prompts.json") -> tuple[float, float]:
    """Print the table; returns the shares of prompts whose style came first, and among the first three."""
    prompts = json.loads(path.read_text(encoding="utf-8"))["prompts"]
    library = open_styles()
    library.search("warm up")
    places, times = [], []
    for prompt, wanted in prompts:
        start = time.perf_counter()
        found = library.search(prompt)
        times.append((time.perf_counter() - start) * 1000)
        ids = [style.id for style in found]
        places.append(ids.index(wanted) + 1)
        if places[-1] > 1:
            print(f"  place {places[-1]} for {wanted}, first {ids[0]}: {prompt}")
    first, third = (float(np.mean(np.array(places) <= k)) for k in (1, 3))
    print(f"{len(prompts)} prompts, {len(library.all())} styles, {open_embeddings().identity}")
    print(f"right style first: {first:.1%}   in the first three: {third:.1%}")
    print(f"milliseconds a search: median {np.median(times):.1f}, 95th percentile {np.percentile(times, 95):.1f}")
    return first, third


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
