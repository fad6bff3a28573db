from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from generators.vision.light import Light
from generators.vision.mood import BRIGHTNESS, SATURATION, find_mood
from generators.vision.sight import see


def test_mood_follows_valdez_and_mehrabian() -> None:
    def mood(lightness: float, chroma: float) -> Callable[[], tuple[str, ...]]:
        return find_mood(Light("medium", "moderate", 0.0, lightness, 0.1, chroma, None, None)).words

    assert "calm" in mood(0.9, 0.05)() and "cheerful" in mood(0.85, 0.45)()
    assert "heavy" in mood(0.3, 0.03)() and "dramatic" in mood(0.25, 0.5)()
    assert mood(0.56, 0.21)() == ("balanced", "composed")
    pale, dark = (find_mood(see(Image.new("RGB", (40, 40), (shade,) * 3)).light) for shade in (245, 30))
    assert pale.pleasure > dark.pleasure and pale.arousal < dark.arousal and pale.dominance < dark.dominance


def test_one_standard_score_of_brightness_weighs_as_published() -> None:
    light = Light("bright", "muted", 0.0, BRIGHTNESS[0] + BRIGHTNESS[1], 0.1, SATURATION[0], None, None)
    mood = find_mood(light)
    assert (mood.pleasure, mood.arousal, mood.dominance) == pytest.approx((0.69, -0.31, -0.76))


def test_every_mood_has_words_of_its_own() -> None:
    said = {
        find_mood(Light("medium", "moderate", 0.0, bright / 20, 0.1, vivid / 20, None, None)).words()
        for bright in range(21)
        for vivid in range(15)
    }
    assert len(said) >= 12 and all(len(words) == 2 for words in said)
