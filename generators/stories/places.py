"""Places: where a story happens, by the format of its picture, with what has a colour there."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass

# formats | out or in | name | in it | what is plain there | what is rough there | a sentence on it
_PLACES = """
tall column | in | bell tower | in the bell tower | plaster | stones | The bell tower was so tall and narrow that the
 stairs had to turn round to breathe.
tall column | out | stair street | on the stair street | walls | steps | The street was a tall one: it went straight
 up, step by step, and people who lived at the top had strong legs and few visitors.
tall | in | tall house | in the tall house | wall | floorboards | It was a tall house with one room on each floor,
 and whoever forgot something had to climb for it.
tall | in | upright little shop | in the little shop | wall | shelves | The shop was no wider than its door, but
 tall, with shelves that went up into the dark.
tall column | out | old cedar | under the old cedar | sky | bark | The cedar stood tall and straight behind the
 houses, with a ladder nailed to it that nobody owned up to.
tall column | out | cliff path | on the cliff path | rock | gravel | Between two tall rocks the path was so narrow
 that people going up had to greet people coming down.
tall | in | stairwell of the mill | in the stairwell of the mill | whitewash | sacking | Inside the mill everything
 was tall and narrow, and flour lay on it like patience.
tall column | in | lighthouse | in the lighthouse | wall | planks | In the tall lighthouse there was only one way to
 go, and that was up.
tall | out | terraced hill | on the terraced hill | haze | earth | The hill rose tall behind the last roofs, in steps
 that many hands had made.
wide panorama | out | ferry landing | at the ferry landing | water | planks | The landing lay wide and low along the
 bank, and one could see who was coming long before they came.
wide panorama | out | harbour wall | on the harbour wall | sea | stones | The harbour wall was long and wide enough
 for two people with a basket between them.
wide | in | long kitchen | in the long kitchen | wall | tabletop | The kitchen was wide and low, and the table in it
 had been built for more people than there were.
wide panorama | out | railway platform | on the railway platform | sky | gravel | The platform stretched wide under
 the weather; two trains a day stopped there, if asked.
wide | in | net loft | in the net loft | whitewash | nets | Under the roof the loft was wide and low, so that grown
 people walked there with a bow.
wide panorama | out | salt meadow | on the salt meadow | haze | grass | The meadow lay wide and flat behind the dyke,
 with nothing on it that was taller than a sheep.
wide | out | market street | in the market street | awnings | cobbles | The market street was wide, because once
 there had been elephants in it, or so it was said.
wide | in | boat shed | in the boat shed | wall | shavings | The boat shed was wide open at both ends, and the
 swallows used it as a short cut.
square | out | courtyard | in the courtyard | wall | paving | The courtyard was as square as a biscuit, with a house
 on every side of it.
square | in | workshop | in the workshop | wall | workbench | The workshop was a square room, as wide as it was high,
 and everything in it had a nail to hang on.
square | in | room above the bakery | in the room above the bakery | wall | floorboards | The room above the bakery
 was square and always warm from below.
square | out | village green | on the village green | air | grass | The green was square and belonged to nobody, and
 so everybody looked after it.
square | in | waiting room | in the waiting room | wall | matting | The waiting room at the halt was small and square
 and smelled of coats.
square | out | roof garden | on the roof garden | sky | tiles | On top of the school there was a square garden, which
 belonged to the fourth form and to the pigeons.
square | in | bath house | in the bath house | steam | tiles | The bath house had one square window, and the whole of
 the weather fitted into it.
panorama wide | out | dyke road | on the dyke road | water | reeds | The dyke road ran from one side of the world to
 the other, wide and level, and made one small bend around a tree.
"""


@dataclass(frozen=True)
class Place:
    formats: frozenset[str]
    outside: bool
    name: str
    within: str
    plain: str
    rough: str
    sentence: str


def _read() -> tuple[Place, ...]:
    places = []
    for line in _PLACES.strip().replace("\n ", " ").splitlines():
        formats, where, name, within, plain, rough, sentence = (part.strip() for part in line.split("|"))
        places.append(Place(frozenset(formats.split()), where == "out", name, within, plain, rough, sentence))
    return tuple(places)


_ALL = _read()


def place_for(tags: Collection[str], outside: bool, draws: random.Random) -> Place:
    """A place of the picture's format; one outside, where the story's thing would not stand in a room."""
    fitting = [place for place in _ALL if place.formats & set(tags) and (place.outside or not outside)]
    return draws.choice(fitting)
