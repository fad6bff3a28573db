"""For the tests of descriptions: a describer that looks at pixels, counts what it is shown, and fails where told to."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Lock

import numpy as np
from PIL import Image

from core.colours import BASIC_TERMS, term_shares
from core.errors import AtelierError
from generators.vision.description import Described, DescribingFailed, Description, Usage
from tests.gallery import COLOURS


class Blinded(DescribingFailed):
    """It cannot see this one, now or ever."""

    def __init__(self, again: bool) -> None:
        super().__init__("the describer sees nothing", "show it another picture")
        self.again = again


class Looking:
    """Names the colour of what lies on the grey table of tests/gallery.py, and its shape by the room that it takes.

    `fault` is asked before each picture with its number from 1: an error is that picture's, or raised where every
    picture would meet it.
    """

    wanted, recognises = 256, True

    def __init__(
        self,
        fault: Callable[[int], AtelierError | None] = lambda number: None,
        batch: int = 1,
        at_once: int = 2,
        pause: float = 0.0,
        engine: str = "looking 1",
        log: Path | None = None,  # a line for each picture that it was shown
    ) -> None:
        self.engine, self.batch, self.at_once = engine, batch, at_once
        self._fault, self._pause, self._lock = fault, pause, Lock()
        self._log = log
        self.shown = 0

    def describe(self, pictures: Sequence[Image.Image], stop: Event) -> list[Described]:
        return [self._describe(picture) for picture in pictures]

    def _describe(self, picture: Image.Image) -> Described:
        with self._lock:
            self.shown += 1
            number = self.shown
            if self._log is not None:
                with self._log.open("a") as log:
                    log.write(hashlib.sha256(picture.tobytes()).hexdigest() + "\n")
        time.sleep(self._pause)
        error = self._fault(number)
        usage = Usage(1, 100, 10)
        if isinstance(error, DescribingFailed):
            return Described(None, error, usage)
        if error is not None:
            raise error
        return Described(looked_at(picture), None, usage)


def looked_at(picture: Image.Image) -> Description:
    """What the pixels say."""
    shares = dict(zip(BASIC_TERMS, term_shares(np.asarray(picture)).tolist(), strict=True))
    colour = max(COLOURS, key=lambda term: shares[term])
    thing = "umbrella" if shares[colour] > 0.14 else "feather"
    return Description(
        caption=f"A {colour} {thing} lies on a table. Nobody is near it.",
        objects=(thing, "table"),
        colours=(colour, "grey"),
        setting="indoors, in even light",
        mood="quiet",
        tags=(thing, "still life"),
    )
