"""LlavaWriter: stories by a model on this machine that sees the picture."""

from __future__ import annotations

from threading import Event

from core.errors import BadValue
from core.settings import Settings
from generators.llava.llava import open_llava
from generators.llava.questions import WANTED
from generators.stories.answer import heard, read_story, used_in
from generators.stories.commission import EXCERPTS, commission
from generators.stories.story import FEWEST, MOST, Story, StoryOrder, Tell

# Shorter than what chat models are told: a small model keeps to little.
VOICE = "Write a quiet, kind story for children about this picture, with its colours, a turn and a gentle end."
MANNER = "The title first, then paragraphs, and nothing else."
TEMPERATURE = 0.7
TOKENS, MORE = 1.6, 48  # of a word, about; and for the title
BEGUN = "Title:"  # what the answer is begun with for the model
BUDGETS = (EXCERPTS, EXCERPTS // 3, 0)  # characters of earlier stories that are tried, one after the other


class LlavaWriter:
    """A `Writer`; the same order gives the same story. The model is loaded when the first story is wanted."""

    sees = True
    wanted = WANTED

    def __init__(self, settings: Settings) -> None:
        self._llava = open_llava(settings)
        self.engine = self._llava.engine

    def write(self, order: StoryOrder, tell: Tell | None, stop: Event) -> Story:
        """As `Writer` has it. Earlier stories that leave no room for a new one are left out, which a note says."""
        budgets = BUDGETS if order.memories else BUDGETS[-1:]
        for budget in budgets:
            try:
                said = self._said(order, budget, tell, stop)
            except BadValue:
                if budget == budgets[-1]:
                    raise
                continue
            break
        written = read_story(said, cut_short=not said.rstrip().endswith((".", "!", "?", "…", "”", '"')))
        short = f"shortened to {budget} characters" if budget else "left out"
        notes = () if budget == budgets[0] else (f"earlier stories were {short}: they had no room",)
        used = used_in(written.text, order.memories) if budget else ()
        return Story(written.title, written.text, self.engine, used, notes=(*notes, *written.notes))

    def _said(self, order: StoryOrder, budget: int, tell: Tell | None, stop: Event) -> str:
        def grown(row: int, text: str) -> None:
            told = heard(text)
            if told and tell is not None:
                tell(told)

        tokens = round(min(MOST, max(FEWEST, order.words)) * TOKENS) + MORE
        asked = f"{VOICE}\n\n{commission(order, self.sees, budget, MANNER)}"
        (said,) = self._llava.write(
            [order.picture], [asked], tokens, stop, order.seed, TEMPERATURE, None if tell is None else grown, [BEGUN]
        )
        return said
