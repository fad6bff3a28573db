"""ChatDescriber: pictures described by a chat model that sees, of whatever provider LangChain knows."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from threading import Event

from PIL import Image

from core.settings import Settings
from generators.chat.errors import (
    AskingStopped,
    ProviderFailed,
    ProviderRefuses,
    ProviderSilent,
    RequestImpossible,
)
from generators.chat.provider import Provider
from generators.usage import Usage
from generators.vision.answer import AnswerUnreadable, DescriptionRefused, Reading, read_answer
from generators.vision.description import Described, DescribingFailed, DescribingStopped
from generators.vision.question import SCHEMA, once_more, question

log = logging.getLogger("atelier")

WANTED, LEAST = 1024, 256  # px of the long side of what is sent, and of the smallest that is sent in its place
OLLAMA = {"format": SCHEMA, "num_predict": 2048}  # small models need the form, and may not find an end within it
TOO_LARGE = re.compile(r"image|size|large|pixel|dimension|too long|context", re.IGNORECASE)
FILTERED = re.compile(r"content[ _]?(filter|management|policy)|moderation|safety system", re.IGNORECASE)
BLIND = re.compile(
    r"image_url is only supported|must be a string|(does not|doesn't) (support|accept) (images?|vision|multimodal)\b|"
    r"(images?|vision|multimodal)( inputs?| contents?)? (is|are) not supported|not a (vision|multimodal) model",
    re.IGNORECASE,
)


class DescribingUnavailable(DescribingFailed):
    """The provider gave no answer for this picture; `reason` in its data is the type of the provider's error."""

    def __init__(self, failure: ProviderFailed) -> None:
        super().__init__(failure.message, failure.remedy, reason=failure.type, **failure.data)


class ModelBlind(ProviderRefuses):
    """The model takes no pictures."""

    def __init__(self, failure: ProviderFailed, name: str) -> None:
        remedy = "set VISION_LANGUAGE_MODEL to a model that sees, as openai:gpt-4o-mini or ollama:llama3.2-vision"
        super().__init__(name, "takes no pictures", failure.data["told"], remedy)


class ChatDescriber:
    """A `Describer`. Raises `BadSetting`, `ModelMissing` and `ProviderRefuses` as `Provider` does."""

    batch = 1
    wanted = WANTED
    recognises = True

    def __init__(self, name: str, settings: Settings, *, pause: float = 1.0) -> None:
        self.engine = name
        self.at_once = settings.provider_requests
        options = OLLAMA if name.startswith("ollama:") else {}
        self._provider = Provider(name, settings, pause=pause, **options)

    def describe(self, pictures: Sequence[Image.Image], stop: Event) -> list[Described]:
        """As `Describer` has it. Raises `ProviderRefuses`, and `ProviderSilent` where nothing has ever been reached."""
        return [self._described(picture, stop) for picture in pictures]

    def _described(self, picture: Image.Image, stop: Event) -> Described:
        inquiry = _Inquiry(self._provider, picture, stop)
        try:
            reading = inquiry.reading()
        except AskingStopped:
            raise DescribingStopped from None
        except DescribingFailed as error:
            return Described(None, error, inquiry.usage, tuple(inquiry.notes))
        except ProviderFailed as failure:
            unreached = isinstance(failure, ProviderSilent) and not failure.data["reached"]
            if isinstance(failure, ProviderRefuses) or (unreached and not self._provider.answered):
                raise
            return Described(None, DescribingUnavailable(failure), inquiry.usage, tuple(inquiry.notes))
        return Described(reading.description, None, inquiry.usage, (*inquiry.notes, *reading.notes))


class _Inquiry:
    """One picture: what was asked and answered until there is a description, what it cost and what was odd."""

    def __init__(self, provider: Provider, picture: Image.Image, stop: Event) -> None:
        self._provider, self._picture, self._stop = provider, picture, stop
        self.usage, self.notes = Usage(), list[str]()

    def reading(self) -> Reading:
        """Raises `DescribingFailed`, `ProviderFailed` and `AskingStopped`."""
        side = min(WANTED, max(self._picture.size))
        while True:
            try:
                return self._at(side)
            except RequestImpossible as failure:
                said = f"{failure.data['code']} {failure.data['told']}"
                if FILTERED.search(said):
                    raise DescriptionRefused(failure.data["told"]) from None
                if BLIND.search(said):
                    raise ModelBlind(failure, self._provider.name) from None
                too_large = failure.data["status"] == 413 or TOO_LARGE.search(said)
                if not too_large or side // 2 < LEAST:
                    raise
                self.notes.append(f"sent at {side // 2} px, since the provider did not take {side} px")
                side //= 2

    def _at(self, side: int) -> Reading:
        """The description of the picture at that size; the model is asked once more where its answer is of no use."""
        asked = question(self._picture, side)
        answer = self._provider.ask(asked, self._stop)
        self.usage += answer.usage
        try:
            return read_answer(answer.text, answer.refusal)
        except AnswerUnreadable as problem:
            again = once_more(asked, answer.text, problem, answer.finish == "length")
            self.notes.append(f"asked once more: {problem.data['problem']}")
        answer = self._provider.ask(again, self._stop)
        self.usage += answer.usage
        return read_answer(answer.text, answer.refusal)
