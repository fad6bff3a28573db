"""Labels: what the areas of a drawing show, where whoever drew it knows; a sketch from outside has none."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image


@dataclass(frozen=True)
class Label:
    """One area, or several of one thing that look alike."""

    part: str  # as painter/nature.py has it; others may have any colour
    owner: int  # which of the drawn things it belongs to
    words: tuple[str, ...] = ()  # that mean it in the prompt


@dataclass(frozen=True)
class Labels:
    """`places` is an L picture of the page's size; the value of a pixel is an index of `of`, whose first is nothing."""

    places: Image.Image = field(repr=False)
    of: tuple[Label, ...]
    names: tuple[str, ...] = ()  # of what is drawn, as the prompt has them; `cherry tree` speaks of no colour
