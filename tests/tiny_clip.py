"""A CLIP with random weights in the hub's layout, built on the spot in less than a second."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

WORDS = re.findall(r"\w+", "a photo of cat on red chair neon city at night woodblock print house sea")
SIDE, DIMENSION = 64, 24


def write_clip(folder: Path, side: int = SIDE, dimension: int = DIMENSION, seed: int = 0, **vision: Any) -> Path:
    """Write the checkpoint: two small towers, OpenAI's kind of vocabulary, and a processor with odd normalisation."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    tokens = write_tokenizer(folder)
    torch.manual_seed(seed)
    shape = {"num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "hidden_size": 32}
    text = {**shape, "vocab_size": tokens, "bos_token_id": tokens - 2, "eos_token_id": tokens - 1}
    config = CLIPConfig(
        text_config={**text, "pad_token_id": tokens - 1, "projection_dim": dimension},
        vision_config={**shape, "image_size": side, "patch_size": 16, "projection_dim": dimension, **vision},
        projection_dim=dimension,
    )
    model = CLIPModel(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():  # the usual start is so small that all pictures look alike
            if parameter.dim() > 1:
                parameter.normal_(std=1.0 if "embedding" in name else 0.3)
    model.save_pretrained(folder)
    seen = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.25, 0.3], "rescale_factor": 1 / 255, "resample": 3}
    steps = dict.fromkeys(("do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb"), True)
    sizes = {"size": {"shortest_edge": side}, "crop_size": {"height": side, "width": side}}
    told = {"image_processor_type": "CLIPImageProcessor", **steps, **sizes, **seen}
    (folder / "preprocessor_config.json").write_text(json.dumps(told))
    return folder


def write_tokenizer(folder: Path) -> int:
    """Bytes, bytes that end a word, merges that make each of WORDS one token, and the two marks; -> how many."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [chr(c) for c in (*range(33, 127), *range(161, 173), *range(174, 256))]
    letters += [chr(256 + n) for n in range(256 - len(letters))]
    vocabulary = letters + [f"{letter}</w>" for letter in letters]
    merges: list[str] = []
    for word in WORDS:
        parts = [*word[:-1], f"{word[-1]}</w>"]
        while len(parts) > 1:
            merges.append(f"{parts[0]} {parts[1]}")
            parts = [parts[0] + parts[1], *parts[2:]]
            vocabulary.append(parts[0])
    vocabulary = [*dict.fromkeys(vocabulary), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(vocabulary)}))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *dict.fromkeys(merges)]) + "\n")
    end = dict.fromkeys(("eos_token", "pad_token", "unk_token"), "<|endoftext|>")
    told = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "bos_token": "<|startoftext|>", **end}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    return len(vocabulary)


def as_openai(folder: Path) -> Path:
    """Rewrite the files as OpenAI's first checkpoints have them: sizes as numbers, marks by old numbers, a vocabulary
    that pads and cuts, and buffers among the weights."""
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import CLIPTokenizer

    words: Any = CLIPTokenizer.from_pretrained(folder).backend_tokenizer
    words.enable_truncation(77)
    words.enable_padding(pad_id=words.get_vocab_size() - 1, pad_token="<|endoftext|>", length=77)
    words.save(str(folder / "tokenizer.json"))
    config = json.loads((folder / "config.json").read_text())
    config["text_config"] |= {"bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1}
    (folder / "config.json").write_text(json.dumps({**config, "text_config_dict": None, "vision_config_dict": None}))
    side = config["vision_config"]["image_size"]
    steps = dict.fromkeys(("do_resize", "do_center_crop", "do_normalize"), True)
    told = {"feature_extractor_type": "CLIPFeatureExtractor", **steps, "size": side, "crop_size": side, "resample": 3}
    seen = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
    (folder / "preprocessor_config.json").write_text(json.dumps({**told, **seen}))
    weights = load_file(folder / "model.safetensors")
    weights["text_model.embeddings.position_ids"] = torch.arange(77)[None]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder
