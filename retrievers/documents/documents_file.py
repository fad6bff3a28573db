"""Documents file: the SQLite file of the document library, its tables.

LangChain's indexing API would keep such a list too, and is not used: it embeds a document of many chunks anew at every
run where its batches are smaller (`incremental`), takes changed metadata for changed text, forgets nothing that was
deleted behind its back, and forgets everything for an empty list (`full`). Nor does it know of the texts and the
originals, from which the index is made anew here.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import AtelierError
from retrievers.ledger_file import LedgerDamaged, LedgerFile
from retrievers.vocabulary import TOKENIZER

SCHEMA = 1
WEIGHTS = (1.5, 1.5, 1.0)  # of title, headings and text, as words in them count

TABLES = (
    "create table state (key text primary key, value integer not null) without rowid",
    "insert into state values ('revision', 0)",
    "create table document (number integer primary key, id text not null unique, kind text not null, title text not"
    " null, pages integer, chunks integer not null, bytes integer not null, added real not null, error text)",
    # where its files are; an upload has the name that it came with for a path, and no times
    "create table place (upload integer not null, path blob not null, size integer not null, mtime_ns integer not null,"
    " ctime_ns integer not null, document text not null, primary key (upload, path)) without rowid",
    "create index place_document on place (document)",
    "create table chunk (number integer primary key, document text not null, place integer not null, text text not"
    " null, headings text not null, page integer, page_to integer, model text not null, vector blob not null)",
    "create unique index chunk_of on chunk (document, place)",
    # what an index has of us: so many chunks of a document; `leaving` is what it still has to forget
    "create table mark (store text, document text, chunks integer not null, leaving integer not null,"
    " primary key (store, document)) without rowid",
    "create table taken_out (document text primary key) without rowid",  # by somebody who does not want it here
    "create table discard (document text primary key) without rowid",  # whose originals are still to be deleted
    f"create virtual table spoken using fts5(title, headings, text, tokenize='{TOKENIZER}')",
    f"insert into spoken (spoken, rank) values ('rank', 'bm25({', '.join(map(str, WEIGHTS))})')",
    "create virtual table vocabulary using fts5vocab(spoken, 'row')",
    f"pragma user_version = {SCHEMA}",
)


class DocumentsDamaged(LedgerDamaged):
    def __init__(self, path: str, reason: str) -> None:
        AtelierError.__init__(
            self,
            f"the list of the document library {path} cannot be read ({reason})",
            "move that file away and rebuild the library; the documents themselves are kept beside it",
            path=path,
            reason=reason,
        )


class DocumentsFile(LedgerFile):
    """`DATA_DIR/library/documents.db`."""

    tables = TABLES
    schema = SCHEMA
    upgrades: Mapping[int, tuple[str, ...]] = {}

    def damaged(self, reason: str) -> AtelierError:
        return DocumentsDamaged(str(self.path), reason)
