"""LlavaDescriber: descriptions by a model on this machine, which fills in a form that is begun for it.

LLaVA 1.5 writes poor JSON. So the labels of the fields are written for it, one after the other, and it fills in what
stands behind them: whatever model does that, what comes out is a description.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from threading import Event

from PIL import Image

from core.settings import Settings
from generators.llava.llava import open_llava
from generators.llava.pen import Answer, Blank
from generators.llava.questions import WANTED
from generators.vision.description import (
    LONGEST_ITEM,
    MOST_ITEMS,
    MOST_WORDS,
    Described,
    DescribingFailed,
    Description,
    Usage,
)
from generators.writing import MemoryShort, WritingFailed

TOKENS = {"caption": 128, "objects": 80, "colours": 40, "setting": 48, "mood": 24, "tags": 64}
LABELS = {name: f"{name.capitalize()}:" for name in TOKENS}
FORM = [
    Blank(tokens, LABELS[name] if number == 0 else f"\n{LABELS[name]}", line=True)
    for number, (name, tokens) in enumerate(TOKENS.items())
]
LISTS = ("objects", "colours", "tags")
COMMAS = ", with commas between them"
FIELDS = [(name, Description.model_fields[name]) for name in TOKENS]
PROMPT = "\n".join(
    [
        "Describe this picture by filling in the form below, in English. Name only what can be seen.",
        *(f"{LABELS[name]} {field.description}{COMMAS * (name in LISTS)}" for name, field in FIELDS),
    ]
)
NOTHING = {"", "none", "nothing", "n/a", "na", "unknown", "not visible", "not specified", "no objects"}


class SaidNothing(DescribingFailed):
    """Asking once more is no use: it would say the same."""

    again = False


class LlavaDescriber:
    """What sees pictures by a LLaVA. The model is loaded when the first picture comes."""

    wanted = WANTED
    batch = 4
    at_once = 1
    recognises = True

    def __init__(self, settings: Settings) -> None:
        self._llava = open_llava(settings)
        self.engine = self._llava.engine

    def describe(self, pictures: Sequence[Image.Image], stop: Event) -> list[Described]:
        """One for each, in order. Where several together fail, they are tried by halves, until what fails is alone."""
        if not pictures:
            return []
        try:
            answers = self._llava.fill_in(pictures, PROMPT, FORM, stop)
        except MemoryShort:
            raise
        except WritingFailed as error:
            if len(pictures) == 1:
                return [Described(None, _as_describing(error))]
        else:
            return [_described(answer) for answer in answers]
        middle = len(pictures) // 2
        return self.describe(pictures[:middle], stop) + self.describe(pictures[middle:], stop)


def _as_describing(error: WritingFailed) -> DescribingFailed:
    ours = DescribingFailed(f"the picture could not be described ({error.data['reason']})", error.remedy)
    ours.__cause__ = error
    return ours


def _described(answer: Answer) -> Described:
    """The form as a description, or why it is none."""
    usage = Usage(0, answer.asked, len(answer.ids))
    if answer.failed:
        remedy = "set USE_FP16=false, or take other weights"
        return Described(None, SaidNothing("the model's numbers left the range of numbers", remedy), usage)
    said = {name: (text, cut) for name, text, cut in zip(TOKENS, answer.fields, answer.cut, strict=True)}
    caption = sentences(*said["caption"])
    if not any(letter.isalpha() for letter in caption):
        remedy = "look at the picture, or set VISION_LANGUAGE_MODEL to another model"
        return Described(None, SaidNothing("the model said nothing about the picture", remedy), usage)
    description = Description(
        caption=caption,
        objects=items(*said["objects"]),
        colours=items(*said["colours"]),
        setting=phrase(said["setting"][0]),
        mood=phrase(said["mood"][0]),
        tags=tuple(dict.fromkeys(tag.lower() for tag in items(*said["tags"]))),
    )
    return Described(description, None, usage)


def sentences(text: str, cut: bool) -> str:
    """A caption, without the sentence that there was no more room for."""
    told = _clean(text)
    whole = re.match(r".*[.!?](?=\s)", told) if cut and told[-1:] not in (".", "!", "?") else None
    return _shortened(whole[0] if whole else told, MOST_WORDS)


def phrase(text: str) -> str:
    """A setting or a mood; empty where the model says that there is none."""
    told = _clean(text)
    return "" if told.strip(" .").casefold() in NOTHING else _shortened(told, MOST_WORDS // 5)


def items(text: str, cut: bool) -> tuple[str, ...]:
    """A list as it is written with commas: each thing once, without its article."""
    parts = re.split(r"[,;•]", text)
    if cut and len(parts) > 1:
        parts.pop()  # half a word, it may be
    found: dict[str, str] = {}
    for part in parts:
        told = re.sub(r"^(and|or|a|an|the)\s+", "", _clean(part).strip(" .:*-"), flags=re.IGNORECASE)
        told = re.sub(r"^(a|an|the)\s+", "", told, flags=re.IGNORECASE)  # and a cat
        told = _shortened(told, LONGEST_ITEM)
        if told.casefold() not in NOTHING and any(letter.isalpha() for letter in told):
            found.setdefault(told.casefold(), told)
    return tuple(found.values())[:MOST_ITEMS]


def _clean(text: str) -> str:
    """One line of characters that can be seen."""
    shown = "".join(letter if letter.isprintable() and letter != "\ufffd" else " " for letter in text)
    return " ".join(shown.split()).strip('"“”')


def _shortened(text: str, most: int) -> str:
    """Cut where a word ends, if one does."""
    if len(text) <= most:
        return text
    return (text[:most].rpartition(" ")[0] or text[:most]).strip()
