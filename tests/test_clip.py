"""CLIP, on a tiny checkpoint with random weights, against transformers itself."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPModel, CLIPProcessor, CLIPTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from core import images
from core.errors import BadSetting, ModelMissing, StoreMismatch, UnreadablePicture
from core.settings import ROOT, Settings, read_settings
from retrievers.catalog import open_index, open_styles
from retrievers.checkpoint import DEFAULT, find_checkpoint
from retrievers.chroma import ChromaIndex
from retrievers.clip import AHEAD, SAID, CLIPEmbeddings
from retrievers.models import embedding_model, open_embeddings
from retrievers.openvino_towers import OpenVINOTowers
from retrievers.runtime import precision_here, version
from retrievers.torch_towers import BATCH, TorchTowers
from server import doctor
from tests.conftest import drawing, noise, settings_over
from tests.tiny_clip import DIMENSION, SIDE, as_openai, write_clip

TEXTS = [
    "a photo of a cat",
    "",
    "red",
    "neon city at night, a woodblock print of a house by the sea",
    "Überall 日本 🌊",
]
LONG = "a red house by the sea " * 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "tiny")


@pytest.fixture(scope="module", params=["torch", "openvino"])
def clip(folder: Path, models: Path, request: pytest.FixtureRequest) -> CLIPEmbeddings:
    return opened(folder) if request.param == "torch" else converted(folder, models)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def opened(folder: Path, precision: str = "float32") -> CLIPEmbeddings:
    checkpoint = find_checkpoint(str(folder))
    return CLIPEmbeddings(checkpoint, TorchTowers(checkpoint, "cpu", precision))


def converted(folder: Path, models: Path, precision: str = "float32") -> CLIPEmbeddings:
    checkpoint = find_checkpoint(str(folder))
    return CLIPEmbeddings(checkpoint, OpenVINOTowers(checkpoint, models, precision))


@pytest.fixture(scope="module")
def reference(folder: Path) -> Any:
    return CLIPModel.from_pretrained(folder).train(False)


def features(output: Any) -> np.ndarray:
    return torch.nn.functional.normalize(output.pooler_output, dim=-1).detach().numpy()


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    sizes = [(100, 80), (61, 300), (64, 64), (500, 333), (17, 23), (65, 64)]
    return [*(noise(*size, seed=i) for i, size in enumerate(sizes)), drawing()]


def as_jpeg(image: Image.Image, quality: int = 92) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_texts_have_the_vectors_that_transformers_gives(clip: CLIPEmbeddings, reference: Any, folder: Path) -> None:
    tokens = CLIPTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt")
    assert np.allclose(clip.embed_documents(TEXTS), features(reference.get_text_features(**tokens)), atol=1e-5)


def test_pictures_have_the_vectors_that_transformers_gives(
    clip: CLIPEmbeddings, reference: Any, folder: Path, pictures: list[Image.Image]
) -> None:
    pixels = CLIPImageProcessorPil.from_pretrained(folder)(pictures, return_tensors="pt")
    assert np.allclose(clip.embed_images(pictures), features(reference.get_image_features(**pixels)), atol=1e-5)


def test_openais_first_checkpoints_are_read_as_transformers_does(copy: Path, pictures: list[Image.Image]) -> None:
    old, reference = opened(as_openai(copy)), CLIPModel.from_pretrained(copy).train(False)
    processor = CLIPProcessor.from_pretrained(copy)
    seen = features(reference.get_image_features(**processor(images=pictures, return_tensors="pt")))
    assert old._sight.steps and np.allclose(old.embed_images(pictures), seen, atol=1e-5)
    tokens = CLIPTokenizer.from_pretrained(copy)(TEXTS, padding=True, return_tensors="pt")
    assert np.allclose(old.embed_documents(TEXTS), features(reference.get_text_features(**tokens)), atol=1e-5)
    assert not np.allclose(old.embed_query(LONG), old.embed_query(LONG + " neon cat" * 60), atol=1e-2)


def test_every_pixel_is_the_processors_own(clip: CLIPEmbeddings, folder: Path, pictures: list[Image.Image]) -> None:
    processor = CLIPImageProcessorPil.from_pretrained(folder)
    style = Image.open(ROOT / "styles/cyberpunk.jpg").convert("RGB")
    for picture in (*pictures, style):
        theirs = processor(picture, return_tensors="np")["pixel_values"][0]
        assert np.abs(clip._sight.prepare(picture) - theirs).max() < 1e-5, picture.size


def test_a_processor_that_does_otherwise_is_followed(copy: Path, clip: CLIPEmbeddings) -> None:
    path = copy / "preprocessor_config.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "size": {"height": SIDE, "width": SIDE}, "do_center_crop": False}))
    square, wide = opened(copy), noise(200, 100)
    theirs = CLIPImageProcessorPil.from_pretrained(copy)(wide, return_tensors="np")["pixel_values"][0]
    assert np.abs(square._sight.prepare(wide) - theirs).max() < 1e-5
    assert not np.allclose(square.embed_image(wide), clip.embed_image(wide), atol=1e-3)


def test_size_and_dimension_are_read_from_the_checkpoint(tmp_path: Path) -> None:
    other = opened(write_clip(tmp_path / "patch8", side=48, dimension=16, patch_size=8))
    assert other.dimension == len(other.embed_query("a cat")) == len(other.embed_image(noise(90, 70))) == 16


def test_a_jpeg_is_decoded_at_the_scale_that_is_needed(clip: CLIPEmbeddings) -> None:
    for path in sorted((ROOT / "styles").glob("*.jpg")):
        large = as_jpeg(Image.open(path).convert("RGB").resize((1600, 1200)))
        assert clip._sight.reach(large) == 128  # for a short side of 96
        whole = clip.embed_image(Image.open(io.BytesIO(large)))
        assert np.dot(clip.embed_images([large])[0], whole) > 0.995  # 0.999 at 224 px


def test_a_batch_is_the_single_ones_in_their_order(clip: CLIPEmbeddings) -> None:
    many = [noise(SIDE, SIDE, seed) for seed in range((AHEAD + 2) * BATCH + 3)]
    together = clip.embed_images(picture for picture in many)
    assert np.allclose(together, [clip.embed_image(picture) for picture in many], atol=1e-5)
    texts = [" ".join(TEXTS[0].split()[: 1 + i % 5]) + f" {i}" for i in range(2 * BATCH + 1)]
    assert np.allclose(clip.embed_documents(texts), [clip.embed_query(text) for text in texts], atol=1e-5)
    assert clip.embed_images([]) == clip.embed_documents([]) == []


def test_many_pictures_have_the_vectors_of_each(clip: CLIPEmbeddings, pictures: list[Image.Image]) -> None:
    many = [*pictures, *(noise(SIDE, SIDE, seed) for seed in range(2 * clip.batch))]
    words = ["", "a cat", " ", LONG, "sea", "", "red"] + [""] * (2 * clip.batch)
    rows = clip.embed_pictures(many, words)
    assert rows.dtype == np.float32 and rows.shape == (len(many), DIMENSION)
    assert np.allclose(rows, [clip.embed_image(*pair) for pair in zip(many, words, strict=True)], atol=1e-5)
    assert clip.embed_pictures([], []).shape == (0, DIMENSION)
    with pytest.raises(ValueError, match="shorter"):
        clip.embed_pictures(many, words[1:])


def test_files_bytes_and_pictures_are_taken_alike(clip: CLIPEmbeddings, tmp_path: Path) -> None:
    picture = noise(90, 70)
    picture.save(tmp_path / "a.png")
    vectors = clip.embed_images([picture, (tmp_path / "a.png").read_bytes(), tmp_path / "a.png"])
    assert vectors[0] == pytest.approx(vectors[1], abs=1e-6) == vectors[2]
    with pytest.raises(UnreadablePicture, match=r"b\.png"):
        (tmp_path / "b.png").write_bytes(b"no picture")
        clip.embed_images([picture, tmp_path / "b.png", *([picture] * 99)])
    assert clip.embed_images([picture.convert("RGBA")])[0] == pytest.approx(vectors[0], abs=1e-6)


def test_vectors_are_python_lists_of_unit_length(clip: CLIPEmbeddings) -> None:
    entry = clip.embed_entry(noise(80, 80), "Sea", "A red house by the sea. Thick paint, laid on with a knife.")
    for vector in (clip.embed_query("sea"), clip.embed_image(noise(70, 70), "a cat"), *entry):
        assert isinstance(vector, list) and isinstance(vector[0], float) and len(vector) == clip.dimension == DIMENSION
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_text_beyond_the_window_is_the_mean_of_its_windows_by_their_tokens(
    clip: CLIPEmbeddings, reference: Any, folder: Path
) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    ids = tokenizer(LONG, add_special_tokens=False)["input_ids"]
    assert len(ids) > 2 * 75
    start, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    windows = [ids[i : i + 75] for i in range(0, len(ids), 75)]
    told = [torch.tensor([[start, *window, end]]) for window in windows]
    mean = sum(len(w) * features(reference.get_text_features(t))[0] for w, t in zip(windows, told, strict=True))
    assert np.allclose(clip.embed_query(LONG), mean / np.linalg.norm(mean), atol=1e-5)
    assert not np.allclose(clip.embed_query(LONG), clip.embed_query(LONG + " neon cat" * 60), atol=1e-2)


@pytest.mark.parametrize("text", ["", " ", "\x00", "🌊" * 100, "<|endoftext|>", "a <|endoftext|> cat <|startoftext|>"])
def test_odd_texts_have_vectors(clip: CLIPEmbeddings, text: str) -> None:
    assert np.isfinite(clip.embed_query(text)).all()
    plain = text.replace("<|endoftext|>", "").replace("<|startoftext|>", "")
    assert clip.embed_query(text) == pytest.approx(clip.embed_query(plain), abs=1e-5)  # no text ends another early


def test_an_entry_is_the_picture_and_the_picture_with_each_thing_said(clip: CLIPEmbeddings) -> None:
    picture, words = noise(80, 80), "A red house by the sea. Thick paint, laid on with a knife."
    first, *rest = (np.array(row) for row in clip.embed_entry(picture, "Sea", words))
    assert np.allclose(first, clip.embed_image(picture), atol=1e-6)
    said = ["Sea", f"Sea. {words}", "A red house by the sea", "Thick paint, laid on with a knife"]
    for row, text in zip(rest, said, strict=True):
        both = first + SAID * np.array(clip.embed_query(text))
        assert np.allclose(row, both / np.linalg.norm(both), atol=1e-5)
        assert np.allclose(row, clip.embed_image(picture, text), atol=1e-5)


def test_threads_get_what_one_would(folder: Path) -> None:
    fresh, pictures = opened(folder), [noise(70, 90, seed) for seed in range(4)]
    jobs: list[Callable[[], Any]] = [
        *(lambda p=p: fresh.embed_image(p) for p in pictures),
        *(lambda t=t: fresh.embed_query(t) for t in (*TEXTS, LONG)),
        lambda: fresh.embed_images(pictures),
        lambda: fresh.embed_pictures(pictures, ["", *TEXTS[:3]]),
        lambda: fresh.embed_entry(pictures[0], "Sea", LONG),
    ]
    with ThreadPoolExecutor(8) as pool:
        together = [pool.submit(job) for _ in range(4) for job in jobs]
        found = [future.result() for future in together]
    for place, vectors in enumerate(found):
        assert np.allclose(vectors, jobs[place % len(jobs)](), atol=1e-5)


def test_half_precision_where_the_processor_has_it(folder: Path, clip: CLIPEmbeddings) -> None:
    able = torch.cpu.get_capabilities()
    usual = opened(folder, "auto")
    assert usual.identity.endswith("bfloat16" if able.get("amx_bf16") or able.get("avx512_bf16") else "float32")
    assert usual.identity.endswith(precision_here())  # both runtimes choose the same
    half = opened(folder, "bfloat16")
    pairs = [(half.embed_query(text), clip.embed_query(text)) for text in (*TEXTS, LONG)]
    pairs += [(half.embed_image(p), clip.embed_image(p)) for p in (noise(90, 70), drawing())]
    assert min(np.dot(*pair) for pair in pairs) > 0.999
    assert isinstance(half.embed_query("a")[0], float)


def test_the_identity_names_checkpoint_content_and_precision(
    clip: CLIPEmbeddings, folder: Path, tmp_path: Path
) -> None:
    assert clip.identity == f"clip-1+tiny@{find_checkpoint(str(folder)).digest}+float32"
    other = write_clip(tmp_path / "tiny", seed=1)  # the same shape, name and head
    assert len({clip.identity, opened(other).identity, opened(folder, "bfloat16").identity}) == 3


def test_an_index_refuses_the_vectors_of_another_model(clip: CLIPEmbeddings, folder: Path, tmp_path: Path) -> None:
    ChromaIndex("pictures", clip, tmp_path / "chroma")
    with pytest.raises(StoreMismatch, match="bfloat16"):
        ChromaIndex("pictures", opened(folder, "bfloat16"), tmp_path / "chroma")


def test_a_collection_is_named_apart_however_long_the_name(settings: Settings, clip: CLIPEmbeddings) -> None:
    def called(name: str) -> str:
        other = CLIPEmbeddings.__new__(CLIPEmbeddings)
        other.__dict__.update(clip.__dict__, identity=name)
        index = open_index("styles", other, settings)
        assert isinstance(index, ChromaIndex) and not index.in_memory
        return index._name

    long = "日本/" + "x" * 900
    names = [called(name) for name in (long + "a", long + "b", clip.identity, "日本")]
    assert len(set(names)) == 4 and max(map(len, names)) < 300


def test_weights_that_do_not_fit_are_said(copy: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    last = weights.pop("vision_model.post_layernorm.weight")
    save_file(weights, copy / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelMissing, match="post_layernorm"):
        opened(copy)
    weights["vision_model.post_layernorm.weight"] = last[:5].clone()
    save_file(weights, copy / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelMissing, match="copy"):
        opened(copy)


def test_a_processor_or_a_vocabulary_of_another_model_is_said(copy: Path) -> None:
    path = copy / "preprocessor_config.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}))
    with pytest.raises(ModelMissing, match="64 px"):
        opened(copy)
    path.write_text(json.dumps(told))
    words = json.loads((copy / "vocab.json").read_text())
    words |= {f"extra{i}": len(words) + i for i in range(9)}
    (copy / "vocab.json").write_text(json.dumps(words))
    with pytest.raises(ModelMissing, match="vocabulary"):
        opened(copy)


@pytest.mark.parametrize("device", ["gpu", "cuda", "mps", "cpu:x", ""])
def test_a_device_that_is_not_there_is_a_bad_setting(folder: Path, device: str) -> None:
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("this machine has more devices")
    with pytest.raises(BadSetting, match="DEVICE"):
        TorchTowers(find_checkpoint(str(folder)), device)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({}, "words-and-palette"),
        ({"models": "full"}, DEFAULT),
        ({"models": "full", "embedding_model": "words-and-palette"}, "words-and-palette"),
        ({"embedding_model": "openai/clip-vit-base-patch16"}, "openai/clip-vit-base-patch16"),
    ],
)
def test_settings_name_the_model(values: dict[str, str], wanted: str) -> None:
    assert embedding_model(read_settings(**values)) == wanted


def test_a_model_that_is_missing_is_never_replaced(tmp_path: Path) -> None:
    for named in ("nobody/nothing", str(tmp_path)):
        with pytest.raises(ModelMissing, match="EMBEDDING_MODEL"):
            open_embeddings(read_settings(data_dir=tmp_path, models="full", embedding_model=named))


def test_an_embedded_server_never_imports_torch(shared_settings: Settings) -> None:
    script = (
        "import sys; from core.settings import read_settings; from retrievers.catalog import open_styles;"
        f"open_styles(read_settings(data_dir={str(shared_settings.data_dir)!r})).find_style('night');"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_styles_are_found_from_settings_to_scores(tmp_path: Path, models: Path, folder: Path) -> None:
    settings = settings_over(tmp_path / "data", models, embedding_model=str(folder))
    library = open_styles(settings)
    clip = library.embeddings
    assert isinstance(clip, CLIPEmbeddings) and open_embeddings(settings) is clip
    found = library.find_style("neon city at night", top_k=2)
    assert len(found.chosen) + len(found.runners_up) == 7 and found.weak == clip.weak
    for style in library.all():
        vectors = clip.embed_images([images.read(style.path, None, wanted=512), style.path])
        nearest = [library.index.query(vector, k=1)[0] for vector in vectors]
        assert [hit.metadata["style"] for hit in nearest] == [style.id] * 2 and nearest[0].score > 0.999
    bare, wordy = (library.add(as_jpeg(noise(80, 80)), name, words) for name, words in (("a", ""), ("b", LONG)))
    scores = {found.id: found.score for found in library.search("sea")}
    assert min(scores.values()) >= -1 and abs(scores[bare.id] - scores[wordy.id]) < 0.2
    embedded = open_styles(settings_over(tmp_path / "data", models))  # the same directory, the other model
    assert embedded.find_style("neon city at night").best.id == "cyberpunk"


def test_the_doctor_says_what_the_role_resolved_to(
    tmp_path: Path, models: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings_over(tmp_path / "data", models).data_dir))
    monkeypatch.setenv("EMBEDDING_MODEL", str(folder))
    findings = {finding.what: finding for finding in doctor.examine()}
    told = findings["embeddings"]
    place = f"MB on cpu by openvino {version()}, from {folder}"
    assert told.ok and "clip-1+tiny@" in told.found and place in told.found
    assert str(folder) in findings["models"].found and findings["index"].ok


def test_the_doctor_says_what_is_missing_and_fetches_nothing(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings_over(tmp_path / "data", models).data_dir))
    monkeypatch.setenv("EMBEDDING_MODEL", "nobody/nothing")
    findings = {finding.what: finding for finding in doctor.examine()}
    assert "nobody/nothing" in findings["embeddings"].found and "model.safetensors" in findings["embeddings"].found
    assert "hf download nobody/nothing" in findings["embeddings"].remedy
    assert not any(findings[role].ok for role in ("embeddings", "index", "styles")) and findings["painter"].ok
