"""Embedding on the processor: files to vectors, words to vectors and a cold start, each beside the usual way.

    python -m benchmarks.embedding [FOLDER [PRECISION]]

FOLDER holds JPEGs, at any depth; without it, photographs of 1024x768 px are made of the style pictures. CLIP has the
shape of ViT-B/32 with random weights, which cost the same; MiniLM is the real one. Both ways take turns, and the
medians of ROUNDS are told, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import io
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertModel, BertTokenizerFast, CLIPConfig, CLIPModel, CLIPProcessor, CLIPTokenizer

from core import images
from core.colours import Array
from core.settings import ROOT
from retrievers.checkpoint import find_checkpoint
from retrievers.clip import CLIPEmbeddings
from retrievers.minilm import MiniLM
from retrievers.offline import openvino
from retrievers.openvino_towers import OpenVINOTowers
from retrievers.quantisation import overlap
from retrievers.runtime import CORES, Model
from tests.tiny_clip import write_tokenizer

FILES = 64
ROUNDS = 5
SAYINGS = (
    "a photo of a red chair at night",
    "neon city",
    "a woodblock print of the sea and a house by it",
    "cat on red",
)
CHAIN = 24  # products of matrices, one after the other, by which the processor's rate is measured


def main(folder: Path | None = None, precision: str = "auto") -> None:
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        files = (
            sorted(folder.rglob("*.jpg"))[:: max(1, 300 // FILES)][:FILES] if folder else write_files(work / "files")
        )
        checkpoint = find_checkpoint(str(write_checkpoint(work / "clip")))
        ours = CLIPEmbeddings(checkpoint, OpenVINOTowers(checkpoint, work / "models", precision))
        usual = CLIPModel.from_pretrained(checkpoint.folder).train(False)
        print(f"{len(files)} files, {CORES} cores, {ours.runtime}, {ours.identity.rpartition('+')[2]}")
        with ThreadPoolExecutor(CORES) as pool, torch.inference_mode():
            ingest(files, ours, usual, pool, work)
            clip_queries(ours, usual)
        minilm_queries(MiniLM(work / "models"))
        cold_starts(work, checkpoint.folder)


def ingest(files: list[Path], ours: CLIPEmbeddings, usual: Any, pool: ThreadPoolExecutor, work: Path) -> None:
    """Files to vectors: PIL, CLIPProcessor and fp32, one by one, beside batches on every core."""
    processor = CLIPProcessor.from_pretrained(ours.files)
    batches = [files[i : i + ours.batch] for i in range(0, len(files), ours.batch)]

    def tutorial() -> Array:
        rows = []
        for path in files:
            taken = processor(images=Image.open(path).convert("RGB"), return_tensors="pt")
            rows.append(usual.get_image_features(**taken).pooler_output.numpy()[0])
        return np.stack([row / np.linalg.norm(row) for row in rows])

    def decode(some: list[Path]) -> list[Image.Image]:
        return [decoded(path, ours.wanted) for path in some]

    def embed(some: list[Path]) -> Array:
        return ours.embed_pictures(decode(some), [""] * len(some))

    def prepare(some: list[Path]) -> None:
        for image in decode(some):
            ours._sight.prepare(image)

    with FlopCounterMode(display=False) as counter:
        usual.get_image_features(pixel_values=torch.zeros(1, 3, 224, 224))
    flops = counter.get_total_flops() * len(files)
    chain = write_chain(work / "chain.xml")
    model = Model(chain, ours.identity.rpartition("+")[2])
    rows = np.ones((ours.batch * 50, 768), np.float32)
    chained = CHAIN * 2 * rows.shape[0] * 768 * 3072
    times: dict[str, list[float]] = {"usual": [], "ours": [], "decode": [], "second": []}
    found = wanted = np.zeros(0)
    for _ in range(ROUNDS):
        seconds, wanted = timed(tutorial)
        times["usual"].append(seconds)
        for _ in range(2):  # the parts of the limit, beside what is held against it
            seconds, parts = timed(lambda: list(pool.map(embed, batches)))
            found = np.concatenate(parts)
            times["ours"].append(seconds)
            times["decode"].append(timed(lambda: list(pool.map(prepare, batches)))[0])
            seconds, _ = timed(lambda: list(pool.map(lambda _: model({"rows": rows}), range(2 * CORES))))
            times["second"].append(2 * CORES * chained / seconds)
    usually, here, decoding = (statistics.median(times[name]) for name in ("usual", "ours", "decode"))
    rate, count = statistics.median(times["second"]), len(files)
    limits = [flops / each + decode for each, decode in zip(times["second"], times["decode"], strict=True)]
    share = statistics.median(limit / mine for limit, mine in zip(limits, times["ours"], strict=True))
    speeds = f"{count / usually:.1f} pictures/s the usual way, {count / here:.1f} here"
    print(f"ingest: {speeds}: {usually / here:.2f} times")
    print(
        f"  {rate / CORES / 1e9:.0f} GFLOP/s a core, {flops / count / 1e9:.2f} GFLOP a picture: {flops / rate:.2f} s,"
    )
    print(f"  and {decoding:.2f} s of decoding are {share:.0%} of the {here:.2f} s that it takes")
    print(f"  {agreement(found, wanted)}")


def agreement(found: Array, wanted: Array) -> str:
    """How alike two sets of unit rows are: centred cosines, and the nearest five of each among the others."""
    centred = [rows - rows.mean(0) for rows in (found, wanted)]
    one, other = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in centred)
    cosines = (one * other).sum(1)
    told = f"centred cosine at least {cosines.min():.4f}, mean {cosines.mean():.4f}"
    return f"{told}; top-5 overlap {overlap(found, wanted):.3f}"


def clip_queries(ours: CLIPEmbeddings, usual: Any) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(ours.files)

    def tutorial(text: str) -> None:
        usual.get_text_features(
            **tokenizer(text, padding="max_length", max_length=77, return_tensors="pt")
        ).pooler_output.numpy()

    compare("CLIP text", tutorial, ours.embed_query)


def minilm_queries(ours: MiniLM) -> None:
    compare("MiniLM text", usual_sentences(ours.files), ours.embed_query)


def usual_sentences(folder: str) -> Callable[[str], object]:
    """sentence-transformers, or what it does where it is not installed."""
    if find_spec("sentence_transformers"):
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(folder, device="cpu").encode
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    model: Any = BertModel.from_pretrained(folder, add_pooling_layer=False).train(False)

    def encode(text: str) -> Array:
        with torch.inference_mode():
            taken = tokenizer([text], padding=True, truncation=True, max_length=256, return_tensors="pt")
            states, mask = model(**taken).last_hidden_state, taken["attention_mask"][..., None]
            mean = (states * mask).sum(1) / mask.sum(1)
            return np.asarray(torch.nn.functional.normalize(mean, dim=-1).numpy()[0])

    return encode


def compare(what: str, usual: Callable[[str], object], ours: Callable[[str], object]) -> None:
    """Blocks of queries, one after the other, both ways in turn: as a service that answers one way has its caches."""
    walls: tuple[list[float], list[float]] = ([], [])
    works: tuple[list[float], list[float]] = ([], [])
    for _ in range(4 * ROUNDS):
        for way, wall, work in zip((usual, ours), walls, works, strict=True):
            for text in SAYINGS:
                way(text)
            begun = time.process_time()
            wall += [1000 * timed(partial(way, text))[0] for _ in range(3) for text in SAYINGS]
            work.append(1000 * (time.process_time() - begun) / 3 / len(SAYINGS))
    usually, here = map(statistics.median, walls)
    spent, needed = map(statistics.median, works)
    print(f"{what}: {usually:.2f} ms the usual way, {here:.2f} here: {usually / here:.2f} times;")
    print(f"  of processor time {spent:.2f} and {needed:.2f} ms: {spent / needed:.2f} times")


def cold_starts(work: Path, folder: Path) -> None:
    """From the start of the process to its first vector, converted models on the disk."""
    for named in ("words-and-palette", str(folder)):
        script = (
            "import sys; from core.settings import read_settings; from retrievers.models import open_embeddings;"
            f"open_embeddings(read_settings(data_dir={str(work)!r}, embedding_model={named!r})).embed_query('a cat');"
            "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
        )
        command = partial(subprocess.run, [sys.executable, "-c", script], cwd=ROOT, check=True)
        times = [timed(command)[0] for _ in range(ROUNDS + 1)][1:]
        print(f"first vector of {Path(named).name}: {statistics.median(times):.2f} s after the process began")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def decoded(path: Path, wanted: int) -> Image.Image:
    """A picture whose short side is at least `wanted`, as ingest decodes it."""
    data = path.read_bytes()
    with Image.open(io.BytesIO(data)) as head:
        reach = math.ceil(wanted * max(head.size) / min(head.size))
    return images.decode(data, str(path), wanted=reach)


def write_files(folder: Path) -> list[Path]:
    folder.mkdir()
    styles = [Image.open(path).convert("RGB") for path in sorted((ROOT / "styles").glob("*.jpg"))]
    numbers = np.random.default_rng(0)
    for number in range(FILES):
        style, share = styles[number % len(styles)], numbers.uniform(0.4, 0.9)
        left, top = numbers.uniform(0, 1 - share, 2) * style.size
        box = (left, top, left + share * style.width, top + share * style.height)
        style.resize((1024, 768), Image.Resampling.BICUBIC, box).save(folder / f"{number:03}.jpg", quality=90)
    return sorted(folder.iterdir())


def write_chain(path: Path) -> Path:
    """Products with matrices of the tower's shape, one after the other: rows (n, 768) -> the same."""
    ops = openvino.opset13
    node = rows = ops.parameter([-1, 768], np.float32)
    numbers = np.random.default_rng(0)
    for shape in [(768, 3072), (3072, 768)] * (CHAIN // 2):
        weights = numbers.standard_normal(shape, np.float32) / math.sqrt(shape[0])
        node = ops.matmul(node, ops.constant(weights), False, False)
    rows.output(0).set_names({"rows"})
    openvino.save_model(openvino.Model([node], [rows]), path, compress_to_fp16=False)
    return path


def write_checkpoint(folder: Path) -> Path:
    """A CLIP ViT-B/32 with random weights, and OpenAI's processor."""
    tokens = write_tokenizer(folder)
    torch.manual_seed(0)
    text = {"bos_token_id": tokens - 2, "eos_token_id": tokens - 1, "pad_token_id": tokens - 1}
    CLIPModel(CLIPConfig(text_config=text)).save_pretrained(folder)
    steps = dict.fromkeys(("do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb"), True)
    told = {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 224}, "crop_size": 224}
    (folder / "preprocessor_config.json").write_text(json.dumps({**told, **steps}))
    return folder


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]), *sys.argv[2:3])
