"""Reading: what of a prompt can be drawn. Words and their order, no model."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from itertools import pairwise

from generators.composer import grammar
from generators.composer.figures.held import HELD
from generators.composer.scenes import Scene, is_scene
from generators.composer.vocabulary import LONGEST, count_of, figure_of

MOST_CHARACTERS = 6_000  # of a prompt; a thousand words
MOST_MENTIONS = 12
MOST_UNKNOWN = 5
LONGEST_WORD = 30  # characters of it that are told
NEAR = 4  # words between a mention and what is said of it
BREAK = frozenset(".;!?\n")
WORN = ("dress", "hat", "shoe", "crown")
HOLDS_THE_SECOND = ("statue", "cup", "bowl", "vase", "basket", "bottle", "chest", "book", "books")
PART_OF = ("tower", "city gate", "garden wall", "ruins", "well", "crowd")
RIDDEN = ("horse", "camel", "elephant", "unicorn", "bicycle", "dragon", "lion")
FIELDS = ("field", "meadow", "garden", "row", "carpet", "sea")
DETERMINERS = frozenset(
    [
        "a",
        "an",
        "the",
        "his",
        "her",
        "its",
        "their",
        "our",
        "my",
        "this",
        "that",
        "each",
        "every",
        "another",
        "some",
        "no",
    ]
)


@dataclass(frozen=True)
class Mention:
    """A figure that the prompt names."""

    figure: str
    word: str  # as the prompt has it
    count: int | None = 1  # None: several
    relation: str = ""  # to the mention at `target`
    target: int = -1
    side: str = ""  # left or right of the picture
    carries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Mentions in the order of the prompt, and the scene that it tells of."""

    mentions: tuple[Mention, ...]
    scene: Scene
    places: tuple[str, ...]  # the words that the scene was read from
    unknown: tuple[str, ...]  # nouns, as far as that can be told, that nothing is drawn for
    words: tuple[str, ...]  # all of them

    @property
    def understood(self) -> bool:
        return bool(self.mentions or self.places)


@dataclass(frozen=True)
class _Found:
    mention: Mention
    start: int
    end: int


def read_prompt(prompt: str) -> Reading:
    """`A painting of two cats under a red umbrella` -> two cats, an umbrella over them."""
    raw = _tokens(prompt)
    tokens = [token.lower() for token in raw]
    found: list[_Found] = []
    scene, places, unknown = Scene(), list[str](), list[str]()
    i = 0
    while i < len(tokens):
        phrase, figure, length = _longest(tokens, i)
        if figure and _is_noun(tokens, i, phrase):
            mention = Mention(
                figure, phrase.replace("_", " "), _count(tokens, i, phrase), side=_side(tokens, i + length)
            )
            if not _denied(tokens, i):
                found.append(_Found(mention, i, i + length))
        if length and is_scene(phrase) and not _denied(tokens, i):
            scene = scene.told(phrase)
            places.append(phrase.replace("_", " "))
        elif not length and not _is_name(raw, i) and _is_unknown_noun(tokens, i):
            unknown.append(tokens[i][:LONGEST_WORD])
        i += max(1, length)
    mentions = _related(_merged(_compounds(found, tokens)), tokens)
    words = tuple(token for token in tokens if token[0].isalpha())
    shown = tuple(dict.fromkeys(unknown))[:MOST_UNKNOWN]
    return Reading(mentions[:MOST_MENTIONS], scene, tuple(dict.fromkeys(places)), shown, words)


def _tokens(prompt: str) -> list[str]:
    """Words, numbers and stops, without what tells of pictures and painters."""
    text = unicodedata.normalize("NFKC", prompt[:MOST_CHARACTERS]).replace("’", "'")
    for phrase in grammar.STYLE_OF:
        text = re.sub(rf"\b{phrase}\b[^,.;:!?\n]*", ",", text, flags=re.IGNORECASE)
    lower = text.lower()
    for phrase in grammar.PHRASES:
        if phrase in lower:
            text = re.sub(rf"\b{re.escape(phrase)}\b", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"\bby [a-z]+ [a-z]+(?=,|\.|$| and)", _unless_known, text, flags=re.IGNORECASE)
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[.,;:!?\n]", text)


def _unless_known(name: re.Match[str]) -> str:
    """`by greg rutkowski` is gone, `by a lake` stays."""
    words = name[0].lower().split()[1:]
    known = any(
        figure_of(word) or is_scene(word) or word in grammar.FUNCTION or word in grammar.FILLER for word in words
    )
    return name[0] if known else ","


def _is_name(raw: list[str], i: int) -> bool:
    """Whether a word has a capital letter within a sentence, as Moscow has."""
    return raw[i][0].isupper() and i > 0 and raw[i - 1] not in BREAK


def _longest(tokens: list[str], i: int) -> tuple[str, str | None, int]:
    """The longest phrase at a place that means something: the phrase, its figure, and its length, 0 for none."""
    for length in range(min(LONGEST, len(tokens) - i), 0, -1):
        words = tokens[i : i + length]
        if not all(word[0].isalpha() for word in words):
            continue
        owned = "_".join(word.replace("'s", "s").replace("'", "") for word in words)
        bare = "_".join(word.removesuffix("'s") for word in words)
        for phrase in (owned, bare) if length > 1 else (bare,):
            figure = figure_of(phrase)
            if figure or is_scene(phrase):
                return phrase, figure, length
    return "", None, 0


