"""Questions: pictures and words as a model takes them, padded on the left so that all answers begin at one place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from core.errors import BadValue
from generators.llava.model import Model, Square

WANTED = 672  # px of a picture's long side; twice what LLaVA 1.5 looks at


@dataclass(frozen=True)
class Question:
    """A picture, what is asked about it, and how the answer begins."""

    picture: Image.Image
    prompt: str
    prefix: str = ""


def as_tensors(model: Model, questions: Sequence[Question], max_new_tokens: int) -> Any:
    """The inputs of a model, a row for each question, on its device.

    Raises `BadValue` for a question that leaves no room for so many tokens of an answer.
    """
    texts = [text_of(model, question) for question in questions]
    begin = model.tokenizer.bos_token
    begun = begin is not None and all(text.startswith(begin) for text in texts)  # some templates have it
    found = model.processor(
        images=[[seen(question.picture, model.square)] for question in questions],
        text=texts,
        padding=True,
        return_tensors="pt",
        add_special_tokens=not begun,
    )
    for length in found["attention_mask"].sum(1).tolist():
        if model.longest is not None and length + max_new_tokens > model.longest:
            most = f"at most {model.longest - max_new_tokens:,} tokens with its picture"
            raise BadValue("prompt", f"{length:,} tokens", f"{most}; {model.name} takes {model.longest:,} in all")
    return found.to(model.device, model.dtype)


def text_of(model: Model, question: Question) -> str:
    """The conversation up to where the answer goes on."""
    prompt, prefix = (_without_marks(model, text) for text in (question.prompt, question.prefix))
    if getattr(model.processor, "chat_template", None):
        content = [{"type": "image"}, {"type": "text", "text": prompt}]
        turns = [{"role": "user", "content": content}]
        text = str(model.processor.apply_chat_template(turns, add_generation_prompt=True, tokenize=False))
    else:  # as LLaVA 1.5 was trained
        mark = getattr(model.processor, "image_token", "<image>")
        text = f"USER: {mark}\n{prompt} ASSISTANT:"
    space = " " if prefix and not text[-1:].isspace() and not prefix[0].isspace() else ""
    return text + space + prefix


def _without_marks(model: Model, text: str) -> str:
    """Words without what a tokenizer reads as more than words: marks of pictures, of turns, of an end."""
    marks = {*model.tokenizer.all_special_tokens, getattr(model.processor, "image_token", "<image>")}
    pattern = re.compile("|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True) if mark))
    while pattern.search(text):  # what is left on both sides of a mark may be one
        text = pattern.sub("", text)
    return text


def seen(picture: Image.Image, square: Square | None) -> Image.Image:
    """The picture as it is handed over: all of it, no larger than needed, on a square where the processor would crop.

    LLaVA 1.5 was trained on pictures filled up to squares with the processor's mean (Liu et al. 2023; its scripts say
    image_aspect_ratio=pad); the processor in its repository crops them.
    """
    picture = picture.convert("RGB")
    most = WANTED if square is None else square.side
    long = max(picture.size)
    if long > most or square is not None:
        size = (max(1, round(picture.width * most / long)), max(1, round(picture.height * most / long)))
        picture = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    if square is None:
        return picture
    page = Image.new("RGB", (most, most), square.colour)
    page.paste(picture, ((most - picture.width) // 2, (most - picture.height) // 2))
    return page
