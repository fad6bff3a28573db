"""Steps: what a picture goes through, how far it is, and what it looks like on the way."""

from __future__ import annotations

from PIL import Image

from core.colours import Array, from_lab
from generators.orders import Previewing, Progress
from generators.painter.tone import resize

SHOWN = 256  # px of the long side of a picture on its way


class Steps:
    """Tells `progress` of the steps of one picture: style, composition, every pass of texture, finish."""

    def __init__(self, progress: Progress, passes: int) -> None:
        textures = (0.2 + 0.7 * number / passes for number in range(passes))
        self._starts = [0.0, 0.05, *textures, 0.9, 1.0]  # share of the time that is gone when a step begins
        self._progress = progress
        self._stage, self._finished = "", -1

    def begin(self, stage: str) -> None:
        """The step before is finished, if there is one, and the next begins."""
        self._stage, self._finished = stage, self._finished + 1
        self.within(0.0)

    def within(self, share: float) -> None:
        """That much of the step, 0..1, is done."""
        total = len(self._starts) - 1
        start, end = self._starts[self._finished], self._starts[min(self._finished + 1, total)]
        self._progress(self._stage, self._finished, total, start + share * (end - start))

    def show(self, tones: Array) -> None:
        """What there is by now, (h, w, 3) in scaled Lab; told with the next step, where anybody wants to see it."""
        if not isinstance(self._progress, Previewing):
            return
        height, width = tones.shape[:2]
        scale = min(1.0, SHOWN / max(width, height))
        small = resize(tones, max(1, round(width * scale)), max(1, round(height * scale)))
        self._progress.preview(Image.fromarray(from_lab(small)))

    def end(self) -> None:
        """The last step is finished."""
        self.begin(self._stage)
