from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelMissing
from retrievers import minilm
from retrievers.minilm import MiniLM
from retrievers.runtime import Converted


@pytest.fixture(scope="module")
def model(models: Path) -> MiniLM:
    return MiniLM(models)


def test_the_same_vectors_as_sentence_transformers(models: Path) -> None:
    from sentence_transformers import SentenceTransformer

    spec = find_spec(minilm.PACKAGE)
    assert spec and spec.submodule_search_locations
    reference = SentenceTransformer(str(Path(spec.submodule_search_locations[0]) / "model"), device="cpu")
    texts = ["a red roof", "neon magenta night", "Überall 日本 🌊", "x", "the " * 60]
    wanted = reference.encode(texts, normalize_embeddings=True)
    for precision, least in (("float32", 0.99999), ("bfloat16", 0.9998)):
        found = MiniLM(models, precision).embed_documents(texts)
        assert min(float(np.dot(*pair)) for pair in zip(found, wanted, strict=True)) > least


def test_python_lists_of_unit_length(model: MiniLM) -> None:
    vector = model.embed_query("a boat")
    assert isinstance(vector, list) and len(vector) == model.dimension
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_text_beyond_the_window_is_read_to_its_end(model: MiniLM) -> None:
    start = "a grey street. " * 100
    plain, ended = (np.array(model.embed_query(start + end)) for end in ("", "purple elephants dance. " * 60))
    elephants = np.array(model.embed_query("purple elephants dance"))
    assert ended @ elephants > plain @ elephants + 0.2


@pytest.mark.parametrize("text", ["", " ", "🌊🌊", "夜のネオン街", "\x00"])
def test_odd_texts_have_vectors(model: MiniLM, text: str) -> None:
    assert np.isfinite(model.embed_query(text)).all()


def test_a_model_that_was_cut_off_is_converted_anew(models: Path, tmp_path: Path) -> None:
    (folder,) = models.glob(f"{minilm.NAME}-*")
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    (copy / "model.bin").write_bytes((folder / "model.bin").read_bytes()[:1_000_000])
    wanted = MiniLM(models).embed_query("a boat")
    assert np.allclose(MiniLM(tmp_path).embed_query("a boat"), wanted, atol=1e-5)


def test_a_conversion_that_fails_leaves_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ModelMissing, match="nothing-there"):
        Converted("sentences", "nothing-there", "", empty, tmp_path / "cache", "float32")
    assert list((tmp_path / "cache").iterdir()) == []
