"""Memories: recalled by pictures and by stories, kept once, forgotten for good, whatever happens to their indices."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from core import images
from core.errors import BadValue, StoreError
from core.settings import Settings
from retrievers.memories.catalog import opened
from retrievers.memories.chronicle import Chronicle
from retrievers.memories.memories import Memories
from retrievers.memories.memory import Memory, UnknownMemory
from tests.conftest import settings_over
from tests.gallery import picture

STORIES = {
    "sea": "A small boat crosses a stormy sea. The captain sings to the waves until the harbour lights appear.",
    "bread": "An old baker kneads dough before dawn. The whole street wakes to the smell of warm bread.",
    "moon": "A rocket lands on the moon. The astronaut plants a paper flag and waves to the earth.",
}
COLOURS = {"sea": "blue", "bread": "yellow", "moon": "red"}


@pytest.fixture
def settings(tmp_path: Path, models: Path) -> Settings:
    return settings_over(tmp_path / "data", models)


def png(name: str, number: int = 0) -> bytes:
    return images.to_png(picture("fish", COLOURS[name], number))


def memory(name: str, id: str | None = None) -> Memory:
    return Memory(
        id or name, "story", name.title(), STORIES[name], f"something {COLOURS[name]}", "test", 0.0, {"seed": 1}
    )


@pytest.fixture
def memories(settings: Settings) -> Memories:
    past = opened(settings)
    for name in STORIES:
        assert past.remember(memory(name), png(name))
    return past


def test_recalled_by_a_story_and_by_a_picture(memories: Memories) -> None:
    for asked, name in (("sailors in a storm", "sea"), ("a bakery in the morning", "bread"), ("space travel", "moon")):
        found = memories.recall_by_story(asked, 2)
        assert found[0].memory.id == name and len(found) == 2 and found[0].score > found[1].score
    for name, colour in COLOURS.items():
        best = memories.recall_by_picture(picture("fish", colour, 7), 1)[0]
        assert best.memory.id == name and best.score > 0.9
        assert best.memory.told == {"seed": 1} and images.decode(best.memory.read()).size == (160, 120)


def test_the_same_id_is_one_memory_and_a_forgotten_one_stays_away(memories: Memories) -> None:
    assert not memories.remember(memory("sea"), png("sea", 3)) and memories.chronicle.count() == 3
    path = memories.chronicle.get("sea").picture
    assert memories.forget(["sea", "unknown"]) == 1 and not path.exists()
    assert not memories.remember(memory("sea"), png("sea")) and memories.chronicle.count() == 2
    assert "sea" not in [one.memory.id for one in memories.recall_by_story("a boat at sea", 5)]
    with pytest.raises(UnknownMemory, match="sea"):
        memories.chronicle.get("sea")
    assert memories.clear() == 2 and memories.recall_by_story("bread", 5) == [] == memories.recall_by_picture(
        picture("fish", "red"), 3
    )


def test_another_start_has_them_all_and_a_lost_index_is_made_again(settings: Settings, memories: Memories) -> None:
    opened.clear()
    again = opened(settings)
    assert again is not memories and again.recall_by_story("bread", 1)[0].memory.id == "bread"
    again._by_story.delete(list(STORIES))
    assert again.catch_up() == 3 and again.recall_by_story("bread", 1)[0].memory.id == "bread"
    again.chronicle.get("moon").picture.unlink()
    again._by_picture.delete(["moon"])
    again.catch_up()  # its picture is gone, and its story is still found
    assert again.recall_by_story("the moon", 1)[0].memory.id == "moon"
    assert "moon" not in [one.memory.id for one in again.recall_by_picture(picture("fish", "red"), 5)]


def test_another_model_has_an_index_of_its_own(tmp_path: Path, settings: Settings, memories: Memories) -> None:
    opened.clear()
    precise = settings.model_copy(update={"embedding_precision": "float32"})
    try:
        past = opened(precise)
    finally:
        opened.clear()
    assert past.recall_by_story("a boat at sea", 1)[0].memory.id == "sea"
    names = {folder.name for folder in (settings.data_dir / "faiss").iterdir()}
    assert len([name for name in names if name.startswith("memories-by-story")]) in (1, 2)


def test_pages_and_what_cannot_be(tmp_path: Path, memories: Memories) -> None:
    chronicle = memories.chronicle
    assert [one.id for one in chronicle.page(0, 2)] == ["moon", "bread"] and chronicle.page(3, 5) == []
    assert len(chronicle.page(0, 9, "picture")) == 0 and [one.id for one in chronicle.all()] == list(STORIES)
    assert memories.recall_by_story("   ", 3) == []
    for k in (0, 51):
        with pytest.raises(BadValue, match="top_k"):
            memories.recall_by_story("bread", k)
    with pytest.raises(BadValue, match="id"):
        memories.remember(memory("sea", "../escape"), png("sea"))
    reading = Chronicle(tmp_path / "data/library", read_only=True)
    assert reading.count() == 3
    with pytest.raises(StoreError, match="reading alone"):
        reading.forget(["sea"])
    assert Image.open(chronicle.get("sea").picture).format == "PNG"


def test_each_owner_has_memories_of_its_own(memories: Memories) -> None:
    alice = replace(memory("sea", "alice-1"), owner="alice")
    assert memories.remember(alice, png("sea", 2))
    assert {one.memory.id for one in memories.recall_by_story("a boat at sea", 5, "alice")} == {"alice-1"}
    assert {one.memory.id for one in memories.recall_by_picture(picture("fish", "blue"), 5, "alice")} == {"alice-1"}
    assert len(memories.recall_by_story("a boat at sea", 5)) == 4 and memories.chronicle.count("alice") == 1
    assert [one.id for one in memories.chronicle.page(0, 9, owner="alice")] == ["alice-1"]
    assert memories.clear("alice") == 1 and memories.chronicle.count() == 3


def test_pictures_that_no_memory_has_are_swept_away(memories: Memories) -> None:
    stray, young = (memories.chronicle.picture(name) for name in ("stray", "young"))
    for path in (stray, young):
        path.write_bytes(png("sea"))
    os.utime(stray, (0, 0))
    memories.chronicle.sweep()
    assert not stray.exists() and young.exists() and memories.chronicle.get("sea").picture.exists()
