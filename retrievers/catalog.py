"""Catalogue: from the settings to embeddings, indices and libraries. The only file that imports the heavy leaves."""

from __future__ import annotations

import logging
import re

from core.errors import StoreBusy, StoreDamaged
from core.once import Once
from core.settings import Settings, get_settings
from retrievers.base import Index, PictureEmbeddings
from retrievers.styles import StyleLibrary

log = logging.getLogger("atelier")


def open_embeddings(settings: Settings | None = None) -> PictureEmbeddings:
    """The embedding model that MODELS names, made once per process."""
    return _embeddings(get_settings() if settings is None else settings)


def open_styles(settings: Settings | None = None) -> StyleLibrary:
    """The style library of the settings, made once per process."""
    return _libraries(get_settings() if settings is None else settings)


def open_index(name: str, embeddings: PictureEmbeddings, settings: Settings) -> Index:
    """A persistent index under the data directory, for the process that owns it.

    Where another process does, or the directory is damaged, the index is made in memory instead: for things that are
    derived from files, as the style library is, that is the same index, and two processes never write to one directory.
    """
    from retrievers.chroma import ChromaIndex

    own = f"{name}-{re.sub(r'[^a-z0-9]+', '-', embeddings.identity.lower())}"  # models never share a collection
    try:
        return ChromaIndex(own, embeddings, settings.data_dir / "chroma")
    except (StoreBusy, StoreDamaged) as error:
        log.warning("%s: this process keeps its index in memory", error.message)
        return ChromaIndex(own, embeddings)


def _open_embeddings(settings: Settings) -> PictureEmbeddings:
    from retrievers.embedded import WordsAndPaletteEmbeddings
    from retrievers.minilm import MiniLM

    return WordsAndPaletteEmbeddings(MiniLM(settings.data_dir / "models"))


def _open_styles(settings: Settings) -> StyleLibrary:
    embeddings = _embeddings(settings)
    index = open_index("styles", embeddings, settings)
    limits = (settings.max_pixels, settings.max_prompt_chars)
    return StyleLibrary(settings.styles_dir, settings.data_dir / "styles", embeddings, index, *limits)


_embeddings: Once[Settings, PictureEmbeddings] = Once(_open_embeddings)
_libraries: Once[Settings, StyleLibrary] = Once(_open_styles)
