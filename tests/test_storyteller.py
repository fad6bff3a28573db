"""Stories without a model: they are about their picture, they are well formed, and they remember."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from itertools import pairwise
from threading import Event
from typing import Any

import pytest
from PIL import Image

from core.settings import ROOT
from generators.catalog import open_writer
from generators.stories.grammar import Grammar, rules_of
from generators.stories.nouns import nouns_in
from generators.stories.recollection import recollect
from generators.stories.spelling import as_title, polished, sentences_of
from generators.stories.story import Remembered, Story, StoryOrder, Writer
from generators.stories.storyteller import Storyteller
from generators.stories.telling import RULES
from generators.vision.description import Description
from generators.vision.sight import see
from generators.vision.wording import describe
from generators.writing import WritingStopped
from tests.conftest import noise
from tests.test_describer import disc, halves

WRITER = Storyteller()
RED = disc(size=(240, 400), radius=0.3)
TALE = Remembered(
    "m1",
    "Anna and the Brass Kettle",
    "Every evening Anna climbed the stairs. It was cold in Port Merrow. “Come,” said Anna, and the kettle hummed."
    " Later, in Port Merrow, everybody knew that Anna had been right.",
)


def order(picture: Image.Image = RED, **told: Any) -> StoryOrder:
    return StoryOrder(picture, describe(see(picture)), **told)


def written(asked: StoryOrder) -> Story:
    return WRITER.write(asked, None, Event())


def sentences(story: Story) -> list[str]:
    return [one for paragraph in story.text.split("\n\n") for one in sentences_of(paragraph)]


PICTURES = [
    *(Image.open(ROOT / "samples" / name).convert("RGB") for name in ("boat.png", "skyline.png", "flowers.jpg")),
    *(RED, halves((120, 180, 230), (60, 120, 50)), Image.new("RGB", (300, 200), (20, 40, 90)), noise(64, 200)),
    *(Image.new("RGB", (1, 1), "red"), disc(size=(900, 300), at=(0.2, 0.3), radius=0.1, ground=(30, 30, 40))),
]
KNOWN = (
    *("", "boat", "pants", "a woman in a blue dress, standing by the sea", "flowers", "cat", "t-shirt", "outwear"),
    *("an old man on a bench", "children", "the moon", "apple tree", "quasar", "house.png", "tram", "bread", "face"),
)


@pytest.fixture(scope="module")
def many() -> list[tuple[StoryOrder, Story]]:
    """Stories of all pictures, each with half of the words."""
    asked = [order(picture) for picture in PICTURES]
    orders = [
        replace(one, known=known, seed=7 * number + at)
        for at, one in enumerate(asked)
        for number, known in enumerate(KNOWN)
        if (number + at) % 2
    ]
    return [(one, written(one)) for one in orders]


def test_a_story_is_well_formed(many: list[tuple[StoryOrder, Story]]) -> None:
    for asked, story in many:
        parts = sentences(story)
        assert story.text.count("\n\n") == 2 and story.title, asked
        assert not re.search(r"[{}<>\[\]]|\s[.,;:!?]|[,;:]{2}|  ", story.text + story.title), story.text
        assert not re.search(r"\b[Aa] [aeio]|\b[Aa]n [^aeiouh“]", story.text), story.text
        assert not re.search(r"\b(\w+) \1\b", story.text), story.text
        assert len(set(parts)) == len(parts), "a sentence is told twice"
        assert all(part.lstrip("“‘")[0].isupper() for part in parts), parts
        assert all(part[-1] in ".!?”" for part in parts), parts
        assert 190 <= len(story.text.split()) <= 340 and story.engine == WRITER.engine


def test_what_is_known_is_in_the_story(many: list[tuple[StoryOrder, Story]]) -> None:
    for asked, story in many:
        for thing in nouns_in(asked.known)[:3]:
            assert thing.noun in story.text.lower(), (asked.known, story.text)


def test_openings_and_endings_vary() -> None:
    stories = [written(order(seed=seed)) for seed in range(60)]
    assert len({sentences(story)[0] for story in stories}) >= 40
    assert len({sentences(story)[-1] for story in stories}) >= 40
    assert len({story.title for story in stories}) >= 30


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (RED, ("red", "white", "middle")),
        (disc(size=(240, 400), at=(0.2, 0.2), colour=(27, 42, 92), ground=(230, 200, 80)), ("navy blue", "left")),
        (disc(at=(0.8, 0.8), colour=(30, 120, 60), radius=0.15), ("green", "right", "low")),
        (Image.new("RGB", (300, 200), (20, 40, 90)), ("navy blue", "from edge to edge")),
        (PICTURES[0], ("white", "black")),
    ],
)
def test_what_was_measured_is_in_the_story(picture: Image.Image, words: tuple[str, ...]) -> None:
    for seed in range(8):
        text = written(order(picture, seed=seed)).text.lower()
        assert all(re.search(rf"\b{word}", text) for word in words), text


def test_the_format_is_that_of_the_place() -> None:
    tall = [written(order(RED, seed=seed)).text for seed in range(12)]
    wide = [written(order(disc(size=(500, 240)), seed=seed)).text for seed in range(12)]
    upright = re.compile(r"\b(?:tall|narrow|stairs|tower|up)\b")
    assert all(upright.search(text) for text in tall)
    assert all(re.search(r"\b(?:wide|long|level)\b", text) for text in wide)


def test_the_same_order_gives_the_same_story() -> None:
    assert written(order(seed=3)) == written(order(seed=3))
    assert written(order(seed=3)).text != written(order(seed=4)).text


def test_earlier_stories_come_back() -> None:
    for seed in range(8):
        with_it, without = written(order(seed=seed, memories=(TALE,))), written(order(seed=seed))
        assert with_it.used == ("m1",) and "Anna" in with_it.text
        assert without.used == () and "Anna" not in without.text and with_it.text != without.text
    several = tuple(
        replace(TALE, id=name, text=TALE.text.replace("Anna", who)) for name, who in (("a", "Ib"), ("b", "Una"))
    )
    story = written(order(memories=several))
    assert set(story.used) == {"a", "b"} and "Ib" in story.text and "Una" in story.text


def test_our_own_stories_can_be_remembered() -> None:
    told = [written(order(picture, seed=seed)) for seed, picture in enumerate(PICTURES)]
    known = [recollect(Remembered(str(at), one.title, one.text)) for at, one in enumerate(told)]
    assert all(one.person for one in known)
    assert all(one.person in story.text for one, story in zip(known, told, strict=True))


@pytest.mark.parametrize(
    "text", ["", "...", "昔々、海のそばに少女がいました。", "no names in here at all", "A" * 30_000, "\u202e<b>"]
)
def test_memories_without_names_do_no_harm(text: str) -> None:
    memory = Remembered("m", "", text)
    assert not recollect(memory)
    assert written(order(memories=(memory,))).used == ()


def test_a_title_is_remembered_where_nothing_else_is() -> None:
    story = written(order(memories=(Remembered("m", "海の話", "昔々、海のそばに少女がいました。"),)))
    assert story.used == ("m",) and "海の話" in story.text


def test_a_wish_is_followed_by_its_nouns() -> None:
    story = written(order(wish="please tell me about a dragon and a lighthouse"))
    assert "dragon" in story.text and "lighthouse" in story.text and not story.notes
    (note,) = written(order(wish="something nice, quickly")).notes
    assert "wish" in note


@pytest.mark.parametrize("known", ["a gun", "blood and murder", "the corpse of a man", "Nazi flag"])
def test_what_is_unkind_is_left_out(known: str) -> None:
    story = written(order(known=known))
    assert not re.search(r"\b(?:gun|blood|murder|corpse|nazi)\b", story.text.lower() + story.title.lower())
    assert any("left out" in note for note in story.notes)


@pytest.mark.parametrize(
    "known", ["IMG_2034.jpg", "海の写真", "!!!", "<script>alert(1)</script>", "x" * 5_000, "\ud83d"]
)
def test_words_that_name_nothing_do_no_harm(known: str) -> None:
    story = written(order(known=known))
    assert not re.search(r"script|[<>{}]|\d", story.text) and len(sentences(story)) > 8


def test_what_a_describer_recognised_is_in_the_story() -> None:
    seen = Description(caption="A cat on a chair.", objects=("cat", "wooden chair"))
    story = written(replace(order(), description=seen))
    assert "cat" in story.text and "chair" in story.text


def test_it_is_about_as_long_as_is_asked_for() -> None:
    short, usual, long = (len(written(order(seed=2, words=words)).text.split()) for words in (160, 220, 380))
    assert short < usual < long and long > 300
    assert any("words were asked for" in note for note in written(order(words=900)).notes)


def test_it_is_heard_as_it_grows_and_can_be_stopped() -> None:
    heard: list[str] = []
    story = WRITER.write(order(), heard.append, Event())
    assert heard[-1] == story.text and len(heard) == len(sentences(story))
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
    stop = Event()

    def stopping(text: str) -> None:
        if text.count(".") > 2:
            stop.set()

    with pytest.raises(WritingStopped):
        WRITER.write(order(), stopping, stop)
    with pytest.raises(WritingStopped):
        WRITER.write(order(), None, stop)


def test_the_catalogue_opens_it_where_no_model_is_set() -> None:
    writer: Writer = open_writer()
    assert isinstance(writer, Storyteller) and writer is open_writer() and writer.sees


def test_rules_name_only_rules_and_words_that_there_are() -> None:
    named = {name for several in RULES.values() for one in several for name in re.findall(r"<([^>]+)>", one.text)}
    assert named <= set(RULES)
    plots = [one.text for one in RULES["plot"]]
    assert all(len(RULES[f"{plot}.{part}"]) >= 2 for plot in plots for part in ("need", "turn", "close"))


def test_a_grammar_draws_what_fits() -> None:
    rules = rules_of("a:\n  [x] only {w}\n  [!x y|z] other <b>\nb:\n  end\n    of it\n")
    told = {(): "", ("x",): "only one", ("z",): "other end of it", ("x", "z"): "only one"}
    for tags, text in told.items():
        assert Grammar(rules, {"w": "one"}, tags, random.Random(0)).expand("a") == text


def test_spelling() -> None:
    assert polished("a old owl , a unicorn and a hour. “who?” asked a ewe,. then") == (
        "An old owl, a unicorn and an hour. “Who?” asked a ewe. Then"
    )
    assert as_title("the boat of the sea") == "The Boat of the Sea"
