"""Language: whether a text is in English, told by its letters and by the small words that every sentence has."""

from __future__ import annotations

import re
import unicodedata

_ENGLISH = """
the and with are there this that these those its of from by at to for which while has his her their it two three some
other under over near behind between against wearing standing sitting background foreground
"""
_PERHAPS_ENGLISH = """
a an in on is was as or one no
"""
_OTHERS = """
German: der die das den dem ein eine einen einem einer eines und mit auf von vor hinter neben ist sind zu im am nicht
French: le la les un une des du de et avec dans sur est sont au aux qui sous devant pour par elle il ses
Spanish: el la los las un una unos unas de del y con en sobre es son hay que por para su sus al está
Italian: il lo la gli le un una uno di del della dei e con in su è sono che per al nel nella sullo sul
Portuguese: o os um uma uns umas de do da dos das e com em no na sobre é são que por para ao seu sua há
Dutch: de het een en met op van voor achter naast zijn er te bij uit aan niet die dat wordt
Swedish: en ett och med på av för bakom är som det den står i har till under
Danish or Norwegian: en et og med på af av for bag er som det den står i har til under
Polish: i w na z ze do jest są oraz się pod przed przy dla nie o który która
Czech: a v na s se je jsou z ze do pod před pro který která za u po
Turkish: bir ve ile bu da de için üzerinde var olan çok iki
Indonesian: yang dan di dengan sebuah seorang ada pada dari untuk ini itu dalam
Vietnamese: một và với trên có của trong là những các người được
Finnish: ja on jossa joka sekä kanssa päällä edessä takana ovat
Hungarian: a az egy és van egyik előtt mögött között vagy
Romanian: un o și cu pe în de este sunt care din la lângă
"""
ENGLISH, PERHAPS_ENGLISH = frozenset(_ENGLISH.split()), frozenset(_PERHAPS_ENGLISH.split())
_LINES = (line.partition(": ") for line in _OTHERS.strip().splitlines())
OTHERS = {language: frozenset(words.split()) for language, _, words in _LINES}
SCRIPTS = {"CYRILLIC": "Cyrillic letters", "CJK": "Chinese or Japanese", "HIRAGANA": "Japanese", "HANGUL": "Korean"}


def foreign(text: str) -> str | None:
    """The language or the script of a text that is not in English; None where nothing speaks against English.

    A few words without any small word among them, as captions have, count as English; so do names from elsewhere in
    an English sentence, and what a sign says in other letters.
    """
    letters = [letter for letter in text if letter.isalpha()]
    others = [letter for letter in letters if not unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN"))]
    if 2 * len(others) > len(letters):
        return _script(others)
    words = re.findall(r"[^\W\d_]+", text.casefold())
    if any(word in ENGLISH and not _elsewhere(word) for word in words):
        return None
    counts = {language: sum(word in small for word in words) for language, small in OTHERS.items()}
    most = max(counts, key=lambda language: counts[language])
    own = sum(word in ENGLISH or word in PERHAPS_ENGLISH for word in words)
    return most if counts[most] > max(own, 1) else None


def _elsewhere(word: str) -> bool:
    return any(word in small for small in OTHERS.values())


def _script(letters: list[str]) -> str:
    """The most frequent script, by the names of the letters; Japanese where there are kana among the characters."""
    names = [unicodedata.name(letter, "UNKNOWN").split()[0] for letter in letters]
    if any(name in ("HIRAGANA", "KATAKANA") for name in names):
        return "Japanese"
    most = max(sorted(set(names)), key=names.count)
    return SCRIPTS.get(most, f"{most.capitalize()} letters")
