from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.vision.answer import AnswerInAnotherLanguage, AnswerUnreadable, DescriptionRefused, read_answer
from generators.vision.description import LONGEST_ITEM, MOST_ITEMS, MOST_WORDS, DescribingFailed, Description
from generators.vision.language import foreign
from generators.vision.tidying import cut, tidied
from tests.openai_server import GERMAN, JAPANESE, SORRY

PLAIN: dict[str, Any] = {
    "caption": "A red square on white.",
    "objects": ["square"],
    "colours": ["white", "red"],
    "setting": "a plain ground, in even light",
    "mood": "calm",
    "tags": ["square", "red"],
}
WHOLE = Description(**PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PLAIN),
        f"```json\n{json.dumps(PLAIN, indent=2)}\n```",
        f"Here it is, {{as asked}}:\n{json.dumps(PLAIN)}\nAnything else?",
        f"<think>A {{draft}} first: {json.dumps({'caption': 'No.'})}</think>{json.dumps(PLAIN)}",
        json.dumps(PLAIN).replace("]", ",]").replace("}", ",\n}"),
        json.dumps([PLAIN]),
        json.dumps({"description": PLAIN}),
        json.dumps({"answer": [PLAIN], "version": 1}),
        json.dumps({name.upper(): value for name, value in PLAIN.items()}),
        json.dumps({**PLAIN, "objects": "square", "colours": "white, red", "tags": "square; red"}),
        json.dumps({**PLAIN, "objects": [{"name": "square", "count": 1}], "colours": {"white": 0.8, "red": 0.2}}),
        json.dumps(
            {**PLAIN, "confidence": 0.9, "persons": None, "tags": ["square", "Square", "- red", "n/a", None, ""]}
        ),
        json.dumps({**PLAIN, "setting": ["a plain ground", "in even light"]}),
        json.dumps({("Main Colours" if name == "colours" else name): value for name, value in PLAIN.items()}),
        json.dumps({**{k: v for k, v in PLAIN.items() if k != "caption"}, "Description": PLAIN["caption"]}),
        json.dumps(PLAIN).replace('"', "”").replace("”", "“", 1),
        json.dumps({**PLAIN, "caption": "A red square\non white."}).replace("\\n", "\n"),
        json.dumps({**PLAIN, "caption": "A <b>red</b> square\u200b on \u202ewhite\x07.<script>alert(1)</script>"}),
        json.dumps({**PLAIN, "caption": "A red square\ud800 on white."}),
        json.dumps({**PLAIN, "caption": "A red &lt;i&gt;square&lt;/i&gt; on white."}),
    ],
)
def test_what_is_meant_is_taken(text: str) -> None:
    assert read_answer(text).description == WHOLE


def test_what_cannot_be_seen_is_empty_however_it_is_written() -> None:
    nothing = {"objects": None, "colours": [], "setting": "null", "mood": "N/A", "tags": "none"}
    found = read_answer(json.dumps({"caption": "Fog.", **nothing})).description
    assert found == Description(caption="Fog.")
    assert read_answer('{"caption": "Fog."}').description == found


def test_numbers_are_words_too() -> None:
    found = read_answer(json.dumps({**PLAIN, "setting": 7, "tags": [1984, True, 2.5]})).description
    assert found.setting == "7" and found.tags == ("1984", "2.5")


def test_what_is_too_long_is_cut_and_noted() -> None:
    caption = "A red square is on white. " * 4_000
    tags = [f"tag{number}" for number in range(100)]
    objects = ["square " * 30, "circle"]
    found = read_answer(json.dumps({**PLAIN, "caption": caption, "tags": tags, "objects": objects}))
    described = found.description
    assert len(described.caption) <= MOST_WORDS and described.caption.endswith("on white.")
    assert described.tags == tuple(tags[:MOST_ITEMS])
    assert len(described.objects[0]) <= LONGEST_ITEM and described.objects[1] == "circle"
    assert [note.split()[1] for note in found.notes] == ["caption", "of", "were"]


def test_a_text_is_cut_behind_a_sentence_or_a_word() -> None:
    assert cut("One two. Three four. Five", 21) == "One two. Three four."
    assert cut("One. Two three four five six", 20) == "One. Two three..."
    assert cut("x" * 30, 20) == "x" * 17 + "..."
    assert cut("short", 20) == "short"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("A red square on white.", "no JSON"),
        (json.dumps(PLAIN)[:40], "ends in the middle"),
        ("[1, 2]", "no JSON"),
        ("{}", "caption is empty"),
        (json.dumps({**PLAIN, "caption": " "}), "caption is empty"),
        (json.dumps({**PLAIN, "caption": "<br>"}), "caption is empty"),
        (json.dumps({**PLAIN, "caption": None}), "caption is empty"),
        (json.dumps(Description.model_json_schema()), "caption is empty"),
        (json.dumps({"caption": Description.model_fields["caption"].description}), "the form"),
    ],
)
def test_what_is_no_description_says_why(text: str, problem: str) -> None:
    with pytest.raises(AnswerUnreadable, match=problem) as caught:
        read_answer(text)
    assert not caught.value.again and caught.value.remedy


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", SORRY),
        (json.dumps(PLAIN), "the provider's filter: content_filter"),
        (SORRY, None),
        ("I’m sorry, I can’t assist with that request.", None),
        ("As an AI model, I do not describe people.", None),
        (json.dumps({"caption": "I cannot describe this picture."}), None),
    ],
)
def test_a_refusal_is_a_refusal(text: str, refusal: str | None) -> None:
    with pytest.raises(DescriptionRefused) as caught:
        read_answer(text, refusal)
    assert not caught.value.again


