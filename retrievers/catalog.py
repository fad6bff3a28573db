"""Catalogue: from the settings to indices and libraries; models.py has the embeddings. Imports the heavy leaves."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BadSetting, CorruptCatalogue, ModelMissing, StoreBusy, StoreDamaged, StoreError
from core.files import write_new
from core.once import Once
from core.owner import own
from core.settings import Settings, get_settings
from retrievers.background import Background
from retrievers.base import Index, Space
from retrievers.descriptions.sentences import Sentences
from retrievers.ingest.intake import Intake
from retrievers.ingest.report import Report, Tell
from retrievers.ingest.survey import DATASET
from retrievers.ledger import Ledger
from retrievers.models import open_embeddings, open_sentence_embeddings
from retrievers.pictures import PictureLibrary
from retrievers.styles import StyleLibrary

if TYPE_CHECKING:
    from retrievers.memories.memories import Memories
    from retrievers.passages import PassageLibrary

log = logging.getLogger("atelier")

LONGEST = 200  # characters of an identity in a collection's name, which may have 512 with all that goes round it


def open_styles(settings: Settings | None = None) -> StyleLibrary:
    """The style library of the settings, made once per process."""
    return _libraries(get_settings() if settings is None else settings)


def open_pictures(settings: Settings | None = None) -> PictureLibrary:
    """The picture library of the settings, made once per process.

    Where another process owns the data directory, it is the ledger as it stands now, with an index in memory.
    """
    return _picture_libraries(get_settings() if settings is None else settings)


def open_passages(settings: Settings | None = None) -> PassageLibrary:
    """The document library of the settings, made once per process.

    Where another process owns the data directory, it is the ledger as it stands now, with an index in memory.
    """
    from retrievers.documents.catalog import libraries

    return libraries(get_settings() if settings is None else settings)


def open_memories(settings: Settings | None = None) -> Memories:
    """The stories and pictures that were made before, opened once per process.

    Where another process owns the data directory, they are as they stand now, with indices in memory.
    """
    from retrievers.memories.catalog import opened

    return opened(get_settings() if settings is None else settings)


def open_intake(settings: Settings | None = None) -> Intake:
    """What takes pictures into the library of the settings; raises `StoreBusy` where another process owns it."""
    chosen = get_settings() if settings is None else settings
    own(chosen.data_dir)
    return _intakes(chosen)


def ingest_dataset(
    name: str,
    limit: int = 1_000,
    split: str = "train",
    image_column: str | None = None,
    tell: Tell | None = None,
    settings: Settings | None = None,
) -> Report:
    """Save the first pictures of a Hugging Face data set, or of a local one, and take them into the library.

    Raises `ModelMissing` where the package for it is not installed, and what `save_dataset` and `Intake.folder` do.
    """
    if find_spec("datasets") is None:
        raise ModelMissing("datasets", "the package is not installed", "pip install -e .[datasets]")
    from retrievers.ingest.dataset import save_dataset

    chosen = get_settings() if settings is None else settings
    intake = open_intake(chosen)
    return intake.folder(
        save_dataset(name, chosen.data_dir / "datasets", limit, split, image_column, tell), tell, source=DATASET
    )


def open_sentences(settings: Settings | None = None) -> Sentences:
    """The sentences of the library's descriptions, over FAISS; raises `StoreBusy` where another process owns it, and
    `StoreDamaged`."""
    chosen = get_settings() if settings is None else settings
    own(chosen.data_dir)
    return _sentences(chosen)


def open_index(name: str, embeddings: Space, settings: Settings) -> Index:
    """A persistent index in the store that VECTOR_STORE names, under the data directory or on the server that
    CHROMA_URL names, for the directory's owner.

    Where another process owns it, or the index there is damaged, it is made in memory instead: for things that are
    derived from files, as the style library is, that is the same index, and two processes never write to one. A server
    that does not answer is no such case: `StoreUnreachable`, since somebody meant that server.
    """
    called = f"{name}-{slug(embeddings.identity)}"  # models never share a collection
    try:
        own(settings.data_dir)
        return _open_index(called, embeddings, settings)
    except (StoreBusy, StoreDamaged) as error:
        from retrievers.faiss_index import FaissIndex

        log.warning("%s: this process keeps its index in memory", error.message)
        return FaissIndex(called, embeddings)


def _open_index(called: str, embeddings: Space, settings: Settings) -> Index:
    if settings.vector_store == "faiss":
        from retrievers.faiss_index import FaissIndex

        kind, nlist = settings.faiss_index_type, settings.faiss_nlist
        return FaissIndex(called, embeddings, settings.data_dir / "faiss", kind, nlist)
    from retrievers.chroma import ChromaIndex

    approximate = settings.vector_search == "approximate"
    if settings.chroma_url is None:
        return ChromaIndex(called, embeddings, settings.data_dir / "chroma", approximate=approximate)
    shared = f"{called}-{library_id(settings.data_dir)}"
    return ChromaIndex(shared, embeddings, server=settings.chroma_url, approximate=approximate)


def slug(identity: str) -> str:
    """An identity in letters that a collection's name may have; where that loses much, with a hash of all of it."""
    plain = re.sub(r"[^a-z0-9]+", "-", identity.lower()).strip("-")
    if len(plain) <= LONGEST and identity.isascii():
        return plain
    digest = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{plain[:LONGEST]}-{digest}".strip("-")


