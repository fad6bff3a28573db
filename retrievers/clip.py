"""CLIP: words and pictures in one learned space (Radford et al. 2021), by any CLIP that transformers can read.

What is measured of a picture is what the checkpoint's own processor would see: the short side brought to its size by
bicubic interpolation, the middle cut out, each channel normalised. A JPEG is decoded at the scale that is needed, which
takes a quarter of the time, or less, and moves the vectors of a ViT-B/32 by less than 0.001 of cosine.

A text that is longer than the window of 77 tokens is read in windows of 75, and its vector is their mean, weighted by
tokens.

Texts lie nearer to each other (0.5-0.9) than to any picture (0.15-0.35), whatever they mean. So no row of an entry is a
text alone, or pictures would never count: it is picture + SAID * text, normalised. At SAID = 0.3 what is seen and what
is said move the score of a prompt about equally, by their usual spreads (0.03 and 0.1). SAID and `weak` are reckoned
from these ranges, not tuned on pictures.
"""

from __future__ import annotations

import io
import math
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch
from langchain_core.embeddings import Embeddings
from PIL import Image
from transformers import CLIPModel, CLIPTokenizer
from transformers import logging as transformers_logging
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from core import images
from core.colours import Array
from core.errors import BadSetting, ModelMissing
from core.files import read_bytes
from retrievers.base import Vector
from retrievers.checkpoint import SETTING, Checkpoint
from retrievers.phrases import sayings

VERSION = "clip-1"  # of all that this file does to words and pictures; another version's vectors are not ours
SAID = 0.3  # of what is said, beside what is seen
BATCH = 16  # pictures or windows at once; larger ones gain nothing on a processor, and 4 times that on a card
AHEAD = 3  # batches that are decoded while the model computes
DECODERS = min(4, os.cpu_count() or 1)
SPARE = 1.5  # times the size that the model sees, at which a JPEG is decoded

Picture = Image.Image | bytes | Path


