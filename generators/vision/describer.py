"""Describer: pictures in words without a model, by measuring them.

It recognises no things: `objects` stays empty, and whatever it says is true of the pixels. `see` has the same as facts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from threading import Event

from PIL import Image

from generators.vision.description import Described, DescribingStopped
from generators.vision.sight import WANTED, see
from generators.vision.wording import describe


class MeasuringDescriber:
    """The describer that is always there; a hundredth of a second a picture on one core. Keeps nothing."""

    engine = "describer 1.0"
    wanted = WANTED
    batch = 8
    recognises = False

    def __init__(self) -> None:
        self.at_once = os.cpu_count() or 1

    def describe(self, pictures: Sequence[Image.Image], stop: Event) -> list[Described]:
        """One for each RGB picture, in order. Raises `DescribingStopped` where `stop` is set meanwhile."""
        described = []
        for picture in pictures:
            if stop.is_set():
                raise DescribingStopped
            described.append(Described(describe(see(picture))))
        return described

    def shares(self, picture: Image.Image) -> list[tuple[str, float]]:
        """The main colours of a picture with the share that each covers, the largest first."""
        return [(swatch.name, swatch.share) for swatch in see(picture).palette]
