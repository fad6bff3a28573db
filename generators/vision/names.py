"""Names of colours: what people call a colour that was measured, in one to three words.

A name is that of the nearest sample in Lab: the colour words that everybody knows, as core has them, with the term
that they belong to where they do not say it themselves (navy blue), and the basic terms with a plain adjective (pale
grey, dark green, greyish blue), which lie between the words. Words of fashion and of the paint shop are left out where
they name what a commoner word names as well.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.colours import Array, colour_words, hex_to_lab

# word of core.colours: how it is said
_SAID = {
    "black": "black", "charcoal": "charcoal grey", "white": "white", "ivory": "ivory", "cream": "cream",
    "beige": "beige", "grey": "grey", "silver": "silver grey", "slate": "slate grey",
    "red": "red", "crimson": "crimson red", "vermilion": "vermilion red",
    "maroon": "maroon red", "burgundy": "burgundy red", "rust": "rust brown", "orange": "orange",
    "amber": "amber yellow", "apricot": "apricot orange", "peach": "peach pink", "copper": "copper brown",
    "yellow": "yellow", "mustard": "mustard yellow", "lemon": "lemon yellow", "ochre": "ochre yellow",
    "green": "green", "emerald": "emerald green", "olive": "olive green", "lime": "lime green", "mint": "mint green",
    "jade": "jade green", "sage": "sage green", "teal": "teal", "turquoise": "turquoise", "aqua": "aqua blue",
    "blue": "blue", "azure": "azure blue", "navy": "navy blue", "indigo": "indigo blue", "cobalt": "cobalt blue",
    "purple": "purple", "violet": "violet", "lavender": "lavender", "lilac": "lilac", "mauve": "mauve",
    "plum": "plum purple", "pink": "pink", "rose": "rose pink", "magenta": "magenta", "salmon": "salmon pink",
    "coral": "coral pink", "brown": "brown", "chocolate": "chocolate brown", "tan": "tan brown",
    "caramel": "caramel brown", "khaki": "khaki",
}  # fmt: skip

# name: further samples of it
_BETWEEN = {
    "black": "000000 1b1b1b 151519 241f1d 2a2523 201c16", "dark grey": "4c4c4e 58585a 514c48 464b50",
    "grey": "6e6e70 787878 8f8f8f 999999 8f8983",
    "pale grey": "aaaaaa b8b8b8 c6c6c6 d2d2d2 bdbab4 cbc8c0 b4b9be c8ccd2 dcdad6",
    "white": "ffffff e8e8e8 efeeea e6eaee", "off-white": "e6e0d4 ece6dc", "greyish brown": "7d7168 6a5f57 92857a",
    "greyish beige": "b3a799 c4b8a8 a39789", "dark greyish brown": "4f4340 463c37", "brown": "7a5237",
    "dark brown": "3d2a1f 321f16 4b382c", "light brown": "a5805c b08c66 96755a", "pale brown": "bfa284",
    "beige": "d6cab4 cfc4b0 cdb496", "red": "ff0000 e42020 c81e1e d02c1c", "dark red": "7c1a1c 661318 8a2420",
    "brick red": "a2463a 8f4438", "orange": "e26a1e", "pale yellow": "f7eeb4 efe49a", "golden yellow": "dcb23c",
    "dark olive green": "4a4c2a 3c3f26", "olive green": "66682f", "dark green": "1d4727 16351f 24523a 2c4034",
    "green": "2f7d3c 55a84e 6cb35a", "pale green": "c2deb4 a9cf98 cfe0c4", "greyish green": "7c8a78 66756a 93a190",
    "dark teal": "14484c 0f383c 1f5054", "greyish teal": "5f8a8c", "dark blue": "1c3a72 142c5e 22345a 16233f",
    "charcoal grey": "2b2830 322f36", "rosy brown": "b38775 a67c70", "petrol blue": "103e5a 17475f",
    "teal blue": "3f788d 3e8aa8 2f7f9e", "navy blue": "1b2138 1c1d2b 252a3d 28314c",
    "dark blue-grey": "36404f 3a4654", "steel blue": "4682b4 5c94b9 3f78a4 366f9c", "blue": "3a6fc0 2b54a4 3f63a0",
    "sky blue": "7fb2e5 6aa5de 92c4ee", "pale blue": "b7d3ec c6dcee a9c4de",
    "greyish blue": "6c87a3 5a7694 7f95ab 54708c 48607c", "pale greyish blue": "a2b4c6",
    "dark purple": "3a1f56 2b1740 46285c 2c1c3a", "pale purple": "d2c4e6", "greyish purple": "786a84 655872 8e809a",
    "pale pink": "f5ccd6 efc0c8 f2dadb", "dusty pink": "c598a0 b5838c d0a9a8", "raspberry pink": "b53a68 a52c5c",
    "dark pink": "d0447c", "greyish pink": "a58c90", "greyish red": "7d4a50 8d5a5e 6a3f44",
}  # fmt: skip

RARE = 1.15  # times as far does a word lie that is no basic term: it must fit better
HUE = 1.35  # weight of the two axes of hue against lightness: a pale blue is no pale grey


@lru_cache(maxsize=1)
def _samples() -> tuple[tuple[str, ...], Array, Array]:
    """Names, their samples of shape (n, 3) in weighted Lab, and how much farther each counts."""
    names, rows, far = [], [], []
    for word, focal in colour_words().items():
        if word in _SAID:
            names.append(_SAID[word])
            rows.append(focal[None])
            far.append(RARE if word != _SAID[word] else 1.0)
    for name, codes in _BETWEEN.items():
        samples = hex_to_lab(*codes.split())
        names += [name] * len(samples)
        rows.append(samples)
        far += [1.0] * len(samples)
    return tuple(names), _weighted(np.concatenate(rows)), np.array(far, np.float32)


def _weighted(lab: Array) -> Array:
    return np.asarray(lab * np.array([1, HUE, HUE], np.float32), np.float32)


def name_of(lab: Array) -> str:
    """The name of a colour in scaled Lab, shape (3,)."""
    names, samples, far = _samples()
    return names[int((np.linalg.norm(samples - _weighted(lab), axis=1) * far).argmin())]
