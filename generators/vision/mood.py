"""Mood: what the brightness and the saturation of a picture's colours do to those who look at it, on the average.

P. Valdez and A. Mehrabian, Effects of Color on Emotions, Journal of Experimental Psychology: General 123 (1994), with
B brightness and S saturation as standard scores: pleasure = .69 B + .22 S, arousal = -.31 B + .60 S, dominance =
-.76 B + .32 S. They asked about single colours; here B and S are those of the mean colour of a picture, scored against
the pictures of a household (photographs and paintings). What the picture shows has no part in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from generators.vision.light import Light

BRIGHTNESS = (0.56, 0.17)  # mean and standard deviation of lightness over pictures
SATURATION = (0.21, 0.14)  # of mean chroma
FELT = 0.35  # of a score from which on it is a feeling
STRONGLY = 0.8

# pleasure, arousal and dominance, each -1, 0 or 1: the words. B and S alone reach these.
_WORDS = {
    (1, -1, -1): ("calm", "gentle"), (1, 0, -1): ("light", "friendly"), (1, 1, -1): ("cheerful", "fresh"),
    (1, 1, 0): ("cheerful", "lively"), (1, 0, 0): ("pleasant", "open"), (0, 1, 0): ("lively", "bold"),
    (0, 1, 1): ("bold", "spirited"), (0, 0, 0): ("balanced", "composed"), (0, -1, 0): ("quiet", "restrained"),
    (0, -1, -1): ("quiet", "gentle"), (0, 0, 1): ("firm", "serious"), (0, 0, -1): ("light", "relaxed"),
    (-1, 1, 1): ("dramatic", "intense"), (-1, 0, 1): ("heavy", "solemn"), (-1, -1, 1): ("sombre", "still"),
    (-1, -1, 0): ("sombre", "quiet"), (-1, 0, 0): ("serious", "subdued"), (-1, 1, 0): ("tense", "restless"),
}  # fmt: skip


@dataclass(frozen=True)
class Mood:
    """Standard scores, mostly within -2..2."""

    pleasure: float
    arousal: float
    dominance: float

    def words(self) -> tuple[str, ...]:
        """A few adjectives; `very` where the feeling is strong."""
        signs = tuple(0 if abs(score) < FELT else 1 if score > 0 else -1 for score in self._scores())
        return _WORDS.get((signs[0], signs[1], signs[2]), ("balanced", "composed"))

    def _scores(self) -> tuple[float, float, float]:
        return self.pleasure, self.arousal, self.dominance


def find_mood(light: Light) -> Mood:
    brightness = (light.lightness - BRIGHTNESS[0]) / BRIGHTNESS[1]
    saturation = (light.chroma - SATURATION[0]) / SATURATION[1]
    return Mood(
        pleasure=round(0.69 * brightness + 0.22 * saturation, 3),
        arousal=round(-0.31 * brightness + 0.60 * saturation, 3),
        dominance=round(-0.76 * brightness + 0.32 * saturation, 3),
    )