def index_place(settings: Settings) -> str:
    """Where persistent indices lie, as it may be said to anybody."""
    from retrievers.chroma_client import shown

    if settings.chroma_url is None:
        return str(settings.data_dir / settings.vector_store)
    return f"the Chroma server {shown(settings.chroma_url)}"


def library_id(data_dir: Path) -> str:
    """8 hexadecimal digits of a data directory's own: libraries that share a server share no collection."""
    path = data_dir / "library-id"
    try:
        if not path.exists():
            with suppress(FileExistsError):
                write_new(path, secrets.token_hex(4).encode())
        found = path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise BadSetting("DATA_DIR", str(path), error.strerror or str(error)) from error
    if not re.fullmatch("[0-9a-f]{8}", found):
        raise CorruptCatalogue(str(path), "it holds no 8 hexadecimal digits")
    return found


def _open_sentences(settings: Settings) -> Sentences:
    from retrievers.faiss_index import FaissIndex

    embeddings, folder = open_sentence_embeddings(settings), settings.data_dir / "library"
    called = f"descriptions-{slug(embeddings.identity)}"
    kind, nlist = settings.faiss_index_type, settings.faiss_nlist
    index = FaissIndex(called, embeddings, settings.data_dir / "faiss", kind, nlist)
    probes = folder / f"background-{slug(embeddings.identity)}.npy"
    return Sentences(open_intake(settings).ledger, index, embeddings, f"faiss:{embeddings.identity}", probes, kind)


def _open_pictures(settings: Settings) -> PictureLibrary:
    embeddings = open_embeddings(settings)
    folder = settings.data_dir / "library"
    try:
        intake = open_intake(settings)
        intake.catch_up()
        ledger, index = intake.ledger, intake.index
        sentences = partial(_sentences_or_none, settings)
    except StoreBusy as error:
        log.info("%s: pictures are read, and none are taken in", error.message)
        ledger, sentences = Ledger(folder / "ledger.db", read_only=True), None
        index = memory_index(embeddings)
        for ids, vectors, rows in ledger.vectors(embeddings.identity):
            index.upsert(ids, vectors, ids, rows)
    background = Background(index, embeddings, folder / f"background-{slug(embeddings.identity)}.npy")
    return PictureLibrary(ledger, index, embeddings, background, settings.max_prompt_chars, sentences)


def _sentences_or_none(settings: Settings) -> Sentences | None:
    """None where their index is damaged: pictures are found by everything else."""
    try:
        return open_sentences(settings)
    except (StoreError, BadSetting, ModelMissing) as error:
        log.warning("%s: descriptions are not searched", error)
        return None


def _open_intake(settings: Settings) -> Intake:
    embeddings = open_embeddings(settings)
    folder = settings.data_dir / "library"
    index = open_index("pictures", embeddings, settings)
    ledger = Ledger(folder / "ledger.db")
    place = settings.vector_store if settings.chroma_url is None else index_place(settings)
    store = f"{place}:{embeddings.identity}"
    return Intake(ledger, index, embeddings, folder, settings.max_pixels, partial(own, settings.data_dir), store)


def memory_index(embeddings: Space) -> Index:
    """An index that ends with the process."""
    from retrievers.faiss_index import FaissIndex

    return FaissIndex("memory", embeddings)


def _open_styles(settings: Settings) -> StyleLibrary:
    embeddings = open_embeddings(settings)
    index = open_index("styles", embeddings, settings)
    limits = (settings.max_pixels, settings.max_prompt_chars)
    folders = (settings.styles_dir, settings.data_dir / "styles")
    return StyleLibrary(*folders, embeddings, index, *limits, own=partial(own, settings.data_dir))


_sentences: Once[Settings, Sentences] = Once(_open_sentences)
_libraries: Once[Settings, StyleLibrary] = Once(_open_styles)
_picture_libraries: Once[Settings, PictureLibrary] = Once(_open_pictures)
_intakes: Once[Settings, Intake] = Once(_open_intake)
