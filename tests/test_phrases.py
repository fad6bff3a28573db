from __future__ import annotations

from retrievers.phrases import MOST_PHRASES, phrases, sayings


def test_phrases_have_four_words_or_more() -> None:
    assert phrases("Soft gouache, fresh greens. For fairy tales and cards; children") == [
        "Soft gouache, fresh greens",
        "For fairy tales and cards",
        "children",
    ]
    assert phrases("") == []


def test_what_is_said_is_said_once_and_not_without_end() -> None:
    said = sayings("Impasto", "Thick paint laid on with a knife")
    assert said == ["Impasto", "Impasto. Thick paint laid on with a knife", "Thick paint laid on with a knife"]
    assert len(sayings("many", ", ".join(f"phrase number {i} here" for i in range(100)))) == 2 + MOST_PHRASES
