"""The composer: what it reads of a prompt, that every figure is well drawn, and that each place is known."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from PIL import Image

from generators.composer import vocabulary
from generators.composer.cast import FIGURES
from generators.composer.composer import Composition, compose
from generators.composer.pen import Canvas, Pen
from generators.composer.reading import Reading, read_prompt
from generators.composer.scenes import _HOME_OF as HOMES
from generators.composer.scenes import is_scene
from generators.edges import read_sketch

SHAPES = [(512, 512), (512, 384), (384, 512), (64, 64), (1024, 256), (256, 1024), (64, 256), (1024, 1024)]
PROMPTS = (
    "the Colosseum in Rome", "a girl with a red umbrella in the rain", "a ship at sunset", "still life with a teapot",
    "a robot in a city", "a cat on a windowsill", "a village in snow", "deep sea fish over a coral reef", "sorrow",
)  # fmt: skip


def figures(prompt: str) -> list[tuple[str, int | None]]:
    return [(mention.figure, mention.count) for mention in read_prompt(prompt).mentions]


def drawn(made: Composition) -> list[str]:
    return [subject.figure for subject in made.subjects]


def ink(made: Composition) -> np.ndarray:
    return 255 - np.asarray(made.sketch.convert("L"))


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A highly detailed digital painting of the Colosseum in Rome, trending on artstation, 8k", [("arena", 1)]),
        ("two cats and three old trees", [("cat", 2), ("tree", 3)]),
        ("the Eiffel Tower by night", [("lattice tower", 1)]),
        ("a photo of Notre-Dame", [("cathedral", 1)]),
        ("Hadrian's Wall", [("great wall", 1)]),
        ("a boat, in the style of Hokusai and his horses", [("boat", 1)]),
        ("a picture book illustration of a bear", [("bear", 1)]),
        ("she could not bear to watch", []),
        ("the sun rose over a rose garden", [("sun", 1)]),
        ("a castle without a dragon", [("castle", 1)]),
        ("she sang like a nightingale beside a well", [("well", 1)]),
        ("a cup of tea", [("cup", 1)]),
        ("the ruins of a temple", [("temple", 1)]),
        ("a castle tower", [("castle", 1)]),
        ("a horse statue", [("statue", 1)]),
        ("a family of rabbits", [("man", 4), ("rabbit", None)]),
        ("wolves", [("wolf", None)]),
        ("a dozen sheep and 7 lambs", [("sheep", 12)]),
        ("12345678901234567890 houses", [("house", 12)]),
        ("Saint Basil's Cathedral in Moscow", [("domes", 1)]),
        ("a field of lavender", [("flower", None)]),
        ("a couple and their children", [("man", 2), ("girl", 2)]),
    ],
)
def test_figures_are_read(prompt: str, expected: list[tuple[str, int | None]]) -> None:
    assert figures(prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "relation", "of", "to"),
    [
        ("a dragon over a castle", "over", "dragon", "castle"),
        ("a knight riding a horse", "on", "knight", "horse"),
        ("a dog in front of a house", "front", "dog", "house"),
        ("a mountain behind a church", "behind", "mountain", "church"),
        ("two swans on a pond under a willow", "under", "swan", "willow"),
        ("a black cat on the roof of a house", "on", "cat", "house"),
        ("a fox next to an owl", "beside", "fox", "owl"),
    ],
)
def test_relations_are_read(prompt: str, relation: str, of: str, to: str) -> None:
    mentions = read_prompt(prompt).mentions
    later = next(mention for mention in mentions if mention.figure == to)
    assert later.relation == relation and mentions[later.target].figure == of


def test_what_is_held_or_worn_is_no_figure_of_its_own() -> None:
    (girl,) = read_prompt("a girl in a blue dress with a red umbrella").mentions
    assert (girl.figure, girl.carries) == ("girl", ("umbrella",))
    assert figures("an umbrella in a room") == [("umbrella", 1)]


@pytest.mark.parametrize(
    ("prompt", "ground", "light", "more"),
    [
        ("a lighthouse in a storm at night", "", "night", {"rain", "clouds"}),
        ("a house on the beach by the sea at sunset", "beach", "sunset", {"sun"}),
        ("a forest path in autumn", "", "", {"path", "autumn"}),
        ("snow falls on a city street", "snow", "", set()),
        ("a cat on a windowsill", "sill", "", set()),
    ],
)
def test_scenes_are_read(prompt: str, ground: str, light: str, more: set[str]) -> None:
    scene = read_prompt(prompt).scene
    assert (scene.ground, scene.light) == (ground, light) and more <= scene.more


def test_unknown_nouns_are_told_and_not_drawn_as_something_else() -> None:
    made = compose("the Colosseum with a xylophone, three zorbs and beautifully painted walls", 256, 256)
    assert made.unknown == ("xylophone", "zorbs") and drawn(made)[0] == "arena"
    assert "not drawn: xylophone, zorbs" in made.notes[0] and made.notes[0].startswith("composed from the prompt: col")
    many = compose("a house, " + ", ".join(f"the {name}oid" for name in "abcdefghij"), 128, 128)
    assert len(many.unknown) == 5


def test_names_of_places_are_no_nouns() -> None:
    assert read_prompt("a pagoda in Kyoto near Osaka").unknown == ()
    assert read_prompt("Zorbs in a park").unknown == ("zorbs",)


def test_who_is_in_a_boat_is_drawn_behind_its_planks() -> None:
    made = compose("an old fisherman in a rowing boat on the sea", 512, 512)
    man, boat = (next(s for s in made.subjects if s.figure == name) for name in ("man", "rowing boat"))
    assert made.setting.startswith("sea") and abs(man.x - boat.x) < 0.1
    assert boat.y - boat.height < man.y < boat.y and man.y - man.height < boat.y - 0.8 * boat.height


def test_every_word_means_a_figure_that_there_is_or_a_scene() -> None:
    assert len(FIGURES) > 150 and set(vocabulary._FIGURES) == set(FIGURES) == set(vocabulary._OF.values())
    assert set(HOMES) <= set(FIGURES) and all(is_scene(home) for home in HOMES.values())
    assert {vocabulary.figure_of(word) for word in ("men", "churches", "teapots", "wolves", "xyzzy")} == {
        *("man", "church", "teapot", "wolf", None)
    }


def on_paper(name: str, size: int = 512, seed: int = 0) -> Canvas:
    figure = FIGURES[name]
    canvas = Canvas(size, size, np.random.default_rng(seed))
    canvas.begin({})
    tall = min(0.7, 0.8 / figure.width) * size
    figure.draw(Pen(canvas, size / 2, 0.86 * size, tall, owner=1, words=("it",)))
    return canvas


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_closed_outlines_inside_the_page(name: str) -> None:
    canvas = on_paper(name)
    dark = (canvas.ink < 128).astype(np.uint8)
    assert dark.sum() > 200 and not dark[[0, -1]].any() and not dark[:, [0, -1]].any()
    paper = cv2.floodFill(dark.copy(), None, (0, 0), 2)[1]  # what is reached from outside
    inside = cv2.erode((canvas.places != 1).astype(np.uint8), np.ones((5, 5), np.uint8))
    assert inside.sum() > 300 and not (paper[inside > 0] == 2).any()
    own = {i for i, label in enumerate(canvas.labels) if label.words == ("it",)}
    assert own & set(np.unique(canvas.places).tolist()), "a colour word must find it"


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_as_wide_as_it_says(name: str) -> None:
    _, columns = np.nonzero(on_paper(name).ink < 128)
    figure = FIGURES[name]
    reach = min(0.7, 0.8 / figure.width) * 512 * figure.width / 2
    assert max(256 - columns.min(), columns.max() - 256) < 1.2 * reach + 4


@pytest.mark.parametrize("size", [64, 1024])
def test_figures_can_be_drawn_small_and_large(size: int) -> None:
    for name in FIGURES:
        assert (on_paper(name, size).ink < 128).any()


@pytest.mark.parametrize(("width", "height"), SHAPES)
def test_pages_of_any_shape(width: int, height: int) -> None:
    for prompt in PROMPTS:
        made = compose(prompt, width, height, 3)
        assert made.sketch.size == made.labels.places.size == (width, height)
        assert 0.01 < (ink(made) > 128).mean() < 0.5
        assert int(np.asarray(made.labels.places).max()) < len(made.labels.of)
        for subject in made.subjects:
            assert 0 < subject.x < 1 and 0 < subject.y <= 1.03 and subject.y - subject.height > -0.08


def test_the_same_prompt_size_and_seed_are_the_same_sketch() -> None:
    for prompt in PROMPTS:
        one, same = (compose(prompt, 320, 256, 5) for _ in range(2))
        assert one.sketch.tobytes() == same.sketch.tobytes() and one.subjects == same.subjects
        assert one.labels.places.tobytes() == same.labels.places.tobytes() and one.labels.of == same.labels.of


def test_another_seed_is_another_sketch_of_the_same() -> None:
    for prompt in PROMPTS[:-1]:
        made = [compose(prompt, 256, 256, seed) for seed in range(4)]
        assert len({tuple(drawn(each)) for each in made}) == 1
        for one, other in itertools.combinations(made, 2):
            changed = (ink(one) > 128) != (ink(other) > 128)
            assert changed.mean() > 0.3 * (ink(one) > 128).mean()


def test_a_larger_page_is_the_same_composition() -> None:
    small, large = (compose("a castle on a hill", size, size, 1) for size in (512, 1024))
    assert small.subjects == large.subjects
    near = cv2.dilate(_shrunk(large, 512), np.ones((7, 7)))
    assert (near[ink(small) > 128] > 60).mean() > 0.97


def _shrunk(made: Composition, size: int) -> np.ndarray:
    return 255 - np.asarray(made.sketch.convert("L").resize((size, size), Image.Resampling.BOX))


def test_the_main_figure_is_large_and_what_is_named_can_be_seen() -> None:
    made = compose("a knight and a dog in front of a castle", 512, 512, 2)
    sizes = {subject.figure: subject.height for subject in made.subjects}
    assert sizes["knight"] > 0.35 and sizes["dog"] < sizes["knight"] and sizes["castle"] > 0.2
    places = np.asarray(made.labels.places)
    seen = {label.words[-1]: 0 for label in made.labels.of if label.words}
    for number, label in enumerate(made.labels.of):
        if label.words:
            seen[label.words[-1]] += int((places == number).sum())
    assert all(seen[name] > 400 for name in ("knight", "dog", "castle"))


def test_in_front_is_nearer_and_on_top_is_higher() -> None:
    def feet(prompt: str) -> dict[str, float]:
        return {subject.figure: subject.y for subject in compose(prompt, 512, 512, 1).subjects}

    front = feet("a dog in front of a house")
    assert front["dog"] > front["house"]
    top = feet("a cat on a table in a room")
    assert top["cat"] < top["table"] - 0.1
    over = feet("a dragon over a castle")
    assert over["dragon"] < over["castle"]
    left = {s.figure: s.x for s in compose("a house with a tree on the left", 512, 512).subjects}
    assert left["tree"] < 0.4


@pytest.mark.parametrize(
    "prompt",
    [
        *("", "   ", "quantum entropy", "夜のネオン街", "🐱🏠", "\ud800 lone", "...!!!???", "a" * 10_000),
        "of the and with",
    ],
)
def test_what_is_not_understood_becomes_a_calm_landscape(prompt: str) -> None:
    made = compose(prompt, 256, 192)
    assert (made.setting, made.subjects) == ("masses", ()) and len(made.notes[0]) < 200
    assert made.notes[0].startswith("no word of the prompt could be drawn: a landscape was composed for it")
    assert read_sketch(made.sketch, 256, medium="line-art").line_art


def test_words_of_peace_and_of_war_have_other_shapes() -> None:
    def bend(prompt: str) -> float:
        """How sharply the farthest ridge bends where it does most, on the mean over seeds."""
        found = []
        for seed in range(8):
            made = compose(prompt, 512, 512, seed)
            land = [i for i, label in enumerate(made.labels.of) if label.part in ("stone", "leaves", "ground", "water")]
            ridge = np.isin(np.asarray(made.labels.places), land).argmax(0).astype(float)
            found.append(np.abs(ridge[12:] - 2 * ridge[6:-6] + ridge[:-12]).max())
        return sum(found) / len(found)

    assert bend("war and anger") > 1.4 * bend("peace and calm")


def test_a_long_prompt_is_read_in_time_and_drawn() -> None:
    made = compose("a house and a tree near the river. " * 300, 256, 256)
    assert drawn(made)[:1] == ["house"] and len(made.subjects) < 10
    everything = compose(", ".join(name.replace(" ", "-") for name in FIGURES), 512, 512)
    assert 3 < len(everything.subjects) < 60


def test_painting_words_are_no_nouns() -> None:
    reading: Reading = read_prompt("masterpiece, best quality, ultra detailed, cinematic lighting, 8k, octane render")
    assert not reading.understood and reading.unknown == ()
