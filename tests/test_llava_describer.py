"""Descriptions by a LLaVA: a form that every model fills in, and what its words become."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import ModelMissing
from core.settings import read_settings
from generators.llava.llava import open_llava
from generators.llava.pen import Tongue
from generators.llava.questions import Question, as_tensors
from generators.vision.description import DescribingFailed, DescribingStopped, Description, Usage
from generators.vision.llava import FORM, PROMPT, TOKENS, LlavaDescriber, items, phrase, sentences
from generators.writing import MemoryShort
from tests import tiny_llava
from tests.conftest import drawing, noise

PICTURES = [noise(80, 60, 1), drawing(), noise(16, 16, 2)]


def over(folder: Path) -> LlavaDescriber:
    return LlavaDescriber(read_settings(vision_language_model=str(folder), device="cpu"))


@pytest.fixture(scope="module")
def random(llava_folder: Path) -> LlavaDescriber:
    return over(llava_folder)


def network(folder: Path) -> Any:
    """Of the model that the describer over this folder uses."""
    llava = open_llava(read_settings(vision_language_model=str(folder), device="cpu"))
    llava.write(PICTURES[:1], ["a cat"], 1, Event())
    assert llava.model is not None
    return llava.model.network


@contextmanager
def before(folder: Path, act: Callable[[torch.Tensor, bool], None]) -> Iterator[None]:
    """Have `act` called with the tokens of every pass, and whether it is a first one."""

    def hook(module: Any, args: Any, kwargs: Any) -> None:
        act(kwargs["input_ids"], kwargs["input_ids"].shape[1] > 1)

    handle = network(folder).register_forward_pre_hook(hook, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


def test_what_it_sees_comes_out_as_a_description(taught_llava: Path) -> None:
    describer = over(taught_llava)
    assert (describer.engine, describer.wanted, describer.batch, describer.at_once) == ("taught", 672, 4, 1)
    red, blue, again = describer.describe([tiny_llava.RED, tiny_llava.BLUE, tiny_llava.RED], Event())
    assert (
        red.description
        == again.description
        == Description(
            caption="A red chair in a house. A cat sits on it.",
            objects=("cat", "chair", "house"),
            colours=("red", "grey"),
            setting="in a house",
            mood="calm",
            tags=("cat", "chair", "red"),
        )
    )
    assert blue.description == Description(
        caption="The sea is blue.",
        objects=("sea",),
        colours=("blue",),
        setting="outside",
        mood="",
        tags=("sea", "blue"),
    )


def test_a_random_model_gives_descriptions_as_well(random: LlavaDescriber) -> None:
    found = random.describe(PICTURES, Event())
    assert all(each.description is not None and each.error is None for each in found)
    assert len({each.description for each in found}) == 3
    assert [random.describe([picture], Event())[0] for picture in PICTURES] == found  # usage, too
    most = sum(TOKENS.values()) + 60  # and the labels
    for each in found:
        assert each.usage.requests == 0 and each.usage.input_tokens > 100
        assert 40 < each.usage.output_tokens <= most
    assert random.describe([], Event()) == []


def test_the_form_is_what_the_model_would_write_with_all_computed_anew(llava_folder: Path) -> None:
    """Rows fill their blanks at different steps, and their past is kept: one pass over everything must agree."""
    llava = open_llava(read_settings(vision_language_model=str(llava_folder), device="cpu"))
    answers = llava.fill_in(PICTURES, PROMPT, FORM, Event())
    model = llava.model
    assert model is not None
    assert len({len(answer.ids) for answer in answers}) > 1  # not in step
    leads = [Tongue(model.tokenizer).ids(blank.lead) for blank in FORM[1:]]
    for picture, answer in zip(PICTURES, answers, strict=True):
        inputs = as_tensors(model, [Question(picture, PROMPT, FORM[0].lead)], 1)
        asked = inputs["input_ids"]
        ids = torch.cat([asked, torch.tensor([answer.ids])], dim=1)
        whole = {"attention_mask": torch.ones_like(ids), "pixel_values": inputs["pixel_values"]}
        with torch.inference_mode():
            scores = model.network(input_ids=ids, **whole).logits[0, asked.shape[1] - 1 : -1].clone()
            scores[:, [*model.barred, *range(len(model.tokenizer), scores.shape[1])]] = -torch.inf
        labels = [place for lead in leads for place in places(lead, answer.ids)]
        assert len(labels) == sum(map(len, leads)) and labels == sorted(labels)
        free = [place for place in range(len(answer.ids)) if place not in labels]
        assert [int(scores[place].argmax()) for place in free] == [answer.ids[place] for place in free]


def places(part: list[int], whole: list[int]) -> range:
    """Where a part begins and ends."""
    start = next(n for n in range(len(whole)) if whole[n : n + len(part)] == part)
    return range(start, start + len(part))


def test_a_model_that_says_nothing(llava_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llava_folder, tmp_path / "silent"))
    weights = load_file(folder / "model.safetensors")
    head = next(name for name in weights if name.endswith("lm_head.weight"))
    save_file({**weights, head: torch.zeros_like(weights[head])}, folder / "model.safetensors", {"format": "pt"})
    (found,) = over(folder).describe(PICTURES[:1], Event())  # of equal scores the first is taken: the end
    assert found.description is None and isinstance(found.error, DescribingFailed) and not found.error.again
    assert "the model said nothing about the picture" in str(found.error) and found.usage.input_tokens
    weights[head].fill_(torch.nan)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    open_llava(read_settings(vision_language_model=str(folder), device="cpu")).unload()
    (found,) = over(folder).describe(PICTURES[:1], Event())
    assert found.error is not None and not found.error.again and "USE_FP16=false" in found.error.remedy


def test_one_picture_that_fails_costs_the_others_nothing(llava_folder: Path, random: LlavaDescriber) -> None:
    plain = random.describe(PICTURES, Event())
    asked: list[int] = []

    def fail(tokens: torch.Tensor, first: bool) -> None:
        if first:
            asked.append(len(tokens))
            if len(tokens) > 1 or len(asked) == 4:  # the second alone
                raise RuntimeError("a kernel failed")

    with before(llava_folder, fail):
        found = random.describe(PICTURES, Event())
    assert asked == [3, 1, 2, 1, 1]
    assert (found[0], found[2]) == (plain[0], plain[2])
    assert found[1].description is None and isinstance(found[1].error, DescribingFailed) and found[1].error.again
    assert "a kernel failed" in str(found[1].error) and found[1].usage == Usage()


def test_what_every_picture_would_meet_ends_the_work(llava_folder: Path, random: LlavaDescriber) -> None:
    def full(tokens: torch.Tensor, first: bool) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    with before(llava_folder, full), pytest.raises(MemoryShort) as caught:
        random.describe(PICTURES, Event())
    assert not isinstance(caught.value, DescribingFailed)
    with pytest.raises(ModelMissing, match="VISION_LANGUAGE_MODEL"):
        over(llava_folder / "nowhere")
    assert random.describe(PICTURES[:1], Event())[0].description


def test_it_ends_when_it_is_told_to(llava_folder: Path, random: LlavaDescriber) -> None:
    stop, passes = Event(), 0

    def count(tokens: torch.Tensor, first: bool) -> None:
        nonlocal passes
        passes += 1
        if passes == 7:
            stop.set()

    with before(llava_folder, count), pytest.raises(DescribingStopped):
        random.describe(PICTURES, stop)
    assert passes == 7


@pytest.mark.parametrize(
    ("said", "cut", "found"),
    [
        (" a cat, A Cat, and a dog , the sea", False, ("cat", "dog", "sea")),
        ("red; red, dark red, 12, ---, n/a, None.", False, ("red", "dark red")),
        ("- chair, *lamp*, a, the", False, ("chair", "lamp", "a", "the")),
        ("tables, chai", True, ("tables",)),
        ("tables and chairs", True, ("tables and chairs",)),
        ("", False, ()),
        ("\x00cat\x1b,\ufffddog\ufffd", False, ("cat", "dog")),
    ],
)
def test_lists(said: str, cut: bool, found: tuple[str, ...]) -> None:
    assert items(said, cut) == found


@pytest.mark.parametrize(
    ("said", "cut", "found"),
    [
        (' "A cat on a chair." ', False, "A cat on a chair."),
        ("A cat. A dog. It is on th", True, "A cat. A dog."),
        ("A cat. A dog.", True, "A cat. A dog."),
        ("A cat that is on th", True, "A cat that is on th"),
        ("A cat. A dog, perhaps", False, "A cat. A dog, perhaps"),
        ("a\tcat\x07 \ufffd", False, "a cat"),
    ],
)
def test_captions(said: str, cut: bool, found: str) -> None:
    assert sentences(said, cut) == found


def test_limits() -> None:
    assert len(sentences("word " * 1000, False)) <= 2000
    assert phrase("None.") == phrase("N/A") == "" and len(phrase("calm " * 300)) <= 400
    found = items(", ".join(f"thing {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(100)), False)
    assert len(found) == 40 and len(items("x" * 100, False)[0]) == 80 and items("y " * 90, False)[0].count("y") == 40
    Description(caption=sentences("w" * 5000, True), objects=found, setting=phrase("m" * 900))
