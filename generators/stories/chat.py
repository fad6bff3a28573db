"""ChatWriter: stories by a chat model of whatever provider LangChain knows."""

from __future__ import annotations

import base64
import re
from threading import Event

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from core.images import fit, to_jpeg
from core.settings import Settings
from generators.chat.answer import Answer
from generators.chat.errors import RequestImpossible
from generators.chat.provider import Provider
from generators.stories.answer import StoryRefused, heard, read_story, used_in
from generators.stories.commission import VOICE, commission
from generators.stories.story import Story, StoryOrder, Tell
from generators.vision.chat import BLIND, FILTERED, ModelBlind

SIDE, QUALITY = 768, 85  # px of the long side of what is sent, and of its JPEG
OLLAMA = {"num_predict": 4096}
GO_ON = "You were cut off. Go on exactly where you stopped, with the very next word, and bring the story to its end."


class ChatWriter:
    """A `Writer`; `sees`: the picture is sent along, which the model must be able to take.

    The order's seed is not passed on: few providers keep to one. Raises `BadSetting`, `ModelMissing` and
    `ProviderRefuses` as `Provider` does.
    """

    def __init__(self, name: str, settings: Settings, *, sees: bool = False, pause: float = 1.0) -> None:
        self.engine, self.sees = name, sees
        options = OLLAMA if name.startswith("ollama:") else {}
        self._provider = Provider(name, settings, pause=pause, **options)

    def write(self, order: StoryOrder, tell: Tell | None, stop: Event) -> Story:
        """As `Writer` has it. Raises `ProviderFailed` and its kinds, `StoryRefused` and `StoryEmpty`."""
        asked = self._asked(order)
        answer = self._answer(asked, "", tell, stop)
        said, usage, notes = answer.text, answer.usage, list[str]()
        if answer.finish == "length" and said.strip() and not answer.refusal:
            notes.append("it was cut off, and the model was asked to go on")
            answer = self._answer([*asked, AIMessage(said), HumanMessage(GO_ON)], said, tell, stop)
            said, usage = joined(said, answer.text), usage + answer.usage
        written = read_story(said, answer.refusal, answer.finish == "length")
        used = used_in(written.text, order.memories)
        return Story(written.title, written.text, self.engine, used, usage, (*notes, *written.notes))

    def _asked(self, order: StoryOrder) -> list[BaseMessage]:
        text = commission(order, self.sees)
        if not self.sees:
            return [SystemMessage(VOICE), HumanMessage(text)]
        small = fit(order.picture, SIDE).convert("RGB")
        small.info = {}  # a JPEG would keep a comment
        data = base64.b64encode(to_jpeg(small, QUALITY)).decode()
        image = {"type": "image", "base64": data, "mime_type": "image/jpeg"}
        return [SystemMessage(VOICE), HumanMessage(content=[{"type": "text", "text": text}, image])]

    def _answer(self, asked: list[BaseMessage], before: str, tell: Tell | None, stop: Event) -> Answer:
        def grown(text: str) -> None:
            told = heard(joined(before, text))
            if told and tell is not None:
                tell(told)

        try:
            return self._provider.ask(asked, stop, None if tell is None else grown)
        except RequestImpossible as failure:
            said = f"{failure.data['code']} {failure.data['told']}"
            if FILTERED.search(said):
                raise StoryRefused(failure.data["told"]) from None
            if self.sees and BLIND.search(said):
                raise ModelBlind(failure, self._provider.name) from None
            raise


def joined(before: str, after: str) -> str:
    """A text and what a model went on with; what it says again of the end of the first is said once."""
    start = after.lstrip()
    for size in range(min(len(before), len(start), 200), 12, -1):
        if before.endswith(start[:size]):
            return before + start[size:]
    space = "" if not before or before[-1].isspace() or after[:1].isspace() or re.match(r"[.,;:!?”]", after) else " "
    return before + space + after
