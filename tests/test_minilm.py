from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelMissing
from core.settings import ROOT
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
    wanted = MiniLM(models, "float32").embed_query("a boat")
    (folder,) = models.glob(f"{minilm.NAME}-masked-float32-*")
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    (copy / "model.bin").write_bytes((folder / "model.bin").read_bytes()[:1_000_000])
    assert np.allclose(MiniLM(tmp_path, "float32").embed_query("a boat"), wanted, atol=1e-5)


def test_a_conversion_that_fails_leaves_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ModelMissing, match="nothing-there"):
        Converted("sentences", "nothing-there", "", empty, tmp_path / "cache", "float32")
    assert list((tmp_path / "cache").iterdir()) == []


def test_half_precision_finds_the_same_texts(models: Path) -> None:
    prose = "\n".join((ROOT / name).read_text() for name in ("README.md", "CHANGELOG.md"))
    prose += "\n".join(path.read_text() for path in sorted((ROOT / "styles").glob("*.txt")))
    said = {" ".join(text.split()) for text in re.split(r"[.;:!?]\s|\n\n|\n- |\|", prose)}
    texts = sorted(text for text in said if len(text.split()) > 3)
    assert len(texts) > 150
    nearest = []
    for precision in ("float32", "bfloat16"):
        rows = np.array(MiniLM(models, precision).embed_documents(texts))
        nearest.append(np.argsort(-(rows[::4] @ rows.T), axis=1)[:, 1:6])
    assert np.mean([len(set(a) & set(b)) / 5 for a, b in zip(*nearest, strict=True)]) >= 0.98


def test_the_identity_names_the_precision(models: Path) -> None:
    assert MiniLM(models, "float32").identity == minilm.NAME
    assert MiniLM(models, "bfloat16").identity == f"{minilm.NAME}+bfloat16"


def test_threads_get_what_one_would(model: MiniLM) -> None:
    texts = [f"a boat on the sea, number {number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(model.embed_query, texts))
    assert np.allclose(together, [model.embed_query(text) for text in texts], atol=1e-6)
