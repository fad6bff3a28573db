"""Answer: from what a chat model said of a picture to a description, or to the reason why there is none.

Models keep to a form as people do. What they mean is taken where it is clear: other names of the fields, a text for a
list, a list for a text, what is too long. What is not JSON, not English or not said at all is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.errors import AtelierError
from generators.vision.description import LONGEST_ITEM, MOST_ITEMS, MOST_WORDS, DescribingFailed, Description
from generators.vision.language import foreign
from generators.vision.objects import broken_off, find_object
from generators.vision.tidying import cut, distinct, means_nothing, tidied

NAMES = {  # of the fields, and what models call them
    "caption": ("caption", "description", "summary", "title", "text"),
    "objects": ("objects", "object", "items", "things", "elements", "subjects", "entities"),
    "colours": ("colours", "colors", "colour", "color", "maincolours", "maincolors", "dominantcolors", "palette"),
    "setting": ("setting", "scene", "location", "place", "environment", "background"),
    "mood": ("mood", "atmosphere", "tone", "feeling", "emotion"),
    "tags": ("tags", "tag", "keywords", "labels"),
}
TEXTS = {"caption": MOST_WORDS, "setting": MOST_WORDS // 5, "mood": MOST_WORDS // 5}
SEPARATORS = re.compile(r"\s*[,;|\n•·]\s*(?:and\s+)?|\s+(?=#)")
APOLOGY = re.compile(
    r"\b(i'?m sorry|i am sorry|i apologi[sz]e|sorry, (but )?i|i('m| am) (unable|not able)|as an ai\b|"
    r"i (can'?t|cannot|can not|won'?t|will not|must decline)|unable to (assist|help|describe|process|comply))",
    re.IGNORECASE,
)
OPENING = 200  # characters within which a refusal says so
DEEPEST = 4  # levels of an object that are looked into
MOST_SHOWN = 200  # characters of an answer in an error


class AnswerUnreadable(DescribingFailed):
    """It came, it was paid for, and no description can be made of it. `problem` in its data says why."""

    again = False

    def __init__(self, problem: str, text: str) -> None:
        shown = tidied(text[: 2 * MOST_SHOWN])[:MOST_SHOWN]
        super().__init__(
            f"the model's answer is no description: {problem} ({shown!r})",
            "name a model that keeps to a form (VISION_LANGUAGE_MODEL), or ask again by force",
            problem=problem,
            said=shown,
        )


class AnswerInAnotherLanguage(AnswerUnreadable):
    """It is a description, and not in English."""

    def __init__(self, language: str, text: str) -> None:
        super().__init__(f"it is not in English, but {language}, as it seems", text)
        self.data["language"] = language


class DescriptionRefused(DescribingFailed):
    """The model, or its provider's filter, does not want to describe the picture."""

    again = False

    def __init__(self, reason: str) -> None:
        shown = tidied(reason)[:MOST_SHOWN]
        super().__init__(
            f"the model refuses to describe the picture ({shown})",
            "leave the picture out, or describe it with another model (VISION_LANGUAGE_MODEL)",
            reason=shown,
        )


@dataclass(frozen=True)
class Reading:
    """A description, and what had to be cut for it."""

    description: Description
    notes: tuple[str, ...] = ()


def read_answer(text: str, refusal: str | None = None) -> Reading:
    """The description that is in an answer. Raises `AnswerUnreadable`, `AnswerInAnotherLanguage` and
    `DescriptionRefused`, and nothing else, whatever the text."""
    if refusal:
        raise DescriptionRefused(refusal)
    found = find_object(text)
    fields = _fields(found) if found else {}
    notes: list[str] = []
    texts = {name: _text(name, fields.get(name), notes) for name in TEXTS}
    if not texts["caption"]:
        raise _without_caption(text, found)
    if texts["caption"] == Description.model_fields["caption"].description:
        raise AnswerUnreadable("it is the form, not filled in", text)
    if APOLOGY.match(texts["caption"].replace("’", "'")):
        raise DescriptionRefused(texts["caption"])
    lists = {name: _items(name, fields.get(name), notes) for name in NAMES if name not in TEXTS}
    language = foreign(" ".join(texts.values()))
    if language is not None:
        raise AnswerInAnotherLanguage(language, texts["caption"])
    return Reading(Description(**texts, **lists), tuple(notes))


def _without_caption(text: str, found: dict[str, Any] | None) -> AtelierError:
    """Why there is none: the reasons that are worth telling apart, for whoever asks again."""
    if found is None and APOLOGY.search(text[:OPENING].replace("’", "'")):
        return DescriptionRefused(text)
    if found is not None:
        return AnswerUnreadable("its caption is empty", text)
    if not text.strip():
        return AnswerUnreadable("it is empty", text)
    return AnswerUnreadable("its JSON ends in the middle" if broken_off(text) else "it holds no JSON object", text)


def _fields(found: dict[str, Any]) -> dict[str, Any]:
    """The object's values under our names; from an object within it where that is all it holds."""
    for _ in range(DEEPEST):
        if isinstance(found.get("properties"), dict):  # filled in where a schema has its fields
            found = found["properties"]
        keys = {re.sub(r"[^a-z]", "", str(key).lower()): value for key, value in reversed(found.items())}
        said = {key: value for key, value in keys.items() if value is not None and value not in ("", [], {})}
        fields = {name: said[word] for name, words in NAMES.items() for word in reversed(words) if word in said}
        if not isinstance(fields.get("caption"), (dict, type(None))):
            return fields
        inner = [one for one in _inner(found) if one]
        if len(inner) != 1:
            break
        found = inner[0]
    return {}  # a form that was handed back as it was, with a description of each field, has no caption


def _inner(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for value in found.values():
        one = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(one, dict):
            yield one


def _text(name: str, value: object, notes: list[str]) -> str:
    """A field that is a text, from whatever stands for it."""
    parts = [tidied(part) for part in _strings(value, DEEPEST)]
    whole = ", ".join(part for part in parts if not means_nothing(part))
    kept = cut(whole, TEXTS[name])
    if len(whole) > len(kept):
        notes.append(f"the {name} was {len(whole):,} characters and is cut to {len(kept):,}")
    return kept


def _items(name: str, value: object, notes: list[str]) -> tuple[str, ...]:
    """A field that is a list, from whatever stands for it."""
    if isinstance(value, str):
        parts = SEPARATORS.split(value.strip(" []"))
    elif isinstance(value, dict):  # {"red": 0.5, "blue": 0.2}
        parts = [str(key) for key in value]
    else:
        each = value if isinstance(value, (list, tuple, set)) else [value]
        parts = [", ".join(list(_strings(one, DEEPEST))[:1]) for one in each]  # {"name": "cat", "count": 2}
    whole = distinct(tidied(part) for part in parts)
    kept = distinct(cut(item, LONGEST_ITEM) for item in whole[:MOST_ITEMS])
    if len(whole) > MOST_ITEMS:
        notes.append(f"there were {len(whole)} {name}; the first {MOST_ITEMS} are kept")
    if any(len(item) > LONGEST_ITEM for item in whole[:MOST_ITEMS]):
        notes.append(f"some of the {name} were longer than {LONGEST_ITEM} characters and are cut")
    return tuple(kept)


def _strings(value: object, levels: int) -> Iterator[str]:
    """The texts and numbers in a value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield _number(value)
    elif isinstance(value, (dict, list, tuple, set)) and levels:
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one, levels - 1)


def _number(value: int | float) -> str:
    """As text; empty for one of thousands of digits, which Python does not write."""
    try:
        return str(value)
    except ValueError:
        return ""
