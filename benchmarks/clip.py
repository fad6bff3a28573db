"""CLIP on a card: pictures and words a second, and how far half precision is from float32.

    python -m benchmarks.clip

A ViT-B/32 with random weights; the pictures are decoded already. Needs CUDA.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import CLIPConfig, CLIPModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from retrievers.checkpoint import find_checkpoint
from retrievers.clip import CLIPEmbeddings
from retrievers.torch_towers import TorchTowers
from tests.tiny_clip import write_tokenizer

PICTURES, WORDS = 512, 2048


def main() -> None:
    if not torch.cuda.is_available():
        sys.exit("no CUDA here")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "clip"
        tokens = write_tokenizer(folder)
        torch.manual_seed(0)
        text = {"bos_token_id": tokens - 2, "eos_token_id": tokens - 1, "pad_token_id": tokens - 1}
        CLIPModel(CLIPConfig(text_config=text)).save_pretrained(folder)
        CLIPImageProcessorPil().save_pretrained(folder)
        checkpoint = find_checkpoint(str(folder))
        half = CLIPEmbeddings(checkpoint, TorchTowers(checkpoint, "cuda", "auto"))
        exact = CLIPEmbeddings(checkpoint, TorchTowers(checkpoint, "cuda", "float32"))
        rng = np.random.default_rng(0)
        pictures = [Image.fromarray(rng.integers(0, 256, (224, 224, 3), np.uint8)) for _ in range(PICTURES)]
        said = [f"a picture of number {number}" for number in range(WORDS)]
        for name, ours in (("half precision", half), ("float32", exact)):
            ours.embed_pictures(pictures[:64], [""] * 64)
            start = time.perf_counter()
            ours.embed_pictures(pictures, [""] * PICTURES)
            seen = PICTURES / (time.perf_counter() - start)
            start = time.perf_counter()
            ours.embed_documents(said)
            read = WORDS / (time.perf_counter() - start)
            start = time.perf_counter()
            for text in said[:50]:
                ours.embed_query(text)
            query = (time.perf_counter() - start) / 50 * 1000
            print(f"{name}: {seen:.0f} pictures/s, {read:.0f} texts/s, {query:.1f} ms a query ({ours.identity})")
        pairs = [np.asarray(each.embed_pictures(pictures[:64], [""] * 64)) for each in (half, exact)]
        print(f"cosine of half precision to float32: {(pairs[0] * pairs[1]).sum(1).min():.4f} at least")


if __name__ == "__main__":
    main()
