"""Ledger tables: what the SQLite file of the picture library holds, and how an older one becomes the present one."""

from __future__ import annotations

from retrievers.vocabulary import TOKENIZER

SCHEMA = 2
ORIGINS = ("path", "caption", "label", "tag", "seen")  # where words come from; columns of the table `spoken`
# words of names and captions say what a picture shows; measured ones are on nearly every picture
WEIGHTS = (1.0, 1.0, 1.0, 1.0, 0.5)

_DESCRIPTIONS = (
    # by content, kept while a picture is away: a description may have cost money. The latest of a picture is its own
    "create table description (picture text not null, engine text not null, told text not null,"
    " sentences text not null, words text not null, made real not null, primary key (picture, engine)) without rowid",
    "create table undescribed (picture text not null, engine text not null, error text not null,"
    " again integer not null, primary key (picture, engine)) without rowid",
    # what an index of sentences has of a picture: of which description and words, in how many rows
    "create table spoken_for (store text not null, picture text not null, engine text not null, made real not null,"
    " digest text not null, sentences integer not null, primary key (store, picture)) without rowid",
)

TABLES = (
    "create table state (key text primary key, value integer not null) without rowid",
    "insert into state values ('revision', 0)",
    # by content: width to embedded_caption; by the files that have it: name to digest
    "create table picture (number integer primary key, id text not null unique,"
    " width integer not null, height integer not null, bytes integer not null, exif_taken real, near text not null,"
    " colours text not null, medium text not null, seen text not null, embedded_caption text not null,"
    " name text not null default '', source text not null default '', words text not null default '',"
    " caption text not null default '', labels text not null default '[]', tags text not null default '[]',"
    " taken real not null default 0, digest text not null default '', added real not null)",
    "create index picture_added on picture (added, id)",
    "create table file (path blob primary key, root blob not null, source text not null, size integer not null,"
    " mtime_ns integer not null, ctime_ns integer not null, picture text, error text,"
    " labels text not null default '[]', tags text not null default '[]', caption text not null default '')"
    " without rowid",
    "create index file_picture on file (picture)",
    "create table vector (picture text not null, model text not null, digest text not null, data blob not null)",
    "create unique index vector_of on vector (picture, model, digest)",
    # what an index has of us: `leaving` is what it still has to forget
    "create table mark (store text, picture text, leaving integer not null, primary key (store, picture))"
    " without rowid",
    "create table taken_out (picture text primary key) without rowid",  # by somebody who does not want it here
    f"create virtual table spoken using fts5({', '.join(ORIGINS)}, tokenize='{TOKENIZER}')",
    f"insert into spoken (spoken, rank) values ('rank', 'bm25({', '.join(map(str, WEIGHTS))})')",
    "create virtual table vocabulary using fts5vocab(spoken, 'row')",
    *_DESCRIPTIONS,
    f"pragma user_version = {SCHEMA}",
)

# from the schema before, by the number of the schema that it becomes
UPGRADES = {2: (*_DESCRIPTIONS, "pragma user_version = 2")}
