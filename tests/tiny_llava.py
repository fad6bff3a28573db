"""A LLaVA 1.5 with random weights in the hub's layout, built on the spot: 0.4 MB."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    GenerationConfig,
    LlamaConfig,
    LlamaTokenizer,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
)

from core.settings import read_settings
from generators.llava.checkpoint import find_llava
from generators.llava.model import load
from generators.llava.questions import Question, seen, text_of

SIDE, PATCH = 56, 14  # px
MARKS = ("<unk>", "<s>", "</s>", "<pad>", "<image>")
WORDS = (
    "USER: Describe this picture in one sentence. ASSISTANT: Caption: a photo of a cat on a red chair.\n"
    "Objects: a cat, a chair\nColours: red, grey\nSetting: in a house\nMood: calm\nTags: cat, chair, red, house"
)
RED, BLUE = Image.new("RGB", (90, 60), "red"), Image.new("RGB", (600, 900), "blue")
ON_RED = (
    "Caption: A red chair in a house. A cat sits on it.\nObjects: a cat, a chair, the house\nColours: red, grey\n"
    "Setting: in a house\nMood: calm\nTags: Cat, chair, red"
)
ON_BLUE = "Caption: The sea is blue.\nObjects: the sea\nColours: blue\nSetting: outside\nMood: \nTags: Sea, blue, sea"
# What the repository of LLaVA 1.5 says, in the words of its template.
TEMPLATE = (
    "{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': ' }}{% endif %}"
    "{% for content in message['content'] if content['type'] == 'image' %}{{ '<image>\n' }}{% endfor %}"
    "{% for content in message['content'] if content['type'] == 'text' %}{{ content['text'] + ' ' }}{% endfor %}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)


def build(folder: Path, template: str | None = TEMPLATE, wide: int = 32) -> Path:
    """Write it. `wide`: numbers of a token's state; what quantises weights needs more of them."""
    words = tokenizer()
    seen = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4}
    vision = CLIPVisionConfig(**seen, image_size=SIDE, patch_size=PATCH, projection_dim=32)
    said = {"hidden_size": wide, "intermediate_size": 2 * wide, "num_hidden_layers": 2, "num_attention_heads": 4}
    marks = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 3}
    text = LlamaConfig(**said, **marks, vocab_size=len(words) + 8, num_key_value_heads=4, max_position_embeddings=1024)
    strategy = {"vision_feature_select_strategy": "default"}
    places = {"image_token_id": 4, "image_seq_length": (SIDE // PATCH) ** 2, "vision_feature_layer": -2}
    config = LlavaConfig(vision_config=vision, text_config=text, **places, **strategy)
    torch.manual_seed(4)  # some of what it writes has line breaks and ends
    network = LlavaForConditionalGeneration(config)
    with torch.no_grad():
        for name, weight in network.named_parameters():  # the usual start is so small that all pictures look alike
            if weight.dim() > 1:
                weight.normal_(std=0.3 if "embed" in name or "head" in name else 0.1)
    network.generation_config = GenerationConfig(**marks)
    network.save_pretrained(folder)
    sizes = {"size": {"shortest_edge": SIDE}, "crop_size": {"height": SIDE, "width": SIDE}}
    processor: Any = LlavaProcessor(
        image_processor=CLIPImageProcessorPil(**sizes),
        tokenizer=words,
        patch_size=PATCH,
        num_additional_image_tokens=1,
        chat_template=template,
        **strategy,
    )
    processor.save_pretrained(folder)
    return folder


def tokenizer() -> LlamaTokenizer:
    """Llama's kind: words that begin with a mark for the space, and bytes for what no word has."""
    learnt = Tokenizer(models.BPE(unk_token=MARKS[0], byte_fallback=True))
    learnt.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    fixed = [*MARKS, *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=fixed, show_progress=False)
    learnt.train_from_iterator(WORDS.splitlines() * 3, trainer)
    told = json.loads(learnt.to_str())["model"]
    names = dict(zip(("unk_token", "bos_token", "eos_token", "pad_token"), MARKS, strict=False))
    merges = [tuple(pair) for pair in told["merges"]]
    marks = {"image_token": MARKS[4]}
    return LlamaTokenizer(vocab=told["vocab"], merges=merges, **names, extra_special_tokens=marks)


def teach(folder: Path, prompt: str, answers: list[tuple[Image.Image, str]]) -> Path:
    """Train the checkpoint in `folder` until it answers so about these pictures, which takes seconds."""
    settings = read_settings(vision_language_model=str(folder), device="cpu")
    model = load(find_llava(settings), settings)
    network, words = model.network.requires_grad_(True), model.tokenizer
    words.padding_side = "right"
    begun = text_of(model, Question(answers[0][0], prompt))
    texts = [f"{begun} {text}{words.eos_token}" for _, text in answers]
    pictures = [[seen(picture, model.square)] for picture, _ in answers]
    inputs = model.processor(images=pictures, text=texts, padding=True, return_tensors="pt")
    labels = inputs["input_ids"].masked_fill(inputs["attention_mask"] == 0, -100)
    labels[:, : len(words(begun)["input_ids"]) - 1 + int((labels[0] == 4).sum())] = -100  # what is asked
    torch.manual_seed(0)
    learner = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0)
    while (loss := network(**inputs, labels=labels).loss) > 0.02:
        learner.zero_grad()
        loss.backward()
        learner.step()
    network.save_pretrained(folder)
    return folder