class CLIPEmbeddings(Embeddings):
    """LangChain `Embeddings` with `embed_image` and `embed_images`; unit vectors. Thread-safe.

    Raises `ModelMissing` where the checkpoint's parts do not fit each other, and `BadSetting` for a device that is not
    there. `dtype` is bfloat16 where the processor computes in it, and float32 elsewhere. Of a ViT-B/32 with random
    weights on one core with AVX512-BF16, a picture takes 27 ms in bfloat16 and 93 in float32, a short text 11 and 22,
    the weights 303 and 605 MB; the cosine between both is 0.9999 or more.
    """

    weak = 0.34  # (0.20 + SAID * 0.60) normalised: what a prompt scores that has nothing to do with an entry
    best_rows: tuple[float, ...] = (1.0,)  # every row has the whole picture in it
    reads_words = True

    def __init__(self, checkpoint: Checkpoint, device: str = "auto", dtype: torch.dtype | None = None) -> None:
        self._device = _device(device)
        self._dtype = _dtype(self._device) if dtype is None else dtype
        self._model: Any = _load(checkpoint, self._dtype).to(self._device)
        self.batch = BATCH if self._device.type == "cpu" else 4 * BATCH
        self._lock = Lock()  # one batch at a time: two would share the cores, and the memory of a card
        self._tokenizer: Any = CLIPTokenizer.from_pretrained(checkpoint.folder, local_files_only=True)
        self._marks = (int(self._tokenizer.bos_token_id), int(self._tokenizer.eos_token_id))
        text = self._model.config.text_config
        if len(self._tokenizer) > text.vocab_size:
            reason = f"its vocabulary has {len(self._tokenizer):,} tokens, its model {text.vocab_size:,}"
            raise ModelMissing(checkpoint.name, reason, _ANOTHER)
        self._words: Any = self._tokenizer.backend_tokenizer  # safe in threads once nothing about it changes
        self._words.no_truncation()
        self._words.no_padding()
        self._window = int(text.max_position_embeddings) - 2
        self._processor: Any = CLIPImageProcessorPil.from_pretrained(checkpoint.folder, local_files_only=True)
        self._side = _side(self._processor)
        seen = self._model.config.vision_config.image_size
        if self._prepare(Image.new("RGB", (seen, seen))).shape[1:] != (seen, seen):
            raise ModelMissing(checkpoint.name, f"its processor does not give the {seen} px its model takes", _ANOTHER)
        self.wanted = math.ceil(SPARE * seen)
        self.dimension = int(self._model.config.projection_dim)
        self.identity = f"{VERSION}+{checkpoint.name}@{checkpoint.digest}+{str(self._dtype).removeprefix('torch.')}"
        self.files = str(checkpoint.folder)
        self.device = str(self._device)
        self.megabytes = round(sum(p.numel() * p.element_size() for p in self._model.parameters()) / 1e6)

    def embed_query(self, text: str) -> Vector:
        return self.embed_documents([text])[0]

    def embed_documents(self, texts: list[str]) -> list[Vector]:
        return [_listed(vector) for vector in self._read(texts)]

    def embed_image(self, image: Image.Image, words: str = "") -> Vector:
        """One vector of a picture, with the words known of it where there are any."""
        seen = self._see([self._prepare(image)])[0]
        return _listed(_unit(seen + SAID * self._read([words])[0]) if words.strip() else seen)

    def embed_pictures(self, pictures: Sequence[Image.Image], words: Sequence[str]) -> Array:
        """`embed_image` of each, as float32 rows of shape (n, dimension)."""
        told = [place for place, (_, said) in enumerate(zip(pictures, words, strict=True)) if said.strip()]
        rows = np.zeros((len(pictures), self.dimension), np.float32)
        for start in range(0, len(pictures), self.batch):
            some = pictures[start : start + self.batch]
            rows[start : start + len(some)] = self._see([self._prepare(picture) for picture in some])
        for place, text in zip(told, self._read([words[place] for place in told]), strict=True):
            rows[place] = _unit(rows[place] + SAID * text)
        return rows

    def embed_images(self, pictures: Iterable[Picture]) -> list[Vector]:
        """The vectors of pictures, of their bytes or of their files, in order; decoded in threads ahead of the model.

        Raises what `images.decode` raises of the first that cannot be read.
        """
        vectors: list[Vector] = []
        batch: list[Array] = []
        for pixels in self._ahead(pictures):
            batch.append(pixels)
            if len(batch) == self.batch:
                vectors += map(_listed, self._see(batch))
                batch = []
        return vectors + [_listed(vector) for vector in self._see(batch)]

    def embed_entry(self, image: Image.Image, name: str, words: str) -> list[Vector]:
        """A vector of the picture alone, first, and one with each thing said of it."""
        seen = self._see([self._prepare(image)])[0]
        said = self._read(sayings(name, words))
        return [_listed(seen), *(_listed(_unit(seen + SAID * text)) for text in said)]

    def _read(self, texts: Sequence[str]) -> list[Array]:
        """Unit vectors of texts, shape (dimension,) each."""
        owners, windows = [], []
        for number, text in enumerate(texts):
            for window in self._windows(text):
                owners.append(number)
                windows.append(window)
        sums = np.zeros((len(texts), self.dimension), np.float32)
        by_length = sorted(range(len(windows)), key=lambda i: len(windows[i]))
        for start in range(0, len(by_length), self.batch):
            places = by_length[start : start + self.batch]
            for place, vector in zip(places, self._run_texts([windows[i] for i in places]), strict=True):
                sums[owners[place]] += max(1, len(windows[place])) * vector
        return [_unit(vector) for vector in sums]

    def _windows(self, text: str) -> list[list[int]]:
        """The tokens of a text, without the marks of its start and end, in as many windows as it needs."""
        body = [one for one in self._words.encode(text, add_special_tokens=False).ids if one not in self._marks]
        return [body[i : i + self._window] for i in range(0, len(body), self._window)] or [[]]

    def _run_texts(self, windows: list[list[int]]) -> Array:
        start, end = self._marks
        longest = max(map(len, windows)) + 2
        # attention is causal: marks behind the first that ends a text change nothing before them
        rows = [[start, *window] + [end] * (longest - 1 - len(window)) for window in windows]
        with self._lock, torch.inference_mode():
            tokens = torch.tensor(rows, device=self._device)
            return _normalised(self._model.get_text_features(input_ids=tokens))

    def _see(self, pixels: Sequence[Array]) -> list[Array]:
        """Unit vectors of prepared pictures, shape (dimension,) each."""
        if not pixels:
            return []
        with self._lock, torch.inference_mode():
            batch = torch.from_numpy(np.stack(pixels)).to(self._device, self._dtype)
            return list(_normalised(self._model.get_image_features(pixel_values=batch)))

    def _ahead(self, pictures: Iterable[Picture]) -> Iterator[Array]:
        """Prepared pictures in order, AHEAD batches of them at most in memory."""
        waiting: deque[Future[Array]] = deque()
        with ThreadPoolExecutor(DECODERS, "decode") as pool:
            try:
                for picture in pictures:
                    waiting.append(pool.submit(self._open, picture))
                    if len(waiting) > AHEAD * self.batch:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _open(self, picture: Picture) -> Array:
        if isinstance(picture, Image.Image):
            return self._prepare(picture)
        data = read_bytes(picture) if isinstance(picture, Path) else picture
        name = str(picture) if isinstance(picture, Path) else "picture"
        return self._prepare(images.decode(data, name, wanted=self._wanted(data)))

    def _wanted(self, data: bytes) -> int | None:
        """The long side at which the short one is still SPARE times what the model sees."""
        try:
            with Image.open(io.BytesIO(data), formats=images.FORMATS) as head:
                return math.ceil(SPARE * (self._side or 224) * max(head.size) / min(head.size))
        except Exception:  # noqa: BLE001 - decoding says what is wrong with it
            return None

    def _prepare(self, image: Image.Image) -> Array:
        """A picture as the checkpoint's processor sees it, shape (3, height, width)."""
        image, p = images.to_rgb(image), self._processor
        if self._side is None:
            return np.asarray(p(images=image, return_tensors="np")["pixel_values"][0], np.float32)
        short, long = min(image.size), max(image.size)
        reach = int(self._side * long / short)  # cut, not rounded, as the processor does
        size = (self._side, reach) if image.width <= image.height else (reach, self._side)
        left, top = ((side - self._side) // 2 for side in size)
        cut = image.resize(size, p.resample).crop((left, top, left + self._side, top + self._side))
        pixels = np.asarray(cut, np.float32) * np.float32(p.rescale_factor)
        whole = (pixels - np.array(p.image_mean, np.float32)) / np.array(p.image_std, np.float32)
        return np.ascontiguousarray(whole.transpose(2, 0, 1))


_ANOTHER = f"set {SETTING} to a checkpoint that is whole, or fetch this one anew"


def _side(processor: Any) -> int | None:
    """The side of the square that a processor cuts out of the middle; None where it does anything else."""
    cut, size = processor.crop_size, processor.size
    usual = processor.do_resize and processor.do_center_crop and processor.do_rescale and processor.do_normalize
    if not usual or not size or not cut or processor.do_pad:
        return None
    side = size.get("shortest_edge")
    return int(side) if side and not size.get("longest_edge") and cut["height"] == cut["width"] == side else None


def _load(checkpoint: Checkpoint, dtype: torch.dtype) -> Any:
    quieten: Any = transformers_logging.disable_progress_bar
    quieten()  # of a second, in the midst of what a command says
    read: Any = CLIPModel.from_pretrained
    try:
        model, told = read(
            checkpoint.folder, dtype=dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelMissing(checkpoint.name, f"{checkpoint.folder}: {lines[0][:200]}", _ANOTHER) from error
    if told["missing_keys"]:
        gaps = sorted(told["missing_keys"])
        raise ModelMissing(checkpoint.name, f"its weights lack {gaps[0]} and {len(gaps) - 1} more tensors", _ANOTHER)
    return model.train(False)


def _device(named: str) -> torch.device:
    """The device of that name; `auto` is the fastest that is there. Raises `BadSetting`."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    kind = next(kind for kind, present in there.items() if present) if named == "auto" else named.partition(":")[0]
    if kind not in there:
        raise BadSetting("DEVICE", named, "it is one of auto, cuda, mps and cpu")
    found = kind if named == "auto" else named
    if not there[kind]:
        raise BadSetting("DEVICE", named, f"PyTorch {torch.__version__} finds no such device here")
    try:
        device = torch.device(found)
    except RuntimeError as error:
        raise BadSetting("DEVICE", named, "a device's number is written as in cuda:0") from error
    if kind == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise BadSetting("DEVICE", named, f"there are {torch.cuda.device_count()} such devices, counted from 0")
    return device


def _dtype(device: torch.device) -> torch.dtype:
    """Half precision where the device computes in it."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    able = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return torch.bfloat16 if able.get("amx_bf16") or able.get("avx512_bf16") else torch.float32


def _normalised(output: Any) -> Array:
    """Projected features, in whatever transformers wraps them, as unit rows of float32."""
    features = getattr(output, "pooler_output", output).float()
    unit = torch.nn.functional.normalize(features, dim=-1)
    return np.asarray(unit.cpu().numpy(), np.float32)


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(1e-9, float(np.linalg.norm(vector))), np.float32)


def _listed(vector: Array) -> Vector:
    numbers: Vector = vector.tolist()  # LangChain and Chroma compare python lists
    return numbers
