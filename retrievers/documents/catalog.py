"""Catalogue of documents: from the settings to the document library; the only file that imports the reader of PDFs."""

from __future__ import annotations

import logging
from functools import partial

from core.errors import StoreBusy
from core.once import Once
from core.owner import own
from core.settings import Settings
from retrievers.catalog import index_place, memory_index, open_index
from retrievers.documents.intake import DocumentIntake
from retrievers.documents.ledger import DocumentLedger
from retrievers.documents.reader import Reader
from retrievers.documents.reading import Reading
from retrievers.models import open_sentence_embeddings
from retrievers.passages import PassageLibrary

log = logging.getLogger("atelier")

LEDGER = "documents.db"


def _open_library(settings: Settings) -> PassageLibrary:
    embeddings = open_sentence_embeddings(settings)
    open_intake = partial(_open_intake_of_owner, settings)
    try:
        intake = open_intake()
        intake.catch_up()
        ledger, index = intake.ledger, intake.index
    except StoreBusy as error:
        log.info("%s: documents are read, and none are taken in", error.message)
        ledger = DocumentLedger(settings.data_dir / "library" / LEDGER, read_only=True)
        index = memory_index(embeddings)
        for rows in ledger.rows(embeddings.identity):
            index.upsert(rows.ids, rows.vectors, rows.texts, rows.metadata)
    return PassageLibrary(ledger, index, embeddings, open_intake, settings.max_prompt_chars)


def _open_intake_of_owner(settings: Settings) -> DocumentIntake:
    """Raises `StoreBusy` where another process owns the data directory."""
    own(settings.data_dir)
    return _intakes(settings)


def _open_intake(settings: Settings) -> DocumentIntake:
    embeddings = open_sentence_embeddings(settings)
    folder = settings.data_dir / "library"
    ledger = DocumentLedger(folder / LEDGER)
    index = open_index("passages", embeddings, settings)
    place = settings.vector_store if settings.chroma_url is None else index_place(settings)
    store = f"{place}:{embeddings.identity}"
    reader = Reader(_read_pdf, settings.max_upload_bytes)
    return DocumentIntake(ledger, index, embeddings, folder, reader, partial(own, settings.data_dir), store)


def _read_pdf(data: bytes, name: str, most_pages: int) -> Reading:
    from retrievers.documents.pdf import read_apart

    return read_apart(data, name, most_pages)


libraries: Once[Settings, PassageLibrary] = Once(_open_library)
_intakes: Once[Settings, DocumentIntake] = Once(_open_intake)
