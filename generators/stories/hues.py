"""Hues: what a colour is like, so that it can be felt and not only named."""

from __future__ import annotations

import random

# the last word of a colour's name: what has that colour; behind a bar, what is darker, and what is paler
_LIKE = {
    "red": "rowan berries, embers, a robin's breast | old bricks, wine in a jug | coral, a warmed cheek",
    "pink": "the inside of a shell, clouds after rain, plum blossom | radishes, raspberries in a bowl | apple blossom",
    "orange": "persimmons, a lamp behind paper, pumpkin soup | kumquats in the sun | apricots",
    "yellow": "butter, ripe quinces, honey on a spoon | mustard in a jar, old brass | fresh hay, lemon cream",
    "green": "moss on the north side, pea pods, frogs | pine needles, deep ponds | young leaves, gooseberries",
    "teal": "a mallard's head, deep water over stones | a deep harbour at night | copper roofs",
    "turquoise": "a kingfisher, shallow water",
    "blue": "cornflowers, the sea at noon, enamel cups | the hour after sunset, ink in a well, ripe sloes"
    " | skimmed milk, the first hour of the day",
    "purple": "plums, heather, beetroot on a board | the far side of dusk, elderberries | wisteria",
    "violet": "violets under a hedge, late clouds", "lavender": "lavender in a drawer", "lilac": "lilac over a fence",
    "mauve": "thistles, evening on a hill", "magenta": "fuchsias, beetroot soup",
    "brown": "chestnuts, crust on a loaf, strong tea | wet bark, ploughed earth | biscuits, hazelnuts, milk tea",
    "beige": "oat porridge, dry reeds, a worn rope", "khaki": "dry grass, sacks of barley",
    "grey": "doves, wet pebbles, a heron's back | slates in the rain, stove iron | ash, morning mist, old tin",
    "black": "a crow's wing, the bottom of a kettle, a stove with the fire out", "cream": "cream in a jug",
    "white": "flour, washed sheets, milk", "off-white": "eggshell, candle wax", "ivory": "piano keys, old paper",
}  # fmt: skip
_GREYISH = "an old apron, faded awnings, a dusty road, a well-washed sleeve"
_DARK, _PALE = ("dark", "navy", "maroon", "burgundy", "petrol", "charcoal", "plum"), ("pale", "light", "off-white")


def likenesses(colour: str, draws: random.Random) -> tuple[str, str]:
    """Two things that have a colour of that name; the same twice, where only one is known."""
    *before, last = colour.replace("blue-grey", "grey").split()
    plain, dark, pale = (*(part.strip() for part in _LIKE.get(last, _LIKE["grey"]).split("|")), "", "")[:3]
    if before and before[-1] in ("greyish", "dusty"):
        plain, dark, pale = _GREYISH, "", ""
    shade = dark if set(before) & set(_DARK) else pale if set(before) & set(_PALE) else plain
    known = [one.strip() for one in (shade or plain).split(",")]
    first, *others = draws.sample(known, len(known))
    return first, (others or [first])[0]
