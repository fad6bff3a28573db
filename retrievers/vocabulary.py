"""Vocabulary: text as the words that are searched: folded, without stop words, stemmed as SQLite's FTS5 does it.

Scripts that put no spaces between words are cut into pairs of letters, so that a part of a word finds it.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable
from threading import Lock

TOKENIZER = "porter unicode61 remove_diacritics 2"
LONGEST_QUERY = 64  # different words; the rest of a longer one is not looked for

# Thai, Lao, Burmese, Khmer, kana, ideographs, Hangul (whose words have endings written to them)
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNSPACED += "\U00020000-\U0003ffff"
_TOKEN = re.compile(f"(?P<unspaced>[{_UNSPACED}]+)|[^\\W_{_UNSPACED}]+")
_UNSPACED_LETTER = re.compile(f"[{_UNSPACED}]")
_ENDING = re.compile(r"['’](?:s|t|re|ve|ll|d|m)\b")
_STOP = (
    "a about after all also am an and any are as at be been before being between both but by can could did do does for"
    " from had has have having he her here hers him his how i if in into is it its just like me more most my no nor not"
    " of off on once only or other our out over own please same she should so some such than that the their them then"
    " there these they this those through to too under until up us very was we were what when where which while who"
    " whom why will with without would you your"
)
STOP_WORDS = frozenset(_STOP.split())


def fold(text: str) -> str:
    """Lower case, without diacritics and compatibility forms; halves of characters become question marks."""
    if text.isascii():
        return text.lower()
    whole = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode()).lower()
    return "".join(_plain(letter) for letter in whole)


def _plain(letter: str) -> str:
    if letter.isascii() or _UNSPACED_LETTER.match(letter):
        return letter
    apart = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in apart if unicodedata.category(part) != "Mn")


def searched(text: str) -> str:
    """A text as it is written into the index: its tokens, of unspaced scripts pairs of letters and single ones."""
    tokens, single = list[str](), list[str]()
    for found in _TOKEN.finditer(_ENDING.sub("", fold(text))):
        if found["unspaced"] is None:
            tokens.append(found[0])
        else:
            tokens += _pairs(found[0])
            single += found[0]
    return " ".join(tokens + single)


def query_words(text: str) -> list[str]:
    """The words of a query, each once, in its order: no stop words; of unspaced scripts pairs of letters."""
    words: dict[str, None] = {}
    for found in _TOKEN.finditer(_ENDING.sub("", fold(text))):
        if found["unspaced"] is not None:
            words.update(dict.fromkeys(_pairs(found[0]) or [found[0]]))
        elif found[0] not in STOP_WORDS:
            words[found[0]] = None
        if len(words) >= LONGEST_QUERY:
            break
    return list(words)[:LONGEST_QUERY]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def expression(words: Iterable[str]) -> str:
    """Any of these words, as FTS5 asks for it; quoted, so that nothing in them is syntax."""
    return " OR ".join(f'"{word}"' for word in words)  # words have no quotation marks: see _TOKEN


class Stems:
    """The stem of a word as FTS5's own tokenizer gives it. Thread-safe; remembers what it was asked."""

    KEPT = 200_000  # words; more than a library speaks

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, str] = {}
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._db.execute(f"create virtual table word using fts5(spoken, tokenize='{TOKENIZER}')")
        self._db.execute("create virtual table told using fts5vocab(word, 'instance')")

    def of(self, words: Iterable[str]) -> list[str]:
        """The stem of each word, in their order; of a pair of letters, that pair."""
        wanted = list(words)
        with self._lock:
            if len(self._known) > self.KEPT:
                self._known.clear()
            unknown = [word for word in dict.fromkeys(wanted) if word not in self._known]
            if unknown:
                self._learn(unknown)
            return [self._known[word] for word in wanted]

    def _learn(self, words: list[str]) -> None:
        self._db.execute("begin")
        self._db.executemany("insert into word (rowid, spoken) values (?, ?)", enumerate(words))
        parts: dict[int, list[str]] = {}
        for document, term in self._db.execute("select doc, term from told order by doc, offset"):
            parts.setdefault(document, []).append(term)
        self._db.execute("rollback")
        self._known.update({word: " ".join(parts.get(i, [word])) for i, word in enumerate(words)})
