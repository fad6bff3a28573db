"""How fast a PDF becomes passages, how well questions find them, and how long a search and a prompt take.

    python benchmarks/documents.py [--pages 200]

The PDF is made on the spot: about 1,700 letters a page in one column, as a page of a novel has. Questions are those of
tests/data/questions.json, asked of samples/knowledge.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from core.settings import ROOT, get_settings, read_settings
from generators.prompts import Illustrator
from retrievers.catalog import open_passages
from retrievers.documents.pdf import read_pdf
from retrievers.documents.preparation import CORES
from retrievers.passages import PassageLibrary
from tests.pdfs import book


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    pages = parser.parse_args().pages
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        models = get_settings().data_dir / "models"
        models.mkdir(parents=True, exist_ok=True)
        (data / "models").symlink_to(models)  # converted once
        library = open_passages(read_settings(data_dir=data))
        print(f"{library.embeddings.identity}, {CORES} cores, passages in {library.ledger.file.path.parent}")
        questions(library)
        prompts(library)
        index(library, pages)


def index(library: PassageLibrary, pages: int) -> None:
    """Pages a second from bytes to passages that are found, and where the processor's time goes."""
    data = book(pages)
    start = time.process_time()
    letters = sum(len(block.text) for block in read_pdf(data, "book.pdf", 5_000).blocks)
    reading = (time.process_time() - start) / pages * 1000
    wall, spent = time.perf_counter(), time.process_time()
    report = library.add([("book.pdf", data)])
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    assert report.new == 1
    chunks = next(document.chunks for document in library.list() if document.name == "book.pdf")
    free = CORES * pages / spent
    print(
        f"a PDF of {pages} pages of {letters // pages:,} letters, {chunks} passages: {pages / wall:.1f} pages a second"
    )
    each = f"{spent / pages * 1000:.1f} ms of the processor a page, {reading:.1f} of them reading"
    print(f"  {each}: {free:.1f} pages a second where nobody else computes")
    start = time.perf_counter()
    library.add([("book.pdf", data)])
    print(f"  the same bytes again: {(time.perf_counter() - start) * 1000:.1f} ms")


def questions(library: PassageLibrary) -> None:
    """Right documents first, and what is told to be weak."""
    library.add_folder(ROOT / "samples/knowledge")
    told = json.loads((ROOT / "tests/data/questions.json").read_text(encoding="utf-8"))
    right, weak, times = [], [], []
    for question, title in told["questions"]:
        start = time.perf_counter()
        found = library.search(question)
        times.append((time.perf_counter() - start) * 1000)
        right.append(found[0].title == title)
        weak.append(all(passage.weak for passage in found))
        if not right[-1] or weak[-1]:
            print(f"  {question}: {found[0].source}, {found[0].score:.2f}{', weak' if weak[-1] else ''}")
    others = [all(passage.weak for passage in library.search(question)) for question in told["others"]]
    print(f"{len(right)} questions, {library.ledger.count()} passages: right document first {np.mean(right):.1%}")
    print(f"told to be weak: {sum(weak)} of {len(weak)} of these, {sum(others)} of {len(others)} that have no answer")
    print(f"a search: median {np.median(times):.1f} ms, 95th percentile {np.percentile(times, 95):.1f} ms")


def prompts(library: PassageLibrary) -> None:
    """The time from passages to a prompt, compared by words and by the sentence model."""
    question = "What does the Colosseum look like at dusk?"
    found = library.search(question)
    texts, titles = [passage.text for passage in found], [passage.title for passage in found]

    for name, illustrator in (("by words", Illustrator()), ("by the model", Illustrator(nearness=library.nearness))):
        illustrator.prompt(question, texts, titles)
        start = time.perf_counter()
        made = [illustrator.prompt(question, texts, titles) for _ in range(10)][-1]
        print(f"a prompt {name}: {(time.perf_counter() - start) * 100:.1f} ms, {made.tokens} tokens: {made.text}")


if __name__ == "__main__":
    main()
