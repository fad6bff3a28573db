"""A LLaVA 1.5 with random weights in the hub's layout, built on the spot: 0.4 MB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    GenerationConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

SIDE, PATCH = 56, 14  # px
MARKS = ("<unk>", "<s>", "</s>", "<pad>", "<image>")
WORDS = (
    "USER: Describe this picture in one sentence. ASSISTANT: Caption: a photo of a cat on a red chair.\n"
    "Objects: a cat, a chair\nColours: red, grey\nSetting: in a house\nMood: calm\nTags: cat, chair, red, house"
)
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
    torch.manual_seed(0)
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


def tokenizer() -> PreTrainedTokenizerFast:
    """Bytes and some merges of them."""
    words = Tokenizer(models.BPE(unk_token=MARKS[0]))
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=list(MARKS), initial_alphabet=alphabet, show_progress=False
    )
    words.train_from_iterator([WORDS] * 3, trainer)
    names = dict(zip(("unk_token", "bos_token", "eos_token", "pad_token"), MARKS, strict=False))
    return PreTrainedTokenizerFast(tokenizer_object=words, **names, extra_special_tokens={"image_token": MARKS[4]})
