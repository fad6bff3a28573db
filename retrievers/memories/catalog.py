"""Catalogue of memories: from the settings to the memories and their two indices."""

from __future__ import annotations

import logging
from functools import partial

from core.errors import StoreBusy, StoreDamaged
from core.once import Once
from core.owner import own
from core.settings import Settings
from retrievers.base import Index, Space
from retrievers.catalog import memory_index, slug
from retrievers.memories.chronicle import Chronicle
from retrievers.memories.memories import Memories
from retrievers.models import open_embeddings, open_sentence_embeddings

log = logging.getLogger("atelier")


def open_chronicle(settings: Settings) -> Chronicle:
    """The memories alone, without their indices and models; raises `StoreBusy` where another process owns them."""
    own(settings.data_dir)
    return _chronicles(settings)


def _open_chronicle(settings: Settings) -> Chronicle:
    return Chronicle(settings.data_dir / "library")


def _open(settings: Settings) -> Memories:
    pictures, sentences = open_embeddings(settings), open_sentence_embeddings(settings)
    folder, claim = settings.data_dir / "library", partial(own, settings.data_dir)
    try:
        chronicle = open_chronicle(settings)
        chronicle.sweep()
        by_picture, by_story = _index("picture", pictures, settings), _index("story", sentences, settings)
    except StoreBusy as error:
        log.info("%s: memories are read as they stand now", error.message)
        chronicle = Chronicle(folder, read_only=True)
        by_picture, by_story = memory_index(pictures), memory_index(sentences)
    except StoreDamaged as error:
        log.warning("%s: the memories' indices are kept in memory", error.message)
        chronicle = open_chronicle(settings)
        by_picture, by_story = memory_index(pictures), memory_index(sentences)
    memories = Memories(chronicle, by_picture, by_story, pictures, sentences, claim)
    memories.catch_up()
    return memories


def _index(what: str, model: Space, settings: Settings) -> Index:
    from retrievers.faiss_index import FaissIndex

    called = f"memories-by-{what}-{slug(model.identity)}"  # another model has an index of its own
    return FaissIndex(called, model, settings.data_dir / "faiss", settings.faiss_index_type, settings.faiss_nlist)


_chronicles: Once[Settings, Chronicle] = Once(_open_chronicle)
opened: Once[Settings, Memories] = Once(_open)
