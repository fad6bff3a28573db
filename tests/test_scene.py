"""From stories to scenes: the moment, who is in it, and a prompt that fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from core.errors import BadValue
from core.settings import read_settings
from generators.catalog import open_condenser
from generators.stories.atmosphere import mood_of
from generators.stories.condenser import ChatCondenser
from generators.stories.hero import find_hero
from generators.stories.scene import ENGINE, Condenser, RuleCondenser, condense
from generators.stories.story import Remembered
from generators.stories.subjects import subjects_in
from generators.tokens import MOST, estimate_tokens
from generators.writing import WritingStopped
from tests.chat_server import Seen, needs
from tests.openai_server import FAULTS, OpenAIServer, completion

FOX = (
    "Nobody had thought about it for years. The snow had fallen all night. In the morning a small red fox stepped out"
    " of the forest and stood on the frozen lake. Anna, a girl in a yellow raincoat, held up her lantern. “Hello,” she"
    " said. Then Anna went home and thought about it, and that is all there is to tell."
)
ROBOT = (
    "In those days the city glittered with neon signs. An old robot with a rusty arm swept the wet street every night."
    " A stray cat sat on its shoulder. Rain drummed on the metal roofs. Nobody thanked the robot."
)
LONG = "the little boat sailed over the blue sea and an old fisherman sat in it with his dog while the sun went down "


def test_the_moment_that_can_be_seen_is_chosen() -> None:
    scene = condense(FOX)
    assert scene.engine == ENGINE and not scene.notes
    assert scene.subjects[0].startswith("a girl in a yellow raincoat")
    assert any("small red fox" in subject for subject in scene.subjects)
    assert "frozen lake" in scene.setting and "morning" in scene.setting and "winter" in scene.setting
    assert all(words in scene.prompt for words in ("girl in a yellow raincoat", "red fox", "frozen lake", "morning"))


def test_hour_weather_and_light() -> None:
    scene = condense(ROBOT)
    assert "at night" in scene.setting and "rain" in scene.setting
    assert "robot" in scene.prompt and "cat" in scene.prompt and "at night" in scene.prompt
    assert condense("The moon shone on a white boat. A boy sat in the boat.").light == "moonlight"


@pytest.mark.parametrize(
    "story",
    [
        *(FOX, ROBOT, FOX * 60, LONG * 1_900, "🎉🎉 😀 the cat 🐈 sat on the red chair 🎉", "a dragon"),
        *("Boat " * 40_000, "x" * 200_000, "昔々、あるところにおじいさんがいました。", "!!! ???"),
        "An old man in an " + "enormously " * 300 + "hat sat.",
        *("Antidisestablishmentarianism " * 90, "<<<\u202e</b>\x00 a red kite over the hill", "é" * 4_000, FOX.upper()),
    ],
    ids=range(15),
)  # fmt: skip
def test_a_prompt_fits_whatever_the_story(story: str) -> None:
    scene = condense(story)
    assert estimate_tokens(scene.prompt) <= MOST and len(scene.prompt.split()) > 4
    assert condense(story) == scene
    assert not re.search(r"[<>\x00\u202e]|,,| ,", scene.prompt), scene.prompt


def test_what_is_no_english_is_said() -> None:
    for story in (
        "昔々、あるところにおじいさんがいました。",
        "Der alte Mann saß auf der Bank und es war Abend.",
        "12 34",
    ):
        (note,) = condense(story).notes
        assert "no English words" in note
    (note,) = condense("Happiness is a choice, and freedom is what follows.").notes
    assert "nothing that can be seen" in note
    assert "cat" in condense("昔々、海がありました。\nA grey cat sat on the wall. 昔々。").prompt


def test_an_empty_story_is_refused() -> None:
    with pytest.raises(BadValue):
        condense(" \n ")


def test_comparisons_and_names_are_not_there() -> None:
    nouns = [
        one.thing.noun
        for one in subjects_in("A boat, like a horse in a field, lay near Candle Rock as if a king came.")
    ]
    assert nouns == ["boat"]
    dressed = subjects_in("An old woman in a blue coat held two kittens.")
    assert [one.phrase for one in dressed] == ["an old woman in a blue coat", "two kittens"]
    assert mood_of("They were not afraid. It was calm and quiet.") == "quiet"


@pytest.mark.parametrize(
    ("story", "look"),
    [
        ("Every day Mio was out. It was cold, and Mio, who was seven, laughed. She ran.", "a little girl"),
        ("It was late. For forty years old Emil had mended nets. “Yes,” said Emil, and he sat down.", "an old man"),
        ("By the sea, Pepper, a small grey cat, slept. And Pepper was happy.", "a small grey cat"),
        ("It rained on the hills.", None),
    ],
)
def test_a_name_becomes_somebody(story: str, look: str | None) -> None:
    found = find_hero(re.split(r"(?<=\.)\s", story))
    assert (found and found.look) == look


def test_who_comes_back_looks_as_before() -> None:
    memory = Remembered(
        "m7", "The Lamp", "It was cold, and Anna lit the lamp. “Come,” said Anna.", "A tall photograph of a green owl."
    )
    scene = condense(FOX, [memory])
    assert scene.used == ("m7",) and "a green owl" in scene.subjects
    stranger = Remembered("m8", "Other", "It was cold, and Bruno lit the lamp. “Come,” said Bruno.", "a green owl")
    assert condense(FOX, [stranger]).used == ()
    assert condense(FOX, [stranger], lambda one, other: 0.9).used == ("m8",)


def test_likeness_to_the_whole_decides_between_moments() -> None:
    story = f"{ROBOT} They all went to bed and slept for a while. {FOX}"
    asked: list[str] = []

    def similar(one: str, other: str) -> float:
        asked.append(one)
        return 5.0 * ("raincoat" in one)

    assert "raincoat" in condense(story, (), similar).prompt and 1 < len(asked) <= 8


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ChatCondenser]:
    needs("openai")

    def open_(server: OpenAIServer, **values: Any) -> ChatCondenser:
        server.lend(monkeypatch)
        return ChatCondenser("openai:gpt-4o-mini", read_settings(provider_attempts=2, **values), pause=0.01)

    return open_


def test_a_chat_model_finds_the_scene(opened: Callable[..., ChatCondenser]) -> None:
    with OpenAIServer() as server:
        condenser: Condenser = opened(server)
        scene = condenser.condense(FOX, (), Event())
        long = condenser.condense(FOX * 100, [Remembered("m", "The Lamp", "Anna lit a lamp.")], Event())
    assert scene.engine == "openai:gpt-4o-mini" and not scene.notes and scene.usage.requests == 1
    assert "Nobody had thought about it for" in scene.prompt and scene.subjects == ("an old man",)
    assert "shortened" in long.notes[0] and "<<<The Lamp: Anna lit a lamp.>>>" in server.seen[1].texts[0]


@pytest.mark.parametrize("fault", ["server error", "refusal", "no story", "wrong key"])
def test_rules_find_it_where_the_model_does_not(opened: Callable[..., ChatCondenser], fault: str) -> None:
    with OpenAIServer([fault] * 2) as server:
        scene = opened(server).condense(FOX, (), Event())
    assert scene.engine == ENGINE and "red fox" in scene.prompt and "found by rules, since" in scene.notes[-1]


def test_a_prompt_of_a_model_fits_as_well(
    opened: Callable[..., ChatCondenser], monkeypatch: pytest.MonkeyPatch
) -> None:
    def talkative(seen: Seen, _: str) -> Any:
        return completion(seen, '{"prompt": "a fox ' + "in the white snow of the north " * 40 + '", "subjects": "fox"}')

    monkeypatch.setitem(FAULTS, "talkative", talkative)
    with OpenAIServer(["talkative"]) as server:
        scene = opened(server).condense(FOX, (), Event())
    assert (
        estimate_tokens(scene.prompt) <= MOST and "a fox in the white snow" in scene.prompt and scene.engine != ENGINE
    )


def test_condensing_can_be_stopped(opened: Callable[..., ChatCondenser]) -> None:
    stop = Event()
    stop.set()
    with OpenAIServer() as server, pytest.raises(WritingStopped):
        opened(server).condense(FOX, (), stop)


def test_the_catalogue_opens_condensers(opened: Callable[..., ChatCondenser]) -> None:
    assert isinstance(open_condenser(), RuleCondenser) and open_condenser() is open_condenser()
    assert open_condenser().condense(FOX, (), Event()) == condense(FOX)
    with OpenAIServer() as server:
        opened(server)
        assert isinstance(open_condenser(read_settings(language_model="openai:gpt-4o-mini")), ChatCondenser)
