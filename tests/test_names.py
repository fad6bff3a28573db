from __future__ import annotations

from core.colours import colour_words, hex_to_lab, words_of
from generators.vision.names import name_of


def test_colours_have_the_names_that_people_give_them() -> None:
    said = {
        "ffffff": "white", "000000": "black", "808080": "grey", "c8c8c8": "pale grey", "1b2a5c": "navy blue",
        "ff0000": "red", "14807f": "teal", "f3d935": "yellow", "70492c": "brown", "b7d3ec": "pale blue",
        "1d4727": "dark green", "e0d0b0": "beige", "76399c": "purple", "ee86ad": "pink", "ec7f2a": "orange",
    }  # fmt: skip
    assert {code: name_of(hex_to_lab(code)[0]) for code in said} == said


def test_every_focal_colour_has_a_name_and_names_are_colour_words() -> None:
    names = {name_of(focal) for focal in colour_words().values()}
    assert len(names) > 40
    assert all(words_of(name)[-1] in colour_words() for name in names)


def test_near_greys_are_not_called_by_a_hue() -> None:
    for code in ("7f7f84", "84807f", "7f8480", "c4c4c8", "2a2a2b", "f4f3f2"):
        assert name_of(hex_to_lab(code)[0]).split()[-1] in ("grey", "white", "black")
