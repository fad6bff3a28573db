"""Rewriting: the description of a picture put into better words by a language model, or left as it was."""

from __future__ import annotations

from threading import Event

from langchain_core.messages import HumanMessage, SystemMessage

from generators.chat.errors import ProviderFailed
from generators.chat.provider import Provider

LONGEST = 1_200  # characters of a description that is sent
ASKED = (
    "You write prompts for a text-to-image model. Rewrite the description so that it paints one clear picture that fits"
    " the question: the main subject first, then its surroundings, materials, light and colours, in plain phrases with"
    " commas between them. Add nothing that the description does not hold. No years, no history, no names of artists,"
    " no instructions. At most {words} words, in English. Answer with the description alone."
)


class Rewriter:
    """Asks a chat model, for one request. `note` says why it gave nothing, the last time that it did not."""

    def __init__(self, provider: Provider, stop: Event | None = None) -> None:
        self.engine, self._provider = provider.name, provider
        self._stop = stop or Event()
        self.note = ""

    def __call__(self, question: str, description: str, room: int) -> str:
        """A better description of at most so many tokens; empty where the model gives none."""
        self.note = ""
        system = SystemMessage(ASKED.format(words=max(8, room * 3 // 4)))
        asked = HumanMessage(f"Question: {question.strip()[:LONGEST]}\nDescription: {description[:LONGEST]}")
        try:
            answer = self._provider.ask([system, asked], self._stop)
        except ProviderFailed as failure:
            self.note = f"{self.engine} did not rewrite the prompt: {failure.message}"
            return ""
        text = " ".join(answer.text.strip().strip("\"'`").split())
        if answer.refusal is not None or not any(letter.isalpha() for letter in text):
            self.note = f"{self.engine} did not rewrite the prompt: {answer.refusal or 'it said nothing'}"
            return ""
        return text