def test_a_sign_that_says_sorry_is_no_refusal() -> None:
    caption = "A hand-written sign at a door says I'm sorry, we are closed."
    assert read_answer(json.dumps({**PLAIN, "caption": caption})).description.caption == caption


@pytest.mark.parametrize(("answer", "language"), [(GERMAN, "German"), (JAPANESE, "Japanese")])
def test_another_language_is_told_by_name(answer: dict[str, Any], language: str) -> None:
    with pytest.raises(AnswerInAnotherLanguage, match=language) as caught:
        read_answer(json.dumps(answer))
    assert caught.value.data["language"] == language and not caught.value.again


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Une femme en robe bleue est assise sur un banc dans le parc.", "French"),
        ("Una mujer con un vestido azul está sentada en el parque.", "Spanish"),
        ("Una donna con un vestito blu è seduta su una panchina nel parco.", "Italian"),
        ("Uma mulher com um vestido azul sentada em um banco no parque.", "Portuguese"),
        ("Een vrouw in een blauwe jurk zit op een bank van hout.", "Dutch"),
        ("Kobieta w niebieskiej sukience siedzi na ławce przed domem.", "Polish"),
        ("Bir kadın ve bir çocuk parkta.", "Turkish"),
        ("Женщина в синем платье сидит на скамейке.", "Cyrillic"),
        ("一个穿蓝色连衣裙的女人坐在长椅上。", "Chinese"),
        ("공원 벤치에 앉아 있는 여자.", "Korean"),
        ("امرأة ترتدي فستانا أزرق", "Arabic"),
    ],
)
def test_languages_are_known_by_their_small_words(text: str, language: str) -> None:
    found = foreign(text)
    assert found is not None and found.startswith(language)


@pytest.mark.parametrize(
    "text",
    [
        "A woman in a blue dress sits on a bench.",
        "Red square, white ground",
        "Bowl of fruit",
        "House under construction",
        "Bread for sale",
        "A man.",
        "Portrait",
        "The façade of the Café de la Paix in Paris",
        "A sign reads 出口 in large letters over the door",
        "A street mural of El Niño y la Niña with the words de la vida",
        "",
        "12345 ... !!!",
    ],
)
def test_english_is_english_with_names_from_elsewhere(text: str) -> None:
    assert foreign(text) is None


def test_tags_within_tags_leave_none() -> None:
    for text in ("<<b>script>x<</b>/script>", "&lt;&lt;b&gt;img onerror=x&gt;", "<img src=x onerror=y", "<!-- <b> -->"):
        assert "<img" not in tidied(text) and "<script" not in tidied(text)
    assert tidied("3 < 5 and 7 > 6") == "3 < 5 and 7 > 6"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from([*PLAIN, "Text", "x"]), inner, max_size=6)
    ),
    max_leaves=15,
)


def _reads(text: str) -> None:
    try:
        found = read_answer(text)
    except DescribingFailed as error:
        assert not error.again
        json.dumps(error.as_dict()).encode()
    else:
        everything = found.description.model_dump_json()
        assert Description.model_validate_json(everything) == found.description
        assert found.description.caption.strip()


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(alphabet='{}[]",:\\ntrue<>/think\ud800') | JSON.map(json.dumps))
def test_no_text_raises_anything_else(text: str) -> None:
    _reads(text)


@pytest.mark.parametrize(
    "text",
    [
        "{" * 200_000,
        '{"a":' * 50_000,
        "[" * 200_000 + "{}",
        '{"caption": ' + "[" * 100_000,
        '{\\"' + '\\"' * 100_000 + "}",
        '{"caption": "x"' + "," * 200_000 + " 1}",
        "<think>" * 40_000,
        '{"caption": "' + "<a" * 100_000 + '"}',
        '{"caption": "' + "&amp;" * 40_000 + '"}',
        '{"caption": ' + "9" * 10_000 + "}",
        '{"caption": 1e999, "tags": "' + "a," * 100_000 + '"}',
        "}" * 200_000,
    ],
    ids=lambda text: text[:14],
)
def test_a_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    _reads(text)
