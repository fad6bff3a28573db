"""Checkpoint of a LLaVA: its files, found and checked as far as their headers tell. Nothing heavy is imported."""

from __future__ import annotations

from core.errors import ModelMissing
from core.settings import Settings
from generators.checkpoints import Checkpoint, find

SETTING = "VISION_LANGUAGE_MODEL"
CONFIG = "config.json"
PROCESSORS = ("processor_config.json", "preprocessor_config.json")  # either says how a picture is taken
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")  # any of them


def find_llava(settings: Settings) -> Checkpoint:
    """The folder of the model that sees pictures. Raises `ModelMissing`, naming file, setting and remedy."""
    name = settings.describing_model
    if name is None:
        reason = "no vision-language model is set"
        raise ModelMissing("LLaVA", reason, f"set {SETTING} to a folder or to a hub id, or MODELS=full")
    model = find(SETTING, name)
    if not model.config(CONFIG).get("model_type"):
        raise model.missing(CONFIG, "it says no model_type")
    weights(model)
    there = [name for name in PROCESSORS if (model.folder / name).is_file()]
    if not there:
        raise model.missing(PROCESSORS[1], "not there, and it says how a picture is taken")
    for processor in there:
        model.config(processor)
    if (model.folder / TOKENIZERS[0]).is_file():
        model.config(TOKENIZERS[0])
    elif not any((model.folder / name).is_file() for name in TOKENIZERS):
        raise model.missing(TOKENIZERS[0], "not there")
    return model


def weights(model: Checkpoint, half: bool = False) -> list[str]:
    """Its files of weights, checked to be whole."""
    return model.weights("", "model", half)


def numbers(model: Checkpoint, half: bool = False) -> int:
    """Of its weights."""
    return sum(model.count(file) for file in weights(model, half))
