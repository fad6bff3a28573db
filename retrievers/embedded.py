"""Words and palette: one space for words and pictures, without a vision model.

A vector has two blocks, joined and normalised:

| block   | dimensions | of a picture                                  | of a text                                     |
|---------|------------|-----------------------------------------------|-----------------------------------------------|
| words   | 384        | MiniLM of the words known of it, and of the   | MiniLM of the text                            |
|         |            | words that its pixels speak (core/measures)   |                                               |
| palette | 30         | what its pixels measure                       | what the text's words of colour and light say |

The palette is made of square roots of histograms, so that a product of two is their Bhattacharyya coefficient:
11 basic colour terms (weight 0.80), 4 steps of lightness (0.40), 3 of chroma (0.25), 6 edge directions and 6 steps of
edge density (0.25 each). Colour weighs most because it is what people name; edges weigh enough for a picture to find
pictures of the same texture. A part that a text does not speak of is empty and takes no part in the product.

The palette weighs PALETTE = 0.6 against 1 for the words of a picture, and against SEEN = 0.4 where nobody gave any. In
a text it weighs up to that, as the share of its words that speak of colour or light grows: `red` is nearly all palette,
one colour in a long sentence hardly counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings
from PIL import Image

from core.colours import BASIC_TERMS, Array, terms_in, words_of
from core.measures import CHROMA_EDGES, LIGHT_EDGES, ORIENTATIONS, SIDE, Measures, measure
from retrievers.base import Vector
from retrievers.minilm import MiniLM
from retrievers.phrases import sayings
from retrievers.tally import EMBEDDED

PALETTE = 0.6
SEEN = 0.4  # of the words that pixels speak, beside words that somebody gave
COLOURS, LIGHT, CHROMA, TEXTURE = 0.80, 0.40, 0.25, 0.25
DENSITIES = 6
SHADES, CHROMAS = len(LIGHT_EDGES) - 1, len(CHROMA_EDGES) - 1
SIZE = len(BASIC_TERMS) + SHADES + CHROMAS + ORIENTATIONS + DENSITIES

# words of light: shares of dark, dim, medium, bright; words of chroma: shares of grey, muted, vivid
_LIGHT = {
    "dark": (0.6, 0.4, 0, 0), "night": (0.5, 0.4, 0.1, 0), "midnight": (0.8, 0.2, 0, 0), "gloomy": (0.5, 0.5, 0, 0),
    "shadow": (0.6, 0.4, 0, 0), "dim": (0.3, 0.6, 0.1, 0), "bright": (0, 0, 0.4, 0.6), "light": (0, 0, 0.4, 0.6),
    "pale": (0, 0, 0.2, 0.8), "sunny": (0, 0, 0.5, 0.5), "pastel": (0, 0, 0.3, 0.7), "snowy": (0, 0, 0.2, 0.8),
    "day": (0, 0.1, 0.5, 0.4),
}  # fmt: skip
_CHROMA = {
    "vivid": (0, 0.1, 0.9), "neon": (0, 0.1, 0.9), "colourful": (0, 0.2, 0.8), "colorful": (0, 0.2, 0.8),
    "saturated": (0, 0.1, 0.9), "vibrant": (0, 0.1, 0.9), "muted": (0.4, 0.6, 0), "pastel": (0.2, 0.7, 0.1),
    "faded": (0.5, 0.5, 0), "monochrome": (0.9, 0.1, 0), "soft": (0.3, 0.6, 0.1),
}  # fmt: skip


class WordsAndPaletteEmbeddings(Embeddings):
    """LangChain `Embeddings` with `embed_image`; unit vectors of 414 dimensions. Thread-safe."""

    weak = 0.25
    device = "cpu"
    wanted = 4 * SIDE  # twice the finest scale that is measured: a medium is told by its grain
    batch = 16  # each is computed alone; so many tell of progress often enough
    reads_words = True
    best_rows: tuple[float, ...] = (0.4, 0.3, 0.2, 0.1)  # what an entry is called, or several things said of it

    def __init__(self, words: MiniLM) -> None:
        self._words = words
        self.files, self.megabytes, self.runtime = words.files, words.megabytes, words.runtime
        self.identity = f"words-and-palette-2+{words.identity}"
        self.dimension = words.dimension + SIZE

    def embed_query(self, text: str) -> Vector:
        return _listed(self._of_text(text))

    def embed_documents(self, texts: list[str]) -> list[Vector]:
        return [self.embed_query(text) for text in texts]

    def embed_image(self, image: Image.Image, words: str = "") -> Vector:
        """One vector: the mean of what is said and what is seen, with the palette."""
        return _listed(self._of_picture(image, words))

    def embed_pictures(self, pictures: Sequence[Image.Image], words: Sequence[str]) -> Array:
        """`embed_image` of each, as float32 rows of shape (n, dimension)."""
        rows = np.zeros((len(pictures), self.dimension), np.float32)
        for place, (picture, said) in enumerate(zip(pictures, words, strict=True)):
            rows[place] = self._of_picture(picture, said)
        return rows

    def looks(self, vectors: Array) -> Array:
        """Their palettes alone."""
        palettes = np.array(vectors, np.float32)
        palettes[:, : self._words.dimension] = 0
        lengths = np.linalg.norm(palettes, axis=1, keepdims=True)
        return np.asarray(palettes / np.maximum(1e-9, lengths), np.float32)

    def embed_entry(self, image: Image.Image, name: str, words: str) -> list[Vector]:
        """A vector for the name, for everything together, for each phrase said and for what is seen."""
        with EMBEDDED.counting("picture", self.identity):
            measures = measure(image)
            palette = _palette(measures)
            said = [*sayings(name, words), measures.words()]
            return [_listed(self._join(self._words.embed(text), palette, PALETTE)) for text in dict.fromkeys(said)]

    def _of_picture(self, image: Image.Image, words: str) -> Array:
        with EMBEDDED.counting("picture", self.identity):
            return self._seen(image, words)

    def _seen(self, image: Image.Image, words: str) -> Array:
        measures = measure(image)
        seen = SEEN * self._words.embed(measures.words())
        block = _unit(self._words.embed(words) + seen) if words.strip() else seen
        return self._join(block, _palette(measures), PALETTE)

    def _of_text(self, text: str) -> Array:
        palette, share = _spoken(text)
        return self._join(self._words.embed(text), palette, PALETTE * share)

    @staticmethod
    def _join(words: Array, palette: Array, weight: float) -> Array:
        return _unit(np.concatenate([words, weight * palette]))


def _listed(vector: Array) -> Vector:
    numbers: Vector = vector.tolist()  # LangChain and Chroma compare python lists
    return numbers


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(1e-9, float(np.linalg.norm(vector))), np.float32)


def _palette(m: Measures) -> Array:
    """The palette block of a picture, shape (30,), of length 1."""
    colours = [m.colours[term] for term in BASIC_TERMS]
    place = np.clip(m.edges / 0.6, 0, 1) * (DENSITIES - 1)
    density = np.clip(1 - np.abs(np.arange(DENSITIES) - place) / 1.5, 0, 1)
    return _parts(np.array(colours), np.array(m.light), np.array(m.chroma), np.array(m.orientations), density)


def _spoken(text: str) -> tuple[Array, float]:
    """The palette block that a text speaks of, shape (30,), and the share of its words that do, 0..1."""
    words, terms = words_of(text), terms_in(text)
    light = [_LIGHT[word] for word in words if word in _LIGHT]
    chroma = [_CHROMA[word] for word in words if word in _CHROMA]
    spoken = sum(bool(terms_in(word)) or word in _LIGHT or word in _CHROMA for word in words)
    block = _parts(
        np.array([terms.get(term, 0.0) for term in BASIC_TERMS]),
        np.sum(light, 0) if light else np.zeros(SHADES),
        np.sum(chroma, 0) if chroma else np.zeros(CHROMAS),
        np.zeros(ORIENTATIONS),
        np.zeros(DENSITIES),
    )
    return block, spoken / max(1, len(words))


def _parts(*histograms: np.ndarray) -> Array:
    """Weighted square roots of histograms, joined; an empty histogram stays empty."""
    weights = (COLOURS, LIGHT, CHROMA, TEXTURE, TEXTURE)
    roots = [
        weight * np.sqrt(histogram / histogram.sum()) if histogram.sum() > 0 else histogram
        for weight, histogram in zip(weights, histograms, strict=True)
    ]
    return _unit(np.concatenate(roots).astype(np.float32))
