"""Things: nouns that a story can be about, and how each of them behaves in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generators.stories.spelling import plural_of, with_article, words_in

Kind = Literal[
    "wear", "cloth", "hold", "food", "sit", "ride", "build", "land", "sky", "plant", "beast", "person", "any"
]

# of each kind: single things, and those that are many
_SINGLE: dict[Kind, str] = {
    "wear": "dress hat shirt coat skirt scarf jacket t-shirt longsleeve sweater jumper cardigan blouse cap cape gown"
    " kimono hoodie suit tie vest waistcoat robe shawl apron blazer parka raincoat sandal shoe boot sneaker"
    " slipper sock glove mitten belt polo bonnet tunic uniform top tee undershirt bag handbag backpack",
    "cloth": "kite quilt umbrella parasol blanket carpet flag curtain towel tent pillow",
    "hold": "lantern lamp book cup mug teapot kettle pot jug vase bowl plate spoon bottle basket key letter ball bell"
    " drum glass guitar violin flute accordion doll toy box suitcase broom brush candle camera compass clock"
    " watch ring necklace coin feather shell stone fan mask mirror map bucket jar picture painting drawing"
    " photograph statue telescope telephone radio balloon pencil pen notebook typewriter pumpkin robot tray",
    "food": "apple pear orange lemon cake loaf pie bun egg cheese pancake dumpling sandwich pizza banana peach plum"
    " melon onion carrot fish tomato",
    "sit": "chair armchair table bed sofa bench stove piano cupboard wardrobe bookcase ladder door window gate fence"
    " well fountain machine engine wheel swing cradle desk stool shelf fireplace mailbox letterbox loom"
    " lamppost staircase",
    "ride": "boat ship sailboat ferry train tram bus car bicycle bike cart airship plane aeroplane rocket truck van"
    " tractor canoe raft sledge wagon locomotive yacht motorcycle scooter submarine carriage",
    "build": "house cottage hut cabin tower castle lighthouse mill windmill bridge temple church barn palace station"
    " shop bakery school pagoda shrine monastery pier inn teahouse chapel farmhouse greenhouse building"
    " skyscraper factory cathedral amphitheatre",
    "land": "mountain hill river lake forest meadow garden beach valley island waterfall field road path street city"
    " town village harbour skyline pond orchard cave canyon desert park cliff volcano landscape shore bay"
    " canal wood vineyard",
    "sky": "cloud star rainbow comet storm sunrise sunset",
    "plant": "flower tree rose leaf sunflower tulip lily mushroom bush cactus fern bouquet pine oak cherry-tree willow"
    " daisy poppy branch bonsai",
    "beast": "cat dog horse bird fox owl rabbit hare bear mouse hedgehog goat sheep cow duck swan heron crow deer frog"
    " turtle whale butterfly moth bee snail squirrel elephant lion tiger dragon kitten puppy wolf pigeon"
    " donkey pony penguin monkey dolphin goose chicken hen rooster crab spider ladybird otter seal badger"
    " beaver parrot",
    "person": "woman girl lady mother grandmother queen princess man boy gentleman father grandfather king prince child"
    " baby person dancer fisherman sailor farmer baker musician painter wizard witch knight monk gardener"
    " tailor stranger couple family crowd",
    "any": "face portrait smile shadow hand head eye ghost spirit pattern fire gift secret dream song light",
}
_MANY: dict[Kind, str] = {
    "wear": "pants shorts trousers jeans leggings tights shoes boots sneakers sandals slippers socks gloves mittens"
    " glasses sunglasses earrings heels pyjamas overalls dungarees clothes",
    "hold": "scissors headphones binoculars books keys letters",
    "sit": "stairs steps",
    "land": "mountains hills woods fields ruins",
    "sky": "clouds stars",
    "plant": "flowers leaves trees roses tulips reeds mushrooms branches",
    "beast": "sheep geese mice fish birds",
    "person": "people children women men twins friends",
}  # fmt: skip
_MASS: dict[Kind, str] = {  # without an article
    "wear": "outwear outerwear clothing knitwear sportswear underwear jewellery",
    "food": "bread soup rice tea cheese honey fruit food porridge",
    "plant": "grass moss ivy bamboo wheat heather",
    "any": "smoke music laughter ice",
    "sky": "snow rain fog mist wind",
    "land": "water sand scenery",
}
_ONLY: dict[Kind, str] = {"land": "sea ocean horizon coast countryside", "sky": "sun moon sky"}  # with `the` alone
_PAIRS = words_in(
    "pants shorts trousers jeans leggings tights shoes boots sneakers sandals slippers socks gloves mittens"
    " glasses sunglasses earrings heels scissors headphones binoculars"
)
_SHE = words_in("woman girl lady mother grandmother queen princess witch")
_HE = words_in("man boy gentleman father grandfather king prince fisherman knight monk wizard")
_IRREGULAR = {
    **{"leaf": "leaves", "man": "men", "woman": "women", "child": "children", "person": "people", "mouse": "mice"},
    **{"goose": "geese", "wolf": "wolves", "shelf": "shelves", "loaf": "loaves", "fish": "fish", "sheep": "sheep"},
}

Number = Literal["one", "many", "pair", "mass", "only"]
Sex = Literal["it", "she", "he", "they"]


@dataclass(frozen=True)
class Thing:
    """A noun with what a sentence needs to know of it."""

    noun: str
    kind: Kind = "any"
    number: Number = "one"
    sex: Sex = "it"

    @property
    def plural(self) -> bool:
        return self.number in ("many", "pair") or self.sex == "they"

    def some(self, adjective: str = "") -> str:
        """Where it is told of for the first time: `a red coat`, `a pair of red shoes`, `red flowers`, `the red sea`."""
        whole = f"{adjective} {self.noun}".strip()
        if self.number == "pair":
            return f"a pair of {whole}"
        if self.number == "only":
            return f"the {whole}"
        if self.number == "mass" and self.kind in ("wear", "food"):
            return f"some {whole}"
        return whole if self.number in ("many", "mass") else with_article(whole)

    def words(self, name: str = "T") -> dict[str, str]:
        """Its noun and its pronouns as a grammar takes them."""
        plural = self.number in ("many", "pair")
        they = {"it": "they" if plural else "it"}.get(self.sex, self.sex)
        them = {"it": "it", "they": "them", "she": "her", "he": "him"}[they]
        their = {"it": "its", "they": "their", "she": "her", "he": "his"}[they]
        return {
            name: self.noun,
            f"the{name}": f"the {self.noun}",
            **{"it": they, "obj": them, "its": their},
            **{
                "was": "were" if plural else "was",
                "is": "are" if plural else "is",
                "it_was": f"{they} {'were' if they == 'they' else 'was'}",
            },
            "itself": {"it": "itself", "they": "themselves", "she": "herself", "he": "himself"}[they],
        }


def thing_of(word: str) -> Thing | None:
    """The thing that a word in small letters names; None where it is not among those that are known."""
    return _THINGS.get(word)


def things_of_kind(*kinds: Kind) -> list[Thing]:
    """All single things of these kinds."""
    return [thing for thing in _THINGS.values() if thing.kind in kinds and thing.number == "one"]


def _sex(noun: str, kind: Kind, number: Number) -> Sex:
    if kind != "person" or number != "one":
        return "it"
    return "she" if noun in _SHE else "he" if noun in _HE else "it" if noun in ("couple", "family", "crowd") else "they"


def _all() -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    numbers: tuple[tuple[Number, dict[Kind, str]], ...] = (
        *(("one", _SINGLE), ("many", _MANY), ("mass", _MASS), ("only", _ONLY)),
    )
    for number, kinds in numbers:
        for kind, nouns in kinds.items():
            for noun in nouns.split():
                own: Number = "pair" if noun in _PAIRS else number
                found.setdefault(noun, Thing(noun, kind, own, _sex(noun, kind, own)))
    for thing in list(found.values()):
        if thing.number == "one":
            several = _IRREGULAR.get(thing.noun, plural_of(thing.noun))
            found.setdefault(several, Thing(several, thing.kind, "many"))
    return found


_THINGS = _all()