def _is_noun(tokens: list[str], i: int, phrase: str) -> bool:
    """Whether a word that is also a verb names a thing here."""
    if phrase not in grammar.AMBIGUOUS and phrase.removesuffix("s") not in grammar.AMBIGUOUS:
        return True
    before = tokens[i - 1] if i else "."
    if before in grammar.VERBS_AFTER:
        return False
    known = before in DETERMINERS or before in grammar.NUMBERS or before in grammar.FILLER or not before[0].isalpha()
    named = figure_of(before) is not None or is_scene(before)
    return known or named or before in ("of", "with", "and", "on", "in", "by", "under", "near")


def _count(tokens: list[str], i: int, phrase: str) -> int | None:
    for back in range(i - 1, max(-1, i - 4), -1):
        word = tokens[back]
        if word.isdigit():
            return max(1, min(12, int(word[:3])))
        if word in grammar.NUMBERS:
            return grammar.NUMBERS[word]
        if not word[0].isalpha() or (figure_of(word) and word not in grammar.NUMBERS):
            break
    sown = i > 1 and tokens[i - 1] == "of" and tokens[i - 2].removesuffix("s") in FIELDS
    return None if sown else count_of(phrase)


def _side(tokens: list[str], end: int) -> str:
    for word in tokens[end : end + NEAR]:
        if word in grammar.SIDES:
            return word
        if not word[0].isalpha() or figure_of(word):
            break
    return ""


def _denied(tokens: list[str], i: int) -> bool:
    """Whether the word is said not to be there, or only to compare with."""
    for back in range(i - 1, max(-1, i - 4), -1):
        word = tokens[back]
        if word in grammar.NOT or word in grammar.AS:
            return True
        if not word[0].isalpha() or figure_of(word):
            return False
    return False


def _is_unknown_noun(tokens: list[str], i: int) -> bool:
    """Whether a word of which nothing is known stands where a noun stands: at the end of a group of words."""
    word = tokens[i]
    if not word[0].isalpha() or len(word) < 3 or word in grammar.FUNCTION or word in grammar.FILLER:
        return False
    if (
        word in grammar.VERBS
        or word.endswith(grammar.ENDINGS)
        or word.removesuffix("s") in grammar.FILLER
        or word in grammar.NUMBERS
        or "'" in word
    ):
        return False
    before, after = tokens[i - 1] if i else ".", tokens[i + 1] if i + 1 < len(tokens) else "."
    if before in grammar.VERBS_AFTER or before in grammar.NOT or after in DETERMINERS:
        return False
    return not after[0].isalpha() or after in grammar.FUNCTION or after.endswith("ing")


def _compounds(found: list[_Found], tokens: list[str]) -> list[_Found]:
    """Without what only tells of another: `horse statue`, `castle tower`, `cup of tea`, `ruins of a temple`."""
    dropped: set[int] = set()
    for k, (one, other) in enumerate(pairwise(found)):
        between = [
            word for word in tokens[one.end : other.start] if word not in DETERMINERS and word not in grammar.FILLER
        ]
        if tokens[one.end : other.start] == []:
            specific = " " in one.mention.word and " " not in other.mention.word  # saint basil's cathedral
            dropped.add(k + 1 if specific or other.mention.figure in PART_OF else k)
        elif between == ["of"]:
            if one.mention.figure in HOLDS_THE_SECOND:
                dropped.add(k + 1)
            elif one.mention.figure in PART_OF:
                dropped.add(k)
    return [each for k, each in enumerate(found) if k not in dropped]


def _merged(found: list[_Found]) -> list[_Found]:
    """One mention of each figure, with the largest count."""
    kept: list[_Found] = []
    for each in found:
        former = next((k for k, other in enumerate(kept) if other.mention.figure == each.mention.figure), None)
        if former is None:
            kept.append(each)
        elif each.mention.count is None or (kept[former].mention.count or 99) < each.mention.count:
            kept[former] = replace(kept[former], mention=replace(kept[former].mention, count=each.mention.count))
    return kept


def _related(found: list[_Found], tokens: list[str]) -> tuple[Mention, ...]:
    """The mentions with what is said of how each stands to the one before; what is held or worn is no figure."""
    mentions: list[Mention] = []
    places: list[int] = []  # of each found one among the mentions
    for k, each in enumerate(found):
        mention, relation = each.mention, ""
        between = tokens[found[k - 1].end : each.start] if k else []
        if k and not BREAK & set(between):
            relation = _relation(between)
        before = mentions[places[k - 1]] if relation else None
        if before is not None and relation in ("holds", "with", "in", "under"):
            person = before.figure in PEOPLE
            if mention.figure in WORN and (relation == "in" or (person and relation == "with")):
                places.append(places[k - 1])
                continue
            if person and mention.figure in HELD and mention.count == 1 and relation != "in":
                mentions[places[k - 1]] = replace(before, carries=(*before.carries, mention.figure))
                places.append(places[k - 1])
                continue
        if relation == "rides" or (relation == "on" and mention.figure in RIDDEN):
            relation = "on"
        if relation:
            mention = replace(mention, relation=relation, target=places[k - 1])
        places.append(len(mentions))
        mentions.append(mention)
    return tuple(mentions)


PEOPLE = frozenset(
    [
        "man",
        "traveller",
        "woman",
        "girl",
        "boy",
        "king",
        "queen",
        "wizard",
        "witch",
        "knight",
        "robot",
        "astronaut",
        "dancer",
    ]
)


def _relation(between: list[str]) -> str:
    """The last relation that the words between two mentions tell, after any place or comma among them."""
    start = max((i + 1 for i, word in enumerate(between) if word == "," or is_scene(word)), default=0)
    text = f" {' '.join(between[start:])} "
    found = [(text.rfind(f" {words} "), len(words), name) for words, name in grammar.RELATIONS]
    return max((each for each in found if each[0] >= 0), default=(0, 0, ""))[2]
