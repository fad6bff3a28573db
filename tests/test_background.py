"""The background: what is kept of it is read again only where it is whole and of the present probes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.colours import Array
from retrievers.background import CLEAR, PROBES, Background, Level
from tests.library import Colours, Library, fill


class Counting(Colours):
    """Counts the texts that it embeds."""

    texts = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += len(texts)
        return super().embed_documents(texts)

    def looks(self, vectors: Array) -> Array:
        return vectors


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data", Counting())
    library.intake.folder(fill(tmp_path / "pics", 8)[0].parents[1])
    return library


def test_probes_are_embedded_once(library: Library, tmp_path: Path) -> None:
    model, cache = library.embeddings, tmp_path / "kept" / "probes.npy"
    assert isinstance(model, Counting)
    first = Background(library.index, model, cache).levels()
    probes = len(PROBES.read_text(encoding="utf-8").split("\n")) - 1
    assert model.texts == probes == len(np.load(cache))
    assert Background(library.index, model, cache).levels() == first and model.texts == probes
    assert [path.name for path in cache.parent.iterdir()] == ["probes.npy"]


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"no array at all"])
def test_a_damaged_file_of_probes_is_made_anew(library: Library, tmp_path: Path, damage: bytes) -> None:
    cache = tmp_path / "probes.npy"
    whole = Background(library.index, library.embeddings, cache).levels()
    cache.write_bytes(damage)
    assert Background(library.index, library.embeddings, cache).levels() == whole
    assert len(np.load(cache)) > 100


def test_probes_of_another_version_are_made_anew(library: Library, tmp_path: Path) -> None:
    cache = tmp_path / "probes.npy"
    whole = Background(library.index, library.embeddings, cache).levels()
    np.save(cache, np.load(cache)[:50])
    assert Background(library.index, library.embeddings, cache).levels() == whole


def test_confidence_is_even_at_the_level_and_nine_to_one_a_step_above() -> None:
    found = Level(0.4, 0.1).confidences(np.array([0.4, 0.5, 0.3, 9.0, -9.0]))
    assert found == pytest.approx([0.5, 0.9, 0.1, 1.0, 0.0], abs=1e-6) and CLEAR > 2
