"""Nouns: the words of a prompt that say what is drawn. English, and few; a plural in s is known by its singular."""

from __future__ import annotations

ANIMALS = "cat kitten dog puppy fox rabbit bear horse mouse lion tiger wolf deer squirrel hamster pet"
_SCENES = {
    "person": "portrait face boy girl man men woman women child children kid couple person people lady ladies "
    "gentleman king queen prince princess baby dancer figure model mother father grandmother grandfather friend family",
    "dressed": "dress gown skirt coat suit kimono robe costume fashion outfit jacket",
    "animal": ANIMALS,
    "building": "house cottage hut cabin barn farm farmhouse home villa castle church village hotel shed temple",
    "landscape": "landscape lighthouse mill windmill tower meadow hill hills mountain mountains field fields garden "
    "park forest woods valley countryside sunrise sunset",
    "water": "sea ocean lake river water pond bay harbour harbor coast wave waves boat boats ship sailing sailboat "
    "yacht",
    "snow": "snow snowy winter ice christmas",
    "sand": "beach desert sand dune dunes",
    "boat": "boat boats ship sailing sailboat yacht",
    "street": "street road city town avenue skyline traffic highway",
    "plants": "tree trees forest woods garden park orchard pine pines bush bushes plant plants cottage landscape "
    "meadow hill hills mountain mountains valley countryside village",
}

# what a colour word may speak of; shapes.py knows how each of them looks
_NOUNS = {
    "sky": "sky background backdrop",
    "ground": "ground grass field road street floor sea water sand snow meadow lawn path",
    "roof": "roof",
    "sun": "sun moon",
    "window": "window windows",
    "door": "door",
    "cloth": "dress gown skirt coat shirt jacket suit robe kimono",
    "subject": "chair armchair sofa car house cottage building robot bag castle lighthouse tower boat ship sailboat "
    "yacht bus train truck bicycle bike plane balloon umbrella teapot cup mug vase bottle lamp shoe guitar ball apple "
    "fish bird owl butterfly dragon flower rose mushroom",
    "sail": "sail sails",
    "fur": ANIMALS,
    "hair": "hair hat",
    "skin": "face skin portrait boy girl man woman",
    "foliage": "tree trees leaves",
}
_NOUN = {word: noun for noun, words in _NOUNS.items() for word in words.split()}
_SCENES_OF: dict[str, set[str]] = {}
for _scene, _words in _SCENES.items():
    for _word in _words.split():
        _SCENES_OF.setdefault(_word, set()).add(_scene)


def noun_of(word: str) -> str | None:
    """What a word names."""
    return _NOUN.get(word) or _NOUN.get(word.removesuffix("s"))


def scenes_of(word: str) -> set[str]:
    """The scenes that a word belongs to."""
    return _SCENES_OF.get(word) or _SCENES_OF.get(word.removesuffix("s"), set())
