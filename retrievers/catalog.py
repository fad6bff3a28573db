"""Catalogue: from the settings to embeddings, indices and libraries. The only file that imports the heavy leaves."""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import re
import secrets
import sys
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import BadSetting, CorruptCatalogue, ModelMissing, StoreBusy, StoreDamaged
from core.files import write_new
from core.once import Once
from core.owner import own
from core.settings import Settings, get_settings
from retrievers.background import Background
from retrievers.base import Index, PictureEmbeddings, Space, TextEmbeddings
from retrievers.checkpoint import DEFAULT, Checkpoint, find_checkpoint
from retrievers.ingest.intake import Intake
from retrievers.ingest.report import Report, Tell
from retrievers.ingest.survey import DATASET
from retrievers.ledger import Ledger
from retrievers.pictures import PictureLibrary
from retrievers.styles import StyleLibrary
from retrievers.towers import Towers

if TYPE_CHECKING:
    from retrievers.minilm import MiniLM
    from retrievers.passages import PassageLibrary

log = logging.getLogger("atelier")

WORDS_AND_PALETTE = "words-and-palette"  # as EMBEDDING_MODEL names it
CARDS = ("/proc/driver/nvidia", "/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg", "/dev/kfd", "/dev/nvmap")  # on Linux
LONGEST = 200  # characters of an identity in a collection's name, which may have 512 with all that goes round it


def open_embeddings(settings: Settings | None = None) -> PictureEmbeddings:
    """The embedding model that EMBEDDING_MODEL or MODELS name, made once per process. Raises `ModelMissing`."""
    return _embeddings(get_settings() if settings is None else settings)


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


def open_sentences(settings: Settings | None = None) -> TextEmbeddings:
    """The sentence model, made once per process. Raises `ModelMissing`."""
    chosen = get_settings() if settings is None else settings
    precision = "auto" if chosen.embedding_precision == "int8" else chosen.embedding_precision  # that is for a CLIP
    return _sentences((chosen.data_dir / "models", precision))


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


def open_index(name: str, embeddings: Space, settings: Settings) -> Index:
    """A persistent index in the store that VECTOR_STORE names, under the data directory or on the server that
    CHROMA_URL names, for the directory's owner.

    Where another process owns it, or the index there is damaged, it is made in memory instead: for things that are
    derived from files, as the style library is, that is the same index, and two processes never write to one. A server
    that does not answer is no such case: `StoreUnreachable`, since somebody meant that server.
    """
    called = f"{name}-{_slug(embeddings.identity)}"  # models never share a collection
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


def _slug(identity: str) -> str:
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


def _open_embeddings(settings: Settings) -> PictureEmbeddings:
    named = embedding_model(settings)
    if named != WORDS_AND_PALETTE:
        checkpoint = find_checkpoint(named)  # what is missing is said before anything heavy is imported
        from retrievers.clip import CLIPEmbeddings

        return CLIPEmbeddings(checkpoint, _towers(checkpoint, settings))
    from retrievers.embedded import WordsAndPaletteEmbeddings

    return WordsAndPaletteEmbeddings(_sentences((settings.data_dir / "models", settings.embedding_precision)))


def _open_sentences(place: tuple[Path, str]) -> MiniLM:
    from retrievers.minilm import MiniLM

    return MiniLM(*place)


def _towers(checkpoint: Checkpoint, settings: Settings) -> Towers:
    """The two encoders of a CLIP, on what EMBEDDING_RUNTIME and DEVICE say. Raises `BadSetting`."""
    if embedding_runtime(settings) == "torch":
        from retrievers.torch_towers import TorchTowers

        return TorchTowers(checkpoint, settings.device, settings.embedding_precision)
    from retrievers.openvino_towers import OpenVINOTowers

    return OpenVINOTowers(checkpoint, settings.data_dir / "models", settings.embedding_precision)


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


def _card() -> bool:
    """Whether torch computes on a card here; it is imported only where there is any sign of one."""
    if sys.platform == "linux" and not any(map(os.path.exists, CARDS)):
        return False
    if sys.platform == "darwin" and platform.machine() != "arm64":
        return False
    from retrievers.torch_towers import card

    return card()


def _open_pictures(settings: Settings) -> PictureLibrary:
    embeddings = _embeddings(settings)
    folder = settings.data_dir / "library"
    try:
        intake = open_intake(settings)
        intake.catch_up()
        ledger, index = intake.ledger, intake.index
    except StoreBusy as error:
        log.info("%s: pictures are read, and none are taken in", error.message)
        ledger = Ledger(folder / "ledger.db", read_only=True)
        index = memory_index(embeddings)
        for ids, vectors, rows in ledger.vectors(embeddings.identity):
            index.upsert(ids, vectors, ids, rows)
    background = Background(index, embeddings, folder / f"background-{_slug(embeddings.identity)}.npy")
    return PictureLibrary(ledger, index, embeddings, background, settings.max_prompt_chars)


def _open_intake(settings: Settings) -> Intake:
    embeddings = _embeddings(settings)
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
    embeddings = _embeddings(settings)
    index = open_index("styles", embeddings, settings)
    limits = (settings.max_pixels, settings.max_prompt_chars)
    folders = (settings.styles_dir, settings.data_dir / "styles")
    return StyleLibrary(*folders, embeddings, index, *limits, own=partial(own, settings.data_dir))


_embeddings: Once[Settings, PictureEmbeddings] = Once(_open_embeddings)
_libraries: Once[Settings, StyleLibrary] = Once(_open_styles)
_picture_libraries: Once[Settings, PictureLibrary] = Once(_open_pictures)
_intakes: Once[Settings, Intake] = Once(_open_intake)
_sentences: Once[tuple[Path, str], MiniLM] = Once(_open_sentences)
