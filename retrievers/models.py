"""Models: from the settings to the embedding models. Beside catalog.py the only file that imports heavy leaves."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import BadSetting
from core.once import Once
from core.settings import Settings, get_settings
from retrievers.base import PictureEmbeddings, TextEmbeddings
from retrievers.checkpoint import DEFAULT, Checkpoint, find_checkpoint
from retrievers.towers import Towers

if TYPE_CHECKING:
    from retrievers.minilm import MiniLM

WORDS_AND_PALETTE = "words-and-palette"  # as EMBEDDING_MODEL names it
SENTENCES = "all-MiniLM-L6-v2"  # the sentence model, which has no setting
CARDS = ("/proc/driver/nvidia", "/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg", "/dev/kfd", "/dev/nvmap")  # on Linux


def open_embeddings(settings: Settings | None = None) -> PictureEmbeddings:
    """The embedding model that EMBEDDING_MODEL or MODELS name, made once per process. Raises `ModelMissing`."""
    return _embeddings(get_settings() if settings is None else settings)


def open_sentence_embeddings(settings: Settings | None = None) -> TextEmbeddings:
    """The sentence model, made once per process. Raises `ModelMissing`."""
    return _sentence_embeddings(_sentence_model(get_settings() if settings is None else settings))


def _sentence_model(settings: Settings) -> tuple[Path, str]:
    """Where the sentence model is kept, and its precision; int8 is for a CLIP."""
    precision = settings.embedding_precision
    return _kept(settings), "auto" if precision == "int8" else precision


def _kept(settings: Settings) -> Path:
    """The folder of converted models; data directories that link to one have its models in memory once."""
    return (settings.data_dir / "models").resolve()


def loaded(settings: Settings) -> dict[str, tuple[str, bool]]:
    """By what they do, the embedding models that the settings name, and whether they have been made; none is made for
    that."""
    pictures, sentences = _embeddings.peek(settings), _sentence_embeddings.peek(_sentence_model(settings))
    return {
        "embedding": (embedding_model(settings) if pictures is None else pictures.identity, pictures is not None),
        "sentences": (SENTENCES if sentences is None else sentences.identity, sentences is not None),
    }


def embedding_model(settings: Settings) -> str:
    """The name of the embedding model: `words-and-palette`, or a CLIP's folder or name on the hub."""
    default = WORDS_AND_PALETTE if settings.models == "embedded" else DEFAULT
    return default if settings.embedding_model is None else settings.embedding_model


def embedding_checkpoint(settings: Settings) -> Checkpoint | None:
    """The files of the embedding model as they lie on this machine; None where they come with a package.

    Raises `ModelMissing`, and fetches nothing.
    """
    named = embedding_model(settings)
    return None if named == WORDS_AND_PALETTE else find_checkpoint(named)


def embedding_runtime(settings: Settings) -> Literal["torch", "openvino"]:
    """What computes a CLIP: torch on a card, OpenVINO on a processor, where EMBEDDING_RUNTIME does not say.

    Raises `BadSetting` for OpenVINO on a card.
    """
    named, device = settings.embedding_runtime, settings.device
    if named == "openvino" and device not in ("auto", "cpu"):
        raise BadSetting("EMBEDDING_RUNTIME", named, f"it computes on the processor, and DEVICE is {device}")
    if named != "auto":
        return named
    if device != "auto":
        return "openvino" if device == "cpu" else "torch"
    return "torch" if _card() else "openvino"


def _open_embeddings(settings: Settings) -> PictureEmbeddings:
    named = embedding_model(settings)
    if named != WORDS_AND_PALETTE:
        checkpoint = find_checkpoint(named)  # what is missing is said before anything heavy is imported
        from retrievers.clip import CLIPEmbeddings

        return CLIPEmbeddings(checkpoint, _towers(checkpoint, settings))
    from retrievers.embedded import WordsAndPaletteEmbeddings

    return WordsAndPaletteEmbeddings(_sentence_embeddings((_kept(settings), settings.embedding_precision)))


def _open_sentence_embeddings(place: tuple[Path, str]) -> MiniLM:
    from retrievers.minilm import MiniLM

    return MiniLM(*place)


def _towers(checkpoint: Checkpoint, settings: Settings) -> Towers:
    """The two encoders of a CLIP, on what EMBEDDING_RUNTIME and DEVICE say. Raises `BadSetting`."""
    if embedding_runtime(settings) == "torch":
        from retrievers.torch_towers import TorchTowers

        return TorchTowers(checkpoint, settings.device, settings.embedding_precision)
    from retrievers.openvino_towers import OpenVINOTowers

    return OpenVINOTowers(checkpoint, settings.data_dir / "models", settings.embedding_precision)


def _card() -> bool:
    """Whether torch computes on a card here; it is imported only where there is any sign of one."""
    if sys.platform == "linux" and not any(map(os.path.exists, CARDS)):
        return False
    if sys.platform == "darwin" and platform.machine() != "arm64":
        return False
    from retrievers.torch_towers import card

    return card()


_embeddings: Once[Settings, PictureEmbeddings] = Once(_open_embeddings)
_sentence_embeddings: Once[tuple[Path, str], MiniLM] = Once(_open_sentence_embeddings)
