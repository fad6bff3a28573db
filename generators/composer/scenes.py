"""Scenes: where a picture takes place, at what time and in what weather, as the words of a prompt say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Ground = Literal[
    "", "meadow", "sand", "snow", "sea", "beach", "lake", "river", "street", "floor", "table", "sill", "seabed", "moon"
]
Light = Literal["", "day", "night", "sunset", "storm"]
INDOORS = ("floor", "table", "sill")
WATERS = ("sea", "beach", "lake", "river")

_GROUNDS: dict[Ground, str] = {
    "meadow": (
        "meadow field fields countryside farmland grass grassland prairie garden gardens park lawn valley pasture "
        "savanna savannah vineyard moor courtyard plaza square picnic steppe hillside"
    ),
    "sand": "desert deserts dune dunes sahara wadi",
    "snow": (
        "snow snowy snowfall winter wintry ice icy arctic antarctic antarctica frozen glacier christmas blizzard frost"
    ),
    "sea": "sea seas ocean harbour harbor bay waves wave port seaside fjord strait pier dock quay lagoon marina",
    "beach": "beach shore coast seashore coastline",
    "lake": "lake lakes pond loch pool reservoir swamp marsh waterside",
    "river": "river canal stream creek brook riverbank riverside thames seine nile tiber danube ganges venice canals",
    "street": (
        "street streets city cities town medieval_town old_town downtown metropolis megacity alley avenue boulevard "
        "urban traffic crossroads pavement sidewalk highway"
    ),
    "floor": (
        "room kitchen bedroom living_room library indoors interior cafe café tavern attic classroom bar hall study "
        "restaurant parlour parlor nursery workshop ballroom fireplace stage office"
    ),
    "table": "still_life tabletop breakfast dinner supper feast tablecloth tea_party desk_top",
    "sill": "windowsill window_sill sill by_the_window at_the_window window_ledge window",
    "seabed": "underwater seabed coral reef coral_reef under_the_sea deep_sea aquarium ocean_floor",
    "moon": "space outer_space lunar_surface moon_surface on_the_moon cosmos galaxy mars nebula universe spacewalk",
}
_BACKS = {
    "hills": "hills rolling_hills downs bay highlands tuscany vineyards",
    "mountains": (
        "mountains mountain_range alps alpine peaks himalaya himalayas andes mountainous rockies mountain_landscape "
        "fjord valley glacier"
    ),
    "forest": "forest forests woods woodland jungle rainforest grove wood_land pinewood thicket taiga wilderness",
    "village": "town medieval_town old_town village villages hamlet houses cottages rooftops roofs",
    "blocks": "city cities metropolis megacity downtown skyscrapers buildings tower_blocks",
    "dunes": "dunes desert sahara",
}
_LIGHTS: dict[Light, str] = {
    "night": (
        "night midnight nighttime moonlit moonlight starry nocturnal starlight stars starry_night evening_sky "
        "fireflies galaxy nightfall darkness"
    ),
    "sunset": "sunset dusk twilight sunrise dawn evening golden_hour daybreak afterglow sundown",
    "storm": "storm stormy thunder thunderstorm tempest hurricane gale lightning overcast",
    "day": "daylight sunny sunshine midday summer spring",
}
_MORE = {
    "rain": (
        "rain rainy raining downpour drizzle rainstorm monsoon raindrops storm stormy thunderstorm tempest hurricane "
        "gale"
    ),
    "flakes": "snowing snowfall snowflakes blizzard snowstorm",
    "path": "path pathway trail footpath lane road roads track way_through country_road walkway garden_path pilgrimage",
    "stars": "stars starry starlit starlight starry_night constellations",
    "moon": "moonlit moonlight moonlight_night",
    "sun": "sunset sunrise sunny sunshine golden_hour dawn sundown dusk",
    "clouds": "clouds cloudy overcast clouded storm stormy thunder thunderstorm tempest",
    "birds": "birds birdsong",
    "flowers": "flowers wildflowers flowery blooming garden gardens poppies daisies spring",
    "autumn": "autumn autumnal fall fallen_leaves autumn_leaves october november",
    "fireplace": "fireplace hearth",
}
# where a figure is found, where a prompt does not say
_HOMES = {
    "desert": "pyramid sphinx camel cactus",
    "sea": "lighthouse ship steamer whale gull island cliff liberty boat",
    "river": "bridge parliament gondola cathedral tower_bridge rowing_boat",
    "bay": "opera_house suspension_bridge",
    "lake": "swan duck reeds",
    "snow": "igloo penguin snowman",
    "street": "car bus skyline skyscraper street_lamp robot bicycle capitol triumphal_arch colonnade",
    "mountains": (
        "castle fairy_castle ruins great_wall dragon redeemer waterfall mountain wolf bear pagoda mount_fuji "
        "temple_towers"
    ),
    "hills": (
        "windmill house cottage church temple standing_stones arena barn sheep cow tower knight horse city_gate "
        "palace balloon unicorn train well shrine torii dinosaur lattice_tower leaning_tower taj mosque domes obelisk"
    ),
    "forest": "deer fox mushroom owl campfire witch wizard tent",
    "space": "astronaut rocket planet",
    "underwater": "fish turtle",
    "still_life": "teapot cup bottle vase bowl apple pear bread cake book books candle key crown lantern pumpkin clock",
    "room": "chair armchair bed table lamp guitar dress shoe hat sword chest basket umbrella ghost dancer heart",
}


@dataclass(frozen=True)
class Scene:
    """`backs` are what closes the view, `more` what else there is."""

    ground: Ground = ""
    light: Light = ""
    backs: tuple[str, ...] = ()
    more: frozenset[str] = frozenset()

    @property
    def indoors(self) -> bool:
        return self.ground in INDOORS

    def told(self, word: str) -> Scene:
        """The scene with what a word says of it; the first word that names a ground is believed."""
        ground, light, backs, more = _SAYS[word]
        if {self.ground, ground} == {"sea", "beach"}:
            ground = "beach"
        elif {self.ground, ground} == {"snow", "street"} or (self.ground and (self.ground, ground) not in _BETTER):
            ground = self.ground
        added = tuple(back for back in backs if back not in self.backs)
        light = "night" if "night" in (self.light, light) else self.light or light  # which a storm does not end
        return Scene(ground or self.ground, light, self.backs + added, self.more | more)

    def completed(self, figures: Iterable[str]) -> Scene:
        """The scene with what is usual around these figures, the most important first."""
        found, named = self, sorted(figures, key=lambda figure: figure == "table")
        for figure in named:
            home = _HOME_OF.get(figure)
            if found.ground or found.backs or home is None or (home == "street" and "path" in found.more):
                continue
            if home == "still_life" and any(other != "table" and _HOME_OF.get(other) != home for other in named):
                home = "room"
            usual = Scene().told(home)
            more = usual.more - {"sun", "flowers", "path"}
            found = replace(
                found, ground=usual.ground, backs=usual.backs, more=found.more | more, light=found.light or usual.light
            )
        if found.ground == "moon":
            found = replace(found, light="night", more=found.more | {"stars"})
        return replace(found, ground=found.ground or "meadow", light=found.light or "day")


# grounds that say more than the former one
_BETTER = {
    ("meadow", "river"),
    ("meadow", "lake"),
    ("meadow", "snow"),
    ("floor", "sill"),
    ("floor", "table"),
    ("beach", "sea"),
}


def _index(table: Mapping[Any, str]) -> dict[str, list[Any]]:
    """What each word of a table says."""
    said: dict[str, list[Any]] = {}
    for value, words in table.items():
        for word in words.split():
            said.setdefault(word, []).append(value)
    return said


_GROUND, _LIGHT, _BACK, _ELSE = _index(_GROUNDS), _index(_LIGHTS), _index(_BACKS), _index(_MORE)
_SAYS: dict[str, tuple[Ground, Light, tuple[str, ...], frozenset[str]]] = {
    word: (
        _GROUND.get(word, [""])[0],
        _LIGHT.get(word, [""])[0],
        tuple(_BACK.get(word, ())),
        frozenset(_ELSE.get(word, ())),
    )
    for word in {*_GROUND, *_LIGHT, *_BACK, *_ELSE}
}
_HOME_OF = {figure.replace("_", " "): home for home, figures in _HOMES.items() for figure in figures.split()}


def is_scene(phrase: str) -> bool:
    """Whether a word, or several joined by underscores, says where or when."""
    return phrase in _SAYS
