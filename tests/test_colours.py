from __future__ import annotations

import numpy as np
import pytest

from core.colours import BASIC_TERMS, colour_words, from_lab, term_shares, terms_in, to_lab


def test_lab_and_back_is_the_same_picture() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    assert np.abs(from_lab(to_lab(rgb)).astype(int) - rgb).max() <= 1


def test_black_to_white_is_one_unit() -> None:
    lab = to_lab(np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8))
    assert np.allclose(lab[0, 1] - lab[0, 0], [1, 0, 0], atol=1e-3)


@pytest.mark.parametrize(
    ("rgb", "term"),
    [
        ((0, 0, 0), "black"), ((255, 255, 255), "white"), ((128, 128, 128), "grey"), ((220, 20, 20), "red"),
        ((255, 140, 0), "orange"), ((255, 230, 0), "yellow"), ((30, 120, 40), "green"), ((20, 40, 160), "blue"),
        ((110, 40, 150), "purple"), ((255, 170, 200), "pink"), ((100, 60, 30), "brown"), ((135, 206, 235), "blue"),
        ((20, 30, 60), "blue"), ((85, 107, 47), "green"),
    ],
)  # fmt: skip
def test_a_plain_colour_has_its_name(rgb: tuple[int, int, int], term: str) -> None:
    shares = term_shares(np.full((4, 4, 3), rgb, np.uint8))
    assert BASIC_TERMS[int(shares.argmax())] == term
    assert shares.sum() == pytest.approx(1, abs=1e-4)


def test_words_of_colour_speak_of_basic_terms() -> None:
    assert terms_in("a crimson rose") == {"red": 0.75, "pink": 0.25}
    assert terms_in("a tall ship") == {}
    assert sum(terms_in("teal, gold and black").values()) == pytest.approx(1)


def test_the_focal_colour_of_a_basic_word_has_that_name() -> None:
    for term in BASIC_TERMS:
        shares = term_shares(from_lab(colour_words()[term].reshape(1, 1, 3)))
        assert BASIC_TERMS[int(shares.argmax())] == term
