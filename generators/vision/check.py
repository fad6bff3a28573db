"""Check: whether the chat model that describes pictures can be asked, and whether it sees."""

from __future__ import annotations

import time
from threading import Event

from PIL import Image

from core.errors import BadSetting
from core.settings import Settings
from generators.chat.model import described, open_chat_model
from generators.vision.chat import ChatDescriber

SHOWN, SIDE = "red", 64  # px; the least that the models of all providers take


def check_setup(settings: Settings) -> str:
    """That its package is installed and its key is set; nothing is sent.

    Raises `BadSetting`, `ModelMissing` and `ProviderRefuses`.
    """
    name = _name(settings)
    open_chat_model(name, settings)
    return described(name)


def check(settings: Settings) -> str:
    """What it says of a picture of one colour, and what that took: one request, which the provider may want money for.

    Raises as `check_setup`, and the error for which there is no description.
    """
    describer = ChatDescriber(_name(settings), settings)
    begun = time.perf_counter()
    (found,) = describer.describe([Image.new("RGB", (SIDE, SIDE), SHOWN)], Event())
    seconds = time.perf_counter() - begun
    if found.error is not None:
        raise found.error
    said = found.description.caption if found.description is not None else ""
    tokens = f"{found.usage.input_tokens:,} tokens in and {found.usage.output_tokens:,} out"
    notes = "".join(f"; {note}" for note in found.notes)
    return f"{describer.engine} says of a {SHOWN} square: {said!r}, {tokens}, {seconds:.1f} s{notes}"


def _name(settings: Settings) -> str:
    if settings.describing_model is None:
        raise BadSetting("VISION_LANGUAGE_MODEL", "", "no chat model is named")
    return settings.describing_model
