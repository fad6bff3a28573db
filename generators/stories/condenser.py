"""ChatCondenser: the scene of a story by a chat model, with the rules of scene.py behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from core.settings import Settings
from generators.chat.errors import ProviderFailed
from generators.chat.provider import Provider
from generators.stories.commission import QUOTED, excerpts_of
from generators.stories.scene import MOST_SUBJECTS, Scene, Similar, condense, filled
from generators.stories.story import Remembered
from generators.tokens import MOST, estimate_tokens
from generators.usage import Usage
from generators.vision.objects import find_object
from generators.vision.tidying import cut, tidied

READ = 12_000  # characters of a story that are sent
REMEMBERED = 900  # of earlier ones
FORM = {
    "setting": "the place",
    "subjects": ["who and what is seen, at most three, each with its look"],
    "mood": "two words",
    "light": "a few words, with the time of day and the weather",
    "prompt": "one sentence of at most 50 words that describes the picture alone",
}
INSTRUCTION = f"""Choose the one moment of this story that makes the best picture. Answer in English, with one JSON \
object in this form and with nothing else:
{json.dumps(FORM, indent=1)}
Names have no faces: say how people look. {QUOTED}"""


class ChatCondenser:
    """Asks a chat model for the scene as JSON. Where that fails, the rules find it, and a note says why."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        pause: float = 1.0,
        count_tokens: Callable[[str], int] = estimate_tokens,
    ) -> None:
        self.engine, self._count = name, count_tokens
        self._provider = Provider(name, settings, pause=pause)

    def condense(
        self, story: str, memories: Sequence[Remembered], stop: Event, similar: Similar | None = None
    ) -> Scene:
        """Raises `WritingStopped`, and `BadValue` for an empty story."""
        ours = condense(story, memories, similar, self._count)
        try:
            answer = self._provider.ask(_asked(story, memories), stop)
        except ProviderFailed as failure:
            return replace(ours, notes=(*ours.notes, f"found by rules, since {failure.message}"))
        found = None if answer.refusal else find_object(answer.text)
        scene = None if found is None else self._read(found, answer.usage)
        if scene is None:
            why = "refuses" if answer.refusal else "gives no scene in the form that was asked for"
            return replace(ours, notes=(*ours.notes, f"found by rules, since {self.engine} {why}"), usage=answer.usage)
        return replace(scene, notes=(f"the story was shortened to {READ:,} characters",) if len(story) > READ else ())

    def _read(self, found: dict[str, Any], usage: Usage) -> Scene | None:
        """The scene in an object; None where it has no prompt."""
        prompt, setting, mood, light = (_text(found.get(name)) for name in ("prompt", "setting", "mood", "light"))
        several = found.get("subjects")
        subjects = tuple(map(_text, several if isinstance(several, list) else [several]))[:MOST_SUBJECTS]
        if len(prompt.split()) < 3 or prompt == FORM["prompt"]:
            return None
        return Scene(
            setting, tuple(filter(None, subjects)), mood, light, self._fitted(prompt), self.engine, usage=usage
        )

    def _fitted(self, prompt: str) -> str:
        """The prompt behind our beginning, without the words that CLIP would not read."""
        words = prompt.rstrip(".").split()
        while len(words) > 1 and self._count(filled([" ".join(words)])) > MOST:
            words.pop()
        return filled([" ".join(words).rstrip(" ,;:")])


def _asked(story: str, memories: Sequence[Remembered]) -> list[BaseMessage]:
    half = READ // 2
    told = story if len(story) <= READ else f"{story[:half]} [...] {story[-half:]}"
    whole = "\n\n".join(filter(None, (tidied(part) for part in told.split("\n\n")))).replace(">>>", "")
    earlier = "\n".join(excerpts_of(memories, REMEMBERED))
    parts = [
        INSTRUCTION,
        f"The story: <<<{whole}>>>",
        f"Earlier stories of the same world:\n{earlier}" if earlier else "",
    ]
    return [HumanMessage("\n\n".join(filter(None, parts)))]


def _text(value: object) -> str:
    return cut(tidied(str(value)), 400) if isinstance(value, (str, int, float)) else ""
