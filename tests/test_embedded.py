from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from core.settings import ROOT
from retrievers.embedded import WordsAndPaletteEmbeddings
from retrievers.phrases import phrases
from tests.conftest import drawing, noise


def plain(red: int, green: int, blue: int) -> Image.Image:
    return Image.new("RGB", (64, 64), (red, green, blue))


def test_words_and_pictures_share_one_space(embeddings: WordsAndPaletteEmbeddings) -> None:
    vectors = [
        embeddings.embed_query("red"),
        embeddings.embed_documents(["a boat"])[0],
        embeddings.embed_image(plain(9, 9, 9)),
    ]
    for vector in vectors:
        assert isinstance(vector, list) and len(vector) == embeddings.dimension
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("word", "rgb"),
    [("red", (200, 30, 30)), ("green", (40, 150, 50)), ("dark blue", (15, 25, 80)), ("yellow", (245, 220, 40))],
)
def test_a_colour_word_finds_the_picture_of_that_colour(
    embeddings: WordsAndPaletteEmbeddings, word: str, rgb: tuple[int, int, int]
) -> None:
    colours = [(200, 30, 30), (40, 150, 50), (15, 25, 80), (245, 220, 40), (120, 120, 120), (250, 250, 250)]
    query = np.array(embeddings.embed_query(word))
    scores = {other: float(query @ np.array(embeddings.embed_image(plain(*other)))) for other in colours}
    assert max(scores, key=scores.get) == rgb


def test_a_picture_finds_pictures_that_look_alike(embeddings: WordsAndPaletteEmbeddings) -> None:
    def half(style: str, left: bool) -> np.ndarray:
        image = Image.open(ROOT / f"styles/{style}.jpg").convert("RGB")
        box = (0, 0, image.width // 2, image.height) if left else (image.width // 2, 0, image.width, image.height)
        return np.array(embeddings.embed_image(image.crop(box)))

    styles = [path.stem for path in sorted((ROOT / "styles").glob("*.jpg"))]
    right = {style: half(style, left=False) for style in styles}
    for style in styles:
        left = half(style, left=True)
        assert max(styles, key=lambda other: float(left @ right[other])) == style


def test_words_given_count_with_what_is_seen(embeddings: WordsAndPaletteEmbeddings) -> None:
    query = np.array(embeddings.embed_query("a sailing boat at sea"))
    named, bare = (np.array(embeddings.embed_image(plain(30, 60, 160), words)) for words in ("sailing boat", ""))
    assert query @ named > query @ bare + 0.2


def test_an_entry_has_a_vector_for_each_thing_said(embeddings: WordsAndPaletteEmbeddings) -> None:
    words = "Thick paint laid on with a knife. For galleries and living rooms, and for passionate portraits."
    entry = embeddings.embed_entry(plain(30, 60, 160), "Impasto", words)
    assert len(entry) == 2 + len(phrases(words)) + 1
    query = np.array(embeddings.embed_query("a picture for my living room"))
    assert max(query @ np.array(row) for row in entry) > query @ np.array(entry[1])


def test_many_pictures_have_the_vectors_of_each(embeddings: WordsAndPaletteEmbeddings) -> None:
    pictures = [plain(200, 30, 30), noise(90, 70), noise(300, 1000), drawing()]
    words = ["", "a sailing boat at sea", " ", "a house, a tree"]
    alone = [embeddings.embed_image(*pair) for pair in zip(pictures, words, strict=True)]
    with ThreadPoolExecutor(4) as pool:
        together = [pool.submit(embeddings.embed_pictures, pictures, words) for _ in range(8)]
        for rows in (future.result() for future in together):
            assert rows.dtype == np.float32 and rows.shape == (4, embeddings.dimension)
            assert np.allclose(rows, alone, atol=1e-6)
    assert embeddings.embed_pictures([], []).shape == (0, embeddings.dimension)
    with pytest.raises(ValueError, match="longer"):
        embeddings.embed_pictures(pictures[1:], words)


def test_a_picture_that_was_decoded_smaller_is_the_same_to_the_model(embeddings: WordsAndPaletteEmbeddings) -> None:
    for path in sorted((ROOT / "styles").glob("*.jpg")):
        whole = Image.open(path).convert("RGB").resize((3200, 2400))
        large = io.BytesIO()
        whole.save(large, "JPEG", quality=92)
        head = Image.open(large)
        head.draft("RGB", (embeddings.wanted, embeddings.wanted))
        assert min(head.size) < 2400
        assert np.dot(embeddings.embed_image(head.convert("RGB")), embeddings.embed_image(whole)) > 0.98
