"""The embedding runtime: what computes, what is converted once, and what a warm start leaves out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from core.errors import BadSetting, ModelMissing
from core.settings import ROOT, read_settings
from retrievers.checkpoint import find_checkpoint
from retrievers.clip import CLIPEmbeddings
from retrievers.minilm import MiniLM
from retrievers.models import embedding_runtime, open_embeddings
from retrievers.openvino_towers import OpenVINOTowers
from retrievers.quantisation import LEAST, draw_pictures, overlap
from retrievers.runtime import CORES, WHOLE, Converted, precision_here
from retrievers.sight import Sight
from retrievers.tokens import Vocabulary
from retrievers.torch_towers import TorchTowers, card
from tests.conftest import drawing, noise, settings_over
from tests.tiny_clip import as_openai, write_clip

TEXTS = ["a photo of a cat", "", "red", "neon city at night, a woodblock print of a house by the sea", "日本 🌊"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "tiny")  # as in test_clip: converted once for both


def by_torch(folder: Path, precision: str = "float32") -> CLIPEmbeddings:
    checkpoint = find_checkpoint(str(folder))
    return CLIPEmbeddings(checkpoint, TorchTowers(checkpoint, "cpu", precision))


def by_openvino(folder: Path, cache: Path, precision: str = "float32") -> CLIPEmbeddings:
    checkpoint = find_checkpoint(str(folder))
    return CLIPEmbeddings(checkpoint, OpenVINOTowers(checkpoint, cache, precision))


def pictures() -> list[Image.Image]:
    return [*(noise(*size, seed=i) for i, size in enumerate([(100, 80), (61, 300), (64, 64), (500, 333)])), drawing()]


def same(one: CLIPEmbeddings, other: CLIPEmbeddings, within: float = 1e-5) -> bool:
    words = ["", "a cat", "", "sea", ""]
    seen = np.allclose(one.embed_pictures(pictures(), words), other.embed_pictures(pictures(), words), atol=within)
    return seen and np.allclose(one.embed_documents(TEXTS), other.embed_documents(TEXTS), atol=within)


@pytest.mark.parametrize(
    ("runtime", "device", "wanted"),
    [
        ("auto", "cpu", "openvino"),
        ("auto", "cuda:1", "torch"),
        ("auto", "mps", "torch"),
        ("torch", "cpu", "torch"),
        ("torch", "auto", "torch"),
        ("openvino", "auto", "openvino"),
        ("openvino", "cpu", "openvino"),
    ],
)
def test_settings_name_the_runtime(runtime: str, device: str, wanted: str) -> None:
    assert embedding_runtime(read_settings(embedding_runtime=runtime, device=device)) == wanted


def test_by_itself_torch_is_chosen_on_a_card_alone() -> None:
    assert embedding_runtime(read_settings()) == ("torch" if card() else "openvino")


@pytest.mark.parametrize("values", [{"embedding_runtime": "onnx"}, {"embedding_runtime": "openvino", "device": "cuda"}])
def test_a_runtime_that_cannot_be_is_a_bad_setting(values: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match="EMBEDDING_RUNTIME"):
        embedding_runtime(read_settings(**values))


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_the_settings_open_that_runtime(tmp_path: Path, models: Path, folder: Path, runtime: str) -> None:
    settings = settings_over(tmp_path, models, embedding_model=str(folder), embedding_runtime=runtime, device="cpu")
    assert open_embeddings(settings).runtime.startswith(f"{runtime} ")


def test_both_runtimes_give_the_same_vectors_under_the_same_identity(folder: Path, models: Path) -> None:
    one, other = by_torch(folder), by_openvino(folder, models)
    assert same(one, other) and one.identity == other.identity
    assert (one.dimension, one.wanted, one.megabytes) == (other.dimension, other.wanted, other.megabytes)


def test_half_precision_is_the_same_half_in_both(folder: Path, models: Path) -> None:
    one, other = by_torch(folder, "bfloat16"), by_openvino(folder, models, "bfloat16")
    assert one.identity == other.identity != by_openvino(folder, models).identity
    many = [noise(80, 80, seed) for seed in range(12)] + pictures()
    rows = [each.embed_pictures(many, [""] * len(many)) for each in (one, other, by_torch(folder))]
    middle = [each - rows[2].mean(0) for each in rows]
    centred = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in middle]
    assert (centred[0] * centred[1]).sum(1).min() > 0.99


@pytest.mark.slow
def test_old_and_odd_checkpoints_are_converted_as_transformers_reads_them(folder: Path, tmp_path: Path) -> None:
    old = as_openai(Path(shutil.copytree(folder, tmp_path / "old")))
    assert same(by_torch(old), by_openvino(old, tmp_path / "models"))
    odd = Path(shutil.copytree(folder, tmp_path / "odd"))
    told = json.loads((odd / "preprocessor_config.json").read_text())
    (odd / "preprocessor_config.json").write_text(
        json.dumps({**told, "size": {"height": 64, "width": 64}, "do_center_crop": False})
    )
    found = by_openvino(odd, tmp_path / "models")
    assert found._sight.steps is None and same(by_torch(odd), found)


def test_what_texts_and_pictures_go_through_survives_the_disk(folder: Path) -> None:
    towers = TorchTowers(find_checkpoint(str(folder)), "cpu")
    words = Vocabulary.from_dict(json.loads(json.dumps(towers.vocabulary.as_dict())))
    sight = Sight.from_dict(folder, json.loads(json.dumps(towers.sight.as_dict())))
    for text in (*TEXTS, "a red house by the sea " * 30, "<|endoftext|> cat"):
        assert words.windows(text) == towers.vocabulary.windows(text)
    assert all(np.array_equal(sight.prepare(one), towers.sight.prepare(one)) for one in pictures())


def test_more_threads_than_cores_get_what_one_would(folder: Path, models: Path) -> None:
    clip = by_openvino(folder, models)
    wanted = [clip.embed_query(text) for text in TEXTS]
    with ThreadPoolExecutor(4 * CORES + 3) as pool:
        found = list(pool.map(clip.embed_query, TEXTS * 20))
    assert np.allclose(found, wanted * 20, atol=1e-6)


@pytest.mark.slow
def test_who_converts_at_once_gets_one_model(folder: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: by_openvino(folder, tmp_path / "models"), range(2))
    assert one.embed_query("a cat") == other.embed_query("a cat")
    assert len(list((tmp_path / "models").iterdir())) == 1


def test_what_was_damaged_is_converted_anew(folder: Path, models: Path, tmp_path: Path) -> None:
    whole = by_openvino(folder, models)
    wanted, place = whole.embed_query("a cat"), tmp_path / whole._towers._models.folder.name
    shutil.copytree(whole._towers._models.folder, place)
    (place / "image.bin").write_bytes(b"cut off")
    mended = by_openvino(folder, tmp_path)  # sees it by its size
    assert (place / "image.bin").stat().st_size > 1000 and json.loads((place / WHOLE).read_text())
    (place / "text.xml").write_bytes(b" " * (place / "text.xml").stat().st_size)  # sees it when it reads it
    assert mended.embed_query("a cat") == wanted == by_openvino(folder, tmp_path).embed_query("a cat")


def test_a_conversion_says_what_the_checkpoint_lacks(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    weights = load_file(copy / "model.safetensors")
    weights.pop("vision_model.post_layernorm.weight")
    save_file(weights, copy / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelMissing, match="post_layernorm") as caught:
        by_openvino(copy, tmp_path / "models")
    assert "EMBEDDING_MODEL" in caught.value.remedy and list((tmp_path / "models").iterdir()) == []


def test_eight_bits_find_the_same_pictures_or_are_refused(folder: Path, models: Path, tmp_path: Path) -> None:
    exact, eight = by_openvino(folder, models), by_openvino(folder, models, "int8")
    assert eight.identity.endswith("+int8") and eight.megabytes <= exact.megabytes
    many = draw_pictures()
    rows = [each.embed_pictures(many, [""] * len(many)) for each in (eight, exact)]
    assert overlap(*rows) >= LEAST and not np.array_equal(*rows)
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    weights = load_file(copy / "model.safetensors")
    for name in (
        name for name in weights if name.startswith("vision") and "mlp.fc" in name and name.endswith("weight")
    ):
        weights[name][:, 0] = 400.0  # one number that all others of its row are too small beside
    save_file(weights, copy / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelMissing, match=r"int8 it finds \d+%.*float32 finds") as caught:
        by_openvino(copy, tmp_path / "models", "int8")
    assert "EMBEDDING_PRECISION" in caught.value.remedy and list((tmp_path / "models").iterdir()) == []


def test_a_precision_that_cannot_be_is_a_bad_setting(folder: Path, models: Path) -> None:
    with pytest.raises(BadSetting, match="EMBEDDING_PRECISION"):
        read_settings(embedding_precision="int4")
    with pytest.raises(BadSetting, match=r"EMBEDDING_PRECISION.*torch"):
        by_torch(folder, "int8")
    with pytest.raises(BadSetting, match=r"EMBEDDING_PRECISION.*for a CLIP"):
        MiniLM(models, "int8")


def test_a_folder_that_cannot_be_written_is_a_bad_setting(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(BadSetting, match="DATA_DIR"):
        Converted("clip", "tiny", "", folder, tmp_path / "models", "float32")


@pytest.mark.parametrize("model", ["words-and-palette", "clip"])
def test_a_warm_start_imports_neither_torch_nor_transformers(
    model: str, folder: Path, models: Path, tmp_path: Path
) -> None:
    named = str(folder) if model == "clip" else model
    data = settings_over(tmp_path, models).data_dir
    if model == "clip":
        by_openvino(folder, models, precision_here())
    script = (
        "import sys; from PIL import Image; from core.settings import read_settings;"
        "from retrievers.models import open_embeddings;"
        f"found = open_embeddings(read_settings(data_dir={str(data)!r}, embedding_model={named!r}, device='cpu'));"
        "found.embed_query('a cat'); found.embed_pictures([Image.new('RGB', (90, 70))], ['a cat']);"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"torch", "transformers", "chromadb", "pandas", "scipy"}) and "openvino" in loaded


def test_threads_that_are_the_first_to_compute_do_not_wait_for_each_other_for_ever(models: Path) -> None:
    script = (
        "import os, sys, threading; sys.setswitchinterval(1e-5)\n"
        "from pathlib import Path\n"
        "from retrievers.minilm import MiniLM\n"
        f"model, start = MiniLM(Path({str(models)!r})), threading.Barrier(4)\n"
        "def embed():\n"
        "    start.wait()\n"
        "    model.embed('a cat')\n"
        "threads = [threading.Thread(target=embed) for _ in range(4)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "print('done', flush=True)"
    )
    MiniLM(models)  # converts it, where nobody has
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.stdout.strip() == "done", done.stderr
